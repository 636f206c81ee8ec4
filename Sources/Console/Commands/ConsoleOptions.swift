internal import ArgumentParser
internal import Net

/// How a console looks.
struct ConsoleOptions: ParsableArguments {
  @Option(help: "A theme: its name, a file, or auto") var theme: String?
  @Option(help: "Colours at most: auto, truecolor, 256, 16, 8 or mono") var color: String?
  @Flag(help: "Lines and graphs in ASCII only") var ascii = false
  @Flag(help: "Plain sentences and commands, one a line: for screen readers and dumb terminals")
  var plain = false

  /// The options as a command line has them.
  var arguments: [String] {
    (theme.map { ["--theme", $0] } ?? []) + (color.map { ["--color", $0] } ?? [])
      + (ascii ? ["--ascii"] : [])
  }

  /// Refuses to begin what needs a terminal without one.
  static func requireTerminal() throws(Failure) {
    guard ThisProcess.isTerminal(0), ThisProcess.isTerminal(1) else {
      throw Failure(
        .failed, "a console needs a terminal; without one there are attach --plain and ctl")
    }
  }
}
