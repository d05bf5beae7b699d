import COpenSSL
import CShims
package import Encodings
import Glibc

/// What one thread keeps for the signatures that it checks: contexts of OpenSSL, and room for what
/// is decoded.
///
/// Found again through a thread-local pointer, so that no lock stands before a signature; it ends
/// with its thread.  In the child of a fork the lane of the thread that forked goes on.
@safe package final class VerifyingLane {
    /// For the decoded texts of a token.
    package let text = Scratch(capacity: 10 << 10)
    /// For a decoded signature: as long as the largest key that we take makes one.
    package let signature = Scratch(capacity: 1 << 10)

    private let digestContext = DigestContext()
    private let digest = Scratch(capacity: 64)
    /// Of the keys used last: keys that a provider has rotated away go with time.
    ///
    /// Read and replaced as a whole, never changed in place: so nothing has to be checked at run
    /// time.
    private var kept: [KeptContext] = []
    private var oldest = 0
    static let keptLimit = 16
    /// What was refused last.
    private let refused = RefusedSignature()

    private init() {}

    deinit {
        for context in kept { context.free() }
    }

    // MARK: One lane a thread

    /// Runs the body with the calling thread's lane; never to be called from within itself.
    package static func borrow<Result>(
        _ body: (VerifyingLane) -> Result
    ) -> Result {
        // SAFETY: the pointer is this thread's own, written below and by the thread's end only.
        if let known = unsafe cshims_get_lane() {
            let lane = unsafe Unmanaged<VerifyingLane>.fromOpaque(known)
            return unsafe lane._withUnsafeGuaranteedRef { body($0) }
        }
        return body(keptLane())
    }

    @inline(never)
    private static func keptLane() -> VerifyingLane {
        let lane = VerifyingLane()
        let pointer = unsafe Unmanaged.passRetained(lane).toOpaque()
        // SAFETY: the key's destructor gives the reference back when the thread ends.
        guard let key = atThreadEnd, unsafe pthread_setspecific(key, pointer) == 0 else {
            // Nobody would free it: it serves this once.
            unsafe Unmanaged<VerifyingLane>.fromOpaque(pointer).release()
            return lane
        }
        unsafe cshims_set_lane(pointer)
        return lane
    }

    /// Nil where the process has no key left.
    private static let atThreadEnd: pthread_key_t? = {
        var key = pthread_key_t()
        let status = unsafe pthread_key_create(&key) { pointer in
            // What runs after this on the same thread makes a new lane.
            cshims_set_lane(nil)
            guard let pointer = unsafe pointer else { return }
            // SAFETY: retained by `keptLane` for this moment.
            unsafe Unmanaged<VerifyingLane>.fromOpaque(pointer).release()
        }
        return status == 0 ? key : nil
    }()

    // MARK: Signatures

    /// - Parameters:
    ///   - signature: in the form that OpenSSL wants, of the right length.
    ///   - hash: by which the message is signed; nil: as it is.
    func verify(
        _ signature: Span<UInt8>, _ message: Span<UInt8>, by key: PublicKey,
        _ scheme: SignatureScheme, _ hash: DigestAlgorithm?
    ) -> Bool {
        // Who asks for the reason asks for the signature again: that costs nothing then.
        if refused.take(signature, message, key, scheme) { return false }
        let isGood = check(signature, message, by: key, scheme, hash)
        if !isGood { refused.note(signature, message, key, scheme) }
        return isGood
    }

    private func check(
        _ signature: Span<UInt8>, _ message: Span<UInt8>, by key: PublicKey,
        _ scheme: SignatureScheme, _ hash: DigestAlgorithm?
    ) -> Bool {
        checkCount &+= 1
        return OpenSSL.operation {
            guard let context = unsafe context(key.pointer, scheme) else { return false }
            return unsafe signature.withUnsafeBufferPointer { signature in
                guard let hash else {
                    return unsafe message.withUnsafeBufferPointer {
                        unsafe context.verify(signature, $0)
                    }
                }
                // SAFETY: the digest has room for the longest there is.
                let output = unsafe digest.memory.assumingMemoryBound(to: UInt8.self)
                guard hash.count <= digest.capacity,
                    unsafe digestContext.digest(message, hash, into: output) == 1
                else { return false }
                return unsafe context.verify(
                    signature, UnsafeBufferPointer(start: output, count: hash.count))
            }
        }
    }

    private func context(_ key: OpaquePointer, _ scheme: SignatureScheme) -> KeptContext? {
        for index in kept.indices {
            if unsafe kept[index].key == key, kept[index].scheme == scheme { return kept[index] }
        }
        return unsafe makeContext(key, scheme)
    }

    @inline(never)
    private func makeContext(_ key: OpaquePointer, _ scheme: SignatureScheme) -> KeptContext? {
        guard let new = unsafe KeptContext(key, scheme) else { return nil }
        var contexts = kept
        if kept.count < Self.keptLimit {
            contexts.append(new)
        } else {
            contexts[oldest].free()
            contexts[oldest] = new
            oldest = (oldest + 1) % Self.keptLimit
        }
        kept = contexts
        return new
    }

    /// For tests: contexts that are kept now.
    package var keptCount: Int { kept.count }
    /// For tests: how often OpenSSL was asked.
    package private(set) var checkCount = 0
}
