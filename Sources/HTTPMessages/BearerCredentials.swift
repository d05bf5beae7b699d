package import Encodings

/// What the `Authorization` lines of a request hold.
/// - Source: RFC 6750 §2.1; RFC 9110 §11.4, §11.6.2.
package enum BearerCredentials: Hashable, Sendable {
    /// No line, or one of another scheme.
    case none
    case repeated
    /// Nothing at all, or the Bearer scheme, but not exactly one token of the right characters.
    case malformed
    case token(ByteString)

    package init(_ lines: [ByteString]) {
        guard let line = lines.first else {
            self = .none
            return
        }
        guard lines.count == 1 else {
            self = .repeated
            return
        }
        // A field without a scheme is no field of credentials at all (RFC 9110 §11.6.2).
        guard line.bytes.contains(where: { $0 != 0x20 && $0 != 0x09 }) else {
            self = .malformed
            return
        }
        let scheme = line.bytes.prefix { $0 != 0x20 }
        guard ByteString(scheme).lowercased == "bearer" else {
            // A scheme glued to something else ("Bearer:", "Bearer\tx") is a botched Bearer.
            let letters = ByteString(scheme.prefix(while: ASCII.isLetter)).lowercased
            self = letters == "bearer" ? .malformed : .none
            return
        }
        let token = line.bytes[scheme.endIndex...].drop { $0 == 0x20 }
        self =
            Self.isToken68(token) ? .token(ByteString(token)) : .malformed
    }

    /// What follows `Bearer ` in the only line, whatever it is made of; nil for all else.
    package static func candidate(_ lines: [ByteString]) -> ByteString? {
        guard lines.count == 1, let line = lines.first, let place = candidate(line.span)
        else { return nil }
        return ByteString(line.bytes[place])
    }

    /// Where it lies in a line.
    package static func candidate(_ line: Span<UInt8>) -> Range<Int>? {
        guard line.count > 7, line[6] == 0x20, line.extracting(..<6).isName("bearer")
        else { return nil }
        return 7..<line.count
    }

    /// `1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"="`
    private static func isToken68(_ bytes: ArraySlice<UInt8>) -> Bool {
        let characters = characters
        let rest = bytes.drop { characters.contains($0) }
        return rest.startIndex > bytes.startIndex && rest.allSatisfy { $0 == 0x3D }
    }

    private static let characters = Characters(lettersDigitsAnd: "-._~+/")
}
