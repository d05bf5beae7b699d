import Configuration
import Encodings
import Foundation
import Testing

@Suite struct FileTests {
    @Test("CLI-05 A secret is the file without one final line feed", arguments: [
        ("hunter2", "hunter2"), ("hunter2\n", "hunter2"), ("hunter2\n\n", "hunter2\n"),
        (" hunter2 ", " hunter2 "),
    ])
    func trimming(contents: String, secret: String) throws {
        let file = try TemporaryFile(contents)
        var sample = try Sample()
        sample.provider["client_secret_file"] = file.path
        let client = try sample.build().providers["idp"]?.client
        #expect(client?.credentials.secret.reveal() == ByteString(secret))
    }

    @Test("CLI-05 A secret file that others can read is warned of", arguments: [
        (0o600, false), (0o400, false), (0o640, true), (0o644, true), (0o604, true),
    ])
    func permissions(mode: Int, isWarnedOf: Bool) throws {
        let file = try TemporaryFile("hunter2", mode: mode)
        var draft = ConfigurationDraft()
        try draft.set(section: "provider/p", name: "client_secret_file", value: file.path)
        #expect(draft.warnings.count == (isWarnedOf ? 1 : 0))
        for warning in draft.warnings {
            #expect(warning.hasPrefix(#""client_secret_file" names a file that others"#))
            #expect(!warning.string.contains("hunter2"))
        }
    }

    @Test("Files that cannot serve are refused with the reason")
    func unusable() throws {
        let empty = try TemporaryFile("\n")
        let large = try TemporaryFile(String(repeating: "x", count: 4_097))
        let name: ByteString = "client_secret_file"
        #expect(
            refusal("provider/p", name, "/nonexistent/file")
                == #""client_secret_file" names "/nonexistent/file", which does not exist"#)
        #expect(refusal("provider/p", name, "/tmp")?.hasSuffix("is not a regular file") == true)
        #expect(refusal("provider/p", name, empty.path)?.hasSuffix("which is empty") == true)
        #expect(refusal("provider/p", name, large.path)?.contains("4096 bytes") == true)
        #expect(
            refusal("provider/p", name, "secret.txt")
                == #""client_secret_file" must be an absolute path, not "secret.txt""#)
        #expect(refusal("provider/p", "ca_file", "/nonexistent/ca.pem") != nil)
    }

    @Test("A named pipe does not stop the host")
    func namedPipe() throws {
        let path = "/tmp/cloakroom-pipe-\(UUID().uuidString)"
        try #require(mkfifo(path, 0o600) == 0)
        defer { unlink(path) }
        let sentence = refusal("provider/p", "client_secret_file", ByteString(path))
        #expect(sentence?.hasSuffix("is not a regular file") == true)
    }

    @Test("CLI-05 HYG-05 A file of bad keys is refused without showing it")
    func badKeys() throws {
        let file = try TemporaryFile("# rotated in May\nk1 topsecret")
        let sentence = try #require(refusal(nil, "key_file", file.path))
        #expect(sentence.hasPrefix(#""key_file" cannot be used: line 2: a key is 32 bytes"#))
        #expect(!sentence.contains("topsecret"))
    }
}
