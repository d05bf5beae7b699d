import CJansson
import Encodings

/// What jansson makes of a document, looked at without our own code: the second opinion.
final class Jansson {
    let root: UnsafeMutablePointer<json_t>?

    init(_ document: [UInt8]) {
        root = document.withUnsafeBytes { bytes in
            json_loadb(
                bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count,
                Int(JSON_REJECT_DUPLICATES | JSON_DECODE_ANY), nil)
        }
    }

    deinit { if let root { json_decref(root) } }

    var isObject: Bool { root?.pointee.type == JSON_OBJECT }

    func member(_ name: String) -> JanssonValue {
        guard isObject, let value = json_object_get(root, name) else { return .absent }
        return JanssonValue(value)
    }
}

/// As far as a claim can be anything to us.
enum JanssonValue: Equatable {
    case absent
    case text([UInt8])
    case number(Double)
    /// nil: not all are texts.
    case list([[UInt8]]?)
    case other

    init(_ value: UnsafeMutablePointer<json_t>) {
        switch value.pointee.type {
        case JSON_STRING: self = .text(Self.bytes(value))
        case JSON_INTEGER, JSON_REAL: self = .number(json_number_value(value))
        case JSON_ARRAY:
            let elements = (0..<json_array_size(value)).compactMap { json_array_get(value, $0) }
            let isText = elements.allSatisfy { $0.pointee.type == JSON_STRING }
            self = .list(isText ? elements.map(Self.bytes) : nil)
        default: self = .other
        }
    }

    private static func bytes(_ value: UnsafeMutablePointer<json_t>) -> [UInt8] {
        Array(
            UnsafeRawBufferPointer(
                start: json_string_value(value), count: json_string_length(value)))
    }

    var text: ByteString? { if case .text(let bytes) = self { ByteString(bytes) } else { nil } }
    var number: Double? { if case .number(let number) = self { number } else { nil } }
    /// One text, or a list of texts.
    var texts: [ByteString]? {
        switch self {
        case .text(let bytes): [ByteString(bytes)]
        case .list(let list): list.map { $0.map { ByteString($0) } }
        default: nil
        }
    }
    var isAbsentOrText: Bool { self == .absent || text != nil }
    /// What NumericDate admits.
    var isDate: Bool { number.map { $0 > 0 && $0 < 9_007_199_254_740_992 } ?? false }
    var isAbsentOrDate: Bool { self == .absent || isDate }
}

/// How large a tree is, by the measures of ``JSONLimits``.
struct TreeSize {
    var depth = 0
    var members = 0
    var values = 0
    var longestText = 0
    var hasInfinity = false

    init(_ value: UnsafeMutablePointer<json_t>) { visit(value, 0) }

    private mutating func visit(_ value: UnsafeMutablePointer<json_t>, _ above: Int) {
        switch value.pointee.type {
        case JSON_STRING: longestText = max(longestText, json_string_length(value))
        case JSON_REAL: hasInfinity = hasInfinity || !json_real_value(value).isFinite
        case JSON_ARRAY:
            enter(json_array_size(value), above)
            for index in 0..<json_array_size(value) {
                if let element = json_array_get(value, index) { visit(element, above + 1) }
            }
        case JSON_OBJECT:
            enter(json_object_size(value), above)
            var iterator = json_object_iter(value)
            while let current = iterator {
                longestText = max(longestText, json_object_iter_key_len(current))
                if let member = json_object_iter_value(current) { visit(member, above + 1) }
                iterator = json_object_iter_next(value, current)
            }
        default: break
        }
    }

    private mutating func enter(_ count: Int, _ above: Int) {
        depth = max(depth, above + 1)
        members = max(members, count)
        values += 1 + max(0, count - 1)
    }
}
