import Cryptography
import Encodings
import Sessions
import Testing

@Suite("A ticket is what the browser holds")
struct SessionTicketTests {
    private static let text: ByteString = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"

    @Test("COK-09 A ticket is 43 characters, and the store's name for it is another value")
    func shape() throws {
        let ticket = try #require(SessionTicket(cookieValue: Self.text))
        #expect(ticket.cookieValue == Self.text)
        #expect(ticket.rowKey.bytes != Array(0..<32))
        #expect(ticket.browserKey?.count == 32)
        #expect(ticket.browserKey != ticket.rowKey.bytes)
        let expected = Digest.sha256(Array("cloakroom row key 1\0".utf8) + Array(0..<32))
        #expect(ticket.rowKey == RowKey(expected))
    }

    @Test("COK-09 10,000 tickets all differ")
    func unique() throws {
        let random = SystemRandom()
        let rows = try (0..<10_000).map { _ in try #require(SessionTicket.make(random)).rowKey }
        #expect(Set(rows).count == rows.count)
    }

    @Test("A ticket's CSRF value is its own, and neither ticket nor key")
    func csrf() throws {
        let (first, second) = (
            try #require(SessionTicket.make(SystemRandom())),
            try #require(SessionTicket.make(SystemRandom()))
        )
        #expect(Base64URL.decode(first.csrfValue)?.count == 16)
        #expect(first.csrfValue != second.csrfValue)
        let bytes = try #require(Base64URL.decode(first.csrfValue))
        #expect(first.browserKey?.starts(with: bytes) == false)
        #expect(!first.rowKey.bytes.starts(with: bytes))
    }

    @Test("Without randomness there is no ticket")
    func noRandom() { #expect(SessionTicket.make(NoRandom()) == nil) }

    @Test(
        "COK-08 COK-10 Nothing but the one canonical spelling is a ticket",
        arguments: [
            "", " " + text, text + " ", text + "=", ByteString("\"\(text)\""),
            ByteString(text.bytes.dropLast()), text + "A",
            "%41" + ByteString(text.bytes.dropFirst(3)),
            ByteString(text.bytes.dropLast()) + "9", ByteString(text.bytes.dropLast()) + "+",
        ])
    func malformed(_ value: ByteString) { #expect(SessionTicket(cookieValue: value) == nil) }

    @Test("A ticket shows itself nowhere but in its cookie value")
    func silence() throws {
        let ticket = try #require(SessionTicket(cookieValue: Self.text))
        var text = ""
        dump(ticket, to: &text)
        let shown = "\(ticket)" + String(reflecting: ticket) + text
        #expect(!shown.contains(Self.text.string))
        #expect(!shown.contains("30, 31") && !shown.contains("- 31\n"), "the ticket's last bytes")
    }
}
