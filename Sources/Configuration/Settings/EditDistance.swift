/// How many letters have to be put in, left out, replaced or swapped to turn one word into another.
enum EditDistance {
    /// Takes time and space in the product of the lengths: callers bound them.
    static func between(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var before: [Int] = []
        var above = Array(0...right.count)
        for (row, byte) in left.enumerated() {
            var current = [row + 1]
            for (column, other) in right.enumerated() {
                var best = min(above[column + 1], current[column]) + 1
                best = min(best, above[column] + (byte == other ? 0 : 1))
                if row > 0, column > 0, byte == right[column - 1], left[row - 1] == other {
                    best = min(best, before[column - 1] + 1)
                }
                current.append(best)
            }
            (before, above) = (above, current)
        }
        return above.last ?? 0
    }
}
