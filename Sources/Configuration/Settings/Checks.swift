import Encodings
import Sessions

/// What the table's rows check beyond their form: that the value can be converted.
enum Checks {
    static let store = text(Conversion.store)
    static let issuer = text(Conversion.issuer)
    static let keySetURL = text(Conversion.keySetURL)
    static let keySetFile = text(Conversion.keySetFile)
    static let proxy = text(Conversion.proxy)
    static let origin = text(Conversion.origin)
    static let prefix = text(Conversion.prefix)
    static let landing = text(Conversion.landing)
    static let cookieName = text { (name) throws(ConfigurationError) in
        try Conversion.cookieName(name, of: "cookie_name")
    }
    static let tokenCookie = text { (name) throws(ConfigurationError) in
        try Conversion.cookieName(name, of: "token_cookie")
    }
    static let realm = text(Conversion.realm)
    static let providerNames = words(Conversion.providerNames)
    static let scope = words(Conversion.scope)
    static let clientScope = words(Conversion.clientScope)
    static let authorizationParameters = words(Conversion.authorizationParameters)
    static let refreshRefusals = words(Conversion.refreshRefusals)
    static let claimHeaders = words(Conversion.claimHeaders)

    static let keyFile: Setting.Check = { (value) throws(ConfigurationError) in
        if case .secret(let secret) = value { _ = try Conversion.keyRing(secret) }
    }

    static let decryptionKeys: Setting.Check = { (value) throws(ConfigurationError) in
        if case .files(let files) = value { _ = try Conversion.decryptionKeys(files) }
    }

    static func algorithms(_ name: ByteString) -> Setting.Check {
        words { (words) throws(ConfigurationError) in
            try Conversion.algorithms(words, of: name)
        }
    }

    private static func text<Result>(
        _ conversion: @escaping @Sendable (ByteString) throws(ConfigurationError) -> Result
    ) -> Setting.Check {
        { (value) throws(ConfigurationError) in
            if case .text(let text) = value { _ = try conversion(text) }
        }
    }
    private static func words<Result>(
        _ conversion: @escaping @Sendable ([ByteString]) throws(ConfigurationError) -> Result
    ) -> Setting.Check {
        { (value) throws(ConfigurationError) in
            if case .words(let words) = value { _ = try conversion(words) }
        }
    }
}
