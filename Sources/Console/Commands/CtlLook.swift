internal import ArgumentParser
internal import Engine
internal import PAP

// The verbs that look: nobody's state changes.

/// `ctl status`.
struct CtlStatus: CtlVerb {
  typealias Answer = StatusReport
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "The router in one look")
  static let verb = "status"
  @OptionGroup var engine: SocketOption
  @OptionGroup var output: OutputOption

  var request: [String: JSONValue?] { [:] }

  func text(of answer: StatusReport) -> String {
    StatusText(report: answer).text
  }
}

/// `ctl sa`.
struct CtlSA: CtlVerb {
  typealias Answer = [SARow]
  static let configuration = CommandConfiguration(
    commandName: "sa", abstract: "The established SA table: validated external addresses",
    discussion: FilterGuide.text(for: "sa"))
  static let verb = "sa"
  @OptionGroup var engine: SocketOption
  @OptionGroup var output: OutputOption
  @Option(help: "Only entries of this host") var host: String?
  @Option(help: "Only entries for this external address") var address: IPv4Address?
  @Option(help: "At most so many rows") var limit: UInt32?
  @OptionGroup var filter: FilterOption

  func explaining<Result>(_ ask: () throws -> Result) throws -> Result {
    try filter.explaining(ask)
  }

  /// The fields that the table shows.
  static let shown = [
    "host", "address", "protocol", "spiIn", "spiOut", "origin", "created", "expires", "packets",
    "bytes", "lastSeen",
  ]

  var request: [String: JSONValue?] {
    let filter = output.json ? filter.argument : filter.arguments(showing: Self.shown)
    return [
      "filter": filter["filter"], "columns": filter["columns"], "host": host.map { .string($0) },
      "address": address.map { .string("\($0)") },
      "limit": limit.map { .integer(Int64($0)) },
    ]
  }

  func text(of answer: [SARow]) -> String {
    var table = TextTable(
      "HOST", "ADDRESS", "PROTO", "SPI IN", "SPI OUT", "ORIGIN", "AGE>", "EXPIRES>", "PACKETS>",
      "BYTES>", "LAST SEEN>")
    let age = Age()
    for row in answer {
      table.add(
        row.host, "\(row.address)", row.protocol.name, row.spiIn.map { "\($0)" } ?? "any",
        row.spiOut.map { "\($0)" } ?? "", row.origin, age.since(row.created),
        age.until(row.expires), Format.count(row.packets), Format.octets(row.bytes),
        age.since(row.lastSeen))
    }
    return table.text
  }
}

/// `ctl hosts`.
struct CtlHosts: CtlVerb {
  typealias Answer = [HostRow]
  static let configuration = CommandConfiguration(
    commandName: "hosts", abstract: "The inside hosts and what is leased to them",
    discussion: FilterGuide.text(for: "hosts"))
  static let verb = "hosts"
  @OptionGroup var engine: SocketOption
  @OptionGroup var output: OutputOption
  @OptionGroup var filter: FilterOption

  /// The fields that the table shows.
  static let shown = [
    "name", "state", "insideAddress", "keyId", "slot", "firstSPI", "spisInUse", "spisClaimed",
    "ports", "entries", "leaseExpires", "lastSeen", "packets", "bytes", "drops",
  ]

  var request: [String: JSONValue?] {
    output.json ? filter.argument : filter.arguments(showing: Self.shown)
  }

  func explaining<Result>(_ ask: () throws -> Result) throws -> Result {
    try filter.explaining(ask)
  }

  func text(of answer: [HostRow]) -> String {
    var table = TextTable(
      "NAME", "STATE", "INSIDE", "KEY>", "SLOT", "FIRST SPI", "SPIS>", "CLAIMED>", "PORTS",
      "ENTRIES>", "LEASE>", "LAST SEEN>", "PACKETS>", "BYTES>", "DROPS>")
    let age = Age()
    for row in answer {
      table.add(
        row.name, row.state, "\(row.insideAddress)", "\(row.keyId)",
        row.slot.map { "\($0)" } ?? "", row.firstSPI.map { "\($0)" } ?? "", "\(row.spisInUse)",
        "\(row.spisClaimed)", row.ports.map(Self.text) ?? "", "\(row.entries)",
        age.until(row.leaseExpires), age.since(row.lastSeen),
        Format.count(row.packets), Format.octets(row.bytes), Format.count(row.drops))
    }
    return table.text
  }

  private static func text(of ports: HostRow.Ports) -> String {
    "\(ports.first)-\(UInt32(ports.first) + UInt32(max(ports.count, 1)) - 1)"
  }
}

/// `ctl stats`.
struct CtlStats: CtlVerb {
  typealias Answer = StatsReport
  static let configuration = CommandConfiguration(
    commandName: "stats", abstract: "Counters per drop reason, rates and top sources")
  static let verb = "stats"
  @OptionGroup var engine: SocketOption
  @OptionGroup var output: OutputOption

  var request: [String: JSONValue?] { [:] }

  func text(of answer: StatsReport) -> String {
    var flows = TextTable("FORWARDED", "PACKETS>", "BYTES>", "PACKETS/S>", "BIT/S>")
    for (name, flow) in [
      ("inbound", answer.forwarded.inbound), ("outbound", answer.forwarded.outbound),
    ] {
      flows.add(
        name, Format.count(flow.packets), Format.octets(flow.bytes),
        Format.rate(flow.packetsPerSecond), Format.bits(flow.bitsPerSecond))
    }
    var drops = TextTable("DROPPED", "PACKETS>", "PACKETS/S>")
    let known = answer.drops.filter { $0.value.count > 0 }
    for (reason, drop) in known.sorted(by: { ($1.value.count, $0.key) < ($0.value.count, $1.key) })
    {
      drops.add(reason, "\(drop.count)", Format.rate(drop.perSecond))
    }
    var sources = TextTable("SOURCE", "PACKETS>", "PACKETS/S>", "LAST REASON")
    for source in answer.topSources {
      sources.add(
        "\(source.address)", "\(source.count)", Format.rate(source.perSecond), source.lastReason)
    }
    var pap = TextTable("PAP", "MESSAGES>")
    for (name, count) in answer.pap.counts where count > 0 { pap.add(name, "\(count)") }
    return "since \(answer.since.terminalSafe)\n\n\(flows.text)\n\(drops.text)\n\(sources.text)"
      + "\n\(pap.text)"
  }
}

extension PAPReport {
  /// The counts with names for people.
  fileprivate var counts: [(String, UInt64)] {
    [
      ("received", received), ("accepted", accepted), ("repeated", repeated),
      ("malformed", malformed), ("not authenticated", notAuthenticated),
      ("without session", noSession), ("replayed", replayed), ("rate-limited", rateLimited),
      ("ignored", ignored), ("unanswered", unanswered), ("notices sent", noticesSent),
      ("notices confirmed", noticesConfirmed), ("notices unconfirmed", noticesUnconfirmed),
      ("announcements sent", announcementsSent),
    ]
  }
}

/// `ctl revocations`.
struct CtlRevocations: CtlVerb {
  typealias Answer = [RevocationRow]
  static let configuration = CommandConfiguration(
    commandName: "revocations", abstract: "Addresses that may not be validated",
    discussion: FilterGuide.text(for: "revocations"))
  static let verb = "revocations"
  @OptionGroup var engine: SocketOption
  @OptionGroup var output: OutputOption
  @OptionGroup var filter: FilterOption

  var request: [String: JSONValue?] { filter.argument }

  func explaining<Result>(_ ask: () throws -> Result) throws -> Result {
    try filter.explaining(ask)
  }

  func text(of answer: [RevocationRow]) -> String {
    var table = TextTable("TARGET", "HOST", "BY", "AGE>", "EXPIRES>", "DURABLE", "REASON")
    let age = Age()
    for row in answer {
      table.add(
        "\(row.target)", row.host ?? "all", row.by, age.since(row.created),
        age.until(row.expires), row.durable ? "yes" : "NOT YET", row.reason ?? "")
    }
    return table.text
  }
}
