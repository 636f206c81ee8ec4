import PAP

@testable import Engine

/// Rows for filters and orders, with a field of each kind.
struct Fruit: Sendable {
  var id: String
  var name: String
  var tags: String?
  var size: UInt64
  var home: UInt32?
  var area: CIDR
  var spi: UInt32
  /// Days since 1970.
  var day: UInt64
  /// Half days after the beginning of the 32nd day.
  var eatenAfter: UInt64?

  /// Nanoseconds.
  static let dayLength: UInt64 = 86_400_000_000_000

  static let columns: [Column<Fruit>] = [
    Column("id", .text) { .text($0.id) },
    Column("name", .text, "called") { .text($0.name) },
    Column("tags", .texts) { .text($0.tags) },
    Column("size", .number, isChanging: true) { .number($0.size) },
    Column("home", .address) { $0.home.map { .address($0) } ?? .none },
    Column("area", .network) { .network($0.area) },
    Column("spi", .spi) { .spi($0.spi) },
    Column("eaten", .deadline) { fruit in
      .moment(fruit.eatenAfter.map { 32 * dayLength + $0 * dayLength / 2 - 1 })
    },
    Column("grownOn", .moment, "age") { .moment($0.day * dayLength) },
  ]

  static let all = [
    Fruit(
      id: "a", name: "Red Apple", tags: "red,sweet", size: 7, home: 0xc000_0201,
      area: CIDR(IPv4Address(rawValue: 0xc000_0200), prefixLength: 24), spi: 0x1a2b_0001, day: 0,
      eatenAfter: 1),
    Fruit(
      id: "b", name: "pear", tags: "sweet", size: 12, home: 0xcb00_7107,
      area: CIDR(IPv4Address(rawValue: 0xcb00_7107), prefixLength: 32), spi: 0x100, day: 31,
      eatenAfter: 2),
    Fruit(
      id: "c", name: "plum=blue", tags: nil, size: 7, home: nil,
      area: CIDR(IPv4Address(rawValue: 0xcb00_7100), prefixLength: 24), spi: 0xffff_ffff, day: 31,
      eatenAfter: nil),
  ]
}

/// Rows by number that a test changes, and orders of them.
struct RowBench<Record> {
  var rows: [Record?]
  let columns: [Column<Record>]
  private(set) var changed: [Int] = []

  init(_ rows: [Record], _ columns: [Column<Record>]) {
    self.rows = rows
    self.columns = columns
  }

  /// Sets or removes a row, and notes it.
  mutating func set(_ number: Int, _ row: Record?) {
    rows[number] = row
    changed.append(number)
  }

  var source: RowSource<Record> {
    RowSource(
      columns: columns, total: rows.count { $0 != nil },
      mark: RowMark(rows: UInt64(changed.count)),
      stretch: RowSource<Record>.stretches(of: rows.indices),
      record: { rows.indices.contains($0) ? rows[$0] : nil },
      changes: { RowChanges(numbers: Set(changed[Int($0.rows)...])) })
  }

  func order(_ query: RowQuery) throws -> RowOrder<Record> {
    RowOrder(
      try query.filter(columns, now: 0), sortedBy: try query.sortColumn(columns),
      isDescending: query.isDescending)
  }

  /// Brings an order up to date: in steps as small as can be, or at once.
  func finish(
    _ order: RowOrder<Record>, _ query: RowQuery, isRound: Bool, inSteps: Bool
  ) throws {
    let filter = try query.filter(columns, now: 0)
    while !order.advance(
      source, isRound: isRound, filter: filter, until: inSteps ? 0 : .max)
    {}
  }

  /// The rows that a query finds.
  func ordered(_ query: RowQuery) throws -> [Record] {
    let order = try order(query)
    try finish(order, query, isRound: true, inSteps: false)
    return order.items.compactMap { rows[$0.number] }
  }
}
