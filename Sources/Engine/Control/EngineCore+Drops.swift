internal import Net
internal import PAP

// Statistics of drops: per reason, per source, per host.

extension DropReasonRow {
  static let columns: [Column<DropReasonRow>] = [
    Column("reason", .text) { .text($0.reason) },
    Column("count", .number) { .number($0.count) },
    Column("perSecond", .number, "rate") { .rate($0.perSecond) },
  ]
}

extension DropSourceRow {
  static let columns: [Column<DropSourceRow>] = [
    Column("address", .address, "source", "peer") { .address($0.address.rawValue) },
    Column("count", .number) { .number($0.count) },
    Column("perSecond", .number, "rate") { .rate($0.perSecond) },
    Column("lastReason", .text, "reason") { .text($0.lastReason) },
    Column("state", .text) { .text($0.state) },
  ]
}

extension DropHostRow {
  static let columns: [Column<DropHostRow>] = [
    Column("host", .text) { .text($0.host) },
    Column("count", .number) { .number($0.count) },
    Column("perSecond", .number, "rate") { .rate($0.perSecond) },
    Column("violations", .number) { .number($0.violations) },
    Column("lastReason", .text, "reason") { $0.lastReason.map { .text($0) } ?? .none },
  ]
}

extension EngineCore {
  /// Every reason, in the order of the contract.
  var dropReasonRows: [DropReasonRow] {
    let totals = dataPath.totals()
    return DropReason.allCases.map { reason in
      let place = Int(reason.rawValue)
      return DropReasonRow(
        reason: reason.name, count: totals.drops[place],
        perSecond: rates.perSecond { $0.drops[place] })
    }
  }

  /// The sources that are known, those with most packets first.
  var dropSourceRows: [DropSourceRow] {
    topSources.top(.max, at: now.monotonic).map { source in
      DropSourceRow(
        address: source.address, count: source.count, perSecond: source.perSecond,
        lastReason: source.lastReason.name, state: validity(of: source.address))
    }
  }

  /// The row with what was dropped in each of the last spans, if a span is named.
  func withHistory(
    _ row: DropSourceRow, _ resolution: RateHistory.Resolution?
  ) -> DropSourceRow {
    var row = row
    row.dropped = resolution.map { sourceHistory.spans(of: row.address, $0) }
    return row
  }

  func withHistory(_ row: DropHostRow, _ resolution: RateHistory.Resolution?) -> DropHostRow {
    var row = row
    guard let resolution, let host = state.hostView(named: row.host) else { return row }
    row.dropped = hostHistory.spans(of: host.index, resolution)
    return row
  }

  private func validity(of address: IPv4Address) -> String {
    if state.isRevoked(address) { return "revoked" }
    return state.entries(for: address).isEmpty ? "unknown" : "valid"
  }

  /// The hosts, in the order of the configuration.
  var dropHostRows: [DropHostRow] {
    state.hostViews.map { view in
      let counters = dataPath.counters(ofHost: view.index)
      return DropHostRow(
        host: view.name, count: counters.drops, perSecond: hostRates.rate(of: view.index).drops,
        violations: counters.violations,
        lastReason: lastReasons[view.index.rawValue]?.name)
    }
  }
}
