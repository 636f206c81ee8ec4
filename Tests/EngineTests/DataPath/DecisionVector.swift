import PAP
import Testing

@testable import Engine

/// The contents of `Vectors/datapath.json`, which `Vectors/datapath.py` writes with scapy.
struct DecisionVectors: Decodable {
  let externalAddress: IPv4Address
  let tunnelEndpoint: IPv4Address
  let insideNetworks: [CIDR]
  let tunnelMTU: Int
  let state: [String]
  let vectors: [DecisionVector]

  static let shared = VectorFolder.read("datapath.json", as: Self.self)

  func configuration(responder: UInt16 = 0) -> DataPathConfiguration {
    DataPathConfiguration(
      externalAddress: externalAddress, tunnelEndpoint: tunnelEndpoint,
      insideNetworks: insideNetworks, tunnelMTU: tunnelMTU,
      ikeResponder: responder == 0 ? nil : HostIndex(rawValue: responder))
  }
}

/// One packet with what must become of it.
struct DecisionVector: Decodable, Sendable, CustomTestStringConvertible {
  let name: String
  let source: String
  let changes: [String]
  /// Packets that came before, and changes between them.
  let before: [Step]
  let responder: UInt16
  let packet: Hexadecimal
  let verdict: String
  let reason: String?
  let direction: Direction
  let host: UInt16
  let entry: UInt32?
  let output: Hexadecimal?

  var testDescription: String { "\(direction.name): \(source): \(name)" }

  private enum CodingKeys: String, CodingKey {
    case name, source, changes, before, responder, packet, verdict, reason, direction, host, entry
    case output
  }

  init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    name = try values.decode(String.self, forKey: .name)
    source = try values.decode(String.self, forKey: .source)
    changes = try values.decode([String].self, forKey: .changes)
    before = try values.decode([Step].self, forKey: .before)
    responder = try values.decode(UInt16.self, forKey: .responder)
    packet = try values.decode(Hexadecimal.self, forKey: .packet)
    verdict = try values.decode(String.self, forKey: .verdict)
    reason = try values.decode(String?.self, forKey: .reason)
    let direction = try values.decode(String.self, forKey: .direction)
    self.direction = direction == "inbound" ? .inbound : .outbound
    host = try values.decode(UInt16.self, forKey: .host)
    entry = try values.decode(UInt32?.self, forKey: .entry)
    output = try values.decode(Hexadecimal?.self, forKey: .output)
  }
}

/// A packet, or a change to the forwarding table.
enum Step: Decodable, Sendable {
  case packet(Hexadecimal)
  case change(String)

  init(from decoder: any Decoder) throws {
    let text = try decoder.singleValueContainer().decode(String.self)
    self = text.contains(" ") ? .change(text) : .packet(try Hexadecimal(from: decoder))
  }
}

/// Octets as hexadecimal digits.
struct Hexadecimal: Decodable, Sendable, Equatable, CustomStringConvertible {
  let bytes: [UInt8]

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let digits = Array(try container.decode(String.self).utf8)
    bytes = try stride(from: 0, to: digits.count, by: 2).map { index in
      let pair = String(decoding: digits[index..<index + 2], as: UTF8.self)
      guard let octet = UInt8(pair, radix: 16) else {
        throw DecodingError.dataCorruptedError(in: container, debugDescription: pair)
      }
      return octet
    }
  }

  var description: String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}

/// A change to the forwarding table, written as one line of words.
enum ChangeLine {
  struct Unreadable: Error { let line: String }

  static func read(_ line: String) throws -> TableChange {
    let words = line.split(separator: " ").map(String.init)
    switch words[0] {
    case "host":
      return .setHost(
        try host(words[1], line), insideAddress: try address(words[2], line),
        suspended: words[3] == "suspended")
    case "unhost": return .removeHost(try host(words[1], line))
    case "slot":
      guard let raw = UInt16(words[1].dropFirst(2), radix: 16), let slot = Slot(rawValue: raw)
      else { throw Unreadable(line: line) }
      return .setSlot(slot, words[2] == "0" ? nil : try host(words[2], line))
    case "claim":
      guard let spi = SPI(words[1]) else { throw Unreadable(line: line) }
      return .setClaim(spi, words[2] == "0" ? nil : try host(words[2], line))
    case "ports":
      guard let first = UInt16(words[1]), let count = UInt16(words[2]),
        let block = PortBlock(first: first, count: count)
      else { throw Unreadable(line: line) }
      return .setPorts(block, words[3] == "0" ? nil : try host(words[3], line))
    case "entry":
      guard let id = UInt32(words[1]), let ipsec = IPsecProtocol(name: words[4]) else {
        throw Unreadable(line: line)
      }
      let entry = Entry(
        address: try address(words[3], line), ipsecProtocol: ipsec, spiIn: SPI(words[5]),
        spiOut: words.count > 6 ? SPI(words[6]) : nil)
      return .insertEntry(EntryID(rawValue: id), try host(words[2], line), entry)
    case "unentry":
      guard let id = UInt32(words[1]) else { throw Unreadable(line: line) }
      return .removeEntry(EntryID(rawValue: id))
    case "revoke", "unrevoke":
      guard let prefix = CIDR(words[1]) else { throw Unreadable(line: line) }
      let host = words[2] == "all" ? nil : try host(words[2], line)
      return words[0] == "revoke"
        ? .insertRevocation(prefix, host) : .removeRevocation(prefix, host)
    default: throw Unreadable(line: line)
    }
  }

  private static func host(_ word: String, _ line: String) throws -> HostIndex {
    guard let index = UInt16(word), index != 0 else { throw Unreadable(line: line) }
    return HostIndex(rawValue: index)
  }

  private static func address(_ word: String, _ line: String) throws -> IPv4Address {
    guard let address = IPv4Address(word) else { throw Unreadable(line: line) }
    return address
  }
}
