internal import PAP

// How strongSwan 5.9 writes its events, seen on a running charon: one section named after the
// connection with the IKE_SA's state, the CHILD_SAs below `child-sas`. The section of `ike-update`
// still has the old address; the new one stands beside the section.

extension SAEvent {
  /// The events to register for.
  static let names = ["child-updown", "child-rekey", "ike-update", "ike-updown", "ike-rekey"]

  /// What an event says about security associations; empty if it says nothing of use.
  static func read(_ name: String, _ message: VICIMessage) -> [SAEvent] {
    let isUp = message.text("up") == "yes"
    return message.sections.compactMap { _, ike -> SAEvent? in
      switch name {
      case "child-updown": childUpDown(ike, isUp: isUp)
      case "child-rekey": childRekey(ike)
      case "ike-update": moved(ike, to: message.text("remote-host"))
      case "ike-updown" where !isUp: number(of: ike).map { .ikeDown($0) }
      case "ike-rekey": ikeRekey(ike)
      default: nil
      }
    }
  }

  private static func childUpDown(_ ike: VICIMessage, isUp: Bool) -> SAEvent {
    guard isUp else {
      return .childDown(
        (ike.section("child-sas")?.sections ?? []).compactMap { number(of: $0.content) })
    }
    return .childUp(SecurityAssociation.read(ike: ike))
  }

  private static func childRekey(_ ike: VICIMessage) -> SAEvent {
    let children = (ike.section("child-sas")?.sections ?? []).map(\.content)
    func read(_ which: String) -> [SecurityAssociation] {
      children.compactMap { child in
        child.section(which).flatMap { SecurityAssociation(child: $0, ike: ike) }
      }
    }
    return .childRekeyed(old: read("old"), new: read("new"))
  }

  private static func moved(_ ike: VICIMessage, to address: String?) -> SAEvent? {
    guard let ike = number(of: ike), let address else { return nil }
    return .ikeMoved(ike: ike, to: IPv4Address(address))
  }

  private static func ikeRekey(_ ike: VICIMessage) -> SAEvent? {
    guard let old = ike.section("old").flatMap(number), let new = ike.section("new").flatMap(number)
    else { return nil }
    return .ikeRekeyed(old: old, new: new)
  }

  private static func number(of section: VICIMessage) -> UInt32? {
    section.text("uniqueid").flatMap { UInt32($0) }
  }
}

extension SecurityAssociation {
  /// The CHILD_SAs of a `list-sa` event.
  static func readList(_ message: VICIMessage) -> [SecurityAssociation] {
    message.sections.flatMap { read(ike: $0.content) }
  }

  /// The CHILD_SAs below an IKE_SA's section that are installed with an IPv4 peer.
  static func read(ike: VICIMessage) -> [SecurityAssociation] {
    (ike.section("child-sas")?.sections ?? []).compactMap { _, child in
      SecurityAssociation(child: child, ike: ike)
    }
  }

  /// Reads a CHILD_SA's section; nil if it has no SPIs (yet), or its peer no IPv4 address.
  ///
  /// One that is `REKEYED` or `DELETED` is kept by charon for some seconds, so that packets on the
  /// way still arrive: it counts until it is listed no more.
  init?(child: VICIMessage, ike: VICIMessage) {
    guard let number = child.text("uniqueid").flatMap({ UInt32($0) }),
      let ikeNumber = ike.text("uniqueid").flatMap({ UInt32($0) }),
      let peer = ike.text("remote-host").flatMap({ IPv4Address($0) }),
      let ipsecProtocol = child.text("protocol").flatMap({ IPsecProtocol(name: $0.lowercased()) }),
      ipsecProtocol != .any,
      let spiIn = child.text("spi-in").flatMap({ UInt32($0, radix: 16) }),
      let spiOut = child.text("spi-out").flatMap({ UInt32($0, radix: 16) })
    else { return nil }
    self.init(
      child: number, ike: ikeNumber, peer: peer, ipsecProtocol: ipsecProtocol,
      spiIn: SPI(rawValue: spiIn), spiOut: SPI(rawValue: spiOut))
  }
}
