extension Screen {
  /// How many candidates are listed at once.
  private static let mostCandidates = 10

  /// The command line over the last line of the screen, and above it what it may go on with, or what is
  /// wrong with it.
  mutating func draw(_ input: CommandInput) {
    let rows = grid.height
    guard layout.form > .name, rows > 1 else { return }
    let line = Rect(x: 0, y: rows - 1, width: grid.width, height: 1)
    let role: Role = input.problem == nil ? .input : .inputError
    grid.fill(line, role: role)
    let start = draw(input.editor, after: " :", line, role: role)
    let above = Rect(x: 0, y: 0, width: grid.width, height: rows - 1)
    if let problem = input.problem {
      drawProblem(problem.message, at: start + problem.column - 1, above, upwards: true)
    } else {
      draw(model.candidates(for: input), chosen: input.chosen, above)
    }
  }

  private mutating func draw(_ candidates: [CommandCandidate], chosen: Int?, _ above: Rect) {
    let rows = min(candidates.count, Self.mostCandidates, above.height - 1)
    guard rows > 0 else { return }
    let top = max(0, min((chosen ?? 0) - rows / 2, candidates.count - rows))
    let shown = candidates.dropFirst(top).prefix(rows)
    let word = (shown.map { $0.text.count }.max() ?? 0) + 2
    let box = above.rows(above.height - rows - 1, rows + 1)
    let more = candidates.count > rows ? "\(top + 1)-\(top + rows) of \(candidates.count)" : ""
    drawHeading("Tab completes", box, note: more)
    for (index, candidate) in shown.enumerated() {
      let line = box.rows(index + 1, 1)
      grid.fill(line, role: .dialog)
      let isOff = candidate.obstacle != nil
      let runs = [
        TextRun(" " + Self.right(candidate.text, word), isOff ? .dialogDim : .dialogStrong),
        TextRun(candidate.obstacle.map { "(\($0))" } ?? candidate.title, .dialogDim),
      ]
      grid.put(runs, line.x, line.y, limit: line.width, ellipsis: true)
      if top + index == chosen { grid.restyle(line, role: .cursor) }
    }
  }
}
