internal import Engine
internal import PAP

/// The status report for people.
struct StatusText {
  let report: StatusReport

  /// Labels and values in two columns, then the drop reasons that have occurred.
  var text: String {
    let lines = overview + durability + alarms + traffic + pap
    let width = lines.map(\.0.count).max() ?? 0
    let labelled = lines.map { label, value in
      label + String(repeating: " ", count: width - label.count + 2) + value.terminalSafe + "\n"
    }
    return labelled.joined() + drops
  }

  private var overview: [(String, String)] {
    [
      ("router", "\(report.externalAddress), tunnels to \(report.tunnelEndpoint)"),
      ("state", "\(report.state), up \(Format.duration(Double(report.uptimeSeconds)))"),
      ("version", "\(report.version), epoch \(report.epoch)"),
      ("device", "\(report.tun), \(report.queues) \(report.queues == 1 ? "queue" : "queues")"),
      ("hosts", "\(report.hosts), slots leased \(report.slotsLeased)"),
      ("entries", "\(report.saEntries), revocations \(report.revocations)"),
    ]
  }

  private var durability: [(String, String)] {
    report.storeProblem.map { [("NOT DURABLE", "\(report.unstored) changes wait; \($0)")] } ?? []
  }

  private var alarms: [(String, String)] {
    report.alarms.filter { $0.code != "store-not-durable" }
      .map { ("ALARM", "\($0.text), since \($0.since)") }
  }

  private var traffic: [(String, String)] {
    let packets = report.packets
    let bytes = report.bytes
    return [
      ("received", "\(packets.received) packets, \(bytes.received) octets"),
      ("inbound", "\(packets.forwardedInbound) packets, \(bytes.forwardedInbound) octets"),
      ("outbound", "\(packets.forwardedOutbound) packets, \(bytes.forwardedOutbound) octets"),
      ("answered", "\(packets.answered), consumed \(packets.consumed), held \(packets.held)"),
      ("dropped", "\(packets.dropped)"),
    ]
  }

  /// What hosts said over PAP, and what was refused, if anything was.
  private var pap: [(String, String)] {
    let pap = report.pap
    let refusals = [
      ("not authenticated", pap.notAuthenticated), ("replayed", pap.replayed),
      ("malformed", pap.malformed), ("without session", pap.noSession),
      ("rate-limited", pap.rateLimited), ("unanswered", pap.unanswered),
    ].filter { $0.1 > 0 }.map { "\($0.0) \($0.1)" }
    let accepted = "\(pap.received) messages, accepted \(pap.accepted)"
    return [("PAP", ([accepted] + refusals).joined(separator: ", "))]
  }

  private var drops: String {
    let known = report.drops.filter { $0.value > 0 }
    return known.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
      .map { "  \($0.key.terminalSafe): \($0.value)\n" }.joined()
  }
}
