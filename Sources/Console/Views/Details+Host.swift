internal import Engine
internal import PAP

// One host whole.

extension Details {
  /// What the router says of the host beside its row; nothing until it has.
  static func whole(_ report: HostReport?, of name: String, _ context: CellContext) -> [Line] {
    guard let report, report.row.name == name else { return [] }
    return spis(report) + ike(report) + peers(report, context) + drops(report)
  }

  private static func spis(_ report: HostReport) -> [Line] {
    let used = report.spis.map(\.description)
    let claims = report.claims.map(\.description)
    let more = report.row.spisInUse - used.count
    return [.heading("SPIs")]
      + listed("In use", used, more: more) + listed("Claimed", claims, more: 0)
  }

  // Five to a line: as many as eighty columns hold.
  private static func listed(_ label: String, _ words: [String], more: Int) -> [Line] {
    guard !words.isEmpty else { return [.pair(label, [TextRun("none", .textDim)])] }
    var lines: [Line] = stride(from: 0, to: words.count, by: 5).map { first in
      .pair(
        first == 0 ? label : "",
        [TextRun(words[first..<min(first + 5, words.count)].joined(separator: " "))])
    }
    if more > 0 { lines.append(.pair("", [TextRun("and \(more) more", .textDim)])) }
    return lines
  }

  private static func ike(_ report: HostReport) -> [Line] {
    let open = Format.plural(report.ikeOpen, "IKE SA", "IKE SAs")
    return [
      .pair(
        "IKE",
        [
          TextRun("\(open), "),
          TextRun(
            "\(report.ikeHalfOpen) half-open", report.ikeHalfOpen > 0 ? .stateAttention : .textDim),
        ])
    ]
  }

  private static func peers(_ report: HostReport, _ context: CellContext) -> [Line] {
    guard !report.peers.isEmpty else { return [.heading("Peers"), .text("None is validated.")] }
    let title = "Busiest peers, \(report.peers.count) of \(report.peerCount)"
    return [.heading(title)]
      + report.peers.map { peer in
        .pair(
          peer.address.description,
          [
            TextRun("\(Format.rate(peer.packetsPerSecond)) packets/s, ", .textStrong),
            TextRun("\(Format.bits(peer.bitsPerSecond)) bit/s, "),
            TextRun("\(Format.count(peer.packets)) packets, ", .textDim),
            TextRun(
              "\(Format.count(peer.drops)) dropped", peer.drops > 0 ? .stateAttention : .textDim),
          ])
      }
  }

  private static func drops(_ report: HostReport) -> [Line] {
    guard !report.drops.isEmpty else { return [] }
    return [.heading("Newest drops")]
      + report.drops.map { row in
        let from = row.direction == Direction.outbound.name ? "to" : "from"
        let peer = row.direction == Direction.outbound.name ? row.destination : row.source
        return .pair(
          CellText.clock(row.time),
          [
            TextRun("\(row.reason) ", CellText.role(ofReason: row.reason)),
            TextRun("\(from) \(peer?.description ?? "?"), \(Format.count(row.count))"),
          ])
      }
  }
}
