/// What lies over a view and can be scrolled: the help, or the details of a row.
enum OverlayView {
  /// Its lines, all of them.
  static func lines(_ model: Model) -> [[TextRun]] {
    let width = max(10, model.size.width - 4)
    switch model.overlay {
    case .help?: return Help.lines(model, width: width)
    case .details(let row, _)?: return Details(row, model: model).rendered(width: width)
    case nil: return []
    }
  }
}

extension Screen {
  mutating func drawOverlay(_ rect: Rect) {
    let lines = OverlayView.lines(model)
    let (title, scroll): (String, Int) =
      switch model.overlay {
      case .help(let scroll)?: ("Keys", scroll)
      case .details(let row, let scroll)?: (Details(row, model: model).title, scroll)
      case nil: ("", 0)
      }
    let room = max(0, rect.height - 1)
    let more = lines.count > scroll + room ? "\(glyphs[.down]) more" : ""
    drawHeading(title, rect, note: more.isEmpty ? "Esc back" : "\(more), Esc back")
    for (row, runs) in lines.dropFirst(scroll).prefix(room).enumerated() {
      putLine(runs, rect, row + 1)
    }
  }
}

/// The help, made from the table of actions, so that it cannot say anything else than the keys do.
enum Help {
  static func lines(_ model: Model, width: Int) -> [[TextRun]] {
    let sections = Action.Group.allCases.map { section($0, model) }
    // Two columns where they fit: all keys at one glance.
    guard width >= 96 else { return Array(sections.joined(separator: [[]])) }
    let half = width / 2
    let total = sections.reduce(0) { $0 + $1.count + 1 }
    var columns: [[[TextRun]]] = [[], []]
    for section in sections {
      let index = columns[0].count + section.count <= total / 2 + 3 && columns[1].isEmpty ? 0 : 1
      columns[index] += (columns[index].isEmpty ? [] : [[]]) + section
    }
    return (0..<max(columns[0].count, columns[1].count)).map { row in
      let left = row < columns[0].count ? columns[0][row] : []
      let right = row < columns[1].count ? columns[1][row] : []
      return padded(left, half) + right
    }
  }

  private static func section(_ group: Action.Group, _ model: Model) -> [[TextRun]] {
    [[TextRun(group.rawValue, .header)]]
      + Action.all.filter { $0.group == group }.map { line($0, model) }
  }

  private static func line(_ action: Action, _ model: Model) -> [TextRun] {
    let keys = model.settings.keymap.labels(of: action.id)
    let padding = String(repeating: " ", count: max(1, 10 - keys.count))
    if action.acts, model.isReadOnly, let reason = model.reasonNotToAct {
      return [TextRun(" \(keys)\(padding)\(action.title) (\(reason))", .textDim)]
    }
    return [TextRun(" \(keys)", .key), TextRun(padding + action.title)]
  }

  private static func padded(_ runs: [TextRun], _ width: Int) -> [TextRun] {
    let used = runs.reduce(0) { $0 + $1.text.count }
    return runs + [TextRun(String(repeating: " ", count: max(1, width - used)))]
  }
}
