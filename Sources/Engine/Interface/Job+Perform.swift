import Configuration
import Cryptography
import Encodings
import HTTPMessages
import JOSE
import OAuth
import Sessions

extension Job {
    /// Does the work.  Holds no lock, waits for nothing, and gives the same result for the same
    /// values and random bytes.
    package func perform(_ tools: JobTools) -> JobResult {
        switch self {
        case .verifyAccessToken(let token, let check, let now):
            return .accessToken(check.verdict(on: token, now: now))
        case .openAccessToken(let token, let keys):
            do throws(JOSEError) {
                return .nested(
                    .success(try NestedToken(opening: token, with: keys, tools.random)))
            } catch {
                return .nested(.failure(TokenRefusal(error)))
            }
        case .verifyIdentity(let check): return .identity(check.perform())
        case .readMetadata(let response, let issuer, let allowsPlainHTTP):
            return Self.metadata(response, issuer, allowsPlainHTTP)
        case .readKeys(let response): return Self.keys(response)
        case .readKeyFile(let contents): return Self.keys(file: contents)
        case .sealRecord(let record, let ring):
            return .sealed(Self.sealed(record, ring, tools.random))
        case .openRecord(let sealed, let purpose, let ring, let allowsPlainHTTP):
            return .record(Self.record(sealed, purpose, ring, allowsPlainHTTP))
        case .readTokens(let response, let refusals):
            return .tokens(TokenResponse.parse(response, refusals: refusals))
        case .beginAttempt(let provider, let returnTo, let ring, let cookies, let now):
            return .attempt(
                NewAttempt(provider, returnTo, ring, cookies, now: now, tools.random))
        case .openAttempt(let value, let state, let ring, let cookies, let now, let maximumAge):
            return .opened(
                AttemptCookie.open(
                    value, state: state, sessionCookie: cookies.sessionName, ring: ring, now: now,
                    lifetime: maximumAge))
        case .createSession(let contents, let ring, let idleExpiry, let providerSession):
            return Self.created(contents, ring, idleExpiry, providerSession, tools.random)
        case .openSession(let row, let ticket, let ring):
            let contents = SessionSeal.open(
                row.sealed, ticket: ticket, generation: row.generation, ring: ring)
            return .session(contents, csrf: ticket.csrfValue)
        case .sealSession(let contents, let ticket, let generation, let ring):
            return .sealed(
                SessionSeal.seal(
                    contents, ticket: ticket, generation: generation, ring: ring,
                    random: tools.random))
        }
    }

    private static func metadata(
        _ response: OutboundResponse, _ issuer: ByteString, _ allowsPlainHTTP: Bool
    ) -> JobResult {
        do throws(MetadataError) {
            guard response.status == 200, response.hasJSONBody else { throw .malformed }
            return .metadata(
                .success(
                    try ProviderMetadata.parse(
                        response.body, issuer: issuer, allowsPlainHTTP: allowsPlainHTTP)))
        } catch {
            return .metadata(.failure(error))
        }
    }

    private static func keys(_ response: OutboundResponse) -> JobResult {
        do throws(JOSEError) {
            guard response.status == 200, response.hasJSONBody else { throw .malformedKeySet }
            return .keys(.success(try KeySet.parse(response.body)))
        } catch {
            return .keys(.failure(error))
        }
    }

    private static func keys(file contents: [UInt8]) -> JobResult {
        do throws(JOSEError) {
            return .keys(.success(try KeySet.parse(file: contents)))
        } catch {
            return .keys(.failure(error))
        }
    }

    /// A private part that the provider has published is not kept (KEY-09).
    private static func sealed(
        _ record: ProviderRecord, _ ring: KeyRing, _ random: any RandomSource
    ) -> [UInt8]? {
        guard let keys = KeySet.publicDocument(record.keys) else { return nil }
        var record = record
        record.keys = keys
        return record.seal(ring, random: random)
    }

    /// The seal tells that we wrote it, not that it was good: it is read like a fresh answer.
    private static func record(
        _ sealed: [UInt8], _ purpose: ProviderRecord.Purpose, _ ring: KeyRing,
        _ allowsPlainHTTP: Bool
    ) -> OpenedRecord? {
        guard let record = ProviderRecord.open(sealed, for: purpose, ring),
            let keys = try? KeySet.parse(record.keys)
        else { return nil }
        guard purpose.keySetURL.isEmpty else {
            return OpenedRecord(record: record, metadata: nil, keys: keys)
        }
        let metadata = record.metadata.flatMap {
            try? ProviderMetadata.parse(
                $0, issuer: purpose.issuer, allowsPlainHTTP: allowsPlainHTTP)
        }
        guard let metadata else { return nil }
        return OpenedRecord(record: record, metadata: metadata, keys: keys)
    }

    private static func created(
        _ contents: SessionContents, _ ring: KeyRing, _ idleExpiry: Int64,
        _ providerSession: ByteString?, _ random: any RandomSource
    ) -> JobResult {
        guard let ticket = SessionTicket.make(random),
            let sealed = SessionSeal.seal(
                contents, ticket: ticket, generation: 1, ring: ring, random: random)
        else { return .noRandomness }
        let row = SessionRow(
            key: ticket.rowKey, generation: 1, sealed: sealed,
            idleExpiry: min(idleExpiry, contents.absoluteExpiry),
            absoluteExpiry: contents.absoluteExpiry,
            subjectHash: IndexHash.subject(
                issuer: contents.issuer, subject: contents.subject, ring.current),
            providerSessionHash: providerSession.map {
                IndexHash.providerSession(issuer: contents.issuer, sessionID: $0, ring.current)
            } ?? [])
        return .created(ticket, row)
    }
}

extension NewAttempt {
    fileprivate init?(
        _ provider: ByteString, _ returnTo: ByteString, _ ring: KeyRing,
        _ cookies: GuardedCookies, now: Int64, _ random: any RandomSource
    ) {
        guard
            let attempt = LoginAttempt.make(
                provider: provider, returnTo: returnTo, startedAt: now, random: random),
            let value = AttemptCookie.seal(
                attempt, sessionCookie: cookies.sessionName, ring: ring, random: random)
        else { return nil }
        self.attempt = attempt
        challenge = attempt.challenge
        cookieName = AttemptCookie.name(
            sessionCookie: cookies.sessionName, state: attempt.state)
        cookieValue = value
    }
}

extension IdentityCheck {
    fileprivate func perform() -> Result<IDToken, TokenRefusal> {
        do throws(TokenRefusal) {
            switch subject {
            case .anyone(let nonce):
                return .success(
                    try rules.check(
                        token, keys: keys, now: now, nonce: nonce, accessToken: accessToken))
            case .same(let subject, let authTime, let nonce):
                return .success(
                    try rules.checkRefreshed(
                        token, keys: keys, now: now, accessToken: accessToken, subject: subject,
                        authTime: authTime, nonce: nonce))
            }
        } catch {
            return .failure(error)
        }
    }
}
