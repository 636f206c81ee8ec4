internal import Engine
internal import PAP

extension Model {
  /// How many lines are remembered.
  private static let longestCommandHistory = 100

  /// What the command line may go on with.
  func candidates(for input: CommandInput) -> [CommandCandidate] {
    guard input.completes else { return [] }
    return CommandCompletion(model: self, peers: input.peers).candidates(for: input.stem)
  }

  /// Keys while the command line is open.
  mutating func handleInCommandLine(_ key: Key) -> [Effect] {
    guard var input = commandInput else { return [] }
    switch key {
    case .enter: return runCommandLine()
    case .escape: return closeOneThing()
    case .control("C"):
      commandInput = nil
      return []
    case .tab: input.choose(by: 1, among: candidates(for: input))
    case .backTab: input.choose(by: -1, among: candidates(for: input))
    case .up: input.recall(by: 1, from: commandHistory)
    case .down: input.recall(by: -1, from: commandHistory)
    case .backspace where input.text.isEmpty:
      commandInput = nil
      return []
    default:
      guard input.edit(key) else { return [] }
      commandInput = input
      return askForPeers()
    }
    commandInput = input
    return []
  }

  // The list first, then the line.
  private mutating func closeOneThing() -> [Effect] {
    guard var input = commandInput else { return [] }
    if input.text.isEmpty || candidates(for: input).isEmpty {
      commandInput = nil
    } else {
      input.isListClosed = true
      commandInput = input
    }
    return []
  }

  // A table of peers may be long: the router says which ones go with what is typed.
  mutating func askForPeers() -> [Effect] {
    guard let input = commandInput, link == .up else { return [] }
    let text = input.text.unicodeScalars
    let word = String(
      String.UnicodeScalarView(text.dropFirst(CommandCompletion.start(of: input.text))))
    let isAddress =
      word.first?.isNumber ?? false
      && word.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == 0x2e }
    guard isAddress, !word.contains("..") else { return [] }
    let query = WindowQuery(
      view: .peers, filter: word, sort: "target", descending: false, offset: 0, count: 20,
      columns: ["target"])
    return [ask(.window(query), for: .peersToComplete)]
  }

  /// Takes in which peers go with what is typed.
  mutating func complete(with window: RowWindow) {
    commandInput?.peers = window.rows.compactMap { row in
      if case .peer(let row) = row { row.target.short } else { nil }
    }
  }

  private mutating func runCommandLine() -> [Effect] {
    guard let input = commandInput else { return [] }
    do throws(CommandProblem) {
      let instruction = try InstructionReader(model: self).read(input.text)
      commandInput = nil
      guard let instruction else { return [] }
      remember(input.text)
      return follow(instruction)
    } catch {
      commandInput?.problem = error
      return []
    }
  }

  private mutating func remember(_ line: String) {
    commandHistory.removeAll { $0 == line }
    commandHistory.append(line)
    if commandHistory.count > Self.longestCommandHistory { commandHistory.removeFirst() }
  }

  /// Does what a command line asks for, as the keys would.
  private mutating func follow(_ instruction: Instruction) -> [Effect] {
    if notice?.kind == .hint { notice = nil }
    switch instruction {
    case .command(let command): return openDialog(for: command)
    case .undo(let number): return undo(number)
    case .keep(let number):
      if let reason = reasonNotToAct { return sayNot(reason) }
      return keep(number, title(of: number))
    case .verifyAudit: return verifyAudit()
    case .action(let id): return Action.named(id).map { perform($0, by: Self.commandKey) } ?? []
    case .show(let view, nil): return go(to: view)
    case .show(let view, let filter?): return show(filter: filter, in: view)
    case .follow(let filter):
      let effects = filter.map { show(filter: $0, in: .log) } ?? go(to: .log)
      return effects + follow()
    case .savedFilter(let name): return apply(filterNamed: name)
    case .filter(let text): return view.isTable ? show(filter: text, in: view) : sayNotHere()
    case .find(let text): return view.isTable ? find(text) : sayNotHere()
    case .sort(let field, let descending): return sort(by: field, startingDescending: descending)
    case .save, .forget, .theme, .refresh, .time: return prefer(instruction)
    }
  }

  /// Stands for the key that opened what a command line opens.
  private static let commandKey: Key = ":"

  private mutating func sayNotHere() -> [Effect] {
    say("this view has no rows", .hint)
    return []
  }

  private mutating func sort(
    by field: String, startingDescending descending: Bool?
  ) -> [Effect] {
    let column = Columns.of(view).first { $0.sortField == field }
    return sort(by: field, descending: descending ?? column?.startsDescending ?? false)
  }

  private mutating func prefer(_ instruction: Instruction) -> [Effect] {
    switch instruction {
    case .save(let name):
      say("filter \(name) saved; :\(name) puts it on", .done)
      let saved = Preferences.SavedFilter(view: view, text: table.filter)
      return prefer { $0.filters[name] = saved }
    case .forget(let name):
      say("filter \(name) removed", .done)
      return prefer { $0.filters[name] = nil }
    case .theme(let name): return prefer { $0.theme = name }
    case .refresh(let rate): return prefer { $0.refresh = rate }
    case .time(let format): return prefer { $0.time = format }
    default: return []
    }
  }

  private mutating func sayNot(_ reason: String) -> [Effect] {
    say(reason, .hint)
    return []
  }

  private mutating func undo(_ number: Int64) -> [Effect] {
    if let reason = reasonNotToAct { return sayNot(reason) }
    dialog = Dialog.undo(number, title(of: number), by: Self.commandKey, at: now.monotonic)
    return []
  }

  // What it was is known here only of the last one.
  private func title(of number: Int64) -> String {
    undoable.flatMap { $0.number == number ? $0.summary : nil } ?? "action \(number)"
  }

  private mutating func verifyAudit() -> [Effect] {
    guard link == .up else { return sayNot("there is no engine to ask") }
    notice = Notice(kind: .pending, text: "checking the audit log", until: .max)
    return [ask(.verifyAudit, for: .auditCheck)]
  }

  // Through the same question as the key: what acts is never done unasked.
  private mutating func openDialog(for command: Command) -> [Effect] {
    if let reason = reasonNotToAct { return sayNot(reason) }
    dialog = Dialog.opening(command, model: self, by: Self.commandKey)
    return explainIfNeeded()
  }
}
