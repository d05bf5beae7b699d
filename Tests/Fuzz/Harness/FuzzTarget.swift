/// A parser that meets bytes from outside, and what must hold whatever they are.
///
/// That it never traps is promised by all; what else holds, `run` checks with ``promise(_:_:)``.
struct FuzzTarget: Sendable {
    let name: String
    /// What it reads, for `Tests/run fuzz --list`.
    let about: String
    /// Of an input, in bytes: somewhat more than the parser admits.
    var longest = 8 << 10
    /// What a mutation may put in: names and marks of the form.
    var words: [String] = []
    /// Inputs to begin with, beside those in Tests/Fuzz/Corpus.
    var seeds: @Sendable () -> [[UInt8]] = { [] }
    let run: @Sendable ([UInt8]) -> Void

    static let all: [FuzzTarget] = [
        base64, json, cookies, setCookie, authorization, cacheControl, url, address, form,
        returnPath, header, claims, bothWays, cursor, jwk, keySet, token, accessClaims, idToken,
        encryptedToken, nestedToken, decryptionKeyFile, metadata, tokenAnswer, answerHead,
        callback, sessionCookie, attemptCookie, contents, providerRecord, keyFile, keySetFile, configuration, logLine, request,
    ]

    static func named(_ name: String) -> FuzzTarget? { all.first { $0.name == name } }

    /// Runs one input, and sees that it took no more processor time than it may.
    func perform(_ input: [UInt8]) {
        let start = Stopwatch.elapsed()
        run(input)
        guard let limit = Stopwatch.limit, Stopwatch.elapsed() - start > limit else { return }
        // The machine may have been busy: the fastest of three counts, without what waited.
        let spent = (0..<3).map { _ in
            let start = Stopwatch.processor()
            run(input)
            return Stopwatch.processor() - start
        }
        promise((spent.min() ?? 0) <= limit, "\(limit) ms suffice, not \(spent)")
    }
}
