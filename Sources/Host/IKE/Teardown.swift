internal import PAP

/// A CHILD_SA by the names of strongSwan's configuration, which outlive it.
struct ChildName: Hashable, Sendable {
  var connection: String
  var child: String
}

/// What of one IKE_SA must go because the operator withdrew what it rests on.
struct Teardown: Equatable, Sendable {
  /// `uniqueid` of the IKE_SA.
  var ike: UInt32
  /// The name of its connection.
  var connection: String
  /// `uniqueid` of the CHILD_SAs that go.
  var children: [UInt32]
  /// Whether the IKE_SA has no others, and so goes itself.
  ///
  /// That works at once: a CHILD_SA by itself stays until the peer has agreed, and from a revoked
  /// peer no answer comes.
  var isWhole: Bool
  /// What to make again once the router admits its peer, as this host can make it.
  var revivals: [Revival] = []

  /// Reads one section of a `list-sa` event; nil if nothing of it must go.
  ///
  /// What the peer began is made again if the peer is `configured` by its address: whoever has
  /// rekeyed an IKE_SA last counts as the one who began it.
  init?(
    connection: String, ike: VICIMessage, configured: Set<IPv4Address>, _ withdrawal: Withdrawal
  ) {
    let children = (ike.section("child-sas")?.sections ?? []).map(\.content)
      .filter { $0.text("state") == "INSTALLED" }
    let doomed = children.filter { child in
      SecurityAssociation(child: child, ike: ike).map { withdrawal.concerns($0) } ?? false
    }
    guard let number = ike.text("uniqueid").flatMap({ UInt32($0) }), !doomed.isEmpty else {
      return nil
    }
    self.ike = number
    self.connection = connection
    self.children = doomed.compactMap { $0.text("uniqueid").flatMap { UInt32($0) } }
    isWhole = doomed.count == children.count
    let isInitiator = ike.text("initiator") == "yes"
    revivals = doomed.compactMap { child in
      guard let name = child.text("name"),
        let association = SecurityAssociation(child: child, ike: ike),
        isInitiator || configured.contains(association.peer)
      else { return nil }
      return Revival(
        name: ChildName(connection: connection, child: name), peer: association.peer,
        ipsecProtocol: association.ipsecProtocol)
    }
  }

  /// The VICI commands that carry it out, each with its arguments.
  ///
  /// None waits for the peer.
  var commands: [VICIMessage] {
    if isWhole {
      return [.values(["ike-id": "\(ike)", "force": "yes", "timeout": "-1"])]
    }
    return children.map { .values(["child-id": "\($0)", "timeout": "-1"]) }
  }
}

/// A CHILD_SA that was torn down for the operator, to be made again once the router admits its peer.
struct Revival: Hashable, Sendable {
  var name: ChildName
  var peer: IPv4Address
  var ipsecProtocol: IPsecProtocol

  /// The entry whose validation tells that the peer is admitted.
  var key: EntryKey { EntryKey(peer, ipsecProtocol, nil) }

  /// Whether a `list-sa` event shows that somebody makes it, or has made it, already.
  func isUnderWay(_ message: VICIMessage) -> Bool {
    message.sections.contains { connection, ike in
      guard connection == name.connection else { return false }
      let children = (ike.section("child-sas")?.sections ?? []).map(\.content)
      return ike.text("state") != "ESTABLISHED"
        || children.contains { $0.text("name") == name.child && $0.text("state") != "DELETED" }
    }
  }
}

extension Withdrawal {
  /// Whether an association rests on something that was withdrawn.
  func concerns(_ association: SecurityAssociation) -> Bool {
    entries.contains { entry in
      entry.address == association.peer
        && (entry.ipsecProtocol == .any || entry.ipsecProtocol == association.ipsecProtocol)
        && (entry.spiIn == nil || entry.spiIn == association.spiIn)
    }
  }
}
