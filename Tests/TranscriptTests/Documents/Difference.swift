/// Two texts side by side, line by line, for a person.
enum Difference {
    static func text(said: String, came: String) -> String {
        let old = said.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let new = came.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let difference = new.difference(from: old)
        var removed: Set<Int> = []
        var inserted: Set<Int> = []
        for change in difference {
            switch change {
            case .remove(let offset, _, _): removed.insert(offset)
            case .insert(let offset, _, _): inserted.insert(offset)
            }
        }
        var output: [String] = []
        var (left, right) = (0, 0)
        while left < old.count || right < new.count {
            if removed.contains(left) {
                output.append("  said: " + old[left])
                left += 1
            } else if inserted.contains(right) {
                output.append("  came: " + new[right])
                right += 1
            } else {
                output.append("        " + new[right])
                left += 1
                right += 1
            }
        }
        return output.joined(separator: "\n")
    }
}
