internal import ArgumentParser
internal import Net
internal import PAP

/// `keys`: what the keys of the console do.
struct Keys: ParsableCommand {
  /// How the list is written.
  enum Format: String, ExpressibleByArgument, CaseIterable {
    case text
    case markdown
    case mdoc
  }

  static let configuration = CommandConfiguration(
    abstract: "List the console's keys as they are bound, with the names to bind them by",
    discussion: """
      Keys are bound in ~/.config/dnat-console/console.toml, or in $XDG_CONFIG_HOME/dnat-console:

        [keys]
        freeze = "f"
        quit = ["q", "F10"]
        slower = []
      """)
  @Option(help: "text; markdown and mdoc write the keys as they come") var format = Format.text

  func run() throws {
    // What is written for everybody does not go by one user's keys.
    let kept = format == .text ? SettingsStore.usual.load() : SettingsStore.Loaded()
    for warning in kept.warnings {
      StandardStream.error.say("dnat-console: \(warning.terminalSafe)\n")
    }
    let document = KeysDocument(keymap: kept.keymap)
    let text =
      switch format {
      case .text: document.text
      case .markdown: document.markdown
      case .mdoc: document.manual
      }
    try StandardStream.output.write(text.utf8)
  }
}
