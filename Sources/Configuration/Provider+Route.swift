package import HTTPMessages

extension Provider {
    /// How a request to this URL may travel.
    ///
    /// The operator has named the issuer's host, and perhaps that of its keys, so they may lie on
    /// any address.  Every other host was named by a document: it must not lead us into the inner
    /// network (SSRF), unless a setting allows that.
    /// - Source: RFC 8725bis §3.10 (MET-06).
    package func route(to url: URLReference) -> NetworkRoute {
        var named = [issuer]
        if case .url(let keys) = keySource { named.append(keys) }
        let isNamed = named.contains { URLReference($0)?.host == url.host }
        return NetworkRoute(
            caFile: network.caFile, proxy: network.proxy,
            addresses: isNamed || network.allowsPrivateAddresses ? .any : .publicOnly,
            allowsPlainHTTP: network.allowsPlainHTTP, connectTimeout: network.connectTimeout)
    }
}
