internal import ArgumentParser
internal import Engine

// What takes an order back, or lets it hold.

/// What was ordered before.
struct FormerOrder: ParsableArguments {
  @Argument(help: "The number that the order was answered with") var number: Int64

  var argument: [String: JSONValue?] { ["action": .integer(number)] }
}

/// `ctl undo`.
struct CtlUndo: CtlAction {
  static let configuration = CommandConfiguration(
    commandName: "undo", abstract: "Undo what you ordered less than five minutes ago")
  static let verb = "undo"
  @OptionGroup var engine: SocketOption
  @OptionGroup var output: OutputOption
  @OptionGroup var former: FormerOrder

  var action: [String: JSONValue?] { former.argument }
}

/// `ctl keep`.
struct CtlKeep: CtlAction {
  static let configuration = CommandConfiguration(
    commandName: "keep", abstract: "Let hold what you ordered provisionally")
  static let verb = "keep"
  @OptionGroup var engine: SocketOption
  @OptionGroup var output: OutputOption
  @OptionGroup var former: FormerOrder

  var action: [String: JSONValue?] { former.argument }
}
