internal import Engine

extension Screen {
  /// The line that says which router this is, how it is, and who looks at it.
  mutating func drawTitle() {
    let rect = layout.title
    grid.fill(rect, role: .title)
    let right = titleRight
    let rightWidth = grid.width(of: right)
    let start = max(rect.x, rect.right - rightWidth)
    let left = titleLeft
    var x = rect.x
    for group in left {
      guard x + grid.width(of: group) <= start - 1 || x == rect.x else { break }
      x = grid.put(group, x, rect.y, limit: max(0, start - x))
    }
    grid.put(right, start, rect.y)
  }

  // Groups in the order of their weight: the last go first when the line is short.
  private var titleLeft: [[TextRun]] {
    guard let status = model.status else { return [[TextRun(" dnat-console", .titleStrong)]] }
    var groups = [[TextRun(" \(status.externalAddress)", .titleStrong)]]
    if model.link == .up {
      let uptime = Format.age(Double(status.uptimeSeconds))
      groups.append([TextRun("  \(status.state) \(uptime)", .title)])
    }
    groups.append([TextRun("  \(role)", .title)])
    let others = Presence.text(model.identity?.others ?? [])
    if !others.isEmpty { groups.append([TextRun("  with \(others)", .titleStrong)]) }
    groups.append([TextRun("  via \(status.tun)", .title)])
    groups.append([TextRun("  dnat-console \(status.version)", .title)])
    return groups
  }

  private var role: String { model.isReadOnly ? "read-only" : "operator" }

  private var titleRight: [TextRun] {
    let clock = TextRun(" \(CellText.clock(wall: model.shownWall))Z ", .title)
    guard layout.form >= .narrow else { return [liveness] }
    return [liveness, clock]
  }

  private var liveness: TextRun {
    switch model.link {
    case .connecting: TextRun(" CONNECTING ", .badgeReadOnly)
    case .down(let since, _):
      TextRun(
        " NO ENGINE \(Format.duration(Double(model.now.since(since) / Moment.second))) ", .danger)
    case .up where model.isFrozen: TextRun(" FROZEN ", .badgeFrozen)
    case .up:
      silence.map { TextRun(" NO ANSWER \($0) ", .danger) }
        ?? TextRun(" LIVE\(pace) ", .titleStrong)
    }
  }

  // A line that is slow enough to be noticed is named.
  private var pace: String {
    let interval = model.lookInterval
    let rate = interval == Moment.second ? "" : " \(Self.period(interval))"
    return rate + (model.line.shownRoundTrip.map { " rtt \($0)" } ?? "")
  }

  private static func period(_ interval: UInt64) -> String {
    interval < Moment.second
      ? "0.\(interval * 10 / Moment.second)s" : "\(interval / Moment.second)s"
  }

  /// Nanoseconds after which an engine that has not answered is said to be silent.
  private static let patience = 3 * Moment.second

  private var silence: String? {
    guard let oldest = model.requests.oldest, model.now.since(oldest) > Self.patience else {
      return nil
    }
    return Format.duration(Double(model.now.since(oldest) / Moment.second))
  }

  /// The names of the views, that on the screen set apart.
  mutating func drawTabs() {
    let rect = layout.tabs
    guard !rect.isEmpty else { return }
    var x = rect.x
    let blank = model.hasRoomForTabs ? " " : ""
    for view in ViewID.allCases {
      let isShown = view == model.view.main
      x = grid.put(" \(model.keyLabel(of: view))", x, rect.y, role: isShown ? .cursor : .key)
      x = grid.put(
        "\(blank)\(view.tab)\(blank)", x, rect.y, role: isShown ? .cursor : .hint)
    }
    let waiting = model.mayOnlyLook ? " may only look " : model.isLocked ? " locked " : ""
    grid.putRight(waiting, rect.right, rect.y, limit: rect.right - x, role: .badgeReadOnly)
  }

  /// Rates in and out, drops with their last minute, and how much there is.
  ///
  /// The overview shows the rates itself, so there the line counts what the packets came to.
  mutating func drawStatus() {
    let rect = layout.status
    guard !rect.isEmpty else { return }
    if case .down(let since, let reason) = model.link { return drawLoss(reason, since, rect) }
    let isOverview = model.view == .overview && model.overlay == nil
    let end = grid.put(isOverview ? exits : rates, rect.x, rect.y, limit: rect.width)
    let totals = totals(atMost: rect.right - end)
    let start = rect.right - grid.width(of: totals)
    grid.put(totals, start, rect.y)
    guard !isOverview else { return }
    let spark = min(Series.length, start - end - 2)
    grid.put(
      Graph.spark(model.history.dropped.values, width: spark, glyphs: glyphs), end + 1, rect.y,
      role: .graphMid)
  }

  // Rates that are no more true are not shown as if they were.
  private mutating func drawLoss(_ reason: String, _ since: UInt64, _ rect: Rect) {
    let time = CellText.clock(
      wall: model.now.wall - Double(model.now.since(since)) / Double(Moment.second))
    let old = model.status == nil ? "" : "; what is shown is of \(time)Z"
    putLine([TextRun("\(reason)\(old)", .stateFail)], rect, 0, indent: 1)
  }

  private var rates: [TextRun] {
    let history = model.history
    return flow("in", history.inbound.last, history.inboundBits)
      + flow("out", history.outbound.last, history.outboundBits)
      + [
        TextRun(" drop ", .textDim),
        TextRun(
          "\(Format.rate(history.dropped.last))/s",
          history.dropped.last > 0 ? .stateAttention : .text),
      ]
  }

  private func flow(_ name: String, _ packets: Double, _ bits: Double) -> [TextRun] {
    [
      // Of a steady width, so that what stands behind does not move with each digit.
      TextRun(" \(name) ", .textDim), TextRun(Self.left(Format.rate(packets), 5), .textStrong),
      TextRun(" pps ", .textDim), TextRun("\(Self.left(Format.bits(bits), 5))b/s "),
    ]
  }

  private var exits: [TextRun] {
    guard let packets = model.status?.packets else { return [] }
    let zero = model.overviewZero?.packets
    let counts: [(String, KeyPath<StatusReport.Packets, UInt64>)] = [
      ("in", \.forwardedInbound), ("out", \.forwardedOutbound), ("answered", \.answered),
      ("consumed", \.consumed), ("dropped", \.dropped),
    ]
    return counts.flatMap { name, path in
      let count = since(zero?[keyPath: path], packets[keyPath: path])
      return [TextRun(" \(name) ", .textDim), TextRun(Format.count(count), .textStrong)]
    }
  }

  // A counter as it is since it was zeroed; whole if the router began anew.
  private func since(_ zero: UInt64?, _ count: UInt64) -> UInt64 {
    zero.map { $0 <= count ? count - $0 : count } ?? count
  }

  // What does not fit goes, the least first.
  private func totals(atMost width: Int) -> [TextRun] {
    guard let status = model.status else { return [] }
    let entries = total("SA", status.saEntries)
    let hosts = total("hosts", status.hosts)
    let revoked = [
      TextRun(" revoked ", .textDim),
      TextRun(String(status.revocations), status.revocations > 0 ? .stateFail : .textStrong),
    ]
    let end = [TextRun(" ")]
    let choices = [entries + hosts + revoked + end, entries + revoked + end, entries + end]
    return choices.first { grid.width(of: $0) < width } ?? []
  }

  private func total(_ name: String, _ count: Int) -> [TextRun] {
    [TextRun(" \(name) ", .textDim), TextRun(Format.count(UInt64(max(0, count))), .textStrong)]
  }
}
