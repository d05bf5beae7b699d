import Cryptography
import Encodings
import Testing

/// One good signature of each kind, from the Wycheproof sets in `Tests/Vectors`.
struct GoodSignature: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let scheme: SignatureScheme
    let key: PublicKey?
    let message: [UInt8]
    let signature: [UInt8]

    static let all: [GoodSignature] = [.es256, .es512, .ed25519, .rs256, .ps256]

    static let es256 = GoodSignature(
        testDescription: "ES256", scheme: .ecdsa(.sha256),
        key: PublicKey(
            curve: .p256,
            x: base64url(
                "BKrsc2NXJvIT-4qeZNo7hjLkFJWpRNAEW1IuunJA-tU"),
            y: base64url(
                "h9kxV5iqo6W6AXdXh87QXqr3tOCfyB1tGqVG6DZdUl0")),
        message: hex("0000000000000000000000000000000000000000"),
        signature: hex(
            "986e65933ef2ed4ee5aada139f52b70539aaf63f00a91f29c69178490d57fb713dafed"
            + "fb8da6189d372308cbf1489bbbdabf0c0217d1c0ff0f701aaa7a694b9c"))

    static let es512 = GoodSignature(
        testDescription: "ES512", scheme: .ecdsa(.sha512),
        key: PublicKey(
            curve: .p521,
            x: base64url(
                "ASqQi_xbcOF73650KUmUgIvypC2rWa-LBSOgJtZAoqPW00RSC2IXfiz6M5ykL7CIPsQlkE"
                + "-9ooM6O1sKmgCBE2XY"),
            y: base64url(
                "ASMz1TL4-OsaYjw3ijaUZRGSu9qDPjuNe4-Qsr_JsEX4pV4bal_hUSxADEvJyG_XxpnWQv"
                + "XO6buCfIsKvA2gHO8e")),
        message: hex("4d7367"),
        signature: hex(
            "005adc833cbc1d6141ced457bab2b01b0814054d7a28fa8bb2925d1e7525b7cf7d5c93"
            + "8a17abfb33426dcc05ce8d44db02f53a75ea04017dca51e1fbb14ce3311b14005f69b2"
            + "a6de129147a8437b79c72315d35173d88c2d6119085c90dae8ec05c55e067e7dfa4f68"
            + "1035e3dccab099291c0ecf4428332a9cb0736d16e79111ac76d766"))

    static let ed25519 = GoodSignature(
        testDescription: "Ed25519", scheme: .ed25519,
        key: PublicKey(ed25519: base64url("oSwr63cmXyqslTtQCTSdlBVaA62kFqrUUTGUgOmDykw")),
        message: hex("000000000000000000000000"),
        signature: hex(
            "f63b5c0667c7897fc283296416f7f60e84bbde9cbd832e56be463ed9f568069702b17a"
            + "2f7c341ebf590706a6388ac76ac613c1675ec0f2c7118f2573422a500b"))

    static let rs256 = GoodSignature(
        testDescription: "RS256", scheme: .pkcs1(.sha256),
        key: PublicKey(
            rsaModulus: base64url(
                "orRRoH0KpfluRVZxUTVQUUqKW0YuvvcXCU-h_ugiJOY3-XRtP3yv0xh42AMltu9aFwD2WQ"
                + "O0aUKeidbqyIRQl7WrOTGJ25JRLtincRoSU_rNIPecFegkfz0-QuRuSMmOJUov6XZTE6A-"
                + "_48X4aApOXofomqNzib0kO2BKZYV2YFMItphBCjgnH2WWFlCZvXAIdD87KCNlFoSvoLeTR"
                + "7Oa0wDFFtdNJXU7VQR64eNrwX9evw-Ca2g8RJkIvWQl1oZaYFvSGmLy7obTZyuedRg2Pn4"
                + "Xnl1AF2bwixOWsD3waRdElaaYoB9O5oC5aUw53MGb0U9H1tMLpz3ggKD90K51Q"),
            exponent: [1, 0, 1]),
        message: hex("61"),
        signature: hex(
            "38c042a00d6f27742a46f1f963a7b2e04f0eac637849631a491b8e4e58fc721c6ce620"
            + "d5e705dc8e73409c3909c1c68b6bdb2b30f882cf2797e65030b38c4e7daf6fef9d1f11"
            + "5c890086cf54ca3e7c2b21dcbfd1250ed1d925810970f17dbf482d1784f296adee9ace"
            + "6979075c1e12f5580cfb322e8737db9d127d38e1b99ed87ec49448a18a6fee650d3c27"
            + "e4a2a86a3d6e3ce4fe64120be60872fa07a3f78a112715c167fb6c900698ba1afd8240"
            + "87a4cf733335c4a6d5120e3b29bc42f3b3d5db79973e4e321e0910a288d18cdba172d0"
            + "60283c4f4c6656e9175a18b756b7d06251e9060bbfcab04978853eec6032850a0e757b"
            + "c0c61ad38aa4eb6bb6d907"))

    static let ps256 = GoodSignature(
        testDescription: "PS256", scheme: .pss(.sha256),
        key: PublicKey(
            rsaModulus: base64url(
                "orRRoH0KpfluRVZxUTVQUUqKW0YuvvcXCU-h_ugiJOY3-XRtP3yv0xh42AMltu9aFwD2WQ"
                + "O0aUKeidbqyIRQl7WrOTGJ25JRLtincRoSU_rNIPecFegkfz0-QuRuSMmOJUov6XZTE6A-"
                + "_48X4aApOXofomqNzib0kO2BKZYV2YFMItphBCjgnH2WWFlCZvXAIdD87KCNlFoSvoLeTR"
                + "7Oa0wDFFtdNJXU7VQR64eNrwX9evw-Ca2g8RJkIvWQl1oZaYFvSGmLy7obTZyuedRg2Pn4"
                + "Xnl1AF2bwixOWsD3waRdElaaYoB9O5oC5aUw53MGb0U9H1tMLpz3ggKD90K51Q"),
            exponent: [1, 0, 1]),
        message: hex("313233343030"),
        signature: hex(
            "68caf07e71ee654ffabf07d342fc4059deb4f7e5970746c423b1e8f668d5332275cc35"
            + "eb61270aebd27855b1e80d59def47fe8882867fd33c2308c91976baa0b1df952caa78d"
            + "b4828ab81e79949bf145cbdfd1c4987ed036f81e8442081016f20fa4b587574884ca6f"
            + "6045959ce3501ae7c02b1902ec1d241ef28dee356c0d30d28a950f1fbc683ee7d9aad2"
            + "6b048c13426fe3975d5638afeb5b9c1a99d162d3a5810e8b074d7a2eae2be52b577151"
            + "f76e1f734b0a956ef4f22be64dc20a81ad1316e4f79dff5fc41fc08a20bc612283a884"
            + "15d41595bfea66d59de7ac12e230f72244ad9905aef0ead3fa41ed70bf4218863d5f04"
            + "1292f2d14ce0a7271c6d36"))

    private static func base64url(_ text: String) -> [UInt8] {
        Base64URL.decode(ByteString(text)) ?? []
    }
    private static func hex(_ text: String) -> [UInt8] {
        Hexadecimal.decode(ByteString(text)) ?? []
    }
}
