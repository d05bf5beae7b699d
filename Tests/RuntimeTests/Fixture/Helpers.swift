import Cryptography
import Foundation
import HTTPMessages
import Runtime
import Synchronization

final class Counter: Sendable {
    private let count = Atomic(0)
    var value: Int { count.load(ordering: .sequentiallyConsistent) }
    func add(_ number: Int) { count.wrappingAdd(number, ordering: .sequentiallyConsistent) }
}

/// Random enough for tests.
struct Random: RandomSource {
    func bytes(_ count: Int) -> [UInt8]? { (0..<count).map { _ in UInt8.random(in: 0...255) } }
}

/// Of the calling thread.
func threadName() -> String {
    typealias Function = @convention(c) (pthread_t, UnsafeMutablePointer<CChar>, Int) -> Int32
    guard let symbol = dlsym(nil, "pthread_getname_np") else { return "" }
    var name = [CChar](repeating: 0, count: 16)
    _ = unsafeBitCast(symbol, to: Function.self)(pthread_self(), &name, 16)
    return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self)
}

extension EngineDriver {
    func start(_ head: RequestHead, hostData: UInt) throws(RuntimeFailure) -> RequestTicket {
        let request = makeTicket(hostData: hostData)
        try start(request, head)
        return request
    }
}
