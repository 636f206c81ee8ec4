internal import PAP

/// A value of a TOML file that knows where it stands.
package struct TOMLNode: Equatable, Sendable {
  /// What the value is.
  package enum Value: Equatable, Sendable {
    case string(String)
    case integer(Int64)
    case float(Double)
    case boolean(Bool)
    /// A date, a time, or both: no key of ours takes one.
    case moment
    case array([TOMLNode])
    /// Keys in the order of the file.
    case table([Member])
  }

  /// One key of a table.
  package struct Member: Equatable, Sendable {
    package var key: String
    package var node: TOMLNode
  }

  package var value: Value
  /// The line of the key, or of the element of an array; counted from 1.
  package var line: Int
  /// The keys that lead to the value, joined by dots.
  ///
  /// The elements of an array have its path.
  package var path: String

  package init(value: Value, line: Int, path: String) {
    self.value = value
    self.line = line
    self.path = path
  }

  /// The text, if the value is one.
  package var string: String? {
    if case .string(let text) = value { text } else { nil }
  }

  /// The number, if the value is an integer.
  package var integer: Int64? {
    if case .integer(let number) = value { number } else { nil }
  }

  /// The members, if the value is a table.
  package var members: [Member]? {
    if case .table(let members) = value { members } else { nil }
  }

  /// The elements, if the value is an array.
  package var elements: [TOMLNode]? {
    if case .array(let elements) = value { elements } else { nil }
  }

  /// The member of that name, if the value is a table and has one.
  package subscript(key: String) -> TOMLNode? {
    members?.first { $0.key == key }?.node
  }

  /// The value as a message names it, cut to a readable length and with control characters escaped.
  package var described: String {
    switch value {
    case .string(let text): "the text \"\(Self.shortened(text).terminalSafe)\""
    case .integer(let number): "the number \(number)"
    case .float(let number): "the number \(number)"
    case .boolean(let flag): "\(flag)"
    case .moment: "a date or time"
    case .array: "an array"
    case .table: "a table"
    }
  }

  private static func shortened(_ text: String) -> String {
    text.count <= 60 ? text : text.prefix(57) + "..."
  }
}
