import Encodings
import HTTPMessages

/// Texts that go out with most requests, made once.
enum HeaderText {
    static let authorization: ByteString = "Authorization"
    static let cookie: ByteString = "Cookie"
    static let bearer: ByteString = "Bearer "

    /// One person's page must not come out of a shared cache for the next (BRW-12).
    static let personal = [HeaderField("Cache-Control", "private"), HeaderField("Vary", "Cookie")]
}
