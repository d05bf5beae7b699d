import Encodings
import HTTPMessages
import OAuth
import Testing

@Suite("Media types of answers")
struct MediaTypeTests {
    private static func isJSON(_ fields: ByteString...) -> Bool {
        OutboundResponse(
            status: 200, headers: fields.map { HeaderField("content-type", $0) }, body: []
        ).hasJSONBody
    }

    @Test("KEY-18 MET-08 JSON goes by its own names, with parameters and in any case", arguments: [
        "application/json", "application/jwk-set+json", "Application/JSON; charset=utf-8",
        "application/json ;charset=utf-8",
    ] as [ByteString])
    func json(value: ByteString) { #expect(Self.isJSON(value)) }

    @Test("KEY-18 MET-08 Everything else is no JSON, and neither are two names", arguments: [
        "", "text/html", "text/json", "application/javascript", "application/jsonx",
        "text/html; x=application/json", "json", "application/", "image/svg+json",
    ] as [ByteString])
    func other(value: ByteString) {
        #expect(!Self.isJSON(value))
        #expect(!Self.isJSON())
        #expect(!Self.isJSON("application/json", "application/json"))
    }
}
