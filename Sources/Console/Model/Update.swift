internal import Engine

/// The console's pure core: what an event changes in the model, and what is to be done because of
/// it.
///
/// No clock, no input and no output of its own.
func update(_ model: inout Model, _ event: Event, at now: Moment) -> [Effect] {
  model.now = now
  switch event {
  case .key(let key): return model.handle(key)
  case .resize(let size): return model.resize(to: size)
  case .tick: return model.tick()
  case .linked: return model.linkUp()
  case .unlinked(let reason): return model.linkDown(reason)
  case .reply(let id, let reply): return model.take(reply, id: id)
  case .exported(let job, let result): return model.exported(job, result)
  case .changed: return model.isFrozen ? [] : model.lookAgain()
  case .warning(let text):
    model.say(text, .failed)
    return []
  case .paste(let text): return model.paste(text)
  case .mouse(let event): return model.handle(event)
  }
}

extension Model {
  /// How long the answer to an action stands.
  static let noticeTime = 8 * Moment.second
  /// How long the order of the rows holds after the cursor moved.
  static let holdTime = 2 * Moment.second
  /// How long no key acts on a row that came under the cursor by itself.
  static let slipTime = Moment.second

  mutating func resize(to size: Size) -> [Effect] {
    self.size = size
    form = Layout.Form(size, from: form)
    guard view.isTable else { return [] }
    table.scrollToSelection(height: tableHeight)
    return rowsIfMissing()
  }

  mutating func tick() -> [Effect] {
    if let notice, notice.until <= now.monotonic, notice.kind != .pending { self.notice = nil }
    endCountdowns()
    settleMarks()
    guard !isFrozen, isRefreshDue else { return [] }
    refreshedAt = now.monotonic
    return refresh(periodic: true) + surveyIfDue()
  }

  mutating func linkUp() -> [Effect] {
    link = .up
    hostsAskedAt = nil
    requests = RequestBook()
    return [
      ask(.subscribe, for: .subscription), ask(.history, for: .history),
      ask(.identity, for: .identity),
    ] + refresh(periodic: true)
  }

  /// Something has changed at the router, perhaps who else looks at it.
  mutating func lookAgain() -> [Effect] {
    let effects = refresh(periodic: false)
    guard link == .up, !requests.contains(where: { $0 == .identity }) else { return effects }
    return effects + [ask(.identity, for: .identity)]
  }

  mutating func linkDown(_ reason: String) -> [Effect] {
    // An engine that was told to stop need not say more than that.
    if requests.contains(where: { $0 == .stop }) { return [.quit(.stopped)] }
    if link == .up || link == .connecting { link = .down(since: now.monotonic, reason) }
    // The router rolls back what is provisional as soon as the connection ends.
    if undoable?.provisionalUntil != nil { undoable = nil }
    // An answer that never came may stand for a command that was carried out all the same.
    if let summary = requests.abandon().last {
      say("\(summary): the engine went away before it answered; look before you repeat it", .failed)
    }
    return []
  }

  /// Asks for what the screen shows.
  ///
  /// The periodic look skips what has not been answered yet, so that a slow engine is not asked
  /// twice for the same.
  mutating func refresh(periodic: Bool) -> [Effect] {
    guard link == .up else { return [] }
    var effects: [Effect] = []
    for (request, purpose) in regular(periodic: periodic)
    where !requests.contains(where: { $0 == purpose }) {
      effects.append(ask(request, for: purpose))
    }
    let waiting = requests.contains { if case .rows = $0 { true } else { false } }
    if let query, !(periodic && waiting), !requests.contains(where: { $0 == .rows(query) }) {
      effects.append(ask(.window(query), for: .rows(query)))
    }
    return effects
  }

  private mutating func regular(periodic: Bool) -> [(Request, RequestBook.Purpose)] {
    let logs = [ViewID.log, .audit].map { Request.window(newest($0)) }
    return [(.status, .status), (.stats, .stats)] + dueHosts(periodic: periodic)
      + (view == .overview ? [(logs[0], .newestDrops), (logs[1], .newestAudit)] : [])
      + (view == .ports ? [(.window(Self.allPorts), .portMap)] : [])
      + openHost + dueTrend
  }

  /// Hosts whose names and states are known here at most.
  private static let knownHosts = 200
  /// Hosts that the overview shows at most.
  private static let shownHosts = 40
  /// Nanoseconds after which hosts are asked for again where the screen does not show them.
  private static let hostsTime = 10 * Moment.second

  // The router says when one of them changes; only the overview shows their rates.
  private mutating func dueHosts(periodic: Bool) -> [(Request, RequestBook.Purpose)] {
    let isDue = !periodic || hostsAskedAt.map { now.since($0) >= Self.hostsTime } ?? true
    guard isDue || view == .overview else { return [] }
    if isDue { hostsAskedAt = now.monotonic }
    let hosts = WindowQuery(
      view: .hosts, filter: "", sort: "name", descending: false, offset: 0,
      count: isDue ? Self.knownHosts : Self.shownHosts)
    return [(.window(hosts), .hosts)]
  }

  // The newest rows of a log, as many as the overview may show.
  private func newest(_ view: ViewID) -> WindowQuery {
    WindowQuery(view: view, filter: "", sort: "time", descending: true, offset: 0, count: 40)
  }

  // At most one row for each block of 1,024 ports.
  private static let allPorts = WindowQuery(
    view: .ports, filter: "", sort: "first", descending: false, offset: 0, count: 64)

  private var openHost: [(Request, RequestBook.Purpose)] {
    guard case .details(.host(let row), _)? = overlay else { return [] }
    return [(.host(row.name), .host(row.name))]
  }

  private var dueTrend: [(Request, RequestBook.Purpose)] {
    guard graphSpan != .minute, view == .overview || view.main == .drops,
      trendsAskedAt[graphSpan].map({ now.since($0) >= graphSpan.refresh }) ?? true
    else { return [] }
    return [(.trend(graphSpan), .trend(graphSpan))]
  }

  /// What the table of the view asks for: the rows on the screen, and as many again on each side, so
  /// that the cursor need not wait for them.
  var query: WindowQuery? {
    guard view.window != nil else { return nil }
    let height = tableHeight
    let first = max(0, table.top - height)
    return WindowQuery(
      view: view, filter: table.filter, sort: table.sort, descending: table.descending,
      offset: table.number(of: first), count: table.top - first + 2 * height,
      marked: table.wantsMarks ? table.marks.values : [], showsMarkedOnly: table.marks.showsOnly,
      columns: table.filter.isEmpty ? [] : visibleFields,
      trend: view == .dropSources || view == .dropHosts ? graphSpan : nil, overtakes: true)
  }

  /// Asks for the rows of the screen if they are not here.
  mutating func rowsIfMissing() -> [Effect] {
    guard link == .up, let query, !table.covers(height: tableHeight) || !table.isLoaded else {
      return []
    }
    if requests.contains(where: { $0 == .rows(query) }) { return [] }
    return [ask(.window(query), for: .rows(query))]
  }

  /// Asks for the rows in their new order or under their new filter.
  mutating func rowsAnew() -> [Effect] {
    guard link == .up, let query else { return [] }
    return [ask(.window(query), for: .rows(query))]
  }

  mutating func ask(_ request: Request, for purpose: RequestBook.Purpose) -> Effect {
    .send(id: requests.open(purpose, at: now.monotonic), request)
  }

  /// Writes the line that answers an action.
  mutating func say(_ text: String, _ kind: Notice.Kind) {
    notice = Notice(kind: kind, text: text, until: now.monotonic + Self.noticeTime)
  }
}
