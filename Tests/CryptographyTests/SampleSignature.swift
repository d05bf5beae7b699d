import Cryptography
import Encodings
import Testing

/// Signatures from the sets in `Tests/Vectors`: one good one of each kind, and some that a careless
/// check accepts.
struct SampleSignature: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let scheme: SignatureScheme
    let key: PublicKey?
    let message: [UInt8]
    let signature: [UInt8]

    static let good: [SampleSignature] = [.es256, .es512, .ed25519, .ed448, .rs256, .ps256]
    static let bad: [SampleSignature] = [.negativeResult, .saltless, .shortSalt]

    static let es256 = SampleSignature(
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

    static let es512 = SampleSignature(
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

    static let ed25519 = SampleSignature(
        testDescription: "Ed25519", scheme: .ed25519,
        key: PublicKey(.ed25519, point: base64url("oSwr63cmXyqslTtQCTSdlBVaA62kFqrUUTGUgOmDykw")),
        message: hex("000000000000000000000000"),
        signature: hex(
            "f63b5c0667c7897fc283296416f7f60e84bbde9cbd832e56be463ed9f568069702b17a"
            + "2f7c341ebf590706a6388ac76ac613c1675ec0f2c7118f2573422a500b"))

    static let ed448 = SampleSignature(
        testDescription: "Ed448", scheme: .ed448,
        key: PublicKey(
            .ed448,
            point: base64url(
                "fiU5OxFsESOqoGeHXZkEeTpcf40ZdjFmapXfZIGgPyK5AKVXoiXZ0POieLk5"
                + "DrgL5pKnB8wq8I6A")),
        message: Array("eyJhbGciOiJFZDQ0OCIsImtpZCI6ImstZWQ0NDgifQ.Zm9v".utf8),
        signature: hex(
            "30496f20593a862b60c325a7df74d64dd1893be6533d8d82ce68bb93d5a6877854b336"
            + "8e6dfb92bbc4b4b4d0b6e704adf2336427e6ba170a8011748c1bbe01b75ec608766fa7"
            + "a781a9279bbe5ce8c183e4d1482b391a69b5a8dacdc2de285273695787dde081685130"
            + "8ee7d7cecc49c23000"))

    static let rs256 = SampleSignature(
        testDescription: "RS256", scheme: .pkcs1(.sha256),
        key: PublicKey(rsaModulus: modulus, exponent: [1, 0, 1]),
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

    static let ps256 = SampleSignature(
        testDescription: "PS256", scheme: .pss(.sha256),
        key: PublicKey(rsaModulus: modulus, exponent: [1, 0, 1]),
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

    static let negativeResult = SampleSignature(
        testDescription: "OpenSSL answers -1", scheme: .ecdsa(.sha256),
        key: PublicKey(
            curve: .p256,
            x: base64url("axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY"),
            y: base64url("T-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU")),
        message: hex(
            "313233343030"),
        signature: hex(
            "44a5ad0ad0636d9f12bc9e0a6bdd5e1cbcb012ea7bf091fcec15b0c43202d52e249249"
            + "246db6db6ddb6db6db6db6db6dad4591868595a8ee6bf5f864ff7be0c2"))

    static let saltless = SampleSignature(
        testDescription: "PS256, no salt", scheme: .pss(.sha256),
        key: PublicKey(rsaModulus: base64url(pssModulus), exponent: [1, 0, 1]),
        message: hex(
            "65794a68624763694f694a51557a49314e694973496d74705a434936496d737463484d"
            + "794e54596966512e5a6d3976"),
        signature: hex(
            "2ee69180f9863b455804a1e5325a40330d6a7753252465567e6075553410cd3b960d1b"
            + "775fb9dfb4b586e064b1ec2dc862dda41e5b4359cacae6ce7a4aa81cc844cadc4ef6a4"
            + "596334caa28167560dc5534b93bd3a2837b534df3c47796c15000a9f2ee7d077ce1849"
            + "744e93356bfb81594921e0bfcdbb54ef26b1d0893301721b2be31e32dc73f0c58ac265"
            + "78625677b38e5b7370e1659ef8421a51ab23d5e0bb3dac27d7a6f56c19ee8077c42668"
            + "6578f9d0dc53f871e060105ebfbdec3272eba26834656480ffd1cfe0052b1ea21de1ba"
            + "b60c33755affc36d27241db740ca1b7ffd17c61882cc813cc15baa30e82a4f78693f99"
            + "f0ba4b355966cb43d609e7"))

    static let shortSalt = SampleSignature(
        testDescription: "PS256, salt of 20 bytes", scheme: .pss(.sha256),
        key: PublicKey(rsaModulus: base64url(pssModulus), exponent: [1, 0, 1]),
        message: hex(
            "65794a68624763694f694a51557a49314e694973496d74705a434936496d737463484d"
            + "794e54596966512e5a6d3976"),
        signature: hex(
            "062265686c59aa06cda6dcb165d609285169233d9a4c8dd49c1ab1c2cf5f7738453551"
            + "c2207f4f8c2b378ca645bc70a63d53f91252d665a35f3886e156cab84ae03c8fd4646d"
            + "2f414932bd117b9f3c13d0a7de2f1b927a35a92bd455b354bceb1e06cb80a2ca34d905"
            + "dd9b609d2c633d4e9c80f3a8738d3a481edb9a528dc11ea0d28e4195fa5def038c08b1"
            + "98ea3c51289933d79cebcfe2c2236a493c5e2fbdda9df08c4989311f4e5612810a2ca0"
            + "32c9d5416aa269ce1b99a0bc186ba70796fb2b0e134ff3a5c6a72eb9f61dee3e66d1f2"
            + "0d19a70bfbc82cd9996f3b5405448b1176419cad34be4e5ffa68af931dc98f56e689bb"
            + "301a114da246e1f2e14876"))

    /// Of RS256 and PS256.
    static let modulus = base64url(
        "orRRoH0KpfluRVZxUTVQUUqKW0YuvvcXCU-h_ugiJOY3-XRtP3yv0xh42AMltu9aFwD2WQ"
            + "O0aUKeidbqyIRQl7WrOTGJ25JRLtincRoSU_rNIPecFegkfz0-QuRuSMmOJUov6XZTE6A-"
            + "_48X4aApOXofomqNzib0kO2BKZYV2YFMItphBCjgnH2WWFlCZvXAIdD87KCNlFoSvoLeTR"
            + "7Oa0wDFFtdNJXU7VQR64eNrwX9evw-Ca2g8RJkIvWQl1oZaYFvSGmLy7obTZyuedRg2Pn4"
            + "Xnl1AF2bwixOWsD3waRdElaaYoB9O5oC5aUw53MGb0U9H1tMLpz3ggKD90K51Q")

    private static let pssModulus =
        "wS9RioDwBKrHvLOEFSsl9Rhcz6tvAyt64WFae1ZOYd5oKnGjHPKl8dAPUZ6vHnDTZEkxij"
        + "69_JT1N0QSQMHg4RZCM_WdaA9YsjYP8WiwmReRgJtkNNEsg_FQWfGWERW-nH23CJuJ8T1G"
        + "kdIr-AumONzoCktJW0pqJlYhuFN_OSfwm0MwSxBy1sLR35JDcM-byoWGtVnQ2uvTRbSw9c"
        + "se_yH72t3Fn06d3WBpE3NuO5Qkq61EluLVgSq-_4x-I4daYghF2jE10yuTYJvD10WVi2Wy"
        + "V353Rg4HaU0hlcHgzHYDzhAW4SIMF_Ww8l2n-x47X-1aJprkGqPaYmU6RombFQ"

    private static func base64url(_ text: String) -> [UInt8] {
        Base64URL.decode(ByteString(text)) ?? []
    }
    static func hex(_ text: String) -> [UInt8] {
        Hexadecimal.decode(ByteString(text)) ?? []
    }
}
