internal import Engine
internal import PAP

// Rows of the views of drops, IKE, ports and audit in words.

extension Details {
  static func dropSource(_ row: DropSourceRow, _ model: Model) -> [Line] {
    let words = DropExplanation.of(row.lastReason)
    return [
      pair("Source", row.address.description, .textStrong),
      pair("The address is", validity(row.state), CellText.role(ofValidity: row.state)),
      pair("Drops", Format.grouped(row.count), .textStrong),
      pair("Now", "\(Format.rate(row.perSecond)) a second"),
      pair("Last reason", row.lastReason, CellText.role(ofReason: row.lastReason)),
      .text(words?.meaning ?? ""), .text(words?.advice ?? ""),
    ] + offers(for: .dropSource(row), reason: row.lastReason, model)
  }

  private static func validity(_ state: String) -> String {
    switch state {
    case "valid": "valid for some host"
    case "revoked": "revoked for all hosts"
    default: "not validated by any host"
    }
  }

  static func dropHost(_ row: DropHostRow, _ model: Model) -> [Line] {
    let words = row.lastReason.flatMap(DropExplanation.of)
    return [
      pair("Host", row.host, .textStrong),
      pair("Drops", "\(Format.grouped(row.count)), from and for it"),
      pair("Violations", "\(Format.grouped(row.violations)), where it broke a rule for hosts"),
      pair("Now", "\(Format.rate(row.perSecond)) a second"),
      pair("Last reason", row.lastReason ?? "none"),
      .text(words?.meaning ?? ""), .text(words?.advice ?? ""),
    ] + (row.lastReason.map { offers(for: .dropHost(row), reason: $0, model) } ?? [])
  }

  static func ike(_ row: IKERow, _ context: CellContext) -> [Line] {
    switch row.kind {
    case "label":
      [
        pair("Host", row.host ?? "-", .textStrong),
        .pair("Label", [CellText.ikeSPI(row, context)]),
        .text(
          "Every IKE SPI that the host's daemon chooses begins with the host's slot, so answers find "
            + "their host although all share one address."),
        pair("Lease ends", deadline(row.expires, context, never: "no lease")),
        pair("IKE SAs", "\(row.count) of late"),
      ]
    case "rate-limited":
      [
        pair("Source", row.peer?.description ?? "-", .textStrong),
        pair("Messages dropped", Format.grouped(row.count)),
        pair("First", moment(row.since, context)), pair("Last", moment(row.lastSeen, context)),
        .text(DropExplanation.of(.ikeRateLimited).advice),
      ]
    default: conversation(row, context)
    }
  }

  private static func conversation(_ row: IKERow, _ context: CellContext) -> [Line] {
    [
      pair("Host", row.host ?? "-", .textStrong),
      pair("Peer", row.peer?.description ?? "-", .textStrong),
      pair("State", row.kind, CellText.role(ofIKE: row.kind)),
      .text(
        row.kind == "open"
          ? "The host has gone past the first exchange with this peer."
          : "The host has not gone past the first exchange: the peer has not answered, or nobody has "
            + "proved yet who it is."),
      pair("Initiator SPI", row.spi ?? "-"),
      pair("The host is the", row.role ?? "-"),
      pair(
        "Known by",
        row.by == "label" ? "the host's label" : "what it sent first: it carries no label"),
      pair("Since", moment(row.since, context)),
      pair("Host last sent", moment(row.lastSeen, context)),
    ]
  }

  static func ports(_ row: PortsRow, _ context: CellContext) -> [Line] {
    let common: [Line] = [
      pair("Ports", "\(row.first) to \(Int(row.first) + row.count - 1), \(row.count)", .textStrong),
      pair("State", row.state, CellText.role(ofPorts: row.state)),
    ]
    switch row.state {
    case "leased":
      return common + [
        pair("Host", row.host ?? "-", .textStrong),
        pair("Leased", row.since.map { moment($0, context) } ?? "before the router started"),
        pair("Lease ends", deadline(row.expires, context, never: "never")),
      ]
    case "quarantined":
      return common + [
        pair("Had by", row.host ?? "a host that is configured no more"),
        pair("Until", deadline(row.quarantineEnds, context, never: "never")),
        .text(
          "For that long only the host that had the ports can have them again, so that late packets "
            + "reach no stranger."),
      ]
    case "reserved":
      return common + [
        .text(
          "Never leased: the well-known ports, and those round port 4500 of IKE and ESP in UDP.")
      ]
    default: return common + [.text("Nobody has them: the next host that asks can.")]
    }
  }

  static func audit(_ row: AuditViewRow, _ context: CellContext) -> [Line] {
    let what: [Line] = [
      pair("Time", moment(row.time, context)),
      pair("By", row.by + (row.uid.map { ", uid \($0)" } ?? ""), .textStrong),
    ]
    guard row.kind == "action" else {
      return what + [
        .text(row.message),
        .text("The router's own doing, from its log; kept in memory since it started."),
      ]
    }
    return what + [
      pair("From", row.source ?? "not known"), pair("Via", row.via ?? "not known"),
      pair("Action", row.action, .textStrong), pair("Target", row.target, .textStrong),
      pair("For host", row.host ?? "-"),
      pair("Result", row.result, row.result == "done" ? .stateOK : .stateFail),
    ] + said("Message", row.message) + (row.reason.map { said("Why", $0) } ?? []) + [
      pair("Before", row.before ?? "-"), pair("After", row.after ?? "-"),
      pair("Entries", row.entries.map { "\($0)" } ?? "-"),
      .heading("Row of the audit log"),
      pair("Number", row.sequence.map { Format.grouped($0) } ?? "-"),
    ] + said("SHA-256", row.hash ?? "-")
  }

  // A text of any length under its label, whole.
  private static func said(_ label: String, _ text: String) -> [Line] {
    Wrap.lines(text, width: 56).enumerated().map { index, line in
      pair(index == 0 ? label : "", line)
    }
  }
}
