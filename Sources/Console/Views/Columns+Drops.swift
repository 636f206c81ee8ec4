internal import Engine
internal import PAP

extension Columns {
  /// What was dropped for each reason.
  static let drops: [Column] = {
    let column = ColumnMaker { row in
      if case .reason(let row) = row { row } else { nil }
    }
    return [
      column("", 1, priority: 0) { row, context in
        TextRun(row.perSecond > 0 ? String(context.glyphs[.valid]) : "", .stateAttention)
      },
      column("REASON", 21, least: 12, priority: 0, sort: "reason") { row, _ in
        TextRun(row.reason, row.count > 0 ? CellText.role(ofReason: row.reason) : .textDim)
      },
      column("COUNT", 8, priority: 1, .right, sort: "count", descending: true) {
        CellText.counted($0.count, \.drops, $1)
      },
      column("SHARE", 5, priority: 4, .right) { row, context in
        TextRun(Format.share(row.count, of: context.allDrops), .textDim)
      },
      column("RATE/S", 6, priority: 1, .right, sort: "perSecond", descending: true) { row, _ in
        CellText.dropRate(row.perSecond)
      },
      column("TREND", 24, upTo: 72, least: 10, priority: 2) { row, context in
        CellText.trend(context.trend.reasons[row.reason] ?? [], context)
      },
      column("MEANING", 44, upTo: 60, least: 12, priority: 5) { row, _ in
        TextRun(DropExplanation.of(row.reason)?.summary ?? "", .textDim)
      },
    ]
  }()

  /// The sources that most packets were dropped from.
  static let dropSources: [Column] = {
    let column = ColumnMaker { row in
      if case .dropSource(let row) = row { row } else { nil }
    }
    return [
      column("", 1, priority: 0) { row, context in
        CellText.mark(ofValidity: row.state, context)
      },
      column("SOURCE", 15, priority: 0, sort: "address") { row, _ in
        TextRun(row.address.description, .textStrong)
      },
      column("COUNT", 8, priority: 1, .right, sort: "count", descending: true) {
        CellText.counted($0.count, \.drops, $1)
      },
      column("SHARE", 5, priority: 4, .right) { row, context in
        TextRun(Format.share(row.count, of: context.allDrops), .textDim)
      },
      column("RATE/S", 6, priority: 1, .right, sort: "perSecond", descending: true) { row, _ in
        CellText.dropRate(row.perSecond)
      },
      column("TREND", 12, upTo: 60, least: 10, priority: 2) { row, context in
        CellText.trend((row.dropped ?? []).map { Double($0) }, context)
      },
      column("OF ALL", 12, upTo: 30, priority: 5) { row, context in
        CellText.gauge(row.count, of: context.allDrops, context)
      },
      column("ADDRESS IS", 10, priority: 3, sort: "state") { row, _ in
        TextRun(row.state, CellText.role(ofValidity: row.state))
      },
      column("LAST REASON", 21, least: 12, priority: 2, sort: "lastReason") { row, _ in
        TextRun(row.lastReason, CellText.role(ofReason: row.lastReason))
      },
    ]
  }()

  /// What was dropped from and for each host.
  static let dropHosts: [Column] = {
    let column = ColumnMaker { row in
      if case .dropHost(let row) = row { row } else { nil }
    }
    return [
      column("", 1, priority: 0) { row, context in
        TextRun(row.perSecond > 0 ? String(context.glyphs[.valid]) : "", .stateAttention)
      },
      column("HOST", 12, upTo: 20, priority: 0, sort: "host") { row, _ in
        TextRun(row.host, .textStrong)
      },
      column("COUNT", 8, priority: 1, .right, sort: "count", descending: true) {
        CellText.counted($0.count, \.drops, $1)
      },
      column("RATE/S", 6, priority: 1, .right, sort: "perSecond", descending: true) { row, _ in
        CellText.dropRate(row.perSecond)
      },
      column("VIOLATIONS", 10, priority: 2, .right, sort: "violations", descending: true) {
        CellText.counted($0.violations, \.violations, $1)
      },
      column("TREND", 12, upTo: 60, least: 10, priority: 2) { row, context in
        CellText.trend((row.dropped ?? []).map { Double($0) }, context)
      },
      column("OF ALL", 12, upTo: 30, priority: 5) { row, context in
        CellText.gauge(row.count, of: context.allDrops, context)
      },
      column("LAST REASON", 21, least: 12, priority: 3, sort: "lastReason") { row, _ in
        TextRun(
          row.lastReason ?? "-", row.lastReason.map { CellText.role(ofReason: $0) } ?? .textDim)
      },
    ]
  }()
}
