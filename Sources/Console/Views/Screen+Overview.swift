internal import Engine
internal import PAP

extension Screen {
  /// The router in one look: is traffic flowing, what is dropped and why, and who sends it.
  mutating func drawOverview(_ rect: Rect) {
    if case .down(_, let reason) = model.link, model.status == nil {
      return drawParagraph(reason, rect)
    }
    switch layout.form {
    case .dashboard: drawDashboard(rect)
    case .full: drawFullOverview(rect)
    default: drawSmallOverview(rect)
    }
  }

  private mutating func drawParagraph(_ text: String, _ rect: Rect) {
    for (row, line) in Wrap.lines(text, width: rect.width - 4).enumerated() {
      putLine([TextRun(line, .stateAttention)], rect, row + 1)
    }
  }

  private mutating func drawFullOverview(_ rect: Rect) {
    drawRates(rect.rows(0, 4))
    let hosts = min(max(1, model.hosts.count), 4) + 1
    let rest = rect.height - 4 - hosts
    let middle = min(max(4, rest / 2), max(reasonCounts.count, 4) + 1)
    drawPair(rect.rows(4, middle))
    drawHosts(rect.rows(4 + middle, hosts))
    let left = rect.width * 9 / 16
    let newest = rect.rows(4 + middle + hosts, rest - middle)
    drawNewestDrops(newest.columns(0, left))
    drawNewestAudit(newest.columns(left, rect.width - left))
  }

  // Reasons at the left, sources at the right.
  private mutating func drawPair(_ rect: Rect) {
    let left = rect.width * 9 / 16
    drawReasons(rect.columns(0, left))
    drawSources(rect.columns(left, rect.width - left))
  }

  // Traffic and drops at the left; whose they are, and what was done, at the right.
  private mutating func drawDashboard(_ rect: Rect) {
    let half = rect.width / 2
    let (left, right) = (rect.columns(0, half), rect.columns(half, rect.width - half))
    let graphs = 3 * max(3, rect.height / 9)
    drawGraphs(left.rows(0, graphs))
    let reasons = min(max(6, reasonCounts.count), max(6, (left.height - graphs) / 2)) + 1
    drawReasons(left.rows(graphs, reasons))
    drawSources(left.rows(graphs + reasons, left.height - graphs - reasons))
    let alarms = model.alarms.isEmpty ? 0 : model.alarms.count + 1
    drawAllAlarms(right.rows(0, alarms))
    let hosts = min(max(1, model.hosts.count), right.height / 5) + 1
    drawHosts(right.rows(alarms, hosts))
    let top = alarms + hosts
    let drops = (right.height - top) * 3 / 5
    drawNewestDrops(right.rows(top, drops))
    drawNewestAudit(right.rows(top + drops, right.height - top - drops))
  }

  private mutating func drawAllAlarms(_ rect: Rect) {
    drawHeading("Alarms", rect)
    for (row, alarm) in model.alarms.enumerated() {
      putLine(
        [
          TextRun("\(glyphs[.ending]) ", .stateFail), TextRun(alarm.text, .stateFail),
          TextRun("  since \(CellText.clock(alarm.since))Z", .textDim),
        ], rect, row + 1)
    }
  }

  private mutating func drawSmallOverview(_ rect: Rect) {
    drawRates(rect.rows(0, 4))
    drawReasons(rect.rows(4, rect.height - 4))
  }

  /// Traffic of one kind: what it is now, and how it was over the time that graphs show.
  private struct Flow {
    let name: String
    let now: Double
    let bits: Double?
    let values: [Double]
    let role: Role
  }

  private var flows: [Flow] {
    let history = model.history
    return [
      Flow(
        name: "in", now: history.inbound.last, bits: history.inboundBits, values: trend.inbound,
        role: .graphLow),
      Flow(
        name: "out", now: history.outbound.last, bits: history.outboundBits,
        values: trend.outbound, role: .graphLow),
      Flow(
        name: "dropped", now: history.dropped.last, bits: nil, values: trend.dropped,
        role: .graphMid),
    ]
  }

  private mutating func drawRates(_ rect: Rect) {
    drawHeading(
      "Traffic, last \(model.graphSpan.label)", rect, note: layout.form >= .full ? reachNote : "")
    for (index, flow) in flows.enumerated() {
      let runs =
        rateRuns(flow.name, flow.now, flow.bits, padded: true)
      putLine(runs, rect, index + 1)
      let x = rect.x + 2 + grid.width(of: runs) + 1
      guard index + 1 < rect.height else { continue }
      let width = min(Series.length, rect.right - x - 1)
      grid.put(
        Graph.spark(
          Graph.fitted(flow.values, width: width, glyphs: glyphs), width: width, glyphs: glyphs), x,
        rect.y + index + 1,
        role: flow.role)
    }
  }

  private var reachNote: String {
    guard let status = model.status else { return "" }
    return "tunnel endpoint \(status.tunnelEndpoint)"
  }

  private func rateRuns(
    _ name: String, _ packets: Double, _ bits: Double?, padded: Bool
  ) -> [TextRun] {
    let bitText = bits.map { "\(Self.left(Format.bits($0), 6)) bit/s" } ?? ""
    return [
      TextRun(padded ? Self.right(name, 8) : name, .textDim),
      TextRun(Self.left(Format.rate(packets), padded ? 6 : 0), .textStrong),
      TextRun(" pps ", .textDim),
      TextRun(padded ? Self.right(bitText, 12) : bitText, .textDim),
    ]
  }

  private mutating func drawGraphs(_ rect: Rect) {
    let height = rect.height / 3
    for (index, flow) in flows.enumerated() {
      let part = rect.rows(index * height, height)
      let bits = flow.bits.map { "  \(Format.bits($0)) bit/s" } ?? ""
      let most = Format.rate(flow.values.max() ?? 0)
      drawHeading(
        "\(flow.name)  \(Format.rate(flow.now)) pps\(bits)", part,
        note: "\(model.graphSpan.label), most \(most)")
      let inner = Rect(
        x: part.x + 2, y: part.y + 1, width: part.width - 4, height: part.height - 1)
      let lines = Graph.bars(
        Graph.fitted(flow.values, width: inner.width, glyphs: glyphs), width: inner.width,
        height: inner.height, glyphs: glyphs)
      for (row, line) in lines.enumerated() {
        grid.put(line, inner.x, inner.y + row, limit: inner.width, role: flow.role)
      }
    }
  }

  // What was dropped for anything, the most first.
  private var reasonCounts: [(name: String, drops: StatsReport.Drops)] {
    let drops = model.stats?.drops ?? [:]
    let counted = drops.map { name, drops in
      var shown = drops
      shown.count = model.shownDrops(name, drops.count)
      return (name: name, drops: shown)
    }
    return counted.filter { $0.drops.count > 0 }
      .sorted { ($1.drops.count, $0.name) < ($0.drops.count, $1.name) }
  }

  private mutating func drawReasons(_ rect: Rect) {
    let counted = reasonCounts
    let all = counted.reduce(0) { $0 &+ $1.drops.count }
    drawHeading("Drops by reason\(model.countingNote)", rect, note: Format.grouped(all))
    if counted.isEmpty { putLine([TextRun("nothing was dropped", .textDim)], rect, 1) }
    for (index, entry) in counted.prefix(max(0, rect.height - 1)).enumerated() {
      drawReason(entry.name, entry.drops, rect, index + 1)
    }
  }

  private mutating func drawReason(
    _ name: String, _ drops: StatsReport.Drops, _ rect: Rect, _ row: Int
  ) {
    let runs = [
      TextRun(Self.right(name, 21), CellText.role(ofReason: name)),
      TextRun(Self.left(Format.count(drops.count), 6)),
      TextRun(
        Self.left(Format.rate(drops.perSecond), 6), drops.perSecond > 0 ? .textStrong : .textDim),
      TextRun("/s ", .textDim),
    ]
    putLine(runs, rect, row)
    let x = rect.x + 2 + grid.width(of: runs)
    let width = min(Series.length, rect.right - x - 1)
    let values = Graph.fitted(trend.reasons[name] ?? [], width: width, glyphs: glyphs)
    grid.put(
      Graph.spark(values, width: width, glyphs: glyphs), x, rect.y + row, limit: width,
      role: .graphMid)
  }

  /// Who was dropped most, in two columns where they fit.
  mutating func drawSources(_ rect: Rect, note: String = "") {
    drawHeading("Top dropped sources", rect, note: note)
    let sources = model.stats?.topSources ?? []
    if sources.isEmpty { putLine([TextRun("none", .textDim)], rect, 1) }
    let rows = max(0, rect.height - 1)
    let columns = rect.width >= 110 ? 2 : 1
    for (index, source) in sources.prefix(rows * columns).enumerated() {
      let part = rect.columns(index / rows * (rect.width / columns), rect.width / columns)
      putLine(Self.source(source, width: part.width - 2), part, index % rows + 1)
    }
  }

  private static func source(_ source: StatsReport.Source, width: Int) -> [TextRun] {
    let reason = TextRun(source.lastReason, CellText.role(ofReason: source.lastReason))
    return [
      TextRun(right(source.address.description, 15), .textStrong),
      TextRun(left(Format.count(source.count), 7)),
      TextRun(left(Format.rate(source.perSecond), 7), source.perSecond > 0 ? .text : .textDim),
      TextRun("/s  ", .textDim),
    ] + (width >= 54 ? [reason] : [])
  }

  private mutating func drawHosts(_ rect: Rect) {
    drawHeading("Hosts", rect, note: hostsNote)
    if model.hosts.isEmpty { putLine([TextRun("none configured", .textDim)], rect, 1) }
    for (index, host) in model.hosts.prefix(max(0, rect.height - 1)).enumerated() {
      putLine(runs(for: host), rect, index + 1)
    }
  }

  private var hostsNote: String {
    guard let status = model.status else { return "" }
    return "\(Format.plural(status.saEntries, "entry", "entries")), "
      + Format.plural(status.slotsLeased, "slot", "slots")
  }

  private func runs(for host: HostRow) -> [TextRun] {
    let context = CellContext(
      wall: model.shownWall, rate: model.hostRates[host.name], trend: trend,
      glyphs: glyphs, width: 0, allDrops: 0)
    return [
      CellText.mark(host, context), TextRun(" "),
      TextRun(Self.right(host.name, 10), .textStrong),
      TextRun(Self.right(host.insideAddress.description, 15)),
      TextRun(Self.left("\(host.spisInUse)", 5)), TextRun(" SPIs ", .textDim),
      TextRun(Self.left("\(host.entries)", 4)), TextRun(" entries ", .textDim),
      TextRun(Self.left(Format.rate(host.packetsPerSecond), 7)),
      TextRun(" pps  ", .textDim), TextRun(host.state, CellText.role(ofHostState: host.state)),
    ]
  }

  /// Text filled with blanks at its right, or cut, to so many characters.
  static func right(_ text: String, _ width: Int) -> String {
    text.count >= width
      ? String(text.prefix(width)) : text + String(repeating: " ", count: width - text.count)
  }

  /// Text with blanks before it; never cut.
  static func left(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
  }
}
