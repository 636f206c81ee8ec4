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
    let middle = max(4, rest / 2)
    let left = rect.width * 5 / 9
    let pair = rect.rows(4, middle)
    drawReasons(pair.columns(0, left))
    drawSources(pair.columns(left, rect.width - left))
    drawHosts(rect.rows(4 + middle, hosts))
    drawNewest(rect.rows(4 + middle + hosts, rest - middle))
  }

  private mutating func drawDashboard(_ rect: Rect) {
    let graphs = max(6, rect.height / 5)
    drawGraphs(rect.rows(0, graphs))
    let rest = rect.rows(graphs, rect.height - graphs)
    let left = rect.width / 2
    let hosts = min(max(1, model.hosts.count), rest.height / 3) + 1
    let reasons = min(rest.height * 3 / 5, 16)
    drawReasons(rest.columns(0, left).rows(0, reasons))
    drawSources(rest.columns(0, left).rows(reasons, rest.height - reasons))
    let right = rest.columns(left, rest.width - left)
    drawHosts(right.rows(0, hosts))
    drawNewest(right.rows(hosts, right.height - hosts))
  }

  private mutating func drawSmallOverview(_ rect: Rect) {
    drawRates(rect.rows(0, 4))
    drawReasons(rect.rows(4, rect.height - 4))
  }

  private var flows: [(name: String, series: Series, bits: Double?, role: Role)] {
    let history = model.history
    return [
      ("in", history.inbound, history.inboundBits, .graphLow),
      ("out", history.outbound, history.outboundBits, .graphLow),
      ("dropped", history.dropped, nil, .graphMid),
    ]
  }

  private mutating func drawRates(_ rect: Rect) {
    drawHeading("Traffic, last 60 s", rect, note: layout.form >= .full ? reachNote : "")
    for (index, flow) in flows.enumerated() {
      let runs =
        rateRuns(flow.name, flow.series.last, flow.bits, padded: true)
      putLine(runs, rect, index + 1)
      let x = rect.x + 2 + grid.width(of: runs) + 1
      guard index + 1 < rect.height else { continue }
      let width = min(Series.length, rect.right - x - 1)
      grid.put(
        Graph.spark(flow.series.values, width: width, glyphs: glyphs), x, rect.y + index + 1,
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
    let width = rect.width / 3
    for (index, flow) in flows.enumerated() {
      let last = index == flows.count - 1
      let part = rect.columns(index * width, last ? rect.width - index * width : width)
      let most = "most \(Format.rate(flow.series.greatest))"
      drawHeading("\(flow.name)  \(Format.rate(flow.series.last)) pps", part, note: most)
      let inner = Rect(
        x: part.x + 2, y: part.y + 1, width: part.width - 4, height: part.height - 1)
      // Sixty seconds, each as broad as there is room for.
      let lines = Graph.bars(
        flow.series.values, width: inner.width, height: inner.height, glyphs: glyphs)
      for (row, line) in lines.enumerated() {
        grid.put(line, inner.x, inner.y + row, limit: inner.width, role: flow.role)
      }
    }
  }

  private mutating func drawReasons(_ rect: Rect) {
    let counted = (model.stats?.drops ?? [:]).filter { $0.value.count > 0 }
      .sorted { ($1.value.count, $0.key) < ($0.value.count, $1.key) }
    let all = counted.reduce(0) { $0 &+ $1.value.count }
    drawHeading("Drops by reason", rect, note: Format.grouped(all))
    if counted.isEmpty { putLine([TextRun("nothing was dropped yet", .textDim)], rect, 1) }
    for (index, entry) in counted.prefix(max(0, rect.height - 1)).enumerated() {
      let rate = entry.value.perSecond
      let runs = [
        TextRun(Self.right(entry.key, 21), CellText.role(ofReason: entry.key)),
        TextRun(Self.left(Format.count(entry.value.count), 7)),
        TextRun(Self.left(Format.rate(rate), 7), rate > 0 ? .textStrong : .textDim),
        TextRun("/s ", .textDim),
      ]
      putLine(runs, rect, index + 1)
      let x = rect.x + 2 + grid.width(of: runs)
      let width = min(Series.length, rect.right - x - 1)
      let values = model.history.reasons[entry.key]?.values ?? []
      grid.put(
        Graph.spark(values, width: width, glyphs: glyphs), x, rect.y + index + 1, limit: width,
        role: .graphMid)
    }
  }

  private mutating func drawSources(_ rect: Rect) {
    drawHeading("Top dropped sources", rect)
    let sources = model.stats?.topSources ?? []
    if sources.isEmpty { putLine([TextRun("none", .textDim)], rect, 1) }
    for (index, source) in sources.prefix(max(0, rect.height - 1)).enumerated() {
      putLine(Self.source(source), rect, index + 1)
    }
  }

  static func source(_ source: StatsReport.Source) -> [TextRun] {
    [
      TextRun(right(source.address.description, 15), .textStrong),
      TextRun(left(Format.count(source.count), 6)),
      TextRun(left(Format.rate(source.perSecond), 6), source.perSecond > 0 ? .text : .textDim),
      TextRun("/s  ", .textDim),
      TextRun(source.lastReason, CellText.role(ofReason: source.lastReason)),
    ]
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
      wall: model.now.wall, rate: model.hostRates[host.name], history: model.history,
      glyphs: glyphs, width: 0, allDrops: 0)
    return [
      CellText.mark(host, context), TextRun(" "),
      TextRun(Self.right(host.name, 10), .textStrong),
      TextRun(Self.right(host.insideAddress.description, 15)),
      TextRun(Self.left("\(host.spisInUse)", 5)), TextRun(" SPIs ", .textDim),
      TextRun(Self.left("\(host.entries)", 4)), TextRun(" entries ", .textDim),
      TextRun(Self.left(CellText.rate(context.rate?.packetsPerSecond).text, 7)),
      TextRun(" pps  ", .textDim), TextRun(host.state, CellText.role(ofHostState: host.state)),
    ]
  }

  private mutating func drawNewest(_ rect: Rect) {
    drawHeading("Newest drops", rect)
    if model.newestDrops.isEmpty { putLine([TextRun("none yet", .textDim)], rect, 1) }
    for (index, row) in model.newestDrops.prefix(max(0, rect.height - 1)).enumerated() {
      let runs = [
        TextRun(CellText.clock(row.time), .textDim), TextRun(" "),
        TextRun(Self.right(row.reason, 22), CellText.role(ofReason: row.reason)),
        TextRun(Self.right(row.source?.description ?? "-", 16), .textStrong),
        TextRun(Self.right(row.protocol ?? "-", 5)),
        TextRun(Self.right(CellText.spiOrPorts(row).text, 12)),
        TextRun(row.count > 1 ? "x\(Format.count(row.count))" : "", .textDim),
      ]
      putLine(runs, rect, index + 1)
    }
  }

  /// The screen when there is room for numbers only.
  mutating func drawCounters(_ rect: Rect) {
    let history = model.history
    let entries = model.status.map { "\($0.saEntries)" } ?? "-"
    let lines: [[TextRun]] = [
      counter("in", Format.rate(history.inbound.last), "pps"),
      counter("out", Format.rate(history.outbound.last), "pps"),
      counter("drop", Format.rate(history.dropped.last), "pps"),
      counter("SA", entries, "q quit"),
    ]
    for (index, runs) in lines.enumerated() { putLine(runs, rect, index, indent: 1) }
    if let notice = model.notice, rect.height > 0 {
      let line = rect.rows(rect.height - 1, 1)
      grid.fill(line, role: .text)
      putLine([TextRun(notice.text, .stateAttention)], line, 0, indent: 0)
    }
  }

  private func counter(_ name: String, _ value: String, _ unit: String) -> [TextRun] {
    [
      TextRun(Self.right(name, 5), .textDim), TextRun(Self.left(value, 6), .textStrong),
      TextRun(" \(unit)", .textDim),
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
