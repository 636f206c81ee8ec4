internal import Engine

extension Model {
  /// Takes an answer of the engine in.
  mutating func take(_ reply: Reply, id: Int) -> [Effect] {
    guard let purpose = requests.close(id) else { return [] }
    switch (purpose, reply) {
    case (.command(let summary), _): return commandAnswered(summary, reply)
    case (.act(let act), _): return acted(act, reply)
    case (.undo(let number, let summary), _): return undone(number, summary, reply)
    case (.keep(let number, let summary), _): return kept(number, summary, reply)
    case (.survey(let query), _): return takeSurvey(query, reply)
    case (.missing(let query), _): if !isFrozen { takeMissing(query, reply) }
    case (.marking(let query), _): return takePage(query, reply)
    case (.range(let query, let first, let last), _):
      return takeRange(query, first, last, reply)
    case (.explanation(let command), _): explain(command, reply)
    case (.auditCheck, _): auditChecked(reply)
    case (.stop, .failure(let failure)): say("not stopped: \(failure.message)", .failed)
    case (.stop, _): return [.quit(.stopped)]
    case (.rows(let query), .failure(let failure)): return rowsRefused(query, failure)
    case (.found(let query, let step), .found(let index, let row)):
      return found((index, row), for: query, step)
    case (.found(let query, let step), .notFound): return found(nil, for: query, step)
    case (.found, .failure(let failure)): say(failure.message, .failed)
    case (.peersToComplete, .window(let window)): complete(with: window)
    default: if !isFrozen { return show(purpose, reply) }
    }
    return []
  }

  private mutating func show(_ purpose: RequestBook.Purpose, _ reply: Reply) -> [Effect] {
    switch (purpose, reply) {
    case (.status, .status(let status)):
      self.status = status
      history.add(status, at: now.monotonic)
    case (.stats, .stats(let stats)):
      self.stats = stats
    case (.history, .history(let history)):
      // What was measured here meanwhile is newer, but it is only a moment's worth.
      self.history = history
    case (.identity, .identity(let identity)): self.identity = identity
    case (.hosts, .window(let window)):
      let rows: [HostRow] = window.rows.compactMap {
        if case .host(let row) = $0 { row } else { nil }
      }
      // Those that the overview does not show were not asked for.
      hosts = rows + (window.total > rows.count ? hosts.dropFirst(rows.count) : [])
      hostRates.update(window.rows, at: now.monotonic)
    case (.newestDrops, .window(let window)):
      newestDrops = window.rows.compactMap { if case .drop(let row) = $0 { row } else { nil } }
    case (.newestAudit, .window(let window)):
      newestAudit = window.rows.compactMap { if case .audit(let row) = $0 { row } else { nil } }
    case (.portMap, .window(let window)):
      portMap = window.rows.compactMap { if case .ports(let row) = $0 { row } else { nil } }
    case (.trend(let span), .trend(let trend)):
      trends[span] = trend
      trendsAskedAt[span] = now.monotonic
    case (.host, .host(let report)): hostReport = report
    case (.rows(let query), .window(let window)): return place(window, for: query)
    default: break
    }
    return []
  }

  private mutating func place(_ window: RowWindow, for query: WindowQuery) -> [Effect] {
    guard var table = tables[query.view], let wanted = currentQuery(of: query.view),
      query.isSameList(as: wanted)
    else { return [] }
    table.filterFailure = nil
    table.acceptedFilter = query.filter
    table.apply(
      window, placement: placement(of: window, in: table), height: tableHeight,
      at: now.monotonic, wall: now.wall)
    tables[query.view] = table
    refreshDetails(table)
    return (query.view == view ? rowsIfMissing() : []) + askForMissing(in: query.view)
  }

  // The rows that a view would ask for if it were on the screen.
  func currentQuery(of view: ViewID) -> WindowQuery? {
    var other = self
    other.view = view
    return other.query
  }

  private func placement(of window: RowWindow, in table: TableState) -> TableState.Placement {
    if table.sort == "time" && table.descending { return .anchored }
    let moving = table.isLoaded && now.since(table.movedAt) < Self.holdTime
    return moving && table.isPlace(of: window) && table.covers(height: tableHeight)
      ? .held : .fresh
  }

  // The details show the row as it is now, and as it was last if it is gone.
  private mutating func refreshDetails(_ table: TableState) {
    guard case .details(let row, let scroll)? = overlay,
      let fresh = table.rows.first(where: { $0.id == row.id })
    else { return }
    overlay = .details(fresh, scroll: scroll)
  }

  // While a filter is being typed the mistake is shown below it; after that it is said, and the last
  // good filter comes back.
  private mutating func rowsRefused(_ query: WindowQuery, _ failure: Refusal) -> [Effect] {
    if failure.code == ControlError.Code.overtaken.rawValue { return [] }
    guard var table = tables[query.view], table.filter == query.filter else { return [] }
    let isBeingTyped = filterInput != nil && query.view == view
    table.filterFailure = isBeingTyped ? failure : nil
    if !isBeingTyped { table.filter = table.acceptedFilter }
    tables[query.view] = table
    if isBeingTyped { return [] }
    say(failure.message, .failed)
    return table.filter == query.filter ? [] : rowsAnew()
  }

  private mutating func auditChecked(_ reply: Reply) {
    switch reply {
    case .checked(let check):
      let rows = Format.plural(Int(clamping: check.rows), "row", "rows")
      if let broken = check.firstBroken {
        say("audit: row \(broken) was changed, removed or put in; \(rows) before it", .failed)
      } else {
        say("audit: \(rows), all intact", .done)
      }
    case .failure(let failure): say("audit not checked: \(failure.message)", .failed)
    default: break
    }
  }

  private mutating func commandAnswered(_ summary: String, _ reply: Reply) -> [Effect] {
    switch reply {
    case .done(let text): say(text.isEmpty ? "\(summary): done" : text, .done)
    case .failure(let failure): say("\(summary): \(failure.message)", .failed)
    default: say("\(summary): done", .done)
    }
    return refresh(periodic: false)
  }
}
