internal import Net

// Which ports are whose.

extension PortsRow {
  static let columns: [Column<PortsRow>] = [
    Column("first", .number) { .number(UInt64($0.first)) },
    Column("count", .number) { .number(UInt64($0.count)) },
    Column("state", .text) { .text($0.state) },
    Column("host", .text) { .text($0.host) },
    Column("since", .moment, "age") { .moment(text: $0.since) },
    Column("expires", .deadline, "exp") { .moment(text: $0.expires) },
    Column("quarantineEnds", .deadline, "quarantine") { .moment(text: $0.quarantineEnds) },
  ]
}

extension EngineCore {
  /// All 65,536 ports in their order.
  var portsRows: [PortsRow] {
    state.portViews.map { view in
      let end = view.ends.map(text(at:))
      return PortsRow(
        first: view.first, count: view.count, state: view.state.rawValue, host: view.host,
        since: view.since.map { Timestamp.text(wallClock(of: $0)) },
        expires: view.state == .leased ? end : nil,
        quarantineEnds: view.state == .quarantined ? end : nil)
    }
  }
}
