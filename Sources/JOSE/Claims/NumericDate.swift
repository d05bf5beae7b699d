package import Encodings

/// Seconds since 1970, fractions included, as a claim names them.
///
/// Only values that a clock can reach exist: a "date" of 1e300 or -1 must never come to mean "no
/// expiry".
/// - Source: RFC 7519 §2.
package struct NumericDate: Hashable, Sendable {
    private let value: Double

    /// - Returns: nil unless this is a number, greater than 0 and less than 2^53.
    package init?(_ json: JSONValue) {
        guard let number = json.number, number.isFinite, number > 0, number < 0x1p53 else {
            return nil
        }
        value = number
    }

    /// Whole seconds, rounded down.
    package var seconds: Int64 { Int64(value) }

    /// Later than `now` minus the leeway.
    package func isAfter(_ now: Int64, leeway: Int64) -> Bool {
        let (earliest, overflows) = now.subtractingReportingOverflow(leeway)
        return !overflows && value > Double(earliest)
    }

    /// No later than `now` plus the leeway.
    package func isReached(_ now: Int64, leeway: Int64) -> Bool {
        let (latest, overflows) = now.addingReportingOverflow(leeway)
        return !overflows && value <= Double(latest)
    }
}
