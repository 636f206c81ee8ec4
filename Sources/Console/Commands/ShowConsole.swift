internal import ArgumentParser
internal import Net

/// The console itself, as `TerminalGuard` starts it: whatever becomes of this process, the guard puts
/// the terminal right.
struct ShowConsole: ParsableCommand {
  static let name = "show-console"
  static let configuration = CommandConfiguration(commandName: name, shouldDisplay: false)
  @OptionGroup var engine: SocketOption
  @OptionGroup var look: ConsoleOptions
  @Flag var readOnly = false
  @Flag var ownsEngine = false
  /// The guard's process.
  @Option var parent: Int32

  func run() throws {
    try ThisProcess.dieWithParent(.terminate)
    // A guard that died before that is not noticed by the kernel.
    if ThisProcess.parentID != parent { return }
    let code = ConsoleApp.run(
      socketPath: engine.path, readOnly: readOnly, theme: look.theme, color: look.color,
      ownsEngine: ownsEngine, ascii: look.ascii)
    if code != 0 { throw ExitCode(code) }
  }
}
