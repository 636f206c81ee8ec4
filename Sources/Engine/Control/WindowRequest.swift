internal import PAP

/// The verb `window`: a stretch of the rows of a view.
struct WindowRequest {
  /// The views that have rows.
  enum View: String, CaseIterable {
    case sa, hosts, drops, revocations, peers, ike, ports, audit
    case dropReasons = "drop-reasons"
    case dropSources = "drop-sources"
    case dropHosts = "drop-hosts"
  }

  /// Rows in one answer at most: what the largest screen shows, and then some.
  private static let mostRows: Int64 = 10_000
  /// Marked rows in a request at most.
  private static let mostMarked = 10_000

  private let view: View
  private let query: RowQuery
  private let marked: [JSONValue]
  private let overtakes: Bool
  /// Whether rows of the drop log come with the first octets of their packets.
  private let wantsOctets: Bool
  /// Whether rows of dropped packets by source or host come with their history, and in which spans.
  private let resolution: RateHistory.Resolution?

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
    query.visible = try arguments.visibleFields()
    marked =
      try arguments.optional("marked", "an array of at most \(Self.mostMarked) rows") { value in
        value.array(atMost: Self.mostMarked)
      } ?? []
    overtakes = try arguments.flag("overtake")
    wantsOctets = try arguments.flag("octets")
    resolution = try arguments.resolution()
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

  /// The window as JSON, if it can be had at once; else what makes it.
  func answer(
    _ core: EngineCore, _ orders: OrderCache
  ) throws(ControlError) -> ControlAnswer {
    switch view {
    case .sa: try answer(core, orders, { core.entrySource }, SARow.shown)
    case .hosts: try answer(core, orders, { core.hostSource }, core.shown)
    case .drops where wantsOctets:
      try answer(core, orders, { core.dropSource }, DropSampleRow.init)
    case .drops: try answer(core, orders, { core.dropSource }, DropRow.init)
    case .revocations: try answer(core, orders, { core.revocationSource }) { $0 }
    case .peers: try answer(core, orders, { core.peerSource }, PeerRow.init)
    case .ike: try answer(core, core.ikeRows, IKERow.columns) { $0 }
    case .ports: try answer(core, core.portsRows, PortsRow.columns) { $0 }
    case .audit:
      try answer(core, core.auditViewRecords(), AuditViewRecord.columns, AuditViewRow.init)
    case .dropReasons: try answer(core, core.dropReasonRows, DropReasonRow.columns) { $0 }
    case .dropSources:
      try answer(core, core.dropSourceRows, DropSourceRow.columns) {
        core.withHistory($0, resolution)
      }
    case .dropHosts:
      try answer(core, core.dropHostRows, DropHostRow.columns) { core.withHistory($0, resolution) }
    }
  }

  // Of a table that is small, and made anew for each answer: its order is not kept.
  private func answer<Record, Row: Codable & Sendable>(
    _ core: EngineCore, _ records: [Record], _ columns: [Column<Record>],
    _ row: @escaping (Record) -> Row
  ) throws(ControlError) -> ControlAnswer {
    let source = RowSource(of: records, columns)
    return try answer(core, OrderCache(), { source }, row)
  }

  // What names marked rows and nothing else, as consoles ask again and again, looks at no others.
  private func answer<Record, Row: Codable & Sendable>(
    _ core: EngineCore, _ orders: OrderCache, _ source: @escaping () -> RowSource<Record>,
    _ row: @escaping (Record) -> Row
  ) throws(ControlError) -> ControlAnswer {
    let all = source()
    let columns = all.columns
    var query = query
    query.marked = try rows(marked, of: columns.first)
    if query.filter == "marked", let few = all.only(query.marked) {
      return try answer(core, OrderCache(), { few }, row, query)
    }
    return try answer(core, orders, source, row, query)
  }

  private func answer<Record, Row: Codable & Sendable>(
    _ core: EngineCore, _ orders: OrderCache, _ source: @escaping () -> RowSource<Record>,
    _ row: @escaping (Record) -> Row, _ query: RowQuery
  ) throws(ControlError) -> ControlAnswer {
    let columns = source().columns
    let filter = try query.filter(columns, now: core.now.wallClock)
    let sort = try query.sortColumn(columns)
    var order: RowOrder<Record>?
    if !(filter.isEmpty && sort == nil && source().dense != nil) {
      let key = OrderCache.Key(
        view: view.rawValue, filter: query.filter, sort: query.sort,
        isDescending: query.isDescending, visible: filter.hasWords ? query.visible : nil,
        marked: query.marked)
      order = orders.order(key) {
        RowOrder(filter, sortedBy: sort, isDescending: query.isDescending)
      }
    }
    let task = WindowTask(query, filter, order, source, row)
    let pending = PendingAnswer(overtakes ? view.rawValue : nil, task.advance)
    return try pending.advance().map { .whole($0) } ?? .beside(pending)
  }

  /// What was marked, as the first column of the view writes it.
  private func rows<Record>(
    _ marked: [JSONValue], of column: Column<Record>?
  ) throws(ControlError) -> Set<FieldValue> {
    var values: Set<FieldValue> = []
    for element in marked {
      guard let value = column.flatMap({ Self.value(element, $0.kind) }) else {
        throw ControlError(
          .badArgument,
          "'marked' holds \(element.described), which is no \(column?.name ?? "row") of '\(view)'")
      }
      values.insert(value)
    }
    return values
  }

  private static func value(
    _ element: JSONValue, _ kind: FieldKind
  ) -> FieldValue? {
    switch kind {
    case .number: element.integer.flatMap { UInt64(exactly: $0) }.map { .number($0) }
    case .text: element.string.map { .text($0) }
    case .network: element.string.flatMap { CIDR($0) }.map { .network($0) }
    case .texts, .address, .spi, .moment, .deadline: nil
    }
  }
}

extension JSONValue {
  /// The elements, if the value is an array of no more than so many.
  fileprivate func array(atMost count: Int) -> [JSONValue]? {
    if case .array(let elements) = self, elements.count <= count { elements } else { nil }
  }
}
