import Configuration
import Encodings
import HTTPMessages
import OAuth

/// In the order of ``BearerFlow``.
extension Explanation {
    mutating func add(_ request: BearerRequest, _ surroundings: Surroundings) {
        let policy = request.guarded.policy
        let names = policy.providers.dropFirst().reduce(policy.providers.first ?? "") {
            $0 + ", " + $1
        }
        add("policy \(policy.name): bearer, provider \(names)")
        if request.hasSecondToken {
            seen = .credentialsRepeated
            return add("\(request.isInCookie ? "cookie" : "Authorization"): a token, and another "
                + "one in the query")
        }
        if RequestKind.isPreflight(request.head) {
            seen = .preflight
            return add("a CORS preflight, which needs no token")
        }
        guard let arrived = credentials(of: request) else { return }
        if request.isInCookie, !addProof(of: request) { return }
        guard var check = surroundings.bearerCheck, let first = check.candidates.first,
            let token = open(arrived, request.guarded.decryptionKeys, &check)
        else { return }
        // Of a token that names none of the issuers there is as much to see with any of them.
        let named = (try? IssuedToken(token)).flatMap(check.index)
        let candidate = named.map { check.candidates[$0] } ?? first
        if named != nil, candidate.keys == nil {
            seen = .keysUnavailable
            return add("keys: none, \(Self.fetching(candidate.memory))")
        }
        let tokenCheck = TokenCheck(
            token, openedWith: check.decryptionKey, candidate.issuer.rules, candidate.keys,
            surroundings.now.wall)
        if let accessToken = tokenCheck.run(telling: &self) { return admit(accessToken, policy) }
        if seen == Reason(.unknownKey), candidate.memory.trouble.failures > 0 {
            // It may be among newer keys, which could not be had.
            seen = .keysUnavailable
            add("newer keys: none, \(Self.fetching(candidate.memory))")
        }
    }

    private mutating func credentials(of request: BearerRequest) -> ByteString? {
        switch request.credentials {
        case .none:
            seen = .tokenMissing
            let isEmpty = request.head.authorization.isEmpty
            add("Authorization: \(isEmpty ? "none" : "not of the scheme Bearer")")
            if let name = request.guarded.policy.tokenCookie { add("cookie \(name): none") }
        case .repeated:
            seen = .credentialsRepeated
            add("Authorization: \(request.head.authorization.count) fields")
            if let name = request.guarded.policy.tokenCookie {
                let number: ByteString =
                    switch request.cookie {
                    case .absent: "none"
                    case .once: "one"
                    case .repeated: "more than one"
                    }
                add("cookie \(name): \(number)")
            }
        case .malformed:
            seen = .credentialsMalformed
            add("Authorization: empty, or Bearer, but not one token")
        case .token(let token):
            let place =
                request.isInCookie
                ? request.guarded.policy.tokenCookie.map { "cookie " + $0 } : nil
            add("\(place ?? "Authorization"): one Bearer token of \(token.count) bytes")
            return token
        }
        return nil
    }

    private mutating func addProof(of request: BearerRequest) -> Bool {
        let admits = request.mayComeFromItsOrigin
        add("\(Self.proof(request.head)): \(admits ? "good" : "not enough")")
        if !admits { seen = .crossSiteRequest }
        return admits
    }

    private mutating func admit(_ token: AccessToken, _ policy: Policy) {
        let missing = policy.requiredScopes.filter { !token.scopes.contains($0) }
        guard missing.isEmpty else {
            seen = .insufficientScope
            return add("scope lacks \(Self.list(missing))")
        }
        if !policy.requiredScopes.isEmpty { add("scope good") }
        let isFit = ClaimHeaderEdits.make(policy, token.claims) != nil
        seen = isFit ? .ok : .claimUnfit
        if !isFit { add("a claim is too long for its header field") }
    }

    static func fetching(_ memory: ProviderMemory) -> ByteString {
        if memory.isFetching { return "being fetched" }
        return memory.trouble.failures > 0 ? "the last fetch failed" : "not fetched yet"
    }
}
