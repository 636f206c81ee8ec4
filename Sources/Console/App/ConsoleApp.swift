internal import CNcurses
internal import Glibc
internal import Net
internal import PAP

/// The console on a terminal, as `run` and `attach` start it.
enum ConsoleApp {
  /// Shows the engine at a socket until the user leaves, the terminal is lost, or a signal ends it.
  ///
  /// The terminal is left as it was found. Nothing of this ends or slows the engine, but for the
  /// user's own wish to stop it.
  ///
  /// - Parameters:
  ///   - socketPath: The engine's control socket. If nobody answers there the console says so on the
  ///     screen and goes on trying.
  ///   - readOnly: Whether the acting keys are disabled.
  ///   - theme: The name of a theme, `auto`, or the path of a theme file; nil is what was chosen on the
  ///     screen last, or `auto`.
  ///   - color: How many colours at most, as `--color` takes it; nil is as many as there are.
  ///   - ownsEngine: Whether this console was started with the engine, so that quitting may stop it.
  ///   - ascii: Whether lines and graphs are drawn with ASCII only.
  /// - Returns: The exit code: 0, or 1 if the terminal cannot show a console.
  static func run(
    socketPath: String, readOnly: Bool, theme: String?, color: String?, ownsEngine: Bool,
    ascii: Bool
  ) -> Int32 {
    SignalSource.block(ConsoleLoop.signals)
    unsafe _ = setlocale(LC_ALL, "")
    guard let device = TerminalDevice() else { return fail(TerminalError.none.message) }
    device.enterRawMode()
    let store = SettingsStore.usual
    let kept = store.load()
    var preferences = kept.preferences
    // One that the command line names is shown as the choice, and not kept unless it is changed.
    preferences.theme = theme ?? preferences.theme
    do {
      let signals = try SignalSource(ConsoleLoop.signals)
      let terminal = try Terminal(device, depth: colorDepth(color))
      let (looks, typedAhead) = looks(
        preferences.theme, terminal.answers ? device : nil, ascii: ascii)
      let look = ThemeKeeper(preferences.theme, of: looks)
      let warnings = kept.warnings + look.warnings
      let loop = ConsoleLoop(
        terminal: terminal, link: EngineLink(socketPath: socketPath), signals: signals,
        look: look, store: store, exporter: try Exporter(socketPath: socketPath),
        settings: Model.Settings(
          readOnly: readOnly, ownsEngine: ownsEngine, socketPath: socketPath,
          keymap: kept.keymap, preferences: preferences, themes: looks.library.names,
          isASCIIOnly: looks.isASCIIOnly, files: store.words, timeOffset: LocalTime.offset))
      let farewell = loop.run(notice: warnings.first, typedAhead: typedAhead)
      terminal.leave()
      if !terminal.isLost { say(warnings, farewell) }
      return 0
    } catch let error as TerminalError {
      device.restoreModes()
      return fail(error.message)
    } catch {
      device.restoreModes()
      return fail("\(error)")
    }
  }

  // The terminal is asked for its background only where the theme goes by it; nil for one that would
  // show the question.
  private static func looks(
    _ theme: String, _ device: TerminalDevice?, ascii: Bool
  ) -> (Looks, typedAhead: [Input]) {
    let isASCIIOnly = ascii || !hasUTF8
    let isBare = Looks.isBare(terminal: ThisProcess.environment("TERM") ?? "")
    func looks(_ automatic: String) -> Looks {
      Looks(automatic: automatic, isASCIIOnly: isASCIIOnly, isBare: isBare)
    }
    guard let device, theme == ThemeLibrary.automatic else {
      return (looks(BuiltinTheme.name), [])
    }
    let probe = BackgroundProbe(device)
    let name = probe.background == .light ? "default-light" : BuiltinTheme.name
    return (looks(name), probe.typedAhead)
  }

  // NO_COLOR (no-color.org) counts unless the command line asks for colours.
  private static func colorDepth(_ option: String?) -> ColorDepth? {
    if let option, option != "auto" { return ColorDepth(option: option) }
    let isUnwanted = ThisProcess.environment("NO_COLOR").map { !$0.isEmpty } ?? false
    return isUnwanted ? .mono : nil
  }

  private static var hasUTF8: Bool {
    let codeset = unsafe nl_langinfo(Int32(CODESET)).map { unsafe String(cString: $0) }
    return codeset == "UTF-8"
  }

  private static func say(_ warnings: [String], _ farewell: Farewell?) {
    var lines = warnings
    switch farewell {
    case .left:
      lines.append("the router goes on; dnat-console attach brings the console back")
    case .stopped: lines.append("the router was stopped")
    case nil: break
    }
    for line in lines { print("dnat-console: \(line.terminalSafe)") }
  }

  private static func fail(_ message: String) -> Int32 {
    let line = "dnat-console: \(message)\n"
    _ = try? FileDescriptor.write(line.utf8, to: STDERR_FILENO)
    return 1
  }
}
