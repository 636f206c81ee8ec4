internal import Engine

/// The counters of the overview at the moment when this console zeroed them.
struct OverviewZero: Equatable, Sendable {
  /// Seconds since 1970.
  var wall: Double
  var packets: StatusReport.Packets?
  var drops: [String: UInt64] = [:]
}

extension Model {
  /// The actions on counters and graphs: they change what this console shows, and nothing else.
  mutating func performCounting(_ id: ActionID) -> [Effect] {
    switch id {
    case .dropTable:
      let place = ViewID.dropTables.firstIndex(of: view) ?? 0
      return show(ViewID.dropTables[(place + 1) % ViewID.dropTables.count])
    case .graphSpan:
      graphSpan = graphSpan.next
      return isFrozen ? [] : refresh(periodic: false)
    case .zero: zeroCounters()
    case .interval: counterMode = counterMode.next
    default: break
    }
    return []
  }

  private mutating func zeroCounters() {
    if view == .overview {
      overviewZero = OverviewZero(
        wall: now.wall, packets: status?.packets, drops: stats?.drops.mapValues(\.count) ?? [:])
    } else {
      table.tallies.zero(at: now.wall)
    }
  }

  /// Opens the details of the selected row; those of a host are asked for.
  mutating func openDetails() -> [Effect] {
    overlay = table.selectedRow.map { .details($0, scroll: 0) }
    hostReport = nil
    return isFrozen ? [] : refresh(periodic: false)
  }

  /// How long the counters of the view have counted, and how, for its heading; empty where they are
  /// those of the router.
  var countingNote: String {
    if view.isTable, counterMode == .interval, table.rows.first?.tally != nil {
      return "  of the last interval" + orderNote
    }
    let zeroedAt = view == .overview ? overviewZero?.wall : table.tallies.zeroedAt
    return zeroedAt.map { "  since \(CellText.clock(wall: $0))Z" + orderNote } ?? ""
  }

  // The router puts rows in order, and it knows nothing of what this console has zeroed.
  private var orderNote: String {
    view.isTable && Tally.fields.contains(table.sort) ? ", by totals" : ""
  }

  /// What is wrong with the router, the gravest first; nothing while nobody can say.
  var alarms: [StatusReport.Alarm] { link == .up ? status?.alarms ?? [] : [] }

  /// A reason's drops as the overview shows them.
  func shownDrops(_ name: String, _ count: UInt64) -> UInt64 {
    guard let zero = overviewZero?.drops[name], zero <= count else { return count }
    return count - zero
  }
}
