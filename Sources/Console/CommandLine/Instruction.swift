internal import Configuration
internal import Engine
internal import PAP

/// What a command line asks for.
enum Instruction: Equatable, Sendable {
  /// A command to the router, which is asked about before it is given.
  case command(Command)
  /// To undo the action of that number, or to let it hold.
  case undo(Int64)
  case keep(Int64)
  /// Whether the audit log is as it was written.
  case verifyAudit
  /// What the key of the action does.
  case action(ActionID)
  /// A view; with a filter of its own if there is one.
  case show(ViewID, filter: String?)
  case follow(filter: String?)
  case savedFilter(String)
  case filter(String)
  case find(String)
  case save(String)
  case forget(String)
  case sort(String, descending: Bool?)
  case theme(String)
  case refresh(RefreshRate)
  case time(TimeFormat)
}

/// Reads command lines, for a console as it is now.
struct InstructionReader {
  let model: Model

  /// Reads a line; nil for an empty one.
  func read(_ text: String) throws(CommandProblem) -> Instruction? {
    let line = CommandWords(text)
    guard let first = line.words.first else { return nil }
    if let verb = CommandVerb.named(first.text) { return try read(verb, line, text) }
    let found = try named(first)
    if let second = line.words.dropFirst().first {
      throw CommandProblem(column: second.column, message: "'\(first.text)' takes nothing")
    }
    return found
  }

  private func read(
    _ verb: CommandVerb, _ line: CommandWords, _ text: String
  ) throws(CommandProblem) -> Instruction {
    if verb.arguments.first?.kind == .rest {
      let rest = CommandWords.rest(
        of: text, after: (line.words.first?.column ?? 1) + verb.name.count)
      if rest.isEmpty, let action = verb.action { return .action(action) }
      if verb.name == "find" { return .find(rest) }
      try check(rest, from: text.unicodeScalars.count - rest.unicodeScalars.count)
      return .filter(rest)
    }
    let arguments = try CommandArguments(line, of: verb)
    if arguments.isEmpty, !verb.arguments.isEmpty, let action = verb.action {
      return .action(action)
    }
    try arguments.requireAll(of: verb, at: line.end)
    let values = CommandValues(arguments, model)
    if let number = try values.number(of: verb) {
      return verb.name == "undo" ? .undo(number) : .keep(number)
    }
    if verb.acts { return .command(try command(verb, values)) }
    if let instruction = try look(verb, values) { return instruction }
    return try prefer(verb, values)
  }

  private func command(
    _ verb: CommandVerb, _ values: CommandValues
  ) throws(CommandProblem) -> Command {
    switch verb.name {
    case "validate":
      .validate(
        try values.address(0), host: try values.host() ?? "",
        ipsecProtocol: try values.ipsecProtocol(), spi: try values.spi(),
        seconds: try values.seconds())
    case "invalidate":
      .invalidate(try values.address(0), host: try values.host(), spi: try values.spi())
    case "revoke":
      .revoke(
        try values.target(0), host: try values.host(), seconds: try values.seconds(),
        reason: values.text("reason"))
    case "unrevoke": .lift(try values.target(0), host: try values.host())
    case "suspend": .suspend(host: try values.host(0))
    case "resume": .resume(host: try values.host(0))
    default: .reload(reason: nil)
    }
  }

  // A filter that begins behind so many characters of the line.
  private func check(_ filter: String, from start: Int) throws(CommandProblem) {
    guard let error = model.view.fault(in: filter) else { return }
    throw CommandProblem(
      column: start + filter.place(ofCharacter: error.column ?? 1) + 1, message: error.message)
  }

  private static func view(named name: String) -> ViewID? {
    ViewID.allCases.first { $0.name == name }
  }

  // Nil for verbs that do not look at anything.
  private func look(
    _ verb: CommandVerb, _ values: CommandValues
  ) throws(CommandProblem) -> Instruction? {
    switch verb.name {
    case "status": return .show(.overview, filter: nil)
    case "sa":
      let host = try values.host().map { FilterTerm.text(field: "host", value: $0) }
      let address = try values.address().map { FilterTerm.text(field: "address", value: "\($0)") }
      return .show(.associations, filter: try filter(.associations, values, [host, address]))
    case "hosts": return .show(.hosts, filter: try filter(.hosts, values))
    case "drops":
      let reason = try values.reason().map { FilterTerm.text(field: "reason", value: $0.name) }
      let filter = try filter(.log, values, [reason])
      return values.has("follow") ? .follow(filter: filter) : .show(.log, filter: filter)
    case "stats": return .show(.drops, filter: nil)
    case "revocations":
      return .show(.peers, filter: try filter(.peers, values, ["state=revoked"]))
    case "audit":
      if !values.has("verify") { return .show(.audit, filter: try filter(.audit, values)) }
      try values.refuse("filter", beside: "verify")
      return .verifyAudit
    default: return nil
    }
  }

  // What the option --filter says and these terms together; nil if there is nothing.
  private func filter(
    _ view: ViewID, _ values: CommandValues, _ terms: [String?] = []
  ) throws(CommandProblem) -> String? {
    let filter = terms.compactMap { $0 }.reduce(try values.filter(for: view)) { filter, term in
      FilterTerm.adding(term, to: filter)
    }
    return filter.isEmpty ? nil : filter
  }

  private func prefer(
    _ verb: CommandVerb, _ values: CommandValues
  ) throws(CommandProblem) -> Instruction {
    switch verb.name {
    case "save": .save(try values.newFilter(0))
    case "forget": .forget(try values.filter(0))
    case "sort": .sort(try values.column(0), descending: values.has("descending") ? true : nil)
    case "theme": .theme(try values.theme(0))
    case "refresh": .refresh(try values.oneOf(0, "a rate"))
    default: .time(try values.oneOf(0, "a format"))
    }
  }

  /// Whether a word alone means something that is there whatever the user saves.
  static func isTaken(_ name: String, in model: Model) -> Bool {
    CommandVerb.named(name) != nil || view(named: name) != nil || ActionID(rawValue: name) != nil
      || model.hostNames.contains(name)
  }

  // What goes by its name alone.
  private func named(_ word: CommandWords.Word) throws(CommandProblem) -> Instruction {
    let name = word.text
    if let view = Self.view(named: name) { return .show(view, filter: nil) }
    if let action = ActionID(rawValue: name) { return .action(action) }
    if let target = CIDR(name) {
      return .show(.peers, filter: FilterTerm.text(field: "target", value: "\(target)"))
    }
    if model.hostNames.contains(name) {
      return .show(.hosts, filter: FilterTerm.text(field: "name", value: name))
    }
    if model.preferences.filters[name] != nil { return .savedFilter(name) }
    let known =
      CommandVerb.all.map(\.name) + ViewID.allCases.map(\.name) + ActionID.allCases.map(\.rawValue)
      + model.hostNames + model.preferences.filters.keys
    let meant = Suggestion.nearest(to: name, among: known).map { "; did you mean '\($0)'?" }
    throw CommandProblem(column: word.column, message: "there is no '\(name)'\(meant ?? "")")
  }
}
