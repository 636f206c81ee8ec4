import PAP
import Testing

@testable import Engine

/// A filter, and which of the rows a, b and c it lets through; or where it goes wrong.
private struct FilterVector: CustomTestStringConvertible, Sendable {
  var filter: String
  var rows = ""
  var errorColumn: Int?

  var testDescription: String { filter }

  init(_ filter: String, _ rows: String) {
    self.filter = filter
    self.rows = rows
  }

  init(_ filter: String, errorAt column: Int) {
    self.filter = filter
    errorColumn = column
  }
}

private struct Fruit: Sendable {
  var id: String
  var name: String
  var size: UInt64
  var home: UInt32?
  var area: CIDR
  var spi: UInt32
  var day: UInt64

  static let columns: [Column<Fruit>] = [
    Column("id", .text) { .text($0.id) },
    Column("name", .text) { .text($0.name) },
    Column("size", .number) { .number($0.size) },
    Column("home", .address) { $0.home.map { .address($0) } ?? .none },
    Column("area", .network) { .network($0.area) },
    Column("spi", .spi) { .spi($0.spi) },
    Column("grownOn", .moment) { .moment($0.day * 86_400_000_000_000) },
  ]

  static let all = [
    Fruit(
      id: "a", name: "Red Apple", size: 7, home: 0xc000_0201,
      area: CIDR(IPv4Address(rawValue: 0xc000_0200), prefixLength: 24), spi: 0x1a2b_0001, day: 0),
    Fruit(
      id: "b", name: "pear", size: 12, home: 0xcb00_7107,
      area: CIDR(IPv4Address(rawValue: 0xcb00_7107), prefixLength: 32), spi: 0x100, day: 31),
    Fruit(
      id: "c", name: "plum=blue", size: 7, home: nil,
      area: CIDR(IPv4Address(rawValue: 0xcb00_7100), prefixLength: 24), spi: 0xffff_ffff, day: 31),
  ]
}

struct FilterTests {
  @Test(arguments: [
    FilterVector("", "abc"), FilterVector("   ", "abc"),
    // A word alone.
    FilterVector("APPLE", "a"), FilterVector("7", "abc"), FilterVector("203.0.113", "bc"),
    FilterVector("!p", ""), FilterVector("!apple", "bc"), FilterVector("0x1a2b", "a"),
    FilterVector("1970-02", "bc"), FilterVector("quince", ""),
    FilterVector("0X1A2B", "a"), FilterVector("00:00", "abc"), FilterVector("113.0/24", "c"),
    FilterVector("é", ""), FilterVector("1970-01-01T", "a"), FilterVector("=", errorAt: 1),
    // A field.
    FilterVector("name=pear", "b"), FilterVector("NAME=pear", "b"), FilterVector("name=Pear", ""),
    FilterVector("name!=pear", "ac"), FilterVector("!name=pear", "ac"),
    FilterVector("!name!=pear", "b"), FilterVector("name=plum=blue", "c"),
    FilterVector("size=7", "ac"), FilterVector("size=07", "ac"),
    FilterVector("home=192.0.2.1", "a"), FilterVector("home=192.0.2.0/24", "a"),
    FilterVector("home=0.0.0.0/0", "ab"), FilterVector("home=", "c"), FilterVector("home!=", "ab"),
    FilterVector("area=203.0.113.0/24", "bc"), FilterVector("area=203.0.113.7", "b"),
    FilterVector("spi=0x1A2B0001", "a"), FilterVector("spi=256", "b"),
    FilterVector("grownon=1970-01", "a"), FilterVector("grownOn=1970-02-01T00:00:00Z", "bc"),
    // Several terms, and quotes.
    FilterVector("size=7 plum", "c"), FilterVector("size=7  !plum", "a"),
    FilterVector("\"name=Red Apple\"", "a"), FilterVector("name=\"Red Apple\"", "a"),
    FilterVector("\"d a\"", "a"), FilterVector("size=7 name=pear", ""),
    // A sign is one also with an accent behind it.
    FilterVector("!\u{7ad}pear", "abc"), FilterVector("name=\u{301}pear", ""),
    FilterVector("size=\u{301}7", errorAt: 6),
    // Mistakes.
    FilterVector("colour=red", errorAt: 1), FilterVector("pear colour=red", errorAt: 6),
    FilterVector("pear !colour=red", errorAt: 7), FilterVector("=7", errorAt: 1),
    FilterVector("size=big", errorAt: 6), FilterVector("size!=-1", errorAt: 7),
    FilterVector("home=192.0.2.1/24", errorAt: 6), FilterVector("area=192.0.2", errorAt: 6),
    FilterVector("spi=0xg", errorAt: 5), FilterVector("!", errorAt: 2),
    FilterVector("pear \"plum", errorAt: 6),
  ])
  fileprivate func rowsPassOrTheColumnIsNamed(_ vector: FilterVector) throws {
    do {
      let filter = try Filter(vector.filter, columns: Fruit.columns)
      #expect(Fruit.all.filter(filter.matches).map(\.id).joined() == vector.rows)
      #expect(vector.errorColumn == nil)
    } catch {
      #expect(error.code == "bad-filter")
      #expect(error.column == vector.errorColumn)
    }
  }

  @Test func anUnknownFieldIsExplained() {
    let hint = #expect(throws: ControlError.self) {
      _ = try Filter("sise=7", columns: Fruit.columns)
    }
    #expect(hint?.message == "there is no field 'sise'; did you mean 'size'?")
  }

  @Test(arguments: [
    ("size", false, "acb"), ("size", true, "bac"), ("name", false, "abc"), ("home", false, "cab"),
    ("home", true, "bac"), ("area", false, "acb"), ("spi", true, "cab"), ("grownOn", true, "bca"),
  ])
  func sortingIsStable(column: String, descending: Bool, wanted: String) throws {
    var query = RowQuery()
    query.sort = column
    query.isDescending = descending
    let found = try query.run(on: Fruit.all, columns: Fruit.columns)
    #expect(found.records.map(\.id).joined() == wanted)
  }

  @Test(arguments: [
    (0, 2, "ab"), (1, 5, "bc"), (2, 1, "c"), (3, 1, ""), (9, 9, ""), (0, 0, ""),
  ])
  func aStretchIsCutOut(offset: Int, count: Int, wanted: String) throws {
    var query = RowQuery()
    query.offset = offset
    query.count = count
    let found = try query.run(on: Fruit.all, columns: Fruit.columns)
    #expect(found.records.map(\.id).joined() == wanted)
    #expect(found.total == 3)
    #expect(found.matched == 3)
  }

  @Test func anUnknownSortColumnIsRefused() {
    var query = RowQuery()
    query.sort = "nam"
    let error = #expect(throws: ControlError.self) {
      _ = try query.run(on: Fruit.all, columns: Fruit.columns)
    }
    #expect(error?.message == "cannot sort by 'nam'; did you mean 'name'?")
  }
}

@Suite struct RowFindTests {
  private struct Name { var text: String }
  private static let columns = [
    Column<Name>("name", .text) { .text($0.text) },
    Column<Name>("length", .number) { .number(UInt64($0.text.count)) },
  ]
  private static let names = ["alpha", "Beta", "gamma", "beta"].map(Name.init)

  struct Vector: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let find: RowFind
    let index: Int?
  }

  static let vectors = [
    Vector(testDescription: "the first", find: RowFind("beta"), index: 1),
    Vector(testDescription: "from the row itself on", find: RowFind("beta", from: 1), index: 1),
    Vector(testDescription: "the next", find: RowFind("beta", from: 2), index: 3),
    Vector(testDescription: "round the corner", find: RowFind("alpha", from: 1), index: 0),
    Vector(
      testDescription: "backwards", find: RowFind("beta", from: 2, isBackward: true), index: 1),
    Vector(
      testDescription: "backwards round the corner",
      find: RowFind("beta", from: 0, isBackward: true), index: 3),
    Vector(testDescription: "capitals count", find: RowFind("Beta", from: 2), index: 1),
    Vector(testDescription: "capitals that are not there", find: RowFind("ALPHA"), index: nil),
    Vector(testDescription: "in any field", find: RowFind("4"), index: 1),
    Vector(testDescription: "nowhere", find: RowFind("delta"), index: nil),
    Vector(testDescription: "nothing", find: RowFind(""), index: nil),
    Vector(testDescription: "a place beyond the end", find: RowFind("gamma", from: 9), index: 2),
  ]

  @Test(arguments: vectors)
  func aTextIsFoundInTheRowsInTheirOrder(_ vector: Vector) {
    #expect(vector.find.index(in: Self.names, columns: Self.columns) == vector.index)
    #expect(vector.find.index(in: [Name](), columns: Self.columns) == nil)
  }

  @Test func theNumberIsThatAmongTheMatchedInTheirOrder() throws {
    var query = RowQuery()
    query.sort = "name"
    query.filter = "!alpha"
    query.count = 1
    query.find = RowFind("gamma")
    let found = try query.run(on: Self.names, columns: Self.columns)
    #expect(found.found == 2)
    #expect(found.matched == 3)
    #expect(found.records.map(\.text) == ["gamma"])
    query.find = RowFind("delta")
    let missed = try query.run(on: Self.names, columns: Self.columns)
    #expect(missed.found == nil)
    #expect(missed.records.map(\.text) == ["Beta"])
  }
}
