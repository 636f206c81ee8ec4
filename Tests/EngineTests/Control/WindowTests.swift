import FoundationEssentials
import Net
import PAP
import Testing

@testable import Engine

struct WindowTests {
  /// A window of all rows; of each row one field.
  private static func column(
    _ field: String, _ rig: ControlRig, _ arguments: [String: JSONValue]
  ) throws -> [String] {
    guard case .array(let rows)? = try rig.ask("window", arguments)["rows"] else { return [] }
    return rows.map { row in
      row[field]?.string ?? row[field]?.integer.map { "\($0)" } ?? "null"
    }
  }

  private static func rig() throws -> ControlRig {
    let rig = try ControlRig()
    try rig.lease()
    for (address, host) in [
      ("192.0.2.10", "hosta"), ("192.0.2.11", "hostb"), ("198.51.100.7", "hosta"),
      ("192.0.2.10", "hostb"),
    ] {
      _ = try rig.ask("validate", ["address": .string(address), "host": .string(host)])
    }
    _ = try rig.ask("revoke", ["target": "203.0.113.0/24", "reason": "noise"])
    return rig
  }

  @Test(
    arguments: [
      (["view": "sa", "filter": "host 192.0.2.10", "sort": "host"], ["hosta", "hostb"]),
      (["view": "sa", "filter": "host hosta"], ["hosta", "hosta"]),
      (["view": "sa", "filter": "not host=hosta", "offset": 1], ["hostb"]),
      (["view": "sa", "filter": "age<1h and exp>1s"], []),
      (["view": "sa", "filter": "marked", "marked": .array([1, 2])], ["hostb", "hosta"]),
      (["view": "sa", "filter": "marked"], []),
      // Numbers that no entry has, and that none can have.
      (
        [
          "view": "sa", "filter": "marked", "marked": .array([3, 0, 9, 16_777_216, 4_294_967_296]),
        ],
        ["hosta", "hostb"]
      ),
      (["view": "sa", "filter": "operator", "columns": .array(["host", "address"])], []),
      (
        ["view": "sa", "filter": "hosta", "columns": .array(["host", "address"]), "count": 1],
        ["hosta"]
      ),
      (["view": "sa", "filter": "pps=0 idle="], ["hosta", "hostb", "hosta", "hostb"]),
    ] as [([String: JSONValue], [String])])
  func entries(arguments: [String: JSONValue], hosts: [String]) throws {
    #expect(try Self.column("host", Self.rig(), arguments) == hosts)
  }

  @Test(
    arguments: [
      (["view": "peers"], ["192.0.2.10", "192.0.2.11", "198.51.100.7", "203.0.113.0/24"]),
      (["view": "peers", "filter": "host 203.0.113.9"], ["203.0.113.0/24"]),
      (
        ["view": "peers", "filter": "net 192.0.2.0/24", "descending": true],
        ["192.0.2.11", "192.0.2.10"]
      ),
      (["view": "peers", "filter": "hosts=hostb entries>1"], ["192.0.2.10"]),
      (["view": "peers", "filter": "marked", "marked": .array(["192.0.2.11"])], ["192.0.2.11"]),
      (
        [
          "view": "peers", "filter": "marked",
          "marked": .array(["203.0.113.0/24", "192.0.2.10", "192.0.2.99", "192.0.2.0/24"]),
        ], ["192.0.2.10", "203.0.113.0/24"]
      ),
      (["view": "peers", "filter": "state=revoked until="], ["203.0.113.0/24"]),
      (["view": "revocations", "filter": "reason~NOISE"], []),
      (["view": "revocations", "filter": "reason~noise by=ana"], ["203.0.113.0/24"]),
    ] as [([String: JSONValue], [String])])
  func peers(arguments: [String: JSONValue], targets: [String]) throws {
    let found = try Self.column("target", Self.rig(), arguments)
    #expect(found.map { $0.replacing("/32", with: "") } == targets)
  }

  @Test(arguments: [
    ("sa", "host=hostb", 2), ("sa", "host=hostc", 0), ("hosts", "entries=2", 2),
    ("hosts", "name=hosta", 1), ("revocations", "net 203.0.113.0/25", 1),
    ("revocations", "age>1m", 0), ("drops", "last 1m", 0), ("audit", "action=revoke", 0),
  ])
  func theVerbsThatListTakeAFilter(verb: String, filter: String, count: Int) throws {
    let rig = try Self.rig()
    guard case .array(let rows) = try rig.ask(verb, ["filter": .string(filter)]) else {
      Issue.record("no rows")
      return
    }
    #expect(rows.count == count)
    let error = #expect(throws: ControlError.self) {
      try rig.ask(verb, ["filter": "host hosta or nme=x"])
    }
    #expect(error?.column == 15)
  }

  /// Looking marked rows up by what names them finds what looking at all rows does.
  @Test(
    arguments: [
      ("sa", [2, 0, 7]), ("sa", []),
      ("peers", ["198.51.100.7", "203.0.113.0/24", "192.0.2.64/26"]),
      ("hosts", ["hostb", "nobody"]),
    ] as [(String, [JSONValue])])
  func whatIsMarkedIsFoundEitherWay(view: String, marked: [JSONValue]) throws {
    let rig = try Self.rig()
    for descending in [false, true] {
      let answers = try ["marked", "(marked)"].map { filter in
        try rig.ask(
          "window",
          [
            "view": .string(view), "filter": .string(filter), "marked": .array(marked),
            "descending": .boolean(descending),
          ])
      }
      #expect(answers[0] == answers[1])
      #expect(answers[0]["total"] != 0)
    }
  }

  /// The name of the host is in the rows, and matters only where it is visible.
  @Test(arguments: [("sa", "host"), ("hosts", "name"), ("audit", "target"), ("drops", "host")])
  func theVerbsThatListKnowVisibleColumns(verb: String, name: String) throws {
    let rig = try Self.rig()
    var record = DropRecord()
    record.host = 1
    rig.core.dropLog.add(record)
    func count(_ columns: [JSONValue]) throws -> Int {
      let arguments: [String: JSONValue] = ["filter": "hosta", "columns": .array(columns)]
      guard case .array(let rows) = try rig.ask(verb, arguments) else { return -1 }
      return rows.count
    }
    #expect(try count([]) == 0)
    // Nothing is stored here, so no action is in the audit log.
    #expect(try (count([.string(name)]) > 0) == (verb != "audit"))
    let error = #expect(throws: ControlError.self) { try count(["nosuch"]) }
    #expect(error?.code == "bad-argument")
  }

  @Test func theLongSPIsOfIKEAreFoundByTheirBeginning() throws {
    let rig = try ControlRig()
    try rig.lease()
    func rows(_ filter: String) throws -> [String] {
      try Self.column("host", rig, ["view": "ike", "filter": .string(filter)])
    }
    let slot = try #require(rig.core.state.hostView(named: "hosta")?.slot)
    #expect(try rows("spi \(slot)*") == ["hosta"])
    #expect(try rows("spi \(slot)0000") == ["hosta"])
    #expect(try rows("spi \(slot)0001").isEmpty)
    #expect(try rows("spi 0x*") == ["hosta", "hostb"])
  }

  @Test func aLimitCountsTheRowsThatPass() throws {
    let rig = try Self.rig()
    let rows = try rig.ask("sa", ["filter": "host=hostb", "limit": 1])
    #expect(rows[0]?["host"] == "hostb" && rows[1] == nil)
  }

  @Test(
    arguments: [
      (["view": "sa", "columns": "host"], "'columns'"),
      (["view": "sa", "columns": .array(["host", "adress"])], "did you mean 'address'?"),
      (["view": "ports", "columns": .array(["packets"])], "fields: first, count"),
      (["view": "sa", "marked": .array(["x"])], "'marked'"),
      (["view": "peers", "marked": .array([1])], "'marked'"),
      (["view": "drops", "marked": .array(["x"])], "'marked'"),
      (["view": "sa", "overtake": 1], "'overtake'"),
    ] as [([String: JSONValue], String)])
  func whatIsNotUnderstoodIsRefused(arguments: [String: JSONValue], words: String) throws {
    let rig = try ControlRig()
    let error = #expect(throws: ControlError.self) { try rig.ask("window", arguments) }
    #expect(error?.code == "bad-argument" && error?.message.contains(words) == true)
  }

  /// The rows of a window are those that there are, whatever has happened since the last one.
  @Test(arguments: [1, 2, 3] as [UInt64])
  func keptOrdersFollowTheTable(seed: UInt64) throws {
    let rig = try ControlRig()
    try rig.lease()
    var random = QuickRandom(seed: seed)
    for step in 0..<150 {
      let address = "192.0.\(random.below(3)).\(random.below(8))"
      let host = ["hosta", "hostb"][random.below(2)]
      switch random.below(8) {
      case 0...3:
        _ = try? rig.ask("validate", ["address": .string(address), "host": .string(host)])
      case 4: _ = try? rig.ask("invalidate", ["address": .string(address)])
      case 5: _ = try? rig.ask("revoke", ["target": .string(address)])
      case 6: _ = try? rig.ask("unrevoke", ["target": .string(address)])
      default: rig.clock.advance(seconds: 1)
      }
      let differences = try Self.differences(rig)
      if !differences.isEmpty {
        Issue.record("seed \(seed), step \(step): \(differences)")
        return
      }
    }
  }

  private static func differences(_ rig: ControlRig) throws -> String {
    let state = rig.core.state
    var valid: [IPv4Address: Int] = [:]
    for view in state.entries { valid[view.entry.address, default: 0] += 1 }
    let revoked = state.revocationViews.map { "\($0.target) revoked 0" }
    let wanted =
      valid.sorted { $0.key < $1.key }.map { "\(CIDR($0.key)) valid \($0.value)" } + revoked
    let found = try zip(
      column("target", rig, ["view": "peers"]),
      zip(
        column("state", rig, ["view": "peers"]), column("entries", rig, ["view": "peers"]))
    ).map { "\($0) \($1.0) \($1.1)" }
    let hosts = try column("host", rig, ["view": "sa", "sort": "host", "filter": "spiin="])
    let wantedHosts = state.entries.map(\.host).sorted()
    if found != wanted { return "peers \(found), not \(wanted)" }
    return hosts == wantedHosts ? "" : "hosts \(hosts), not \(wantedHosts)"
  }
}

/// How much is done between two looks at the clock.
struct RowOrderTests {
  private static let columns = [
    Column<Int>("number", .number) { .number(UInt64($0)) },
    Column<Int>("name", .text) { .text("row \($0)") },
  ]

  @Test(arguments: [
    ("", 64), ("number>5", 60),
    ("number in {\((0..<500).map(String.init).joined(separator: ","))}", 1),
    (Array(repeating: "nothing", count: 256).joined(separator: " or "), 3),
  ])
  func theMoreAFilterAsksTheFewerRowsAreLookedAt(filter: String, rows: Int) throws {
    var looks = 0
    let source = RowSource(
      columns: Self.columns, total: 1_000, mark: RowMark(rows: 0),
      stretch: RowSource<Int>.stretches(of: 0..<1_000),
      record: { number in
        looks += 1
        return number
      })
    let order = RowOrder(
      try Filter(filter, columns: Self.columns), sortedBy: nil, isDescending: false)
    // The first step only learns which rows there are.
    for _ in 0..<2 {
      _ = order.advance(
        source, isRound: true, filter: try Filter(filter, columns: Self.columns), until: 0)
    }
    #expect(looks == rows)
  }
}

/// Answers that are made while others are served.
struct PendingAnswerTests {
  /// An answer that takes so many steps.
  private static func answer(_ name: String?, after steps: Int) -> PendingAnswer {
    var left = steps
    return PendingAnswer(name) { _ in
      left -= 1
      return left <= 0 ? Array("\"\(name ?? "none")\"".utf8) : nil
    }
  }

  private static func postpone(
    _ rig: ControlRig, _ id: Int64, _ name: String?, after steps: Int
  ) throws {
    let client = try #require(rig.server.clients.values.first)
    rig.server.postpone(
      answer(name, after: steps), client, id: .integer(id))
  }

  @Test func aNewerOneTakesThePlaceOfAnOlderOneOfThatName() throws {
    let rig = try ControlRig()
    let client = try rig.connect()
    try Self.postpone(rig, 1, "sa", after: 1_000)
    try Self.postpone(rig, 2, "hosts", after: 2)
    try Self.postpone(rig, 3, nil, after: 5)
    try Self.postpone(rig, 4, nil, after: 9)
    try Self.postpone(rig, 5, "sa", after: 12)
    let lines = try rig.lines(5, from: client)
    #expect(lines[0].hasPrefix(#"{"error":{"code":"overtaken""#) && lines[0].hasSuffix(#""id":1}"#))
    #expect(
      lines.dropFirst() == [
        #"{"id":2,"result":"hosts"}"#, #"{"id":3,"result":"none"}"#, #"{"id":4,"result":"none"}"#,
        #"{"id":5,"result":"sa"}"#,
      ])
  }

  @Test func usersTakeTurnsAndEachHasOneHalfMade() throws {
    let streams = try (0..<3).map { _ in try UnixStream.pair() }
    let users = ["eve", "eve", "ana"].map { ControlUser(name: $0, role: .viewer) }
    let clients = zip(streams, users).enumerated().map { number, pair in
      ControlConnection(number: UInt64(number), stream: pair.0.0, user: pair.1, now: 0)
    }
    var replies = PendingReplies()
    for (number, client) in [0, 0, 1, 1, 2, 2].enumerated() {
      replies.add(
        PendingReply(
          client: clients[client], id: .integer(Int64(number)),
          answer: Self.answer(nil, after: 1)))
    }
    func turn(isLast: Bool = false) -> Int64? {
      guard let reply = replies.next() else { return nil }
      if isLast { replies.remove(reply) }
      return reply.id?.integer
    }
    #expect((0..<4).map { _ in turn() } == [0, 4, 0, 4])
    // Who is done and asks again gains nothing by it.
    #expect([turn(isLast: true), turn(), turn(), turn()] == [0, 4, 1, 4])
    // One who does not read gets no more, but holds nobody up.
    clients[0].queue([UInt8](repeating: 0, count: ControlConnection.patience + 1), now: 0)
    #expect([turn(), turn(), turn()] == [2, 4, 2] && replies.hasWork)
    replies.removeAll(of: clients[1])
    replies.removeAll(of: clients[2])
    #expect(turn() == nil && !replies.hasWork && !replies.isEmpty)
  }

  @Test func otherRequestsAreAnsweredMeanwhile() throws {
    let rig = try ControlRig()
    let client = try rig.connect()
    try Self.postpone(rig, 1, "sa", after: 500)
    _ = try client.write(Array("{\"id\":2,\"verb\":\"whoami\"}\n".utf8))
    let lines = try rig.lines(2, from: client)
    #expect(lines.map { $0.contains("\"id\":1") } == [false, true])
  }

  @Test func aClientThatHasGoneIsForgotten() throws {
    let rig = try ControlRig()
    do {
      let gone = try rig.connect()
      try Self.postpone(rig, 1, nil, after: .max)
      _ = try gone.write(Array("{}\n".utf8))
    }
    let client = try rig.connect()
    _ = try client.write(
      Array("{\"id\":2,\"verb\":\"stats\"}\n{\"id\":3,\"verb\":\"stats\"}\n".utf8))
    _ = try rig.lines(2, from: client)
    _ = try client.write(Array("{\"id\":4,\"verb\":\"stats\"}\n".utf8))
    _ = try rig.lines(1, from: client)
    #expect(rig.server.clientCount == 1 && rig.server.pending.isEmpty)
  }

  @Test func whoSendsNoMoreStillGetsWhatIsBeingMade() throws {
    let rig = try ControlRig()
    let client = try rig.connect()
    try Self.postpone(rig, 1, nil, after: 20)
    try client.finishWriting()
    #expect(try rig.lines(1, from: client) == [#"{"id":1,"result":"none"}"#])
  }
}
