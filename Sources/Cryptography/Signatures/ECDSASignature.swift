/// r and s in the DER form that OpenSSL wants: two numbers in a sequence, without an allocation.
/// - Source: RFC 7518 §3.4; ITU-T X.690.
struct ECDSASignature {
    /// Two numbers of 67 bytes, with tags and lengths.
    private(set) var bytes = InlineArray<144, UInt8>(repeating: 0)
    private(set) var count = 0

    /// - Returns: nil unless both halves have the curve's length and neither is zero ("psychic
    ///   signatures", CVE-2022-21449).
    init?(_ signature: Span<UInt8>, _ curve: EllipticCurve) {
        let half = curve.byteCount
        guard signature.count == 2 &* half,
            let r = Self.digits(signature.extracting(first: half)),
            let s = Self.digits(signature.extracting(last: half))
        else { return nil }
        let contents = r.length &+ s.length &+ 4
        put(0x30)
        if contents >= 0x80 { put(0x81) }
        put(UInt8(truncatingIfNeeded: contents))
        put(signature.extracting(first: half), r)
        put(signature.extracting(last: half), s)
    }

    /// A number without its leading zeros; with one where its first bit would read as a sign.
    private typealias Digits = (start: Int, length: Int, isPadded: Bool)

    private static func digits(_ number: Span<UInt8>) -> Digits? {
        for index in number.indices where number[index] != 0 {
            let isPadded = number[index] >= 0x80
            return (index, number.count &- index &+ (isPadded ? 1 : 0), isPadded)
        }
        return nil
    }

    private mutating func put(_ number: Span<UInt8>, _ digits: Digits) {
        put(0x02)
        put(UInt8(truncatingIfNeeded: digits.length))
        if digits.isPadded { put(0) }
        for index in digits.start..<number.count { put(number[index]) }
    }

    private mutating func put(_ byte: UInt8) {
        guard count < bytes.count else { return }
        bytes[count] = byte
        count &+= 1
    }
}
