internal import Engine

extension Screen {
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
    let urgent =
      model.notice.map { TextRun($0.text, .stateAttention) }
      ?? model.alarms.first.map { TextRun($0.text, .stateFail) }
    guard let urgent, rect.height > 0 else { return }
    // Below the counters, or where there is no room in place of one, but never of how to leave.
    let line = rect.rows(rect.height > lines.count ? rect.height - 1 : 1, 1)
    grid.fill(line, role: .text)
    putLine([urgent], line, 0, indent: 0)
  }

  private func counter(_ name: String, _ value: String, _ unit: String) -> [TextRun] {
    [
      TextRun(Self.right(name, 5), .textDim), TextRun(Self.left(value, 6), .textStrong),
      TextRun(" \(unit)", .textDim),
    ]
  }
}
