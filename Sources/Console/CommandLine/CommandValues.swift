internal import Configuration
internal import Engine
internal import PAP

/// What the words of a command mean.
struct CommandValues {
  private let arguments: CommandArguments
  private let model: Model

  init(_ arguments: CommandArguments, _ model: Model) {
    self.arguments = arguments
    self.model = model
  }

  /// Whether an option is there.
  func has(_ option: String) -> Bool { arguments.options[option] != nil }

  func text(_ option: String) -> String? {
    arguments.options[option].flatMap { $0.text.isEmpty ? nil : $0.text }
  }

  func address(_ index: Int) throws(CommandProblem) -> IPv4Address {
    try value(at: index, "an IPv4 address") { IPv4Address($0) }
  }

  func address() throws(CommandProblem) -> IPv4Address? {
    try value(of: "address", "an IPv4 address") { IPv4Address($0) }
  }

  func target(_ index: Int) throws(CommandProblem) -> CIDR {
    try value(
      at: index, "an address or prefix such as 192.0.2.0/24, without bits beyond its length"
    ) { CIDR($0) }
  }

  func host(_ index: Int) throws(CommandProblem) -> String { try known(word(at: index)) }

  func host() throws(CommandProblem) -> String? {
    guard let word = arguments.options["host"] else { return nil }
    return try known(word)
  }

  func ipsecProtocol() throws(CommandProblem) -> IPsecProtocol {
    try value(of: "protocol", "esp, ah or any") { IPsecProtocol(name: $0) } ?? .any
  }

  func spi() throws(CommandProblem) -> SPI? {
    try value(of: "spi", "an SPI of 0x100 or more") { text in
      SPI(text).flatMap { $0.isReserved ? nil : $0 }
    }
  }

  func seconds() throws(CommandProblem) -> Int? {
    try value(of: "for", "a duration such as 90s, 15m, 2h or 1d") {
      Span(argument: $0).map { Int($0.seconds) }
    }
  }

  /// The number of an action, for verbs that are about one.
  func number(of verb: CommandVerb) throws(CommandProblem) -> Int64? {
    guard verb.arguments.first?.kind == .number else { return nil }
    let number: Int64 = try value(at: 0, "the number of an action, which its answer has") { text in
      Int64(text).flatMap { $0 > 0 ? $0 : nil }
    }
    return number
  }

  /// Refuses an option that makes no sense beside another one.
  func refuse(_ option: String, beside other: String) throws(CommandProblem) {
    guard let word = arguments.options[option] else { return }
    throw CommandProblem(
      column: word.column, message: "--\(other) looks at every row: no --\(option)")
  }

  /// A filter for a view; empty if none is there.
  func filter(for view: ViewID) throws(CommandProblem) -> String {
    guard let word = arguments.options["filter"] else { return "" }
    if let error = view.fault(in: word.text) {
      throw CommandProblem(
        column: word.column(of: word.text.place(ofCharacter: error.column ?? 1)),
        message: error.message)
    }
    return word.text
  }

  func reason() throws(CommandProblem) -> DropReason? {
    guard let word = arguments.options["reason"] else { return nil }
    if let reason = DropReason(name: word.text) { return reason }
    throw Self.unknown(word, "drop reason", among: DropReason.allCases.map(\.name))
  }

  func filter(_ index: Int) throws(CommandProblem) -> String {
    let word = word(at: index)
    if model.preferences.filters[word.text] != nil { return word.text }
    throw Self.unknown(word, "saved filter", among: model.preferences.filters.keys.sorted())
  }

  func newFilter(_ index: Int) throws(CommandProblem) -> String {
    let word = word(at: index)
    guard Preferences.isFilterName(word.text) else {
      throw CommandProblem(
        column: word.column,
        message: "'\(word.text)' is no name: wants 1 to 32 letters, digits, - and _")
    }
    if InstructionReader.isTaken(word.text, in: model) {
      throw CommandProblem(
        column: word.column, message: "'\(word.text)' means something else already")
    }
    guard model.view.isTable, !model.table.filter.isEmpty else {
      throw CommandProblem(column: word.column, message: "there is no filter to save here")
    }
    return word.text
  }

  /// The field that the engine sorts by for a column, by its title or its own name.
  func column(_ index: Int) throws(CommandProblem) -> String {
    let word = word(at: index)
    let columns = Columns.of(model.view)
    let found = columns.first { column in
      column.sortField != nil
        && [column.title, column.sortField ?? ""].contains {
          $0.lowercased() == word.text.lowercased()
        }
    }
    if let field = found?.sortField { return field }
    throw Self.unknown(word, "column to sort by", among: columns.compactMap(\.sortField))
  }

  func theme(_ index: Int) throws(CommandProblem) -> String {
    let word = word(at: index)
    let names = [ThemeLibrary.automatic] + model.settings.themes
    if names.contains(word.text) || word.text.contains("/") { return word.text }
    throw Self.unknown(word, "theme", among: names)
  }

  func oneOf<Value: RawRepresentable & CaseIterable>(
    _ index: Int, _ noun: String
  ) throws(CommandProblem) -> Value where Value.RawValue == String {
    let word = word(at: index)
    if let value = Value(rawValue: word.text) { return value }
    let words = Value.allCases.map(\.rawValue).joined(separator: ", ")
    throw CommandProblem(
      column: word.column, message: "'\(word.text)' is not \(noun): \(words)")
  }

  // The reader has made sure that what is required is there.
  private func word(at index: Int) -> CommandWords.Word {
    let words = arguments.positional
    return words.indices.contains(index) ? words[index] : .init(text: "", column: 1)
  }

  private func value<Value>(
    at index: Int, _ wanted: String, _ read: (String) -> Value?
  ) throws(CommandProblem) -> Value {
    try Self.value(word(at: index), wanted, read)
  }

  private func value<Value>(
    of option: String, _ wanted: String, _ read: (String) -> Value?
  ) throws(CommandProblem) -> Value? {
    guard let word = arguments.options[option] else { return nil }
    return try Self.value(word, wanted, read)
  }

  private static func value<Value>(
    _ word: CommandWords.Word, _ wanted: String, _ read: (String) -> Value?
  ) throws(CommandProblem) -> Value {
    if let value = read(word.text) { return value }
    throw CommandProblem(column: word.column, message: "'\(word.text)' is not \(wanted)")
  }

  // Before the router has said which hosts there are, every name may be one.
  private func known(_ word: CommandWords.Word) throws(CommandProblem) -> String {
    let names = model.hostNames
    if names.contains(word.text) || names.isEmpty, !word.text.isEmpty { return word.text }
    throw Self.unknown(word, "host", among: names)
  }

  private static func unknown(
    _ word: CommandWords.Word, _ noun: String, among names: [String]
  ) -> CommandProblem {
    let meant = Suggestion.nearest(to: word.text, among: names).map { "; did you mean '\($0)'?" }
    return CommandProblem(
      column: word.column, message: "there is no \(noun) '\(word.text)'\(meant ?? "")")
  }
}

extension ViewID {
  /// Why a text is no filter for the rows of the view; nil if it is one.
  func fault(in filter: String) -> ControlError? {
    window.flatMap(ViewFields.of)?.fault(in: filter)
  }
}

extension String {
  /// The place among the scalars of a character that is counted from 1.
  func place(ofCharacter number: Int) -> Int {
    prefix(max(0, number - 1)).unicodeScalars.count
  }
}
