import Encodings
import HTTPMessages

extension TransportFailure {
    /// For an exchange that never reached the transport.
    static func unsent(_ kind: Kind) -> TransportFailure {
        let detail: ByteString =
            switch kind {
            case .busy: "too many exchanges wait already"
            case .timeout: "other exchanges took all the time"
            case .shutdown: "the engine is ending"
            case .misuse: "libcurl can not be set up"
            default: ""
            }
        return TransportFailure(kind, mayHaveBeenSent: false, detail: detail)
    }
}
