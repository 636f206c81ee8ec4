internal import Net

/// What is said in a dialog beside its fields, one run a line.
struct DialogWords {
  /// The lines that what the router says of a command usually takes.
  private static let usualHeight = 7
  /// Marked rows that are listed.
  private static let mostListed = 8
  /// Hosts that are named.
  private static let mostNamed = 6

  /// What the command means.
  private var meaning: [TextRun]
  /// What it would do now.
  private var effect: [TextRun]

  var count: Int { meaning.count + effect.count }

  /// As much as there is room for: the numbers rather than the words.
  func fitting(_ height: Int) -> [TextRun] {
    guard count > height else { return meaning + effect }
    return Array((effect.filter { !$0.text.isEmpty } + meaning).prefix(max(0, height)))
  }

  init(_ dialog: Dialog, _ model: Model, width: Int) {
    meaning = Wrap.lines(dialog.consequence(model), width: width).map { TextRun($0, .dialog) }
    effect = Self.explanation(dialog, model, width)
    // Room for what the router will say is kept from the first, so that nothing jumps when it does.
    let room = !dialog.isExplanationNeeded ? 0 : max(0, Self.usualHeight - effect.count)
    effect += Array(repeating: TextRun("", .dialog), count: room)
  }

  private static func explanation(_ dialog: Dialog, _ model: Model, _ width: Int) -> [TextRun] {
    let command: Command
    do throws(FieldProblem) {
      guard let made = try dialog.command() else { return [] }
      command = made
    } catch {
      return [TextRun(""), TextRun(error.message, .dialogStrong)]
    }
    guard let explained = dialog.explained, explained.command == command else {
      return [TextRun(""), TextRun("asking the router what this would do", .dialogDim)]
    }
    switch explained.result {
    case .failure(let failure):
      return [TextRun("", .dialog)]
        + Wrap.lines("The router says: \(failure.message)", width: width)
        .map { TextRun($0, .dialogStrong) }
    case .success(let explanation):
      return warnings(explanation, model, width)
        + lines(for: explanation, of: command, model, width) + list(dialog, explanation)
    }
  }

  private static func warnings(
    _ explanation: Explanation, _ model: Model, _ width: Int
  ) -> [TextRun] {
    guard explanation.ownPeer else { return [] }
    let key = model.settings.keymap.hint(of: .keep)
    let text =
      "This covers the address that your own session comes from: it is rolled back after "
      + "\(Model.provisionalTime) s unless \(key) keeps it, and at once if you are cut off."
    return Wrap.lines(text, width: width).map { TextRun($0, .danger) }
  }

  private static func lines(
    for explanation: Explanation, of command: Command, _ model: Model, _ width: Int
  ) -> [TextRun] {
    let counted =
      "\(Format.grouped(UInt64(max(0, explanation.entries)))) of "
      + "\(Format.plural(explanation.allEntries, "entry", "entries")), "
      + "\(Format.rate(explanation.packetsPerSecond)) packets/s now\(named(explanation.hosts))"
    var history = [age(of: explanation, model), touch(of: explanation, model)].compactMap { $0 }
    // Nobody has touched a file here.
    if case .reload = command { history = [] }
    return [TextRun("", .dialog)]
      + Wrap.lines("Now: \(explanation.message)", width: width).map { TextRun($0, .dialogStrong) }
      + Wrap.lines(counted, width: width).map { TextRun($0, .dialogStrong) }
      + Wrap.lines(history.joined(separator: "; "), width: width).map { TextRun($0, .dialog) }
  }

  private static func named(_ hosts: [String]) -> String {
    guard !hosts.isEmpty else { return "" }
    let names = hosts.prefix(mostNamed).joined(separator: ", ")
    let rest = hosts.count - mostNamed
    return "; \(names)" + (rest > 0 ? " and \(Format.plural(rest, "more host", "more hosts"))" : "")
  }

  private static func age(of explanation: Explanation, _ model: Model) -> String? {
    let ages = explanation.begun.compactMap(Timestamp.seconds).map {
      model.shownWall - Double($0)
    }
    guard let least = ages.min(), let most = ages.max() else { return nil }
    return Format.age(least) == Format.age(most)
      ? "\(Format.age(most)) old" : "\(Format.age(least)) to \(Format.age(most)) old"
  }

  private static func touch(of explanation: Explanation, _ model: Model) -> String? {
    guard let name = explanation.touchedBy else { return "no operator has touched it" }
    let ago = explanation.touchedAt.flatMap(Timestamp.seconds).map {
      " \(Format.duration(model.shownWall - Double($0))) ago"
    }
    return "last touched by \(name)\(ago ?? "")"
  }

  // What is left out comes first: it is what one does not expect.
  private static func list(_ dialog: Dialog, _ explanation: Explanation) -> [TextRun] {
    guard let plan = dialog.plan else {
      return explanation.examples.map { TextRun("  \($0)", .dialogDim) }
    }
    let out = plan.leftOut.map {
      TextRun("! \($0.label): left out, \($0.obstacle ?? "")", .danger)
    }
    let chosen = plan.chosen.map { TextRun("* \($0.label)", .dialogStrong) }
    let all = out + chosen
    var lines = Array(all.prefix(mostListed))
    if all.count > mostListed {
      let rest = Format.grouped(UInt64(all.count - mostListed))
      lines.append(TextRun("  and \(rest) more", .dialogDim))
    }
    if explanation.leftOut > 0 {
      let rows = Format.plural(explanation.leftOut, "has", "have")
      lines.insert(TextRun("! \(rows) changed meanwhile: left out", .danger), at: 0)
    }
    if plan.hiddenCount > 0 {
      let rows = Format.plural(plan.hiddenCount, "marked row is", "marked rows are")
      lines.insert(TextRun("! \(rows) hidden by the filter: not acted on", .danger), at: 0)
    }
    return lines
  }
}
