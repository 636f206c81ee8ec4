/// How a security association crosses the network.
enum LabRoad: String, CaseIterable, Sendable, Codable {
  /// IP protocol 50, made by a kernel.
  case esp
  /// IP protocol 51, made by a kernel.
  case ah
  /// ESP inside UDP port 4500 (RFC 3948).
  case espInUDP = "esp-in-udp"

  /// The last octet of the inner addresses, so that each association has selectors of its own.
  var number: Int {
    switch self {
    case .esp: 1
    case .ah: 2
    case .espInUDP: 3
    }
  }

  /// What people call it.
  var title: String {
    switch self {
    case .esp: "raw ESP"
    case .ah: "AH"
    case .espInUDP: "ESP in UDP"
    }
  }

  /// The protocol of the router's established SA table.
  var tableProtocol: String { self == .ah ? "ah" : "esp" }
}

/// One security association of a host with a peer, and the traffic in it.
struct LabFlow: Hashable, Sendable, Codable {
  let host: LabNode
  let peer: LabNode
  let road: LabRoad

  /// The address behind the host from which the traffic comes.
  var hostInner: String { "10.81.\(host.number).\(road.number)" }
  /// The address behind the peer to which it goes.
  var peerInner: String { "10.82.\(peer.number).\(road.number)" }
  /// What strongSwan calls the child; unique in the lab, so that one can be rekeyed by its name.
  var child: String { "\(peer.rawValue)-\(road.rawValue)" }
}

/// What runs where: the two shapes of the lab.
struct LabPlan: Sendable, Hashable, Codable {
  /// No guests: ESP in UDP only, for machines without User-mode Linux.
  let plain: Bool

  /// The nodes that are User-mode Linux guests, whose kernel speaks ESP and AH.
  var guests: [LabNode] { plain ? [] : [.hosta, .hostb, .peer1] }

  /// The nodes where strongSwan runs.
  static let speakers: [LabNode] = LabNode.peers + LabNode.hosts

  func isGuest(_ node: LabNode) -> Bool { guests.contains(node) }

  /// The roads to a peer.
  ///
  /// strongSwan's own IPsec, which peers without a guest use, knows ESP in UDP and nothing else.
  func roads(to peer: LabNode) -> [LabRoad] { isGuest(peer) ? [.esp, .ah] : [.espInUDP] }

  /// Every security association of the lab.
  var flows: [LabFlow] {
    LabNode.hosts.flatMap { host in
      LabNode.peers.flatMap { peer in
        roads(to: peer).map { LabFlow(host: host, peer: peer, road: $0) }
      }
    }
  }

  /// Packets a second in each direction of each flow.
  static let packetsPerSecond = 5
}
