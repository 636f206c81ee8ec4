internal import PAP

/// The agent in one look: `dnat-host status --json`.
///
/// Times are RFC 3339 in UTC. Every key is always there; what is not known is null.
struct StatusReport: Codable, Equatable, Sendable {
  /// A leased block of ports.
  struct Ports: Codable, Equatable, Sendable {
    var first: UInt16
    var count: UInt16
  }

  /// The device to the router.
  ///
  /// The counters are null where the kernel carries the packets.
  struct Tunnel: Codable, Equatable, Sendable {
    var device: String
    /// `kernel` or `tun`.
    var kind: String
    var mtu: Int
    var packetsSent: UInt64?
    var packetsReceived: UInt64?
    var packetsDropped: UInt64?
  }

  /// One entry that the router should hold.
  struct Row: Codable, Equatable, Sendable {
    var address: IPv4Address
    var `protocol`: IPsecProtocol
    /// Null is every SPI of the host.
    var spiIn: SPI?
    var spiOut: SPI?
    /// `association`, `manual`, `configuration` or `withdrawn`.
    var origin: EntrySources.Origin
    /// `valid`, `pending` before the router has answered, or `refused`.
    var state: String
    /// The router's last answer.
    var result: String?
    /// Since when it is valid.
    var since: String?
  }

  /// The IKE daemon.
  struct IKE: Codable, Equatable, Sendable {
    /// `strongswan`, `xfrm` or `none`.
    var daemon: String
    /// Whether its associations are known now.
    var connected: Bool
    /// The file with its settings; null until it is written for the present lease.
    var settings: String?
  }

  var host: String
  /// `ADDRESS:PORT`.
  var router: String
  /// Whether the router answers, and since when it does, or does not.
  var answering: Bool
  var since: String?
  var lastAnswer: String?
  /// The router's state epoch; null before the first session.
  var epoch: UInt32?
  var externalAddress: IPv4Address?
  var tunnelEndpoint: IPv4Address?
  var slot: Slot?
  var firstSPI: SPI?
  var spiCount: UInt32
  /// The SPIs outside of the slot that are held, each claimed by itself.
  var claims: [SPI]
  var ports: Ports?
  /// When the SPI lease ends unless it is renewed.
  var leaseExpires: String?
  var tunnel: Tunnel?
  var ike: IKE
  var entries: [Row]
}

// The compiler's own encoding leaves out what is nil; these write null.

extension StatusReport.Tunnel {
  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(device, forKey: .device)
    try container.encode(kind, forKey: .kind)
    try container.encode(mtu, forKey: .mtu)
    try container.encode(packetsSent, forKey: .packetsSent)
    try container.encode(packetsReceived, forKey: .packetsReceived)
    try container.encode(packetsDropped, forKey: .packetsDropped)
  }
}

extension StatusReport.Row {
  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(address, forKey: .address)
    try container.encode(`protocol`, forKey: .protocol)
    try container.encode(spiIn, forKey: .spiIn)
    try container.encode(spiOut, forKey: .spiOut)
    try container.encode(origin, forKey: .origin)
    try container.encode(state, forKey: .state)
    try container.encode(result, forKey: .result)
    try container.encode(since, forKey: .since)
  }
}

extension StatusReport.IKE {
  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(daemon, forKey: .daemon)
    try container.encode(connected, forKey: .connected)
    try container.encode(settings, forKey: .settings)
  }
}

extension StatusReport {
  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(host, forKey: .host)
    try container.encode(router, forKey: .router)
    try container.encode(answering, forKey: .answering)
    try container.encode(since, forKey: .since)
    try container.encode(lastAnswer, forKey: .lastAnswer)
    try container.encode(epoch, forKey: .epoch)
    try container.encode(externalAddress, forKey: .externalAddress)
    try container.encode(tunnelEndpoint, forKey: .tunnelEndpoint)
    try container.encode(slot, forKey: .slot)
    try container.encode(firstSPI, forKey: .firstSPI)
    try container.encode(spiCount, forKey: .spiCount)
    try container.encode(claims, forKey: .claims)
    try container.encode(ports, forKey: .ports)
    try container.encode(leaseExpires, forKey: .leaseExpires)
    try container.encode(tunnel, forKey: .tunnel)
    try container.encode(ike, forKey: .ike)
    try container.encode(entries, forKey: .entries)
  }
}
