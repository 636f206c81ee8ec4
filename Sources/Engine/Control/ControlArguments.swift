internal import Configuration
internal import PAP

/// The arguments of a request, read one by one; what was not asked for is refused.
struct ControlArguments {
  private let values: [String: JSONValue]
  private var known: [String] = []

  /// Texts of people, octets.
  private static let longestText = 127
  /// Fields that a request can name.
  private static let mostColumns = 100

  init(_ values: [String: JSONValue]?) {
    self.values = values ?? [:]
  }

  /// The value of an argument that may be missing or null.
  mutating func optional<Value>(
    _ name: String, _ wanted: String, _ read: (JSONValue) -> Value?
  ) throws(ControlError) -> Value? {
    known.append(name)
    guard let value = values[name], value != .null else { return nil }
    if let result = read(value) { return result }
    throw ControlError(.badArgument, "'\(name)' is \(value.described), must be \(wanted)")
  }

  /// The value of an argument that must be there.
  mutating func required<Value>(
    _ name: String, _ wanted: String, _ read: (JSONValue) -> Value?
  ) throws(ControlError) -> Value {
    if let value = try optional(name, wanted, read) { return value }
    throw ControlError(.badArgument, "'\(name)' is missing, must be \(wanted)")
  }

  /// Refuses arguments that nobody asked for.
  func refuseOthers() throws(ControlError) {
    guard let other = values.keys.filter({ !known.contains($0) }).min() else { return }
    let hint = Suggestion.nearest(to: other, among: known).map { "; did you mean '\($0)'?" }
    throw ControlError(.badArgument, "'\(other)' is not known here" + (hint ?? ""))
  }
}

extension ControlArguments {
  mutating func address(_ name: String) throws(ControlError) -> IPv4Address {
    try required(name, Self.addressWords, Self.readAddress)
  }

  mutating func optionalAddress(_ name: String) throws(ControlError) -> IPv4Address? {
    try optional(name, Self.addressWords, Self.readAddress)
  }

  mutating func prefix(_ name: String) throws(ControlError) -> CIDR {
    try required(name, "an IPv4 address or prefix") { $0.string.flatMap { CIDR($0) } }
  }

  mutating func spi(_ name: String) throws(ControlError) -> SPI? {
    try optional(name, "an SPI such as 0x1a2b0001") { value in
      value.integer.flatMap { UInt32(exactly: $0) }.map(SPI.init(rawValue:))
        ?? value.string.flatMap { SPI($0) }
    }
  }

  mutating func ipsecProtocol(_ name: String) throws(ControlError) -> IPsecProtocol {
    try optional(name, "esp, ah or any") { $0.string.flatMap { IPsecProtocol(name: $0) } } ?? .any
  }

  mutating func host(_ name: String = "host") throws(ControlError) -> String {
    try required(name, "the name of a host") { $0.string }
  }

  mutating func optionalHost() throws(ControlError) -> String? {
    try optional("host", "the name of a host") { $0.string }
  }

  mutating func reason(_ name: String) throws(ControlError) -> DropReason? {
    try optional(name, "a drop reason") { $0.string.flatMap { DropReason(name: $0) } }
  }

  /// The fields that a word by itself is looked for in (`columns`); nil for all.
  mutating func visibleFields() throws(ControlError) -> Set<String>? {
    try optional("columns", "an array of at most \(Self.mostColumns) names of fields") { value in
      guard case .array(let elements) = value, elements.count <= Self.mostColumns else {
        return nil
      }
      let names = elements.compactMap(\.string)
      return names.count == elements.count ? Set(names) : nil
    }
  }

  /// A filter for rows with these columns (`filter`, `columns`), at a moment in nanoseconds since
  /// 1970.
  mutating func filter<Record>(
    _ columns: [Column<Record>], now: UInt64
  ) throws(ControlError) -> Filter<Record> {
    let text = try optional("filter", "a text") { $0.string } ?? ""
    let visible = try visibleFields()
    return try Filter(
      text, columns: columns, Filter<Record>.Context(now: now, visible: visible))
  }

  mutating func number(
    _ name: String, in range: ClosedRange<Int64>
  ) throws(ControlError) -> Int? {
    try optional(name, "a number from \(range.lowerBound) to \(range.upperBound)") { value in
      value.integer.flatMap { range.contains($0) ? Int($0) : nil }
    }
  }

  /// The length of the spans of a history.
  mutating func resolution() throws(ControlError) -> RateHistory.Resolution? {
    try optional("resolution", "1, 10 or 600") { value in
      value.integer.flatMap { Int(exactly: $0) }.flatMap(RateHistory.Resolution.init(rawValue:))
    }
  }

  /// A length of time in seconds.
  mutating func seconds(_ name: String) throws(ControlError) -> UInt32? {
    try number(name, in: 1...Int64(UInt32.max)).map { UInt32($0) }
  }

  /// The number of something that can be undone.
  mutating func action(_ name: String) throws(ControlError) -> UInt64 {
    try required(name, "the number of an action") { value in
      value.integer.flatMap { UInt64(exactly: $0) }
    }
  }

  /// The members of an object; none where there is none.
  mutating func object(_ name: String) throws(ControlError) -> [String: JSONValue] {
    try optional(name, "an object") { value in
      if case .object(let members) = value { members } else { nil }
    } ?? [:]
  }

  mutating func flag(_ name: String) throws(ControlError) -> Bool {
    try optional(name, "true or false") { value in
      if case .boolean(let flag) = value { flag } else { nil }
    } ?? false
  }

  /// A short text that people wrote and others will read.
  mutating func remark(_ name: String) throws(ControlError) -> String? {
    let wanted = "1 to \(Self.longestText) octets of text without control characters"
    return try optional(name, wanted) { value in
      value.string.flatMap { text in
        (1...Self.longestText).contains(text.utf8.count)
          && text.unicodeScalars.allSatisfy(\.isTerminalSafe) ? text : nil
      }
    }
  }

  private static let addressWords = "an IPv4 address"

  private static func readAddress(_ value: JSONValue) -> IPv4Address? {
    value.string.flatMap { IPv4Address($0) }
  }
}
