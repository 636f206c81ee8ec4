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

struct FilterTests {
  /// A bare word.
  fileprivate static let words = [
    FilterVector("", "abc"), FilterVector("   ", "abc"), FilterVector("apple", "a"),
    FilterVector("Apple", "a"), FilterVector("APPLE", ""), FilterVector("7", "abc"),
    FilterVector("203.0.113", "bc"), FilterVector("!p", ""), FilterVector("!apple", "bc"),
    FilterVector("0x1a2b", "a"), FilterVector("0X1A2B", "a"), FilterVector("1970-02-01", "bc"),
    FilterVector("quince", ""), FilterVector("00:00", "abc"), FilterVector("113.0/24", "c"),
    FilterVector("é", ""), FilterVector("1970-01-01T", "a"), FilterVector("\"d a\"", "a"),
    FilterVector("\"or\"", ""), FilterVector("\"m=b\"", "c"), FilterVector("host", ""),
    FilterVector("=", errorAt: 1), FilterVector("\"\"", errorAt: 1),
    // A sign is one also with an accent behind it.
    FilterVector("!\u{7ad}pear", "abc"), FilterVector("name=\u{301}pear", ""),
    FilterVector("size=\u{301}7", errorAt: 6),
  ]

  /// One comparison, each with one that is nearly the same and lets others through.
  fileprivate static let comparisons = [
    FilterVector("name=pear", "b"), FilterVector("NAME=pear", "b"), FilterVector("name=Pear", ""),
    FilterVector("name!=pear", "ac"), FilterVector("!name=pear", "ac"),
    FilterVector("not name=pear", "ac"), FilterVector("! !name=pear", "b"),
    FilterVector("!name!=pear", "b"), FilterVector("name=plum=blue", "c"),
    FilterVector("name = pear", "b"), FilterVector("name =pear", "b"),
    FilterVector("name~ea", "b"), FilterVector("name~EA", ""), FilterVector("name~Red", "a"),
    FilterVector("name ~ \"d a\"", "a"), FilterVector("name in {pear, plum=blue}", "bc"),
    FilterVector("name=\"Red Apple\"", "a"), FilterVector("\"name=Red Apple\"", "a"),
    FilterVector("\"name!=Red Apple\"", "bc"), FilterVector("name={\"Red Apple\" pear}", "ab"),
    FilterVector("name<pear", errorAt: 6), FilterVector("called=pear", "b"),
    FilterVector("tags=sweet", "ab"), FilterVector("tags=swee", ""), FilterVector("tags=red", "a"),
    FilterVector("tags=", "c"), FilterVector("tags!=sweet", "c"),
    FilterVector("size=7", "ac"), FilterVector("size=07", "ac"), FilterVector("size>7", "b"),
    FilterVector("size>=7", "abc"), FilterVector("size<12", "ac"), FilterVector("size<=12", "abc"),
    FilterVector("size<7", ""), FilterVector("size<0", ""), FilterVector("size=7..11", "ac"),
    FilterVector("size=8..", "b"), FilterVector("size=..11", "ac"),
    FilterVector("size in 7..12", "abc"),
    FilterVector("size in {7, 12}", "abc"), FilterVector("size={8 12}", "b"),
    FilterVector("size!={8,12}", "ac"), FilterVector("size<0.012k", "ac"),
    FilterVector("size<=0.012K", "abc"), FilterVector("size<1M", "abc"),
    FilterVector("size>18446744073709551615", ""),
    FilterVector("size>18446744073709551616", errorAt: 6),
    FilterVector("size=1.5", errorAt: 6), FilterVector("size=1.5k", ""),
    FilterVector("size=12..7", errorAt: 6), FilterVector("size>7..12", errorAt: 6),
    FilterVector("size<{7}", errorAt: 7), FilterVector("size~2", "b"),
    FilterVector("size=\"7\"", "ac"),
    FilterVector("home=192.0.2.1", "a"), FilterVector("home=192.0.2.0/24", "a"),
    FilterVector("home=0.0.0.0/0", "ab"), FilterVector("home=", "c"), FilterVector("home!=", "ab"),
    FilterVector("home= size=7", "c"), FilterVector("home=192.0.2.0..203.0.113.6", "a"),
    FilterVector("home=192.0.2.0..203.0.113.7", "ab"), FilterVector("home>192.0.2.1", "b"),
    FilterVector("home>192.0.2.0/24", "b"), FilterVector("home>=192.0.2.0/24", "ab"),
    FilterVector("home in {192.0.2.1, 198.51.100.0/24}", "a"),
    FilterVector("home!=192.0.2.1", "bc"),
    FilterVector("area=203.0.113.0/24", "bc"), FilterVector("area=203.0.113.7", "b"),
    FilterVector("area in {192.0.2.0/23}", "a"), FilterVector("area>192.0.2.0/24", errorAt: 6),
    FilterVector("spi=0x1A2B0001", "a"), FilterVector("spi=256", "b"),
    FilterVector("spi=0x1a2b*", "a"),
    FilterVector("spi=0x*", "abc"), FilterVector("spi=0x1a2c*", ""),
    FilterVector("spi!=0x1a2b*", "bc"),
    FilterVector("spi>0x1a2b*", "c"), FilterVector("spi=0x100..0x1a2bffff", "ab"),
    FilterVector("spi<0x100", ""), FilterVector("spi=0x123456789*", errorAt: 5),
    FilterVector("spi=1a2b*", errorAt: 5),
  ]

  /// Moments, a day after the last of them.
  fileprivate static let moments = [
    FilterVector("grownon=1970-01", "a"), FilterVector("grownOn=1970-02-01T00:00:00Z", "bc"),
    FilterVector("grownOn=1970-0", "abc"), FilterVector("grownOn=1970-02-0", "bc"),
    FilterVector("grownOn<1970-02", "a"), FilterVector("grownOn<=1970-02", "abc"),
    FilterVector("grownOn>1970-01-01", "bc"), FilterVector("grownOn>=1970-01-01", "abc"),
    FilterVector("grownOn>1970", ""), FilterVector("grownOn=1970-01-15..1970-03", "bc"),
    FilterVector("grownOn=1970-01-15..", "bc"), FilterVector("age<1d", ""),
    FilterVector("age<=1d", "bc"), FilterVector("age<25h", "bc"), FilterVector("age>1d", "a"),
    FilterVector("age>=24h", "abc"), FilterVector("age>4w", "a"), FilterVector("age=1d..2d", "bc"),
    FilterVector("age=..1d12h", "bc"), FilterVector("age=2d..", "a"),
    FilterVector("last 25h", "bc"),
    FilterVector("last 23h", ""), FilterVector("!last 25h", "a"),
    FilterVector("eaten<12h", "a"), FilterVector("eaten<=12h", "a"), FilterVector("eaten>12h", "b"),
    FilterVector("eaten<2h", ""), FilterVector("eaten>1s", "ab"), FilterVector("eaten=", "c"),
    FilterVector("age=1d", errorAt: 5), FilterVector("age>5", errorAt: 5),
    FilterVector("age>1h5", errorAt: 5), FilterVector("age>99999999999w", errorAt: 5),
    FilterVector("grownOn=1970-13", ""), FilterVector("grownOn>1970-13", errorAt: 9),
    FilterVector("grownOn>1970-02-30", errorAt: 9), FilterVector("age=2d..1d", errorAt: 5),
    FilterVector("last week", errorAt: 6),
  ]

  /// What binds what.
  fileprivate static let grammar = [
    FilterVector("size=7 plum", "c"), FilterVector("size=7  !plum", "a"),
    FilterVector("size=7 name=pear", ""), FilterVector("size=7 and plum", "c"),
    FilterVector("pear or plum", "bc"), FilterVector("pear OR plum", "bc"),
    FilterVector("pear or plum size=7", "bc"), FilterVector("(pear or plum) size=7", "c"),
    FilterVector("size=7 apple or pear", "ab"), FilterVector("size=7 (apple or pear)", "a"),
    FilterVector("not pear or plum", "ac"), FilterVector("not (pear or plum)", "a"),
    FilterVector("!(size=7 plum)", "ab"), FilterVector("!size=7 plum", ""),
    FilterVector("not not pear", "b"), FilterVector("((pear))", "b"),
    FilterVector("pear or(plum)", "bc"), FilterVector("not(pear)", "ac"),
    FilterVector("pear or plum or apple", "abc"), FilterVector("oreo", ""),
    FilterVector("name=or", ""), FilterVector("android", ""),
    FilterVector("host 192.0.2.1", "a"), FilterVector("host 203.0.113.7", "bc"),
    FilterVector("host 192.0.2.7", "a"), FilterVector("net 192.0.2.0/24", "a"),
    FilterVector("192.0.2.0/25", "a"), FilterVector("\"192.0.2.0/25\"", ""),
    FilterVector("net 203.0.113.0/25", "bc"), FilterVector("net 198.51.100.0/24", ""),
    FilterVector("spi 0x1a2b*", "a"), FilterVector("spi 256 or spi 0xffffffff", "bc"),
    FilterVector("marked", "ac"), FilterVector("!marked", "b"), FilterVector("marked size=7", "ac"),
    FilterVector("host and pear", ""), FilterVector("host )", errorAt: 6),
    FilterVector("net pear", errorAt: 5), FilterVector("net 192.0.2.1/24", errorAt: 5),
    FilterVector("spi pear", errorAt: 5),
  ]

  /// Mistakes, and where they begin.
  fileprivate static let mistakes = [
    FilterVector("colour=red", errorAt: 1), FilterVector("pear colour=red", errorAt: 6),
    FilterVector("pear !colour=red", errorAt: 7), FilterVector("=7", errorAt: 1),
    FilterVector("pear or =7", errorAt: 9), FilterVector("size=big", errorAt: 6),
    FilterVector("size!=-1", errorAt: 7), FilterVector("home=192.0.2.1/24", errorAt: 6),
    FilterVector("area=192.0.2", errorAt: 6), FilterVector("spi=0xg", errorAt: 5),
    FilterVector("!", errorAt: 2), FilterVector("pear \"plum", errorAt: 6),
    FilterVector("pear or", errorAt: 8), FilterVector("pear and", errorAt: 9),
    FilterVector("or pear", errorAt: 1), FilterVector("pear and or plum", errorAt: 10),
    FilterVector("not", errorAt: 4), FilterVector("(pear", errorAt: 1),
    FilterVector("pear)", errorAt: 5), FilterVector("(pear))", errorAt: 7),
    FilterVector("()", errorAt: 2), FilterVector(")", errorAt: 1), FilterVector("(", errorAt: 2),
    FilterVector("size>", errorAt: 6), FilterVector("size = ", errorAt: 8),
    FilterVector("size in", errorAt: 8), FilterVector("size in {7", errorAt: 9),
    FilterVector("size={}", errorAt: 6), FilterVector("(size>)", errorAt: 7),
    FilterVector(String(repeating: "(", count: 33) + "pear", errorAt: 33),
    FilterVector(String(repeating: "pear ", count: 257), errorAt: 1_281),
    FilterVector(String(repeating: "p", count: 4_097), errorAt: 1),
    FilterVector(String(repeating: "!", count: 4_000), errorAt: 4_001),
  ]

  /// As deep, as many and as long as is allowed.
  fileprivate static let most = [
    FilterVector(
      String(repeating: "(", count: 32) + "pear" + String(repeating: ")", count: 32), "b"),
    FilterVector(String(repeating: "pear ", count: 256), "b"),
    FilterVector(String(repeating: "p", count: 4_096), ""),
    FilterVector(String(repeating: "!", count: 4_000) + "pear", "b"),
  ]

  @Test(arguments: words + comparisons + moments + grammar + mistakes + most)
  fileprivate func rowsPassOrTheColumnIsNamed(_ vector: FilterVector) throws {
    do {
      let context = Filter<Fruit>.Context(
        now: 32 * Fruit.dayLength, marked: [.text("a"), .text("c"), .number(7)])
      let filter = try Filter(vector.filter, columns: Fruit.columns, context)
      #expect(Fruit.all.filter(filter.matches).map(\.id).joined() == vector.rows)
      #expect(vector.errorColumn == nil)
    } catch {
      #expect(error.code == "bad-filter")
      #expect(error.column == vector.errorColumn, "\(error.message)")
    }
  }

  @Test(arguments: [
    ("sise=7", "there is no field 'sise'; did you mean 'size'?"),
    ("caled=7", "there is no field 'caled'; did you mean 'called'?"),
    (
      "colour=7",
      "there is no field 'colour'; fields: id, name, tags, size, home, area, spi, eaten, grownOn"
    ),
    ("size=big", "'big' is not a number, which 'size' is compared with"),
    (
      "home=192.0.2.1/24",
      "'192.0.2.1/24' is not an address or prefix, which 'home' is compared with; "
        + "did you mean 192.0.2.0/24?"
    ),
    ("size<{1}", "a set follows =, != or in; '<' takes one value"),
    ("(pear", "this '(' is never closed"),
  ])
  func aMistakeIsExplained(filter: String, wanted: String) {
    let error = #expect(throws: ControlError.self) {
      _ = try Filter(filter, columns: Fruit.columns)
    }
    #expect(error?.message == wanted)
  }

  @Test(arguments: [("e", "abc", "ab"), ("7", "abc", "ac"), ("1970-02-01", "bc", "")])
  func aWordIsLookedForInTheVisibleColumns(filter: String, all: String, visible: String) throws {
    func rows(_ context: Filter<Fruit>.Context) throws -> String {
      let filter = try Filter(filter, columns: Fruit.columns, context)
      return Fruit.all.filter(filter.matches).map(\.id).joined()
    }
    #expect(try rows(.init()) == all)
    #expect(try rows(.init(visible: ["size", "tags"])) == visible)
  }

  @Test(arguments: [
    ("name=pear", false), ("size>3", true), ("age>1d", true), ("last 1d", true), ("pear", false),
    ("7", true), ("name=a or (size=1)", true), ("marked", false), ("spi 0x1*", false),
  ])
  func whatChangesByItselfIsKnown(filter: String, isChanging: Bool) throws {
    #expect(try Filter(filter, columns: Fruit.columns).isChanging == isChanging)
  }

  @Test(
    arguments: [
      ("size", false, "acb"), ("size", true, "bac"), ("name", false, "abc"), ("name", true, "cba"),
      ("home", false, "cab"), ("home", true, "bac"), ("area", false, "acb"), ("spi", true, "cab"),
      ("grownOn", true, "bca"), ("tags", false, "cab"), ("tags", true, "bac"), (nil, false, "abc"),
      (nil, true, "cba"),
    ] as [(String?, Bool, String)])
  func sortingIsStable(column: String?, descending: Bool, wanted: String) throws {
    var query = RowQuery()
    query.sort = column
    query.isDescending = descending
    #expect(try RowBench(Fruit.all, Fruit.columns).ordered(query).map(\.id).joined() == wanted)
  }

  @Test func anUnknownSortColumnIsRefused() {
    var query = RowQuery()
    query.sort = "nam"
    let error = #expect(throws: ControlError.self) { try query.sortColumn(Fruit.columns) }
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
    func find(in names: [Name]) -> Int? {
      var search = RowSearch(vector.find, columns: Self.columns)
      while !search.advance(among: names.count, while: { false }, { names[$0] }) {}
      return search.found
    }
    #expect(find(in: Self.names) == vector.index)
    #expect(find(in: []) == nil)
  }

  @Test func manyRowsAreLookedAtSomeAtATime() {
    var search = RowSearch(RowFind("x", from: 150, isBackward: true), columns: Self.columns)
    var steps = 1
    while !search.advance(
      among: 1_000, while: { false }, { $0 == 500 ? Name(text: "X") : Name(text: "y") })
    {
      steps += 1
    }
    #expect(search.found == 500 && steps > 5)
  }

  @Test func theNumberIsThatAmongTheMatchedInTheirOrder() throws {
    let rig = try ControlRig()
    let window = try rig.ask(
      "window",
      ["view": "hosts", "sort": "name", "descending": true, "count": 0, "find": "hosta"])
    #expect(window["found"] == 1 && window["matched"] == 2 && window["rows"] == .array([]))
    let others = try rig.ask("window", ["view": "hosts", "filter": "!hosta", "find": "hosta"])
    #expect(others["found"] == nil && others["matched"] == 1)
  }
}
