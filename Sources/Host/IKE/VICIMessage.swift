/// The tree that VICI commands and events carry: named values, lists and sections, in order.
///
/// The format is that of strongSwan's `src/libcharon/plugins/vici/README.md`: one octet of element
/// type, names with one octet of length, values with two, big-endian.
struct VICIMessage: Equatable, Sendable {
  /// One named element.
  enum Element: Equatable, Sendable {
    /// A value; octets, since identities may hold anything.
    case value(String, [UInt8])
    case list(String, [[UInt8]])
    case section(String, VICIMessage)
  }

  /// The elements in the order of the wire.
  var elements: [Element] = []

  /// Makes a message of these elements.
  init(_ elements: [Element] = []) {
    self.elements = elements
  }

  /// The first value of that name, if it is UTF-8.
  func text(_ name: String) -> String? {
    for case .value(name, let octets) in elements {
      return String(validating: octets, as: UTF8.self)
    }
    return nil
  }

  /// The first list of that name: those of its items that are UTF-8; empty where there is none.
  func list(_ name: String) -> [String] {
    for case .list(name, let items) in elements {
      return items.compactMap { String(validating: $0, as: UTF8.self) }
    }
    return []
  }

  /// A message of values, in this order.
  static func values(_ values: KeyValuePairs<String, String>) -> VICIMessage {
    VICIMessage(values.map { .value($0.key, Array($0.value.utf8)) })
  }

  /// The first section of that name.
  func section(_ name: String) -> VICIMessage? {
    for case .section(name, let content) in elements { return content }
    return nil
  }

  /// All sections with their names.
  var sections: [(name: String, content: VICIMessage)] {
    elements.compactMap {
      if case .section(let name, let content) = $0 { (name, content) } else { nil }
    }
  }
}

/// What is wrong with octets that should be a VICI packet.
///
/// Offsets count from the packet's start.
enum VICIDecodingError: Error, Equatable, Sendable {
  /// The packet ends inside an element.
  case truncated(offset: Int)
  /// An element type that does not exist, or not in this place.
  case unexpectedElement(UInt8, offset: Int)
  /// A packet type that does not exist.
  case unknownPacketType(UInt8)
  /// A name that is not UTF-8.
  case invalidName(offset: Int)
  /// The packet ends inside a section or list.
  case notClosed
  /// Sections within sections beyond `VICIMessage.deepest`.
  case tooDeep(offset: Int)
  /// Octets after a packet that carries no message.
  case trailingOctets(offset: Int)
  /// A packet longer than `VICIFrames.longest`.
  case tooLong(Int)
}

extension VICIMessage {
  /// The most sections within sections that are read.
  ///
  /// strongSwan's own events have three.
  static let deepest = 16

  private enum ElementType {
    static let sectionStart: UInt8 = 1
    static let sectionEnd: UInt8 = 2
    static let keyValue: UInt8 = 3
    static let listStart: UInt8 = 4
    static let listItem: UInt8 = 5
    static let listEnd: UInt8 = 6
  }

  /// Reads a message up to the end of the octets.
  init(decoding reader: inout VICIReader) throws(VICIDecodingError) {
    self = try Self.decode(&reader, depth: 0)
  }

  private static func decode(
    _ reader: inout VICIReader, depth: Int
  ) throws(VICIDecodingError) -> VICIMessage {
    guard depth <= deepest else { throw .tooDeep(offset: reader.offset) }
    var message = VICIMessage()
    while !reader.isAtEnd {
      let start = reader.offset
      switch try reader.octet() {
      case ElementType.keyValue:
        message.elements.append(.value(try reader.name(), try reader.value()))
      case ElementType.listStart:
        message.elements.append(.list(try reader.name(), try decodeItems(&reader)))
      case ElementType.sectionStart:
        let name = try reader.name()
        message.elements.append(.section(name, try decode(&reader, depth: depth + 1)))
      case ElementType.sectionEnd where depth > 0:
        return message
      case let other:
        throw .unexpectedElement(other, offset: start)
      }
    }
    guard depth == 0 else { throw .notClosed }
    return message
  }

  private static func decodeItems(
    _ reader: inout VICIReader
  ) throws(VICIDecodingError) -> [[UInt8]] {
    var items: [[UInt8]] = []
    while !reader.isAtEnd {
      let start = reader.offset
      switch try reader.octet() {
      case ElementType.listItem: items.append(try reader.value())
      case ElementType.listEnd: return items
      case let other: throw .unexpectedElement(other, offset: start)
      }
    }
    throw .notClosed
  }

  /// Writes the message behind what `octets` holds.
  ///
  /// - Precondition: names have at most 255 octets and values at most 65,535.
  func encode(into octets: inout [UInt8]) {
    for element in elements {
      switch element {
      case .value(let name, let value):
        octets.append(ElementType.keyValue)
        octets.appendVICIName(name)
        octets.appendVICIValue(value)
      case .list(let name, let items):
        octets.append(ElementType.listStart)
        octets.appendVICIName(name)
        for item in items {
          octets.append(ElementType.listItem)
          octets.appendVICIValue(item)
        }
        octets.append(ElementType.listEnd)
      case .section(let name, let content):
        octets.append(ElementType.sectionStart)
        octets.appendVICIName(name)
        content.encode(into: &octets)
        octets.append(ElementType.sectionEnd)
      }
    }
  }
}
