internal import ArgumentParser
internal import Engine

// What takes an order back, or lets it hold.

/// `ctl undo`.
struct CtlUndo: CtlAction {
  static let configuration = CommandConfiguration(
    commandName: "undo", abstract: "Undo what you ordered less than five minutes ago")
  static let verb = "undo"
  @OptionGroup var engine: SocketOption
  @OptionGroup var output: OutputOption
  @Argument(help: "The number that the order was answered with") var number: Int64

  var action: [String: JSONValue?] { ["action": .integer(number)] }
}

/// `ctl keep`.
struct CtlKeep: CtlAction {
  static let configuration = CommandConfiguration(
    commandName: "keep", abstract: "Let hold what you ordered provisionally")
  static let verb = "keep"
  @OptionGroup var engine: SocketOption
  @OptionGroup var output: OutputOption
  @Argument(help: "The number that the order was answered with") var number: Int64

  var action: [String: JSONValue?] { ["action": .integer(number)] }
}
