/// The places of the demonstration network, each with a network namespace of its own.
enum LabNode: String, CaseIterable, Sendable, Codable {
  case router, lan, wan, hosta, hostb, peer1, peer2, attacker

  /// The inside hosts, which share the external address.
  static let hosts: [LabNode] = [.hosta, .hostb]
  /// The outside hosts that hold security associations with them.
  static let peers: [LabNode] = [.peer1, .peer2]

  /// The node's own address on its segment; nil for the segments themselves and for the router,
  /// which has one on each (`LabAddress`).
  var address: String? {
    switch self {
    case .router, .lan, .wan: nil
    case .hosta: "10.0.0.11"
    case .hostb: "10.0.0.12"
    case .peer1: "192.0.2.10"
    case .peer2: "192.0.2.20"
    case .attacker: "192.0.2.66"
    }
  }

  /// The segment whose bridge the node's uplink ends at; nil for the router and the segments.
  var segment: LabNode? {
    switch self {
    case .router, .lan, .wan: nil
    case .hosta, .hostb: .lan
    case .peer1, .peer2, .attacker: .wan
    }
  }

  /// The node's number among the hosts or among the peers, which its inner addresses carry.
  var number: Int {
    switch self {
    case .hosta, .peer1: 1
    case .hostb, .peer2: 2
    case .router, .lan, .wan, .attacker: 0
    }
  }
}

/// The addresses of the demonstration network that belong to no single host (RFC 5737 and RFC 1918
/// space only).
enum LabAddress {
  /// What the inside hosts share.
  static let external = "198.51.100.1"
  /// Where the hosts send their tunnelled packets.
  static let tunnelEndpoint = "10.0.0.254"
  /// The router's own addresses.
  static let routerInside = "10.0.0.1"
  static let routerOutside = "192.0.2.1"
  static let insideNetwork = "10.0.0.0/24"
  /// Where the router listens for PAP.
  static let pap = "10.0.0.1:7028"
  /// The octets that outer IP-in-IP packets leave of 1,500.
  static let tunnelMTU = 1480
  /// The networks that stand behind the hosts and behind the peers, inside the tunnels.
  static let behindHosts = "10.81.0.0/16"
  static let behindPeers = "10.82.0.0/16"
}
