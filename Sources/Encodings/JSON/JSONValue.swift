/// A JSON value that was read under limits, or is about to be written.
/// - Source: RFC 8259.
package enum JSONValue: Hashable, Sendable {
    case null
    case bool(Bool)
    case integer(Int64)
    /// Always finite when it was read.
    case real(Double)
    case string(ByteString)
    case array([JSONValue])
    case object(JSONObject)

    package var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
    package var integer: Int64? { if case .integer(let value) = self { value } else { nil } }
    package var string: ByteString? { if case .string(let value) = self { value } else { nil } }
    package var array: [JSONValue]? { if case .array(let value) = self { value } else { nil } }
    package var object: JSONObject? { if case .object(let value) = self { value } else { nil } }
    /// An integer or a real; a large integer loses its last digits.
    package var number: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .real(let value): value
        default: nil
        }
    }
    /// All elements, or nil where this is no array or has an element that is no string.
    package var strings: [ByteString]? {
        guard let array else { return nil }
        let strings = array.compactMap(\.string)
        return strings.count == array.count ? strings : nil
    }
}

/// The members of a JSON object, in their order; no name occurs twice when it was read.
package struct JSONObject: Hashable, Sendable {
    package struct Member: Hashable, Sendable {
        package var name: ByteString
        package var value: JSONValue
    }

    package private(set) var members: [Member] = []

    package init() {}
    package init(_ members: KeyValuePairs<ByteString, JSONValue>) {
        for (name, value) in members { append(name, value) }
    }

    package var count: Int { members.count }
    package var isEmpty: Bool { members.isEmpty }

    /// Reading compares names byte for byte; writing replaces, appends, or removes with nil.
    package subscript(name: ByteString) -> JSONValue? {
        get { members.first { $0.name == name }?.value }
        set {
            let index = members.firstIndex { $0.name == name }
            switch (index, newValue) {
            case (let index?, let value?): members[index].value = value
            case (let index?, nil): members.remove(at: index)
            case (nil, let value?): append(name, value)
            case (nil, nil): break
            }
        }
    }

    /// Does not look whether the name is there already.
    package mutating func append(_ name: ByteString, _ value: JSONValue) {
        members.append(Member(name: name, value: value))
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral
{
    package init(stringLiteral value: String) { self = .string(ByteString(value)) }
    package init(integerLiteral value: Int64) { self = .integer(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral members: (ByteString, JSONValue)...) {
        for (name, value) in members { append(name, value) }
    }
}
