internal import Engine
internal import PAP

/// What the word at the end of a command line may become.
struct CommandCandidate: Equatable, Sendable {
  /// The word.
  var text: String
  /// What it is or does.
  var title: String
  /// Why it cannot be done now; nil if it can.
  var obstacle: String?
  /// Whether nothing can follow it.
  var isLast = false
}

/// Finds what a command line may go on with, for a console as it is now.
struct CommandCompletion {
  let model: Model
  /// Peers that the router has named for what was typed.
  let peers: [String]

  private typealias Candidate = CommandCandidate

  /// The place where the word begins that is being typed, in characters from the line's beginning.
  static func start(of text: String) -> Int {
    let scalars = Array(text.unicodeScalars)
    let end = scalars.lastIndex { $0 == " " || $0 == "=" && isOption(scalars, before: $0) }
    return end.map { $0 + 1 } ?? 0
  }

  /// All candidates for the end of a line, the best first.
  func candidates(for text: String) -> [CommandCandidate] {
    let start = Self.start(of: text)
    let typed = String(String.UnicodeScalarView(text.unicodeScalars.dropFirst(start)))
    let before = CommandWords(String(String.UnicodeScalarView(text.unicodeScalars.prefix(start))))
    let all: [CommandCandidate]
    if let name = before.words.first?.text {
      all = CommandVerb.named(name).map { arguments(of: $0, before) } ?? []
    } else {
      all = beginnings
    }
    let scored = all.enumerated().compactMap { index, candidate in
      FuzzyMatch.score(typed, in: candidate.text).map { (candidate, $0, index) }
    }
    // With nothing typed the order of the tables is the best there is.
    return scored.sorted { typed.isEmpty ? $0.2 < $1.2 : ($1.1, $0.2) < ($0.1, $1.2) }.map(\.0)
  }

  private static func isOption(
    _ scalars: [Unicode.Scalar], before mark: Unicode.Scalar
  ) -> Bool {
    guard let equals = scalars.lastIndex(of: mark) else { return false }
    let word = scalars[..<equals].split(separator: " ", omittingEmptySubsequences: false).last ?? []
    return word.starts(with: ["-", "-"])
  }

  // MARK: The first word

  private var beginnings: [CommandCandidate] {
    let verbs = CommandVerb.all.map { verb in
      Candidate(
        text: verb.name, title: verb.title, obstacle: obstacle(to: verb),
        isLast: verb.arguments.isEmpty && verb.options.isEmpty)
    }
    let views = ViewID.allCases.filter { CommandVerb.named($0.name) == nil }.map {
      Candidate(text: $0.name, title: $0.title, isLast: true)
    }
    let names = model.preferences.filters.sorted { $0.key < $1.key }.map {
      Candidate(text: $0.key, title: "filter: \($0.value.text)", isLast: true)
    }
    return verbs + views + names + actions + hosts(isLast: true) + addresses(isLast: true)
  }

  private var actions: [CommandCandidate] {
    Action.all.compactMap { action in
      let name = action.id.rawValue
      let isElsewhere = action.id.destination != nil || CommandVerb.named(name) != nil
      guard !isElsewhere, action.id != .command else { return nil }
      var obstacle: String?
      if case .disabled(let reason) = model.availability(of: action) { obstacle = reason }
      return Candidate(text: name, title: action.title, obstacle: obstacle, isLast: true)
    }
  }

  private func obstacle(to verb: CommandVerb) -> String? {
    verb.acts ? model.reasonNotToAct : nil
  }

  // MARK: What follows a verb

  private func arguments(of verb: CommandVerb, _ before: CommandWords) -> [CommandCandidate] {
    let words = before.words.dropFirst()
    if let last = words.last, let option = option(last.text, of: verb), option.kind != .flag {
      return values(option.kind)
    }
    let used = words.compactMap { option($0.text, of: verb)?.name }
    let options = verb.options.filter { !used.contains($0.name) }.map {
      Candidate(
        text: "--\($0.name)", title: $0.isRequired ? "required" : "", isLast: $0.kind == .flag)
    }
    let place = positionals(Array(words), of: verb)
    guard verb.arguments.indices.contains(place) else { return options }
    return values(verb.arguments[place].kind) + options
  }

  private func option(_ word: String, of verb: CommandVerb) -> CommandVerb.Option? {
    guard word.hasPrefix("--") else { return nil }
    let name = word.dropFirst(2).prefix { $0 != "=" }
    // One that has its value in the same word wants no other.
    return verb.options.first {
      $0.name == name && (word.count == name.count + 2 || word.hasSuffix("="))
    }
  }

  private func positionals(_ words: [CommandWords.Word], of verb: CommandVerb) -> Int {
    var count = 0
    var isValue = false
    for word in words {
      if word.text.hasPrefix("--") {
        isValue = option(word.text, of: verb).map { $0.kind != .flag } ?? false
      } else {
        count += isValue ? 0 : 1
        isValue = false
      }
    }
    return count
  }

  private func values(_ kind: CommandVerb.Kind) -> [CommandCandidate] {
    func all(_ words: [String], _ title: String = "") -> [CommandCandidate] {
      words.map { Candidate(text: $0, title: title) }
    }
    return switch kind {
    case .address, .target: addresses(isLast: false)
    case .host: hosts(isLast: false)
    case .ipsecProtocol: all(["esp", "ah", "any"])
    case .duration: all(["15m", "1h", "8h", "1d", "7d"])
    case .reason: DropExplanation.names.map { Candidate(text: $0.name, title: $0.summary) }
    case .theme: all([ThemeLibrary.automatic] + model.settings.themes)
    case .filter:
      model.preferences.filters.sorted { $0.key < $1.key }.map {
        Candidate(text: $0.key, title: "\($0.value.view.tab): \($0.value.text)")
      }
    case .column: model.columns.compactMap(\.sortField).map { Candidate(text: $0, title: "") }
    case .refresh: all(RefreshRate.allCases.map(\.rawValue), "a second")
    case .time: TimeFormat.allCases.map { Candidate(text: $0.rawValue, title: $0.title) }
    case .number:
      model.undoable.map { [Candidate(text: "\($0.number)", title: $0.summary)] } ?? []
    case .spi, .text, .filterText, .newFilter, .rest, .flag: []
    }
  }

  private func hosts(isLast: Bool) -> [CommandCandidate] {
    model.hosts.map {
      Candidate(text: $0.name, title: "host, \($0.state)", isLast: isLast)
    }
  }

  // That of the row under the cursor first: it is what an operator most often means.
  private func addresses(isLast: Bool) -> [CommandCandidate] {
    let here = model.subject.target.map { [$0.short] } ?? []
    let others = peers.filter { !here.contains($0) }
    return here.map { Candidate(text: $0, title: "the row's", isLast: isLast) }
      + others.map { Candidate(text: $0, title: "peer", isLast: isLast) }
  }
}
