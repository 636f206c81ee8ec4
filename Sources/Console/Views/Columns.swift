/// The columns of every table, one file for each.
enum Columns {
  /// The columns of a view, from left to right: the first marks the row, the second names it.
  static func of(_ view: ViewID) -> [Column] {
    switch view {
    case .overview: []
    case .associations: associations
    case .hosts: hosts
    case .peers: peers
    case .log: log
    case .drops: drops
    case .dropSources: dropSources
    case .dropHosts: dropHosts
    case .ike: ike
    case .ports: ports
    case .audit: audit
    }
  }

  /// Packets a second as the router measured them, or, where it has too many rows for that, as they
  /// were measured here.
  static let packetRate: @Sendable (Row, CellContext) -> [TextRun] = { row, context in
    [CellText.rate(row.rates?.packets.nonZero ?? context.rate?.packetsPerSecond ?? 0)]
  }

  /// Bits a second, likewise.
  static let bitRate: @Sendable (Row, CellContext) -> [TextRun] = { row, context in
    [CellText.bits(row.rates?.bits.nonZero ?? context.rate?.bitsPerSecond ?? 0)]
  }
}

/// Makes columns for one kind of row.
///
/// The rows of a view are all of one kind; a cell of another kind is empty.
struct ColumnMaker<Value: Sendable>: Sendable {
  private let value: @Sendable (Row) -> Value?

  init(_ value: @escaping @Sendable (Row) -> Value?) {
    self.value = value
  }

  /// A column; the parameters are those of `Column`.
  func callAsFunction(
    _ title: String, _ width: Int, upTo mostWidth: Int? = nil, least leastWidth: Int? = nil,
    priority: Int, _ alignment: Column.Alignment = .left, sort: String? = nil,
    fields: [String]? = nil, descending: Bool = false, isTime: Bool = false,
    cell: @escaping @Sendable (Value, CellContext) -> TextRun
  ) -> Column {
    Column(
      title, width, upTo: mostWidth, least: leastWidth, priority: priority, alignment, sort: sort,
      fields: fields, descending: descending, isTime: isTime
    ) { [value] row, context in
      value(row).map { [cell($0, context)] } ?? []
    }
  }
}

extension Double {
  fileprivate var nonZero: Double? { self > 0 ? self : nil }
}
