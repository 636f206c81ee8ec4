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
    let total = sections.reduce(0) { $0 + $1.count + 1 }
    var columns: [[[TextRun]]] = [[], []]
    for section in sections {
      let index = columns[0].count + section.count <= total / 2 + 3 && columns[1].isEmpty ? 0 : 1
      columns[index] += (columns[index].isEmpty ? [] : [[]]) + section
    }
    // Two columns where they fit: all keys at one glance.
    let (left, right) = (Self.width(of: columns[0]) + 2, Self.width(of: columns[1]))
    guard left + right <= width else { return Array(sections.joined(separator: [[]])) }
    let start = max(left, min(width / 2, width - right))
    return (0..<max(columns[0].count, columns[1].count)).map { row in
      let runs = row < columns[0].count ? columns[0][row] : []
      return padded(runs, start) + (row < columns[1].count ? columns[1][row] : [])
    }
  }

  // What is disabled altogether says why once.
  private static func section(_ group: Action.Group, _ model: Model) -> [[TextRun]] {
    let actions = Action.all.filter { $0.group == group }
    let reason = actions.contains(where: \.acts) && model.isReadOnly ? model.reasonNotToAct : nil
    let heading = [TextRun(group.rawValue, .header)]
    return [heading + (reason.map { [TextRun(": \($0)", .textDim)] } ?? [])]
      + actions.map { line($0, model) }
  }

  private static func line(_ action: Action, _ model: Model) -> [TextRun] {
    let keys = model.settings.keymap.labels(of: action.id)
    let padding = String(repeating: " ", count: max(1, 10 - keys.count))
    let isOff = action.acts && model.isReadOnly
    return [
      TextRun(" \(keys)", isOff ? .textDim : .key),
      TextRun(padding + action.title, isOff ? .textDim : .text),
    ]
  }

  private static func width(of lines: [[TextRun]]) -> Int { lines.map(width(of:)).max() ?? 0 }

  private static func width(of runs: [TextRun]) -> Int { runs.reduce(0) { $0 + $1.text.count } }

  private static func padded(_ runs: [TextRun], _ width: Int) -> [TextRun] {
    runs + [TextRun(String(repeating: " ", count: max(0, width - Self.width(of: runs))))]
  }
}
