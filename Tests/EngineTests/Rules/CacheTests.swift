import Engine
import Testing

@Suite struct CacheTests {
    @Test("A cache holds no more than its capacity, and keeps what is used")
    func bounded() {
        var cache = GenerationalCache<Int, Int>(capacity: 10)
        cache[0] = 0
        for number in 1...1_000 {
            cache[number] = number
            #expect(cache[0] == 0)
            #expect(cache[number] == number)
            #expect(cache.count <= 10)
        }
        #expect(cache[1] == nil)
        #expect(cache[500] == nil)
    }

    @Test("A value that is replaced or removed is gone in both halves")
    func replaced() {
        var cache = GenerationalCache<Int, Int>(capacity: 4)
        // When 2 comes, 0 and 1 grow old.
        for number in 0..<3 { cache[number] = number }
        cache[0] = 10
        #expect(cache[0] == 10)
        cache[1] = nil
        #expect(cache[1] == nil)
        cache[0] = nil
        #expect(cache[0] == nil)
        cache[2] = nil
        #expect(cache.count == 0)
    }

    @Test("The smallest cache still works", arguments: [0, 1, 2])
    func tiny(capacity: Int) {
        var cache = GenerationalCache<Int, Int>(capacity: capacity)
        for number in 0..<10 {
            cache[number] = number
            #expect(cache[number] == number)
            #expect(cache.count <= 2)
        }
    }
}

@Suite struct TroubleTests {
    @Test("REF-13 Pauses double up to their longest, shortened by a quarter at most", arguments: [
        0, 511, 1_023, .max,
    ] as [UInt64])
    func pauses(spread: UInt64) {
        var trouble = Trouble()
        var pause: Int64 = 500
        let now = Moment(wall: 0, monotonic: 1_000)
        for _ in 0..<100 {
            trouble.fail(now, first: 500, last: 30_000, spread: spread)
            let length = trouble.notBefore - now.monotonic
            #expect(length <= pause && length > pause * 3 / 4 - 1)
            #expect(!trouble.isOver(now))
            #expect(trouble.isOver(Moment(wall: 0, monotonic: trouble.notBefore)))
            pause = min(30_000, pause * 2)
        }
    }
}
