internal import Engine
internal import Net
internal import PAP

/// One row in words: what the details and the strip below a table show.
struct Details {
  /// One piece of the details.
  enum Line: Equatable {
    case heading(String)
    case pair(String, [TextRun])
    case text(String)
    case blank
  }

  let title: String
  let lines: [Line]
  private let keymap: Keymap

  init(_ row: Row, model: Model) {
    keymap = model.settings.keymap
    let context = CellContext(
      wall: model.shownWall, rate: model.table.rates[row.id], trend: Trend(), glyphs: .ascii,
      width: 0, allDrops: model.status?.packets.dropped ?? 0, times: model.times)
    switch row {
    case .association(let row):
      title = "\(row.host)  \(row.address)  \(row.protocol.name)"
      lines = Self.association(row, context)
    case .host(let row):
      title = row.name
      lines = Self.host(row, context) + Self.whole(model.hostReport, of: row.name, context)
    case .peer(let row):
      title = row.target.short
      lines = Self.peer(row, context)
    case .drop(let row):
      title = row.reason
      lines = Self.drop(row, context) + Self.offers(for: .drop(row), reason: row.reason, model)
    case .reason(let row):
      title = row.reason
      lines = Self.reason(row, context, model)
    case .dropSource(let row):
      title = row.address.description
      lines = Self.dropSource(row, model)
    case .dropHost(let row):
      title = row.host
      lines = Self.dropHost(row, model)
    case .ike(let row):
      title = "IKE: \(row.kind)"
      lines = Self.ike(row, context)
    case .ports(let row):
      title = "ports \(row.first)-\(Int(row.first) + row.count - 1)"
      lines = Self.ports(row, context)
    case .audit(let row):
      title = "\(row.action) \(row.target)"
      lines = Self.audit(row, context)
    }
  }

  static func pair(_ label: String, _ text: String, _ role: Role = .text) -> Line {
    .pair(label, [TextRun(text, role)])
  }

  private static func association(_ row: SARow, _ context: CellContext) -> [Line] {
    [
      pair("Host", row.host, .textStrong),
      pair("Peer", row.address.description, .textStrong),
      pair("Protocol", row.protocol == .any ? "ESP and AH" : row.protocol.name.uppercased()),
      pair("Inbound SPI", row.spiIn?.description ?? "any SPI that the host holds"),
      pair("Outbound SPI", row.spiOut?.description ?? "not known"),
      pair("Validated by", row.origin == "operator" ? "an operator" : "the host"),
      pair("Since", moment(row.created, context)),
      pair("Expires", deadline(row.expires, context, never: "never")),
      pair("Inbound", traffic(row.packets, row.bytes)),
      .pair("Now", rate(.association(row), context)),
      .pair("Drops", [CellText.drops(row.drops, context)]),
      pair("Last packet", moment(row.lastSeen, context)),
    ]
  }

  private static func host(_ row: HostRow, _ context: CellContext) -> [Line] {
    let used =
      "\(Format.grouped(UInt64(max(0, row.spisInUse)))) of "
      + Format.grouped(UInt64(row.spiCount))
    return [
      pair("State", state(row.state), CellText.role(ofHostState: row.state)),
      pair("Inside address", row.insideAddress.description, .textStrong),
      pair("SPI slot", row.slot?.description ?? "none leased"),
      .pair("SPI range", [CellText.range(of: row)]),
      pair("SPIs in use", row.spiCount > 0 ? used : "-"),
      pair("SPIs claimed", String(row.spisClaimed)),
      .pair("Ports", [CellText.ports(row.ports)]),
      pair("Entries", String(row.entries)),
      pair("Lease ends", deadline(row.leaseExpires, context, never: "no lease")),
      pair("Traffic", traffic(row.packets, row.bytes)),
      .pair("Now", rate(.host(row), context)),
      .pair("Drops", [CellText.drops(row.drops, context)]),
      .pair("Violations", [CellText.violations(row.violations, context)]),
      pair("Last seen", moment(row.lastSeen, context)),
      pair("Key id", String(row.keyId)),
    ]
  }

  private static func peer(_ row: PeerRow, _ context: CellContext) -> [Line] {
    let revoked = row.state == "revoked"
    let common: [Line] = [
      pair("Address", row.target.short, .textStrong),
      pair("State", row.state, revoked ? .stateFail : .stateOK),
      .pair("For", [CellText.hosts(row)]),
    ]
    guard revoked else {
      return common + [
        pair("Entries", String(row.entries)),
        pair("Inbound", traffic(row.packets, row.bytes)),
        .pair("Now", rate(.peer(row), context)),
        .pair("Drops", [CellText.drops(row.drops, context)]),
        pair("Last packet", moment(row.lastSeen, context)),
      ]
    }
    return common + [
      pair("Revoked by", row.by ?? "not known"),
      pair("Reason", row.reason ?? "none given"),
      pair("Ends", deadline(row.expires, context, never: "when it is lifted")),
      .pair("Drops", [CellText.drops(row.drops, context)]),
    ]
  }

  private static func reason(
    _ row: DropReasonRow, _ context: CellContext, _ model: Model
  ) -> [Line] {
    let words = DropExplanation.of(row.reason)
    let stats = model.stats
    let sources = (stats?.topSources ?? []).filter { $0.lastReason == row.reason }
    return [
      .text(words?.meaning ?? "This console does not know the reason."), .text(words?.advice ?? ""),
      .heading("Counted"),
      pair("Drops", Format.grouped(row.count), .textStrong),
      pair("Share", row.count == 0 ? "none" : Format.share(row.count, of: context.allDrops)),
      pair("Now", "\(Format.rate(row.perSecond)) a second"),
      pair("Since", stats.map { moment($0.since, context) } ?? "-"),
    ]
      + (sources.isEmpty ? [] : [.heading("Top sources")])
      + sources.prefix(10).map {
        pair($0.address.description, "\(Format.count($0.count)), \(Format.rate($0.perSecond))/s")
      }
  }

  private static func state(_ name: String) -> String {
    switch name {
    case "suspended": "suspended by an operator: nothing from or to it is forwarded"
    case "silent": "silent: no session with its agent"
    default: name
    }
  }

  static func spi(_ spi: SPI?) -> String {
    guard let spi else { return "none" }
    if spi.isReserved { return "\(spi), reserved" }
    return spi.slot.map { "\(spi), in slot \($0)" } ?? "\(spi), in no slot"
  }

  static func endpoint(_ address: IPv4Address?, _ port: UInt16?) -> String {
    guard let address else { return "not readable" }
    return port.map { "\(address) port \($0)" } ?? address.description
  }

  static func protocolName(_ name: String?) -> String {
    switch name {
    case nil: "not readable"
    case "esp"?: "ESP (50)"
    case "ah"?: "AH (51)"
    case "udp"?: "UDP (17)"
    case "tcp"?: "TCP (6)"
    case "icmp"?: "ICMP (1)"
    case let other?: "number \(other)"
    }
  }

  static func traffic(_ packets: UInt64, _ octets: UInt64) -> String {
    "\(Format.grouped(packets)) packets, \(Format.octets(octets)) octets"
  }

  private static func rate(_ row: Row, _ context: CellContext) -> [TextRun] {
    [
      TextRun(
        Columns.packetRate(row, context).map(\.text).joined() + " packets/s, "
          + Columns.bitRate(row, context).map(\.text).joined() + " bit/s")
    ]
  }

  static func moment(_ time: String?, _ context: CellContext) -> String {
    guard let time else { return "never" }
    guard let seconds = Timestamp.seconds(time) else { return time }
    return "\(context.times.full(seconds)), "
      + "\(Format.duration(context.wall - Double(seconds))) ago"
  }

  static func deadline(
    _ time: String?, _ context: CellContext, never: String
  ) -> String {
    guard let time else { return never }
    guard let seconds = Timestamp.seconds(time) else { return time }
    let left = Double(seconds) - context.wall
    return "\(context.times.full(seconds)), "
      + (left > 0 ? "in \(Format.duration(left))" : "now")
  }
}

extension Details {
  /// The details as lines of at most `width` columns.
  func rendered(width: Int) -> [[TextRun]] {
    let labels = lines.map { line in
      if case .pair(let label, _) = line { label.count } else { 0 }
    }
    let column = min((labels.max() ?? 0) + 2, max(0, width / 2))
    return lines.flatMap { rendered($0, column: column, width: width) }
  }

  private func rendered(_ line: Line, column: Int, width: Int) -> [[TextRun]] {
    switch line {
    case .blank: return [[]]
    case .heading(let text): return [[], [TextRun(text, .header)]]
    case .text(let text):
      return text.isEmpty
        ? []
        : [[]]
          + Wrap.lines(keymap.naming(text), width: min(width, 76)).map { [TextRun($0)] }
    case .pair(let label, let runs):
      let padding = String(repeating: " ", count: max(1, column - label.count))
      return [[TextRun(label + padding, .textDim)] + runs]
    }
  }
}
