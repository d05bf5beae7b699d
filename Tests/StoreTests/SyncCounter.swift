import CSQLite
import Synchronization

/// Counts how often SQLite asks the system to write a marked database to the disk for certain.
///
/// It stands between SQLite and its own way to files, a "VFS", for what is opened meanwhile.
enum SyncCounter {
    /// Files with this in their names are counted.
    static let mark = "counted"

    static var count: Int { synchronisations.load(ordering: .sequentiallyConsistent) }

    static func watching<Result>(_ open: () throws -> Result) rethrows -> Result {
        sqlite3_vfs_register(watcher, 1)
        defer { sqlite3_vfs_register(system, 1) }
        return try open()
    }
}

private let synchronisations = Atomic<Int>(0)

private nonisolated(unsafe) let system = sqlite3_vfs_find(nil)!

private nonisolated(unsafe) let watcher = {
    let vfs = UnsafeMutablePointer<sqlite3_vfs>.allocate(capacity: 1)
    vfs.initialize(to: system.pointee)
    vfs.pointee.pNext = nil
    vfs.pointee.xOpen = open
    return vfs
}()

private nonisolated(unsafe) var systemSync = sqlite3_io_methods().xSync

/// Opens as SQLite does; then the file has methods of its own, of which `xSync` counts.  They are
/// never freed: SQLite does not say when it is done with them.
private func open(
    _: UnsafeMutablePointer<sqlite3_vfs>?, _ name: sqlite3_filename?,
    _ file: UnsafeMutablePointer<sqlite3_file>?, _ flags: Int32,
    _ givenFlags: UnsafeMutablePointer<Int32>?
) -> Int32 {
    let code = system.pointee.xOpen(system, name, file, flags, givenFlags)
    guard code == SQLITE_OK, let name, String(cString: name).contains(SyncCounter.mark),
        let file, let own = file.pointee.pMethods
    else { return code }
    systemSync = own.pointee.xSync
    let methods = UnsafeMutablePointer<sqlite3_io_methods>.allocate(capacity: 1)
    methods.initialize(to: own.pointee)
    methods.pointee.xSync = { file, flags in
        synchronisations.add(1, ordering: .sequentiallyConsistent)
        return systemSync?(file, flags) ?? SQLITE_IOERR
    }
    file.pointee.pMethods = UnsafePointer(methods)
    return code
}
