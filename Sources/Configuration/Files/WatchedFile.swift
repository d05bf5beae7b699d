package import Encodings
import Glibc

/// A file that is read again whenever it changes.  Opening it may block on disk: not for a host's
/// thread.
package enum WatchedFile {
    /// The most that is read.
    package static let limit = 512 << 10

    /// - Parameter mark: of what was read before; nil: nothing was.
    package static func read(
        _ path: ByteString, of setting: ByteString, since mark: FileMark?
    ) -> FileReading {
        do throws(ConfigurationError) {
            return try ConfigurationFile.withRegularFile(path, of: setting) {
                (descriptor, status) throws(ConfigurationError) -> FileReading in
                let now = FileMark(status)
                guard now != mark else { return .unchanged }
                guard let bytes = ConfigurationFile.bytes(of: descriptor, limit: limit + 1),
                    bytes.count <= limit
                else {
                    throw ConfigurationError(
                        setting, "names \(ConfigurationError.quoted(path)), which cannot be read "
                            + "or is larger than \(limit) bytes")
                }
                return .contents(bytes, now)
            }
        } catch {
            return .unreadable(error.message)
        }
    }
}

/// What came of a look at a ``WatchedFile``.
package enum FileReading: Hashable, Sendable {
    /// Since the mark that was named.
    case unchanged
    case contents([UInt8], FileMark)
    /// With a sentence for the operator.
    case unreadable(ByteString)
}

/// Which state of a file was read: while the mark is the same, so are the contents.
package struct FileMark: Hashable, Sendable {
    private let numbers: [Int]

    /// For tests and simulations.
    package init(_ number: Int) { numbers = [number] }

    fileprivate init(_ status: stat) {
        // Either clock alone can be set by who writes the file, or too coarse for two writes.
        numbers = [
            Int(bitPattern: status.st_dev), Int(bitPattern: status.st_ino), status.st_size,
            status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_ctim.tv_sec,
            status.st_ctim.tv_nsec,
        ]
    }
}
