internal import Engine
internal import FoundationEssentials
internal import Net
internal import PAP

/// Sends what the router must drop, a few packets a second, until it is ended.
///
/// It runs in the attacker's namespace, where it may put any source address into a packet.
struct Attacker {
  /// Rounds a second, and packets in each round.
  static let roundsPerSecond = 2
  static let packetsPerRound = 6
  /// Slots come and go with their hosts: they are looked up again after so many rounds.
  private static let roundsPerLookUp = 20

  private let external: IPv4Address
  private let own: IPv4Address
  private let sender: RawPacketSender
  private let leasedSlots: () -> [Slot]
  private var slots: [Slot] = []
  private var round: UInt32 = 0

  /// Opens the raw socket that it sends from.
  ///
  /// - Parameter leasedSlots: asks the router which slots are leased, as a spy would know.
  /// - Throws: `SystemError` without the right to open one.
  init(leasedSlots: @escaping () -> [Slot]) throws {
    external = try Self.address(LabAddress.external)
    own = try Self.address(LabNode.attacker.address ?? "")
    sender = try RawPacketSender()
    self.leasedSlots = leasedSlots
  }

  /// Sends for ever.
  mutating func run() throws {
    while true {
      if round % UInt32(Self.roundsPerLookUp) == 0 { slots = leasedSlots() }
      for packet in packets() {
        // A full queue or a router that is away: the next round is soon enough.
        _ = try? sender.send(packet)
      }
      round &+= 1
      _ = try Readiness.wait(on: [], atMost: 1 / Double(Self.roundsPerSecond))
    }
  }

  /// One round: each kind of packet once.
  private func packets() -> [[UInt8]] {
    let source = round % 2 == 0 ? own : spoofed
    let leased = leasedSPI
    return [
      raw(50, AttackPacket.esp(unleasedSPI, sequence: round), from: source),
      raw(50, AttackPacket.esp(leased, sequence: round), from: source),
      raw(51, AttackPacket.ah(leased, sequence: round), from: source),
      udp(4500, AttackPacket.esp(leased, sequence: round), from: source),
      udp(500, forgedIKE, from: source),
      AttackPacket.syn(
        from: source, to: external, sourcePort: .random(in: 1024 ... .max),
        port: [22, 80, 443, 3389].randomElement() ?? 22, sequence: .random(in: 0 ... .max)),
    ]
  }

  private func raw(_ number: UInt8, _ payload: [UInt8], from source: IPv4Address) -> [UInt8] {
    AttackPacket.ipv4(from: source, to: external, number, payload)
  }

  private func udp(_ port: UInt16, _ data: [UInt8], from source: IPv4Address) -> [UInt8] {
    AttackPacket.udpPacket(from: source, to: external, sourcePort: port, port: port, data)
  }

  /// A response and a request in turn, of associations that nobody has.
  private var forgedIKE: [UInt8] {
    AttackPacket.ike(
      initiator: .random(in: 1 ... .max), responder: .random(in: 1 ... .max),
      isResponse: round % 4 < 2)
  }

  /// Some address of the outside network that no node has.
  private var spoofed: IPv4Address {
    IPv4Address(rawValue: own.rawValue & 0xffff_ff00 | .random(in: 100...199))
  }

  /// An SPI that a host holds; any SPI while nobody holds one.
  private var leasedSPI: SPI {
    guard let slot = slots.randomElement() else { return unleasedSPI }
    return SPI(rawValue: slot.firstSPI.rawValue | .random(in: 0...0xffff))
  }

  private var unleasedSPI: SPI {
    while true {
      let spi = SPI(rawValue: .random(in: 0x1_0000 ... .max))
      if !slots.contains(where: { $0.contains(spi) }) { return spi }
    }
  }

  private static func address(_ text: String) throws -> IPv4Address {
    guard let address = IPv4Address(text) else {
      throw LabError.failed("'\(text)' is not an address", detail: "")
    }
    return address
  }
}
