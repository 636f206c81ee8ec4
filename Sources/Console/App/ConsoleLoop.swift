internal import Net

/// The console at work: waits for the terminal, for signals, for the engine and for the clock,
/// gives each event to `update`, and draws.
///
/// One thread, which never waits for the engine.
final class ConsoleLoop {
  private let terminal: Terminal
  private let link: EngineLink
  private let signals: SignalSource
  private let store: SettingsStore
  private let exporter: Exporter
  private var look: ThemeKeeper
  private var glyphs: Glyphs
  /// The preference that the theme was last chosen by.
  private var themePreference: String
  private var unsaved: Preferences?
  /// What was kept last.
  private var keptPreferences: Preferences
  private var hasSaidUnsaved = false
  private var model: Model
  private var nextTick: UInt64 = 0
  /// When the line bears the next frame that nobody waits for.
  private var nextPeriodic: UInt64 = 0
  private var farewell: Farewell?
  private var isOver = false
  private var need = DrawingNeed()

  /// The signals that are read, not caught.
  ///
  /// SIGTSTP is not among them: see `Painter`.
  static let signals: [Signal] = [.windowChange, .terminate, .hangUp, .interrupt, .resume]

  init(
    terminal: Terminal, link: EngineLink, signals: SignalSource, look: ThemeKeeper,
    store: SettingsStore, exporter: Exporter, settings: Model.Settings
  ) {
    self.terminal = terminal
    self.link = link
    self.signals = signals
    self.look = look
    self.store = store
    self.exporter = exporter
    glyphs = look.glyphs(settings.preferences)
    themePreference = settings.preferences.theme
    keptPreferences = settings.preferences
    model = Model(settings: settings, size: terminal.size, now: Self.now)
  }

  /// Runs until the user leaves or the terminal goes.
  ///
  /// - Returns: how the user left; nil if a signal or the loss of the terminal ended it.
  func run(notice: String?, typedAhead: [Input]) -> Farewell? {
    if let notice { model.say(notice, .failed) }
    typedAhead.forEach(take)
    while !isOver {
      drawIfDue()
      if terminal.isLost { break }
      save()
      turn()
    }
    save()
    return farewell
  }

  private func drawIfDue() {
    let now = MonotonicClock.now()
    let isDue = need.isDue(
      isClear: terminal.pacer.isClear && now >= nextPeriodic,
      isAnswered: model.requests.oldest == nil, at: now)
    guard isDue, !terminal.hasOutgoing else { return }
    if need.isPeriodic {
      // Clocks are not exact: a frame a little early is better than one that misses its turn.
      nextPeriodic = now + terminal.pacer.interval * 9 / 10
    }
    // Text that is being selected stands still.
    if !(model.isCopying && need.isPeriodic) {
      terminal.draw(
        Screen.draw(model, glyphs: glyphs), theme: model.isCopying ? .colourless : look.theme,
        isPeriodic: need.isPeriodic)
    }
    need.drawn()
  }

  private static var now: Moment {
    Moment(
      monotonic: MonotonicClock.now(), wall: Double(MonotonicClock.wallClock()) / 1_000_000_000)
  }

  private func turn() {
    tickIfDue()
    var watched: [(descriptor: Int32, wanted: Readiness)] = [
      (terminal.descriptor, terminal.hasOutgoing ? [.readable, .writable] : .readable),
      (signals.rawValue, .readable), (exporter.descriptor, .readable),
    ]
    if let descriptor = link.descriptor {
      watched.append((descriptor, link.hasOutgoing ? [.readable, .writable] : .readable))
    }
    let now = MonotonicClock.now()
    let periodic = need.isPeriodic && nextPeriodic > now ? nextPeriodic : nil
    let deadlines = [terminal.deadline, need.deadline(after: now), periodic].compactMap { $0 }
    let deadline = deadlines.min().map { min($0, nextTick) } ?? nextTick
    let left = isOver || now >= deadline ? 0 : Double(deadline - now) / 1e9
    guard let ready = try? Readiness.wait(on: watched, atMost: left) else {
      // Descriptors of ours that cannot be waited for leave nothing to go on with.
      isOver = true
      return
    }
    serveTerminal(ready[0])
    model.line = LinePace(
      interval: terminal.pacer.interval, roundTrip: terminal.pacer.roundTrip)
    if !ready[1].isEmpty { serveSignals() }
    if !ready[2].isEmpty {
      for (job, result) in exporter.takeOutcomes() { handle(.exported(job, result)) }
    }
    if ready.count > 3, !ready[3].isEmpty { link.exchange().forEach(handle) }
  }

  private func tickIfDue() {
    let now = MonotonicClock.now()
    guard now >= nextTick else { return }
    nextTick = now + model.tickInterval
    followTheme()
    if let event = link.connect() { handle(event) }
    handle(.tick)
  }

  private func serveTerminal(_ ready: Readiness) {
    if ready.contains(.writable) { terminal.flush() }
    // Also where nothing came: what waits for its rest may have waited long enough.
    terminal.read().forEach(take)
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
    if case .unlinked = event { need.forgetAwaited() }
    let effects = update(&model, event, at: Self.now)
    let asked = effects.compactMap { effect in
      if case .send(let id, _) = effect { id } else { nil }
    }
    need.note(event, asking: asked, at: MonotonicClock.now())
    effects.forEach(carryOut)
    terminal.setMouse(model.preferences.mouse && !model.isCopying)
  }

  private func take(_ input: Input) {
    switch input {
    case .key(let key): handle(.key(key))
    case .paste(let text): handle(.paste(text))
    case .mouse(let event): handle(.mouse(event))
    case .answer: break  // The terminal's own business.
    }
  }

  private func carryOut(_ effect: Effect) {
    switch effect {
    case .send(let id, let request):
      if let lost = link.send(request, id: id) { handle(lost) }
    case .copy(let text): terminal.copy(text)
    case .export(let job): exporter.start(job)
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
      if let warning = look.put(on: themePreference) { handle(.warning(warning)) }
    }
    glyphs = look.glyphs(model.preferences)
  }

  private func followTheme() {
    guard let said = look.follow() else { return }
    glyphs = look.glyphs(model.preferences)
    model.say(said.text, said.kind)
    need.insist()
  }

  // After the screen: a slow disk keeps no answer back. That it does not work is said once.
  private func save() {
    guard let preferences = unsaved else { return }
    unsaved = nil
    do throws(SystemError) {
      try store.save(preferences, since: keptPreferences)
      keptPreferences = preferences
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
