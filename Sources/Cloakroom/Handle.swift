/// How an opaque handle of the C interface becomes a pointer and back.
///
/// One function makes a handle: it holds one reference, which the matching `_free` gives back.
/// Every other function borrows.
enum Handle {
    static func give<Object: AnyObject>(_ object: Object) -> OpaquePointer {
        // SAFETY: the reference is given back by `take`.
        unsafe OpaquePointer(Unmanaged.passRetained(object).toOpaque())
    }

    /// - Parameter pointer: of a handle of that very type, or nil: the host's promise.
    static func borrow<Object: AnyObject>(_ pointer: OpaquePointer?, _: Object.Type) -> Object? {
        guard let pointer = unsafe pointer else { return nil }
        // SAFETY: made by `give` and not yet taken, as the header demands of the host.
        return unsafe Unmanaged<Object>.fromOpaque(UnsafeRawPointer(pointer)).takeUnretainedValue()
    }

    /// The same for a look that is over when it returns: without a count of who holds the object,
    /// which the host does meanwhile.
    static func look<Object: AnyObject, Result>(
        _ pointer: OpaquePointer?, _: Object.Type, _ body: (Object) -> Result?
    ) -> Result? {
        guard let pointer = unsafe pointer else { return nil }
        // SAFETY: as for `borrow`.
        return unsafe Unmanaged<Object>.fromOpaque(UnsafeRawPointer(pointer))
            ._withUnsafeGuaranteedRef { body($0) }
    }

    static func take<Object: AnyObject>(_ pointer: OpaquePointer?, _: Object.Type) -> Object? {
        guard let pointer = unsafe pointer else { return nil }
        // SAFETY: made by `give`; freed once, as the header demands of the host.
        return unsafe Unmanaged<Object>.fromOpaque(UnsafeRawPointer(pointer)).takeRetainedValue()
    }
}
