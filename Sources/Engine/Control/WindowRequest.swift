/// The verb `window`: a stretch of the rows of a view.
struct WindowRequest {
  /// The views that have rows.
  private enum View: String, CaseIterable {
    case sa, hosts, drops, revocations, peers, ike, ports, audit
    case dropReasons = "drop-reasons"
    case dropSources = "drop-sources"
    case dropHosts = "drop-hosts"
  }

  /// Rows in one answer at most: what the largest screen shows, and then some.
  private static let mostRows: Int64 = 10_000

  private let view: View
  private let query: RowQuery

  /// Reads the arguments.
  init(_ arguments: ControlArguments) throws(ControlError) {
    var arguments = arguments
    let names = View.allCases.map(\.rawValue).joined(separator: ", ")
    view = try arguments.required("view", "one of \(names)") { value in
      value.string.flatMap(View.init(rawValue:))
    }
    var query = RowQuery()
    query.filter = try arguments.optional("filter", "a text") { $0.string } ?? ""
    query.sort = try arguments.optional("sort", "the name of a column") { $0.string }
    query.isDescending = try arguments.flag("descending")
    query.offset = try arguments.number("offset", in: 0...Int64(UInt32.max)) ?? 0
    query.count = try arguments.number("count", in: 0...Self.mostRows) ?? 100
    query.find = try Self.find(&arguments)
    try arguments.refuseOthers()
    self.query = query
  }

  // Of what only belongs to a text to find, none may stand without one.
  private static func find(_ arguments: inout ControlArguments) throws(ControlError) -> RowFind? {
    let wanted = "a text of 1 to 800 octets"
    let text = try arguments.optional("find", wanted) { value in
      value.string.flatMap { (1...800).contains($0.utf8.count) ? $0 : nil }
    }
    guard let text else { return nil }
    let from = try arguments.number("from", in: 0...Int64(UInt32.max)) ?? 0
    return RowFind(text, from: from, isBackward: try arguments.flag("backwards"))
  }

  /// The window as JSON.
  func answer(_ core: EngineCore) throws(ControlError) -> [UInt8] {
    switch view {
    case .sa: try window(core.saRecords, SARecord.columns, SARow.shown)
    case .hosts: try window(core.shownHostRows, HostRow.columns) { $0 }
    case .drops: try window(core.dropRecords, DropLogRecord.columns, DropRow.init)
    case .revocations: try window(core.revocationRows, RevocationRow.columns) { $0 }
    case .peers: try window(core.peerRecords, PeerRecord.columns, PeerRow.init)
    case .ike: try window(core.ikeRows, IKERow.columns) { $0 }
    case .ports: try window(core.portsRows, PortsRow.columns) { $0 }
    case .audit:
      try window(core.auditViewRecords(), AuditViewRecord.columns, AuditViewRow.init)
    case .dropReasons: try window(core.dropReasonRows, DropReasonRow.columns) { $0 }
    case .dropSources: try window(core.dropSourceRows, DropSourceRow.columns) { $0 }
    case .dropHosts: try window(core.dropHostRows, DropHostRow.columns) { $0 }
    }
  }

  private func window<Record, Row: Codable & Sendable>(
    _ records: [Record], _ columns: [Column<Record>], _ row: (Record) -> Row
  ) throws(ControlError) -> [UInt8] {
    let found = try query.run(on: records, columns: columns)
    return try ControlJSON.encode(
      Window(
        total: found.total, matched: found.matched, offset: found.found ?? query.offset,
        rows: found.records.map(row), found: found.found))
  }
}
