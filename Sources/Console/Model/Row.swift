internal import Engine
internal import PAP

/// One row of a view that is a table.
enum Row: Sendable {
  case association(SARow)
  case host(HostRow)
  case peer(PeerRow)
  case drop(DropRow)
  case reason(DropReasonRow)
  case dropSource(DropSourceRow)
  case dropHost(DropHostRow)
  case ike(IKERow)
  case ports(PortsRow)
  case audit(AuditViewRow)

  /// What tells the object that the row shows from all others of its view: it stays the same from one
  /// answer of the router to the next.
  var id: String {
    switch self {
    case .association(let row):
      "\(row.host) \(row.address) \(row.protocol.name) \(row.spiIn?.description ?? "any")"
    case .host(let row): row.name
    // A peer that is revoked for all hosts is still that peer. For single hosts it may be revoked as
    // well as valid for others: those are rows of their own.
    case .peer(let row):
      row.state == "revoked" ? "\(row.target) \(row.hosts.first ?? "")" : "\(row.target) "
    case .drop(let row): Self.id(of: row)
    case .reason(let row): row.reason
    case .dropSource(let row): row.address.description
    case .dropHost(let row): row.host
    case .ike(let row):
      "\(row.kind) \(row.host ?? "") \(row.peer?.description ?? "") \(row.spi ?? "")"
    case .ports(let row): "\(row.first)"
    case .audit(let row): row.sequence.map { "\($0)" } ?? "\(row.time) \(row.message)"
    }
  }

  private static func id(of row: DropRow) -> String {
    let ports = "\(row.sourcePort ?? 0) \(row.destinationPort ?? 0)"
    let addresses = "\(row.source?.rawValue ?? 0) \(row.destination?.rawValue ?? 0)"
    return "\(row.time) \(row.reason) \(addresses) \(row.spi?.rawValue ?? 0) \(ports)"
  }
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
    case .dropSource(let row):
      Subject(
        target: CIDR(row.address), isValid: row.state == "valid", isRevoked: row.state == "revoked")
    case .dropHost(let row): Subject(host: row.host)
    case .ike(let row): Subject(target: row.peer.map { CIDR($0) }, host: row.host)
    case .ports(let row): Subject(host: row.state == "leased" ? row.host : nil)
    case .audit(let row): Self.subject(of: row)
    }
  }

  // What was done to an address can be done otherwise, or undone.
  private static func subject(of row: AuditViewRow) -> Subject {
    guard let target = CIDR(row.target) else {
      return Subject(host: ["suspend", "resume"].contains(row.action) ? row.target : nil)
    }
    return Subject(
      target: target, host: row.host, isRevoked: row.action == "revoke" && row.result == "done")
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
    case .reason(let row): "reason=\(row.reason)"
    case .dropSource(let row): "source=\(row.address)"
    case .dropHost(let row): "host=\(row.host)"
    case .ike(let row):
      row.peer.map { "source=\($0)" } ?? row.host.map { "host=\($0)" }
    case .ports(let row): row.host.map { "host=\($0)" }
    case .audit, .drop: nil
    }
  }

  /// The filter that shows the entries that the row is about: those of its host, else of its peer.
  var entryFilter: String? {
    let subject = subject
    if let host = subject.host { return "host=\(host)" }
    return subject.target.map { "address=\($0.short)" }
  }

  /// Packets and octets counted for the object so far, where the router counts them.
  var counters: (packets: UInt64, octets: UInt64)? {
    switch self {
    case .association(let row): (row.packets, row.bytes)
    case .host(let row): (row.packets, row.bytes)
    case .peer(let row): (row.packets, row.bytes)
    default: nil
    }
  }

  /// Everything counted for the object so far; nil for rows that count nothing.
  var tally: Tally? {
    switch self {
    case .association(let row):
      Tally(packets: row.packets, octets: row.bytes, drops: row.drops)
    case .host(let row):
      Tally(
        packets: row.packets, octets: row.bytes, drops: row.drops, violations: row.violations)
    case .peer(let row): Tally(packets: row.packets, octets: row.bytes, drops: row.drops)
    case .reason(let row): Tally(drops: row.count)
    case .dropSource(let row): Tally(drops: row.count)
    case .dropHost(let row): Tally(drops: row.count, violations: row.violations)
    case .drop, .ike, .ports, .audit: nil
    }
  }
}

extension Row {
  /// Packets and bits a second as the router measured them, where it does.
  var rates: (packets: Double, bits: Double)? {
    switch self {
    case .association(let row): (row.packetsPerSecond, row.bitsPerSecond)
    case .host(let row): (row.packetsPerSecond, row.bitsPerSecond)
    case .peer(let row): (row.packetsPerSecond, row.bitsPerSecond)
    default: nil
    }
  }
}
