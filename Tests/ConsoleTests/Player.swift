import Engine
import PAP

@testable import Console

/// A console without a terminal and without an engine: events go in by hand, and requests are
/// answered by hand.
struct Player {
  var model: Model
  var now = Fixture.start
  /// Requests that were not answered yet, oldest first.
  private(set) var asked: [(id: Int, request: Request)] = []
  /// What else the console wanted done.
  private(set) var effects: [Console.Effect] = []

  init(_ size: Size = Size(width: 80, height: 24), settings: Model.Settings = .init()) {
    model = Model(settings: settings, size: size, now: now)
  }

  /// The screen in ASCII.
  var text: String { Screen.draw(model, glyphs: .ascii).text }

  /// A console that looks at the fixture's router.
  static func looking(
    _ size: Size = Size(width: 80, height: 24), settings: Model.Settings = .init()
  ) throws -> Player {
    var player = Player(size, settings: settings)
    player.give(.linked)
    try player.answerAll()
    // The second look gives rates.
    player.wait(1)
    player.give(.tick)
    try player.answerAll(second: 1)
    return player
  }

  mutating func wait(_ seconds: Double) {
    now.monotonic += UInt64(seconds * Double(Moment.second))
    now.wall += seconds
  }

  mutating func give(_ event: Console.Event) {
    for effect in update(&model, event, at: now) {
      if case .send(let id, let request) = effect {
        asked.append((id, request))
      } else {
        effects.append(effect)
      }
    }
  }

  /// Presses keys one after the other, each a little later than the one before.
  mutating func press(_ keys: Key...) {
    for key in keys {
      wait(0.2)
      give(.key(key))
    }
  }

  /// Types a text.
  mutating func type(_ text: String) {
    for scalar in text.unicodeScalars { press(.character(scalar)) }
  }

  /// Forgets what was asked: nobody is left to answer it.
  mutating func forget() { asked = [] }

  /// Takes out the requests that match, answered by nobody.
  mutating func taken(_ matches: (Request) -> Bool) -> [(id: Int, request: Request)] {
    defer { asked.removeAll { matches($0.request) } }
    return asked.filter { matches($0.request) }
  }

  /// Answers the oldest request that matches.
  mutating func answer(_ reply: Reply, _ matches: (Request) -> Bool) {
    guard let index = asked.firstIndex(where: { matches($0.request) }) else { return }
    let id = asked.remove(at: index).id
    give(.reply(id: id, reply))
  }

  /// Answers everything as the fixture's router does, and what is asked because of that too.
  mutating func answerAll(second: UInt64 = 0) throws {
    while !asked.isEmpty {
      let (id, request) = asked.removeFirst()
      if let reply = try Self.reply(to: request, second: second) { give(.reply(id: id, reply)) }
    }
  }

  /// The commands that were given and not answered.
  var commands: [Command] {
    asked.compactMap { if case .perform(let command, _) = $0.request { command } else { nil } }
  }

  static func reply(to request: Request, second: UInt64 = 0) throws -> Reply? {
    switch request {
    case .status:
      return .status(
        try Fixture.status(packets: 1_000_000 + 12_700 * second, drops: 5_000 + 31 * second))
    case .stats: return .stats(try Fixture.stats())
    case .history: return .history(history)
    case .trend: return .trend(Fixture.trend())
    case .host: return .host(try Fixture.hostReport())
    case .identity: return .identity(try Fixture.decode(identity))
    case .window(let query): return .window(try window(query, second: second))
    case .find(let query, let step): return try found(query, step)
    case .explain(let command): return .explanation(explanation(of: command))
    case .perform(let command, _): return .acted(outcome(of: command))
    case .undo, .keep: return .acted(Outcome(message: "taken back"))
    case .verifyAudit:
      return .checked(try Fixture.decode(#"{"intact": true, "rows": 41, "firstBroken": null}"#))
    case .subscribe, .stop: return .done("")
    }
  }

  private static let identity = """
    {"user": "ana", "role": "operator", "consoles": 2,
     "others": [{"name": "bob", "source": null, "role": "operator",
       "since": "2025-01-31T14:00:00Z"}]}
    """

  private static var history: Console.RateHistory {
    var history = Console.RateHistory()
    let wave = (0..<60).map { Double(abs($0 % 20 - 10)) }
    history.inbound = Series(wave.map { $0 * 1_000 })
    history.outbound = Series(wave.map { 9_000 - $0 * 500 })
    history.dropped = Series(wave.map { $0 * 4 })
    history.reasons = [
      "spi-not-leased": Series(wave.map { $0 * 3 }), "address-not-validated": Series(wave),
    ]
    return history
  }

  static func explanation(of command: Command) -> Explanation {
    Explanation(
      message: "this would \(command.summary)", hosts: ["hosta", "hostb"], entries: 2,
      allEntries: 98_412, packetsPerSecond: 12_700,
      examples: ["hosta  198.51.100.7  esp  0x10010007"])
  }

  static func outcome(of command: Command) -> Outcome {
    var outcome = Outcome(message: "\(command.summary): done", action: 7, undoableFor: 300)
    if case .batch(let batch) = command {
      outcome.parts = batch.items.map {
        .init(ending: .done, target: $0.command.object, message: "done")
      }
    }
    return outcome
  }

  // As the router looks for a text, over all rows of the list.
  private static func found(_ query: WindowQuery, _ step: FindStep) throws -> Reply {
    var all = query
    all.offset = 0
    all.count = .max
    let rows = try window(all, second: 0).rows
    let count = rows.count
    let order = rows.indices.map { (step.from + (step.backwards ? -$0 : $0) + count) % count }
    let word = FindWord(step.text)
    let index = order.first { index in
      rows[index].fields.values.joined().contains { !word.ranges(in: $0).isEmpty }
    }
    return index.map { .found($0, rows[$0]) } ?? .notFound
  }

  // As the engine does when it is asked for the order in which the view comes up.
  private static func sortedByCount(_ rows: [Row]) -> [Row] {
    rows.enumerated().sorted { left, right in
      let (first, second) = (left.element.tally?.drops ?? 0, right.element.tally?.drops ?? 0)
      return (second, left.offset) < (first, right.offset)
    }.map(\.element)
  }

  private static func window(_ query: WindowQuery, second: UInt64) throws -> RowWindow {
    let rows: [Row] =
      switch query.view {
      case .associations: try Fixture.associations(more: second).map { .association($0) }
      case .hosts: try Fixture.hosts().map { .host($0) }
      case .peers: try Fixture.peers().map { .peer($0) }
      case .log: try Fixture.drops().map { .drop($0) }
      case .drops: sortedByCount(try Fixture.dropReasons(more: second).map { .reason($0) })
      case .dropSources:
        try Fixture.dropSources(more: second, trend: query.trend).map { .dropSource($0) }
      case .dropHosts: try Fixture.dropHosts(trend: query.trend).map { .dropHost($0) }
      case .ike: try Fixture.ike().map { .ike($0) }
      case .ports: try Fixture.ports().map { .ports($0) }
      case .audit: try Fixture.audit().map { .audit($0) }
      case .overview: []
      }
    let matching = rows.filter { row in
      !query.showsMarkedOnly || markValue(row).map(query.marked.contains) ?? false
    }
    let shown = matching.dropFirst(query.offset).prefix(query.count)
    return Fixture.window(Array(shown), offset: query.offset, matched: matching.count)
  }

  // What names the object in the argument `marked` (see `Marks.values`).
  private static func markValue(_ row: Row) -> String? {
    switch row {
    case .association(let row): row.id.map { "\($0)" }
    case .host(let row): row.name
    case .peer(let row): "\(row.target)"
    case .drop, .reason, .dropSource, .dropHost, .ike, .ports, .audit: nil
    }
  }
}
