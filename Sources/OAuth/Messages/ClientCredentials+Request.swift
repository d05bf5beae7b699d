import Encodings
import HTTPMessages

extension ClientCredentials {
    /// A form, posted with the proof of who we are: in the header or in the form, never in both.
    /// - Source: RFC 6749 §2.3.1: id and secret are form-encoded before they are joined, or a
    ///   colon or percent sign in them would be read as something else.
    func post(
        _ form: [(ByteString, ByteString)], to endpoint: ByteString, route: NetworkRoute,
        timeout: Int64, bodyLimit: Int
    ) -> OutboundRequest {
        var form = form
        var headers = [
            HeaderField("Content-Type", "application/x-www-form-urlencoded"),
            HeaderField("Accept", "application/json"),
        ]
        switch method {
        case .basic:
            let pair = FormEncoding.encode(clientID) + ":" + FormEncoding.encode(secret.reveal())
            headers.append(HeaderField("Authorization", "Basic " + Base64.encode(pair.bytes)))
        case .post:
            form.append(("client_id", clientID))
            form.append(("client_secret", secret.reveal()))
        }
        return OutboundRequest(
            .post, endpoint, headers: headers, body: FormEncoding.encode(form), route: route,
            timeout: timeout, bodyLimit: bodyLimit)
    }
}
