/// An IP address, and what kind of place it names.
/// - Source: RFC 6890; IANA special-purpose address registries.
package enum InternetAddress: Hashable, Sendable {
    case v4(UInt32)
    case v6(high: UInt64, low: UInt64)

    package var isLoopback: Bool {
        switch self {
        case .v4(let address): address >> 24 == 127
        case .v6(let high, let low): high == 0 && low == 1
        }
    }

    /// Neither loopback, private, link-local, shared, multicast, unspecified, reserved nor set
    /// aside for documentation and tests.
    package var isPublic: Bool {
        switch self {
        case .v4(let address): Self.isPublic(address)
        case .v6(let high, let low): Self.isPublic(high, low)
        }
    }

    private static func isPublic(_ address: UInt32) -> Bool {
        for (network, length) in reserved4 where (address ^ network) >> (32 - length) == 0 {
            return false
        }
        return true
    }

    /// Only what has been given out as global unicast, so that an odd range is refused unasked.
    private static func isPublic(_ high: UInt64, _ low: UInt64) -> Bool {
        // NAT64: the network translates, and reaches what the last 32 bits say.  RFC 6052 §2.1.
        if high == 0x0064_FF9B_0000_0000, low >> 32 == 0 {
            return isPublic(UInt32(truncatingIfNeeded: low))
        }
        guard high >> 61 == 0b001 else { return false }
        // 6to4: likewise bits 16 to 47.  RFC 3056 §2.
        if high >> 48 == 0x2002 { return isPublic(UInt32(truncatingIfNeeded: high >> 16)) }
        for (network, length) in reserved6 where (high ^ network) >> (64 - length) == 0 {
            return false
        }
        return true
    }

    private static let reserved4: [(UInt32, UInt32)] = [
        (0x0000_0000, 8),  // this network
        (0x0A00_0000, 8),  // private
        (0x6440_0000, 10),  // shared by carriers
        (0x7F00_0000, 8),  // loopback
        (0xA9FE_0000, 16),  // link-local, with the metadata services of clouds
        (0xAC10_0000, 12),  // private
        (0xC000_0000, 24),  // protocol assignments
        (0xC000_0200, 24),  // documentation
        (0xC058_6300, 24),  // 6to4 relays
        (0xC0A8_0000, 16),  // private
        (0xC612_0000, 15),  // benchmarks
        (0xC633_6400, 24),  // documentation
        (0xCB00_7100, 24),  // documentation
        (0xE000_0000, 4),  // multicast
        (0xF000_0000, 4),  // reserved, broadcast
    ]

    private static let reserved6: [(UInt64, UInt64)] = [
        (0x2001_0000_0000_0000, 23),  // protocol assignments, Teredo, ORCHID
        (0x2001_0DB8_0000_0000, 32),  // documentation
        (0x3FFF_0000_0000_0000, 20),  // documentation
    ]
}
