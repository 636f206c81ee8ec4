internal import Engine
internal import PAP

/// One row of a view that is a table.
enum Row: Sendable {
  case association(SARow)
  case host(HostRow)
  case peer(PeerRow)
  case drop(DropRow)
  case reason(ReasonRow)

  /// What tells the object that the row shows from all others of its view: it stays the same from one
  /// answer of the router to the next.
  var id: String {
    switch self {
    case .association(let row):
      "\(row.host) \(row.address) \(row.protocol.name) \(row.spiIn?.description ?? "any")"
    case .host(let row): row.name
    case .peer(let row): "\(row.state) \(row.target)"
    case .drop(let row): Self.id(of: row)
    case .reason(let row): row.name
    }
  }

  private static func id(of row: DropRow) -> String {
    let ports = "\(row.sourcePort ?? 0) \(row.destinationPort ?? 0)"
    let addresses = "\(row.source?.rawValue ?? 0) \(row.destination?.rawValue ?? 0)"
    return "\(row.time) \(row.reason) \(addresses) \(row.spi?.rawValue ?? 0) \(ports)"
  }
}

/// What was dropped for one reason: a row of the view of drops, which the console makes itself.
struct ReasonRow: Equatable, Sendable {
  /// The reason, as the contract writes it.
  var name: String
  var count: UInt64
  var perSecond: Double
}

/// What an action on a row is about.
struct Subject: Equatable, Sendable {
  /// The peer's address, or the prefix of a revocation.
  var target: CIDR?
  var host: String?
  var ipsecProtocol: IPsecProtocol?
  var spi: SPI?
  /// Whether entries exist that can be removed.
  var isValid = false
  /// Whether a revocation of exactly `target` exists.
  var isRevoked = false
  /// Whether the host is suspended, if the row says so.
  var isSuspended: Bool?
}

extension Row {
  /// What actions on the row are about.
  var subject: Subject {
    switch self {
    case .association(let row):
      Subject(
        target: CIDR(row.address), host: row.host, ipsecProtocol: row.protocol, spi: row.spiIn,
        isValid: true)
    case .host(let row): Subject(host: row.name, isSuspended: row.state == "suspended")
    case .peer(let row):
      Subject(
        target: row.target, host: row.hosts.count == 1 ? row.hosts.first : nil,
        isValid: row.entries > 0, isRevoked: row.state == "revoked")
    case .drop(let row): Self.subject(of: row)
    case .reason: Subject()
    }
  }

  private static func subject(of row: DropRow) -> Subject {
    let peer = row.direction == Direction.outbound.name ? row.destination : row.source
    return Subject(
      target: peer.map { CIDR($0) }, host: row.host,
      ipsecProtocol: row.protocol.flatMap { IPsecProtocol(name: $0) }, spi: row.spi,
      isRevoked: row.reason == DropReason.addressRevoked.name)
  }

  /// The filter that shows the drops that the row is about.
  var dropFilter: String? {
    switch self {
    case .association(let row): "source=\(row.address)"
    case .host(let row): "host=\(row.name)"
    case .peer(let row):
      row.target.prefixLength == 32 ? "source=\(row.target.address)" : "source=\(row.target)"
    case .reason(let row): "reason=\(row.name)"
    case .drop: nil
    }
  }

  /// Packets and octets counted for the object so far, where the router counts them.
  var counters: (packets: UInt64, octets: UInt64)? {
    switch self {
    case .association(let row): (row.packets, row.bytes)
    case .host(let row): (row.packets, row.bytes)
    case .peer(let row): (row.packets, row.bytes)
    case .drop, .reason: nil
    }
  }
}
