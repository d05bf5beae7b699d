import CJansson

extension JSONValue {
    /// Reads a whole document; nothing may follow it.
    ///
    /// Names are compared after their escapes are resolved, and a name that occurs twice is
    /// refused at every depth: two readers of one document must not see two values (RFC 7515 §4).
    package static func parse(
        _ document: [UInt8], limits: JSONLimits = .standard
    ) throws(JSONError) -> JSONValue {
        try parse(document.span, limits: limits)
    }

    package static func parse(
        _ document: Span<UInt8>, limits: JSONLimits = .standard
    ) throws(JSONError) -> JSONValue {
        try JSONScan.check(document, limits)
        return try Jansson.parse(document)
    }
}

extension JSONObject {
    /// As ``JSONValue/parse(_:limits:)``, where only an object will do.
    package static func parse(
        _ document: [UInt8], limits: JSONLimits = .standard
    ) throws(JSONError) -> JSONObject {
        try parse(document.span, limits: limits)
    }

    package static func parse(
        _ document: Span<UInt8>, limits: JSONLimits = .standard
    ) throws(JSONError) -> JSONObject {
        guard let object = try JSONValue.parse(document, limits: limits).object else {
            throw .notAnObject
        }
        return object
    }
}

/// The only place that knows jansson's types.
private enum Jansson {
    /// Once for the process: names that collide in a hash table can not be chosen beforehand.
    private static let isSeeded: Bool = {
        json_object_seed(0)
        return true
    }()

    static func parse(_ document: Span<UInt8>) throws(JSONError) -> JSONValue {
        guard isSeeded else { throw .malformed }
        // SAFETY: jansson reads no further than the given count and keeps no pointer to it.
        let root = unsafe document.withUnsafeBytes { bytes in
            unsafe json_loadb(
                bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count,
                Int(JSON_REJECT_DUPLICATES | JSON_DECODE_ANY), nil)
        }
        guard let root = unsafe root else { throw .malformed }
        // SAFETY: the document is ours alone; nothing in the converted value points into it.
        defer { unsafe json_decref(root) }
        return try unsafe convert(root)
    }

    /// Recurses no deeper than ``JSONLimits/depth``.
    private static func convert(
        _ value: UnsafeMutablePointer<json_t>
    ) throws(JSONError) -> JSONValue {
        // SAFETY: `value` is kept by the document that `parse` owns.
        switch unsafe value.pointee.type {
        case JSON_NULL: return .null
        case JSON_TRUE: return .bool(true)
        case JSON_FALSE: return .bool(false)
        case JSON_INTEGER: return .integer(unsafe json_integer_value(value))
        case JSON_REAL:
            let real = unsafe json_real_value(value)
            guard real.isFinite else { throw .malformed }
            return .real(real)
        case JSON_STRING:
            return .string(
                unsafe text(json_string_value(value), json_string_length(value)))
        case JSON_ARRAY: return .array(try unsafe elements(of: value))
        case JSON_OBJECT: return .object(try unsafe members(of: value))
        default: throw .malformed
        }
    }

    private static func elements(
        of array: UnsafeMutablePointer<json_t>
    ) throws(JSONError) -> [JSONValue] {
        var elements: [JSONValue] = []
        // SAFETY: each index is below the size that jansson tells.
        for index in 0..<(unsafe json_array_size(array)) {
            guard let element = unsafe json_array_get(array, index) else { throw .malformed }
            elements.append(try unsafe convert(element))
        }
        return elements
    }

    private static func members(
        of object: UnsafeMutablePointer<json_t>
    ) throws(JSONError) -> JSONObject {
        var members = JSONObject()
        // SAFETY: the object does not change while the iterator is in use.
        var iterator = unsafe json_object_iter(object)
        while let current = unsafe iterator {
            guard let value = unsafe json_object_iter_value(current) else { throw .malformed }
            let name = unsafe text(
                json_object_iter_key(current), json_object_iter_key_len(current))
            members.append(name, try unsafe convert(value))
            unsafe iterator = json_object_iter_next(object, current)
        }
        return members
    }

    /// Copies by length: no C-string function may cut a claim short.
    private static func text(_ start: UnsafePointer<CChar>?, _ count: Int) -> ByteString {
        // SAFETY: jansson gives a start and the number of bytes behind it.
        unsafe ByteString(Array(UnsafeRawBufferPointer(start: start, count: count)))
    }
}
