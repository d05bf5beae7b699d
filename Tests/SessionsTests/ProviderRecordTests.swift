import Encodings
import Sessions
import Testing

@Suite struct ProviderRecordTests {
    private let purpose = ProviderRecord.Purpose(issuer: "https://idp.example", keySetURL: "")
    private var record: ProviderRecord {
        ProviderRecord(
            purpose: purpose, fetchedAt: 1_700_000_000, lifetime: nil, metadata: Array("{}".utf8),
            keys: Array(#"{"keys":[]}"#.utf8))
    }

    @Test("KEY-16 A record opens as it was sealed, with any key of the ring")
    func roundTrip() throws {
        let sealed = try #require(record.seal(ring, random: CountingRandom()))
        let rotated = KeyRing(current: ringKey("k2", 2), others: [ringKey("k1", 1)])
        for ring in [ring, rotated] {
            #expect(ProviderRecord.open(sealed, for: purpose, ring) == record)
        }
        let bare = ProviderRecord(
            purpose: purpose, fetchedAt: -1, lifetime: 0, metadata: nil, keys: [])
        let other = try #require(bare.seal(ring, random: CountingRandom()))
        #expect(ProviderRecord.open(other, for: purpose, ring) == bare)
        #expect(record.seal(ring, random: NoRandom()) == nil)
    }

    @Test("COK-17 A record does not open for another purpose, ring, or with a byte changed")
    func bound() throws {
        let sealed = try #require(record.seal(ring, random: CountingRandom()))
        for other in [
            ProviderRecord.Purpose(issuer: "https://idp.example/", keySetURL: ""),
            ProviderRecord.Purpose(issuer: "https://idp.example", keySetURL: "https://x.example"),
            ProviderRecord.Purpose(issuer: "", keySetURL: "https://idp.example"),
        ] {
            #expect(ProviderRecord.open(sealed, for: other, ring) == nil)
            #expect(other.key != purpose.key)
        }
        let foreign = KeyRing(current: ringKey("k1", 9))
        #expect(ProviderRecord.open(sealed, for: purpose, foreign) == nil)
        for index in sealed.indices {
            var bent = sealed
            bent[index] ^= 1
            #expect(ProviderRecord.open(bent, for: purpose, ring) == nil)
        }
        for count in [0, 1, 40, sealed.count - 1] {
            #expect(ProviderRecord.open(Array(sealed.prefix(count)), for: purpose, ring) == nil)
        }
    }
}
