import Encodings
import Glibc

/// The files that a configuration names, read while it is made: as root, before any fork.
enum ConfigurationFile {
    struct Contents {
        var contents: Secret
        /// Group or others may read it.
        var isOpenToOthers: Bool
    }

    /// - Throws: where the path is not absolute or names nothing that can be read.
    static func check(_ path: ByteString, of setting: ByteString) throws(ConfigurationError) {
        _ = try withRegularFile(path, of: setting) { (_, _) throws(ConfigurationError) in }
    }

    /// Takes a secret out of a file: all of it but one final line feed.
    static func read(
        _ path: ByteString, of setting: ByteString, limit: Int
    ) throws(ConfigurationError) -> Contents {
        let name = ConfigurationError.quoted(path)
        return try withRegularFile(path, of: setting) {
            (descriptor, status) throws(ConfigurationError) -> Contents in
            guard var bytes = bytes(of: descriptor, limit: limit + 1) else {
                throw ConfigurationError(setting, "names \(name), which cannot be read")
            }
            // The one copy that is no ``Secret`` does not stay in freed memory.
            defer { unsafe bytes.withUnsafeMutableBytes { unsafe Memory.wipe($0) } }
            guard bytes.count <= limit else {
                throw ConfigurationError(
                    setting, "names \(name), which is larger than \(limit) bytes: no secret is")
            }
            if bytes.last == 0x0A { bytes.removeLast() }
            guard !bytes.isEmpty else {
                throw ConfigurationError(setting, "names \(name), which is empty")
            }
            return Contents(contents: Secret(bytes), isOpenToOthers: status.st_mode & 0o044 != 0)
        }
    }

    static func withRegularFile<Result>(
        _ path: ByteString, of setting: ByteString,
        _ body: (CInt, stat) throws(ConfigurationError) -> Result
    ) throws(ConfigurationError) -> Result {
        guard path.hasPrefix("/") else {
            throw ConfigurationError(setting, mustBe: "an absolute path", not: path)
        }
        // O_NONBLOCK: opening a named pipe must not stop the host before it is told apart.
        // SAFETY: the string lives through the call as a C string of its own.
        let descriptor = unsafe open(path.string, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard descriptor >= 0 else {
            let reason = reason(errno)
            throw ConfigurationError(
                setting, "names \(ConfigurationError.quoted(path)), which \(reason)")
        }
        defer { close(descriptor) }
        var status = stat()
        // SAFETY: fstat fills the structure that it is given and keeps nothing.
        guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw ConfigurationError(
                setting, "names \(ConfigurationError.quoted(path)), which is not a regular file")
        }
        return try body(descriptor, status)
    }

    private static func reason(_ code: CInt) -> ByteString {
        switch code {
        case ENOENT, ENOTDIR: "does not exist"
        case EACCES, EPERM: "may not be read by this user"
        default: "cannot be opened (error \(code))"
        }
    }

    static func bytes(of descriptor: CInt, limit: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: limit)
        var end = 0
        while end < limit {
            // SAFETY: the rest of the buffer begins at `end` and is as long as is said.
            let count = unsafe bytes.withUnsafeMutableBytes { buffer in
                let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[end...])
                return unsafe Glibc.read(descriptor, rest.baseAddress, rest.count)
            }
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { return nil }
            if count == 0 { break }
            end += count
        }
        bytes.removeLast(limit - end)
        return bytes
    }
}
