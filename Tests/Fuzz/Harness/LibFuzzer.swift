import Foundation

/// The part that is only there in a build for libFuzzer: see Tests/Runner/fuzzing.py.
enum LibFuzzer {
    #if FUZZING
    nonisolated(unsafe) private static var target: FuzzTarget?

    /// Never returns: libFuzzer ends the program.
    /// - Parameter options: libFuzzer's own.
    static func run(_ target: FuzzTarget, _ options: [String]) {
        self.target = target
        // What libFuzzer calls itself by, in a shell, where one process of it begins others.
        let program = "'\(CommandLine.arguments[0])' run \(target.name)"
        let all = [program, "-max_len=\(target.longest)"] + options
        var words = all.map { strdup($0) } + [nil]
        var count = Int32(words.count - 1)
        words.withUnsafeMutableBufferPointer { buffer in
            var start = buffer.baseAddress
            exit(
                runDriver(&count, &start) { bytes, count in
                    LibFuzzer.target?.perform(
                        Array(UnsafeBufferPointer(start: bytes, count: count)))
                    return 0
                })
        }
    }
    #else
    static func run(_ target: FuzzTarget, _ options: [String]) {
        print("Fuzz: built without libFuzzer; Tests/run fuzz builds it with")
        exit(2)
    }
    #endif
}

#if FUZZING
/// - Source: LLVM's FuzzerInterface.h.
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ count: UnsafeMutablePointer<Int32>,
    _ words: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>,
    _ body: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32
) -> Int32
#endif
