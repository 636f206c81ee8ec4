/// One packet of the VICI protocol, without the four octets of length in front.
enum VICIPacket: Equatable, Sendable {
  case commandRequest(String, VICIMessage)
  case commandResponse(VICIMessage)
  /// The answer to a command that charon does not know.
  case commandUnknown
  case eventRegister(String)
  case eventUnregister(String)
  case eventConfirm
  /// The answer to a registration for an event that charon does not know.
  case eventUnknown
  case event(String, VICIMessage)

  private enum PacketType {
    static let commandRequest: UInt8 = 0
    static let commandResponse: UInt8 = 1
    static let commandUnknown: UInt8 = 2
    static let eventRegister: UInt8 = 3
    static let eventUnregister: UInt8 = 4
    static let eventConfirm: UInt8 = 5
    static let eventUnknown: UInt8 = 6
    static let event: UInt8 = 7
  }

  /// Reads a packet; every octet must belong to it.
  init(decoding octets: [UInt8]) throws(VICIDecodingError) {
    var reader = VICIReader(octets)
    switch try reader.octet() {
    case PacketType.commandRequest:
      self = .commandRequest(try reader.name(), try VICIMessage(decoding: &reader))
    case PacketType.commandResponse: self = .commandResponse(try VICIMessage(decoding: &reader))
    case PacketType.commandUnknown: self = .commandUnknown
    case PacketType.eventRegister: self = .eventRegister(try reader.name())
    case PacketType.eventUnregister: self = .eventUnregister(try reader.name())
    case PacketType.eventConfirm: self = .eventConfirm
    case PacketType.eventUnknown: self = .eventUnknown
    case PacketType.event:
      self = .event(try reader.name(), try VICIMessage(decoding: &reader))
    case let other: throw .unknownPacketType(other)
    }
    guard reader.isAtEnd else { throw .trailingOctets(offset: reader.offset) }
  }

  /// The packet's octets, as `init(decoding:)` reads them.
  func encoded() -> [UInt8] {
    var octets: [UInt8] = []
    switch self {
    case .commandRequest(let name, let message):
      octets.append(PacketType.commandRequest)
      octets.appendVICIName(name)
      message.encode(into: &octets)
    case .commandResponse(let message):
      octets.append(PacketType.commandResponse)
      message.encode(into: &octets)
    case .commandUnknown: octets.append(PacketType.commandUnknown)
    case .eventRegister(let name):
      octets.append(PacketType.eventRegister)
      octets.appendVICIName(name)
    case .eventUnregister(let name):
      octets.append(PacketType.eventUnregister)
      octets.appendVICIName(name)
    case .eventConfirm: octets.append(PacketType.eventConfirm)
    case .eventUnknown: octets.append(PacketType.eventUnknown)
    case .event(let name, let message):
      octets.append(PacketType.event)
      octets.appendVICIName(name)
      message.encode(into: &octets)
    }
    return octets
  }
}

/// Cuts a stream into packets: four octets of length, big-endian, in front of each.
struct VICIFrames {
  /// The longest packet that strongSwan sends (its `VICI_MESSAGE_SIZE_MAX`).
  static let longest = 512 * 1024

  private var waiting: [UInt8] = []

  /// Takes octets in as they come.
  mutating func append(_ octets: [UInt8]) {
    waiting.append(contentsOf: octets)
  }

  /// The next whole packet, without its length; nil until it is all there.
  mutating func next() throws(VICIDecodingError) -> [UInt8]? {
    guard waiting.count >= 4 else { return nil }
    let length = waiting[..<4].reduce(0) { $0 << 8 | Int($1) }
    guard length <= Self.longest else { throw .tooLong(length) }
    guard waiting.count - 4 >= length else { return nil }
    defer { waiting.removeFirst(4 + length) }
    return Array(waiting[4..<4 + length])
  }

  /// A packet with its length in front.
  ///
  /// - Precondition: at most `longest` octets.
  static func frame(_ packet: [UInt8]) -> [UInt8] {
    precondition(packet.count <= longest, "a VICI packet has at most 512 KiB")
    let length = UInt32(packet.count)
    return (0..<4).map { UInt8(truncatingIfNeeded: length >> (24 - 8 * UInt32($0))) } + packet
  }
}
