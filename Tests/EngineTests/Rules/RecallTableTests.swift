import Configuration
import Cryptography
import Encodings
import Engine
import Testing

@Suite("What is remembered of tokens and sessions is found by all of it, and bounded")
struct RecallTableTests {
    final class Entry: Remembered {
        let guarded: Guarded
        let credential: Secret

        init(_ credential: ByteString, _ guarded: Guarded) {
            self.credential = Secret(credential)
            self.guarded = guarded
        }
    }

    let api: Guarded
    let open: Guarded

    init() throws {
        api = try #require(Configuration.forTests.guarded["api"])
        open = try #require(Configuration.forTests.guarded["open"])
    }

    /// Ends as a signature does, in what nobody has chosen: the table counts on that.
    static func credential(_ number: Int) -> ByteString {
        "header.claims." + Base64URL.encode(Digest.sha256(Array("\(number)".utf8)))
    }

    @Test("CLM-18 A token is found under its policy, whole, and nothing that only ends like it")
    func whole() {
        var table = RecallTable<Entry>(capacity: 10)
        let token = Self.credential(1)
        let entry = Entry(token, api)
        table.insert(entry)
        #expect(table.find(token.span, api) === entry)
        #expect(table.find(token.span, open) == nil)
        #expect(table.find(("Header" + ByteString(token.bytes.dropFirst(6))).span, api) == nil)
        #expect(table.find(("x" + token).span, api) == nil)
        #expect(table.find(ByteString(token.bytes.dropFirst()).span, api) == nil)
        for length in 0..<16 {
            #expect(table.find(ByteString(token.bytes.suffix(length)).span, api) == nil)
        }
    }

    @Test("What comes again takes the place of what was there; each policy has its own")
    func replaced() {
        var table = RecallTable<Entry>(capacity: 10)
        let token = Self.credential(1)
        let (first, second, other) = (Entry(token, api), Entry(token, api), Entry(token, open))
        table.insert(first)
        table.insert(other)
        table.insert(second)
        #expect(table.count == 2)
        #expect(table.find(token.span, api) === second)
        #expect(table.find(token.span, open) === other)
    }

    @Test("CLM-18 A table of 0 remembers nothing")
    func off() {
        var table = RecallTable<Entry>(capacity: 0)
        let token = Self.credential(1)
        table.insert(Entry(token, api))
        #expect(table.count == 0)
        #expect(table.find(token.span, api) == nil)
    }

    @Test("CLM-18 Whoever makes many tokens that end alike fills one window and crowds nobody out")
    func crowding() {
        var table = RecallTable<Entry>(capacity: 10_000)
        let ours = (1...100).map { Self.credential($0) }
        for token in ours { table.insert(Entry(token, api)) }
        let end = ByteString([UInt8](repeating: 0x41, count: 22))
        for number in 1...5_000 { table.insert(Entry("\(number)" + end, api)) }
        #expect(table.count <= 100 + 32)
        let found = ours.count { table.find($0.span, api) != nil }
        #expect(found >= 100 - 32)
    }

    @Test("As many as it may hold are all found again, in turn", arguments: [1, 10, 10_000])
    func full(capacity: Int) {
        var table = RecallTable<Entry>(capacity: capacity)
        for number in 0..<capacity { table.insert(Entry(Self.credential(number), api)) }
        #expect(table.count == capacity)
        for number in 0..<capacity {
            #expect(table.find(Self.credential(number).span, api) != nil)
        }
    }

    @Test("CLM-18 There are never more than its capacity; what is used stays, the oldest goes")
    func bounded() {
        var table = RecallTable<Entry>(capacity: 100)
        let kept = Self.credential(0)
        table.insert(Entry(kept, api))
        for number in 1...5_000 {
            #expect(table.find(kept.span, api) != nil)
            table.insert(Entry(Self.credential(number), api))
            #expect(table.count <= 100)
        }
        #expect(table.find(Self.credential(5_000).span, api) != nil)
        #expect(table.find(Self.credential(1).span, api) == nil)
    }
}
