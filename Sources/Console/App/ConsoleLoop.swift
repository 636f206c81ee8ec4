internal import Net

/// The console at work: waits for the terminal, for signals, for the engine and for the clock,
/// gives each event to `update`, and draws.
///
/// One thread, which never waits for the engine.
final class ConsoleLoop {
  private let terminal: Terminal
  private let link: EngineLink
  private let signals: SignalSource
  private let looks: Looks
  private let store: SettingsStore
  private var theme: Theme
  private var glyphs: Glyphs
  /// The preference that the theme was last chosen by.
  private var themePreference: String
  private var unsaved: Preferences?
  private var hasSaidUnsaved = false
  private var model: Model
  private var nextTick: UInt64 = 0
  private var farewell: Farewell?
  private var isOver = false
  private var needsDrawing = true

  /// The signals that are read, not caught.
  ///
  /// SIGTSTP is not among them: see `Painter`.
  static let signals: [Signal] = [.windowChange, .terminate, .hangUp, .interrupt, .resume]

  init(
    terminal: Terminal, link: EngineLink, signals: SignalSource, theme: Theme, looks: Looks,
    store: SettingsStore, settings: Model.Settings
  ) {
    self.terminal = terminal
    self.link = link
    self.signals = signals
    self.theme = theme
    self.looks = looks
    self.store = store
    glyphs = looks.glyphs(of: theme, settings.preferences)
    themePreference = settings.preferences.theme
    model = Model(settings: settings, size: terminal.size, now: Self.now)
  }

  /// Runs until the user leaves or the terminal goes.
  ///
  /// - Returns: how the user left; nil if a signal or the loss of the terminal ended it.
  func run(notice: String?, typedAhead: [Key]) -> Farewell? {
    if let notice { model.say(notice, .failed) }
    typedAhead.forEach { handle(.key($0)) }
    while !isOver {
      if needsDrawing, !terminal.hasOutgoing {
        needsDrawing = false
        terminal.draw(Screen.draw(model, glyphs: glyphs), theme: theme)
      }
      if terminal.isLost { break }
      save()
      turn()
    }
    save()
    return farewell
  }

  private static var now: Moment {
    Moment(
      monotonic: MonotonicClock.now(), wall: Double(MonotonicClock.wallClock()) / 1_000_000_000)
  }

  private func turn() {
    tickIfDue()
    var watched: [(descriptor: Int32, wanted: Readiness)] = [
      (terminal.descriptor, terminal.hasOutgoing ? [.readable, .writable] : .readable),
      (signals.rawValue, .readable),
    ]
    if let descriptor = link.descriptor {
      watched.append((descriptor, link.hasOutgoing ? [.readable, .writable] : .readable))
    }
    let now = MonotonicClock.now()
    let left = isOver || now >= nextTick ? 0 : Double(nextTick - now) / 1e9
    guard let ready = try? Readiness.wait(on: watched, atMost: left) else {
      // Descriptors of ours that cannot be waited for leave nothing to go on with.
      isOver = true
      return
    }
    serveTerminal(ready[0])
    if !ready[1].isEmpty { serveSignals() }
    if ready.count > 2, !ready[2].isEmpty { link.exchange().forEach(handle) }
  }

  private func tickIfDue() {
    let now = MonotonicClock.now()
    guard now >= nextTick else { return }
    nextTick = now + model.tickInterval
    if let event = link.connect() { handle(event) }
    handle(.tick)
  }

  private func serveTerminal(_ ready: Readiness) {
    if ready.contains(.writable) { terminal.flush() }
    if ready.contains(.readable) { terminal.readKeys().forEach { handle(.key($0)) } }
    // Keys that were typed before the line broke count; after it nothing does.
    if !ready.isDisjoint(with: [.hangUp, .failed]) {
      terminal.lose()
      isOver = true
    }
  }

  private func serveSignals() {
    for signal in (try? signals.read()) ?? [] {
      switch signal {
      case .windowChange: resize()
      case .resume:
        terminal.enter()
        resize()
      case .hangUp:
        terminal.lose()
        isOver = true
      default: isOver = true
      }
    }
  }

  private func resize() {
    terminal.resize()
    handle(.resize(terminal.size))
  }

  private func handle(_ event: Event) {
    guard !isOver else { return }
    needsDrawing = true
    for effect in update(&model, event, at: Self.now) { carryOut(effect) }
  }

  private func carryOut(_ effect: Effect) {
    switch effect {
    case .send(let id, let request):
      if let lost = link.send(request, id: id) { handle(lost) }
    case .redraw: terminal.invalidate()
    case .restyle: restyle()
    case .save(let preferences): unsaved = preferences
    case .suspend: suspend()
    case .quit(let farewell):
      self.farewell = farewell
      isOver = true
    }
  }

  private func restyle() {
    if model.preferences.theme != themePreference {
      themePreference = model.preferences.theme
      let found = looks.theme(themePreference)
      theme = found.theme
      if let warning = found.warnings.first { handle(.warning(warning)) }
    }
    glyphs = looks.glyphs(of: theme, model.preferences)
  }

  // After the screen: a slow disk keeps no answer back. That it does not work is said once.
  private func save() {
    guard let preferences = unsaved else { return }
    unsaved = nil
    do throws(SystemError) {
      try store.save(preferences)
    } catch {
      if !hasSaidUnsaved { handle(.warning("settings are not kept: \(error)")) }
      hasSaidUnsaved = true
    }
  }

  private func suspend() {
    terminal.leave()
    ThisProcess.suspendJob()
    terminal.enter()
    resize()
  }
}
