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
}
