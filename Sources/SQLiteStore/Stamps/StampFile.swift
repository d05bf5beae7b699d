import Cryptography
import Encodings
import Glibc
import Sessions

/// The file beside the database in which its ``StampPage`` lives.
enum StampFile {
    /// Only with the database's write lock, so that one process at a time makes or claims a file.
    ///
    /// A file that another database left, or that was cut short, is taken over where it lies:
    /// whoever still has it mapped sees every stamp change, and trusts nothing of before.
    static func open(
        _ path: ByteString, of database: StampIdentity
    ) throws(StoreFailure) -> StampPage {
        let (page, wasWhole) = try map(path)
        switch page.mark {
        case StampPage.magic where page.identity == database && wasWhole: return page
        case StampPage.magic: break
        case 0 where page.isHeaderEmpty: break
        default: throw StoreFailure(.unusable, detail: path + ": is not a stamp file of Cloakroom")
        }
        guard let random = SystemRandom().bytes(8) else {
            throw StoreFailure(.unavailable, detail: path + ": there is no randomness")
        }
        page.renew(random.reduce(0) { $0 << 8 | UInt64($1) })
        page.identity = database
        page.mark = StampPage.magic
        return page
    }

    /// - Returns: the page, and whether the file was as long as it before.
    private static func map(_ path: ByteString) throws(StoreFailure) -> (StampPage, Bool) {
        // SAFETY: the text ends in NUL and outlives the call.
        let descriptor = unsafe Glibc.open(
            path.string, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw failure(path, "cannot be opened", errno) }
        defer { close(descriptor) }
        var status = stat()
        // SAFETY: writes one `stat`.
        guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw StoreFailure(.unusable, detail: path + ": is not a regular file")
        }
        // Blocks on the disk for certain: a write to memory must not find the disk full (SIGBUS).
        // Also makes a file whole that was cut short; it never shrinks one.
        let code = posix_fallocate(descriptor, 0, off_t(StampPage.bytes))
        guard code == 0 else { throw failure(path, "cannot be allocated", code) }
        // SAFETY: a fresh mapping; the file is as long as it, as of now.
        let memory = unsafe mmap(
            nil, StampPage.bytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0)
        guard let memory = unsafe memory, unsafe memory != MAP_FAILED else {
            throw failure(path, "cannot be mapped", errno)
        }
        return (unsafe StampPage(mapped: memory), status.st_size >= StampPage.bytes)
    }

    private static func failure(
        _ path: ByteString, _ what: ByteString, _ code: Int32
    ) -> StoreFailure {
        // SAFETY: strerror returns text that ends in NUL.
        let cause = unsafe String(cString: strerror(code))
        return StoreFailure(.unusable, detail: "\(path): \(what): \(cause)")
    }
}
