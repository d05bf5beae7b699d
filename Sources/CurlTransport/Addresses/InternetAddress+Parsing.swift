package import Encodings
package import Glibc

extension InternetAddress {
    /// From what a socket is about to connect to.
    /// - Returns: nil where it is neither IPv4 nor IPv6, or cut short.
    package init?(_ address: UnsafePointer<sockaddr>, length: Int) {
        let bytes = unsafe UnsafeRawBufferPointer(start: address, count: max(length, 0))
        // SAFETY: the caller vouches for `length` bytes; what is loaded lies within them.
        guard bytes.count >= MemoryLayout<sa_family_t>.size else { return nil }
        switch unsafe Int32(bytes.loadUnaligned(as: sa_family_t.self)) {
        case AF_INET where bytes.count >= MemoryLayout<sockaddr_in>.size:
            let octets = unsafe bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self)
            self = .v4(UInt32(bigEndian: octets))
        case AF_INET6 where bytes.count >= MemoryLayout<sockaddr_in6>.size:
            self = unsafe Self(
                v6: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self),
                bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self))
        default: return nil
        }
    }

    /// From its text: either family, without brackets.  Takes the odd forms of IPv4 too (`127.1`,
    /// `0x7f000001`), since a proxy may take them.
    package init?(_ text: ByteString) {
        var octets = in_addr()
        var words = (UInt64(0), UInt64(0))
        let terminated = text.bytes.map(CChar.init(bitPattern:)) + [0]
        // SAFETY: the text ends in a NUL, and each function writes as many bytes as its structure
        // has: 4 and 16.
        if unsafe inet_aton(terminated, &octets) == 1 {
            self = .v4(UInt32(bigEndian: octets.s_addr))
        } else if unsafe inet_pton(AF_INET6, terminated, &words) == 1 {
            self = Self(v6: words.0, words.1)
        } else {
            return nil
        }
    }

    private init(v6 first: UInt64, _ second: UInt64) {
        self = .v6(high: UInt64(bigEndian: first), low: UInt64(bigEndian: second))
    }
}
