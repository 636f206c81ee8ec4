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
      column("REASON", 21, priority: 0, sort: "reason") { row, _ in
        TextRun(row.name, row.count > 0 ? CellText.role(ofReason: row.name) : .textDim)
      },
      column("COUNT", 8, priority: 1, .right, sort: "count", descending: true) { row, _ in
        TextRun(Format.count(row.count), row.count > 0 ? .text : .textDim)
      },
      column("SHARE", 5, priority: 4, .right) { row, context in
        TextRun(Format.share(row.count, of: context.allDrops), .textDim)
      },
      column("RATE/S", 6, priority: 1, .right, sort: "perSecond", descending: true) { row, _ in
        TextRun(Format.rate(row.perSecond), row.perSecond > 0 ? .textStrong : .textDim)
      },
      column("LAST 60 S", 24, upTo: 60, priority: 2) { row, context in
        TextRun(
          Graph.spark(
            context.history.reasons[row.name]?.values ?? [], width: context.width,
            glyphs: context.glyphs), .graphMid)
      },
      column("MEANING", 44, upTo: 60, least: 12, priority: 5) { row, _ in
        TextRun(DropExplanation.of(row.name)?.summary ?? "", .textDim)
      },
    ]
  }()
}
