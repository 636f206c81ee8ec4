import PAP
import Testing

@testable import Host

/// What charon's own packets say.
///
/// The expected values were read out of them by strongSwan's Python package and by eye; the run was
/// an IKEv2 connection with rekeyings and a move of the peer.
@Suite struct VICIEventTests {
  struct Vector: CustomTestStringConvertible, Sendable {
    let packet: String
    let events: [SAEvent]
    var testDescription: String { packet }

    init(_ packet: String, _ events: [SAEvent]) {
      self.packet = packet
      self.events = events
    }
  }

  static let vectors = [
    Vector("ike-updown, up", []),
    Vector("child-updown, up", [.childUp([one])]),
    Vector("child-rekey, started here", [.childRekeyed(old: [one], new: [two])]),
    Vector("ike-rekey", [.ikeRekeyed(old: 1, new: 2)]),
    Vector(
      "child-rekey, started by the peer",
      [
        .childRekeyed(
          old: [association(2, ike: 2, "10.9.0.2", in: 0x1234_effe, out: 0xb200_007e)],
          new: [association(3, ike: 2, "10.9.0.2", in: 0x1234_cb74, out: 0xb200_00e9)])
      ]),
    Vector("ike-update, the peer moved", [.ikeMoved(ike: 2, to: IPv4Address("10.9.0.3"))]),
    Vector("ike-updown, down", [.ikeDown(2)]),
    Vector("child-updown, down", [.childDown([4])]),
    Vector(
      "child-updown of the responder, up",
      [.childUp([association(1, ike: 1, "10.9.0.1", in: 0xb200_0068, out: 0x1234_4e7f)])]),
    Vector("ike-update of the responder", [.ikeMoved(ike: 1, to: IPv4Address("10.9.0.1"))]),
    // Not events of associations, and so without meaning here.
    Vector("list-sa with an old and a new association", []),
  ]

  static let one = association(1, ike: 1, "10.9.0.2", in: 0x1234_4e7f, out: 0xb200_0068)
  static let two = association(2, ike: 1, "10.9.0.2", in: 0x1234_effe, out: 0xb200_007e)

  @Test(arguments: vectors)
  func `events of charon are understood`(vector: Vector) throws {
    let (name, message) = try #require(Self.event(vector.packet))
    #expect(SAEvent.read(name, message) == vector.events)
  }

  @Test func `a list names what is installed and what is still kept`() throws {
    let list = try #require(Self.event("list-sa with an old and a new association"))
    #expect(SecurityAssociation.readList(list.message) == [Self.one, Self.two])
    let connecting = try #require(Self.event("list-sa, connecting"))
    #expect(SecurityAssociation.readList(connecting.message).isEmpty)
  }

  struct Change: CustomTestStringConvertible, Sendable {
    let key: String
    let value: String?
    let isRead: Bool
    var testDescription: String { "\(key) = \(value ?? "nothing")" }
  }

  @Test(arguments: [
    Change(key: "protocol", value: "AH", isRead: true),
    Change(key: "protocol", value: "IPCOMP", isRead: false),
    Change(key: "protocol", value: "any", isRead: false),
    Change(key: "protocol", value: nil, isRead: false),
    Change(key: "spi-in", value: nil, isRead: false),
    Change(key: "spi-in", value: "", isRead: false),
    Change(key: "spi-in", value: "123456789", isRead: false),
    Change(key: "spi-in", value: "zz", isRead: false),
    Change(key: "spi-out", value: nil, isRead: false),
    Change(key: "uniqueid", value: "-1", isRead: false),
    Change(key: "uniqueid", value: "4294967295", isRead: true),
    Change(key: "uniqueid", value: "4294967296", isRead: false),
    Change(key: "state", value: "ANYTHING", isRead: true),
  ])
  func `an association that makes no sense is left out`(change: Change) {
    var child = VICIMessage([
      .value("uniqueid", Array("7".utf8)), .value("protocol", Array("ESP".utf8)),
      .value("spi-in", Array("12340001".utf8)), .value("spi-out", Array("c0de".utf8)),
    ])
    child.elements.removeAll { if case .value(change.key, _) = $0 { true } else { false } }
    if let value = change.value { child.elements.append(.value(change.key, Array(value.utf8))) }
    let ike = VICIMessage([
      .value("uniqueid", Array("1".utf8)), .value("remote-host", Array("192.0.2.1".utf8)),
    ])
    #expect((SecurityAssociation(child: child, ike: ike) != nil) == change.isRead)
  }

  @Test(arguments: ["2001:db8::1", "%any", "", "192.0.2.1.5"])
  func `a peer without an IPv4 address is left out`(address: String) {
    let child = VICIMessage([
      .value("uniqueid", [0x31]), .value("protocol", Array("ESP".utf8)),
      .value("spi-in", [0x31]), .value("spi-out", [0x31]),
    ])
    let ike = VICIMessage([
      .value("uniqueid", [0x31]), .value("remote-host", Array(address.utf8)),
    ])
    #expect(SecurityAssociation(child: child, ike: ike) == nil)
  }

  static func event(_ name: String) -> (name: String, message: VICIMessage)? {
    guard let vector = VICIVectors.all.good.first(where: { $0.name == name }),
      case .event(let name, let message)? = try? VICIPacket(decoding: octets(vector.octets))
    else { return nil }
    return (name, message)
  }
}

/// Shorthand for tables; an address that cannot be read becomes 0.0.0.0.
func association(
  _ child: UInt32, ike: UInt32, _ peer: String, _ ipsecProtocol: IPsecProtocol = .esp,
  in spiIn: UInt32, out spiOut: UInt32
) -> SecurityAssociation {
  SecurityAssociation(
    child: child, ike: ike, peer: address(peer), ipsecProtocol: ipsecProtocol,
    spiIn: SPI(rawValue: spiIn), spiOut: SPI(rawValue: spiOut))
}

/// The address; one that cannot be read becomes 0.0.0.0.
func address(_ text: String) -> IPv4Address {
  IPv4Address(text) ?? IPv4Address(rawValue: 0)
}
