internal import Configuration
internal import Engine
internal import FoundationEssentials
internal import PAP

/// The console's requests and answers as the control socket writes them.
enum EngineCodec {
  /// The verb and the arguments of a request, with where the operator sits (`source`), if anybody
  /// knows.
  static func encode(
    _ request: Request, source: String? = OperatorOrigin.source
  ) -> (verb: String, arguments: [String: JSONValue]) {
    let place: [String: JSONValue] = source.map { ["source": .string($0)] } ?? [:]
    let origin = place.merging(["via": .string(OperatorOrigin.Client.console.rawValue)]) { $1 }
    return switch request {
    case .status: ("status", [:])
    case .stats: ("stats", [:])
    case .history: ("history", ["seconds": .integer(Int64(Series.length))])
    case .trend(let span):
      ("history", ["resolution": .integer(Int64(span.resolution))])
    case .host(let name): ("host", ["host": .string(name)])
    case .identity: ("whoami", [:])
    case .subscribe: ("subscribe", place.merging(["events": .array(["changes"])]) { $1 })
    case .verifyAudit: ("audit-verify", [:])
    case .stop: ("stop", origin)
    case .window(let query): ("window", arguments(of: query))
    case .find(let query, let step): ("window", arguments(of: query, finding: step))
    case .perform(let command, let provisional):
      (
        command.verb,
        arguments(of: command).merging(origin) { $1 }
          .merging(provisional.map { ["provisional": .integer(Int64($0))] } ?? [:]) { $1 }
      )
    case .undo(let action): ("undo", origin.merging(["action": .integer(action)]) { $1 })
    case .keep(let action): ("keep", origin.merging(["action": .integer(action)]) { $1 })
    case .explain(let command):
      (
        "explain",
        [
          "verb": .string(command.verb),
          "arguments": .object(arguments(of: command).merging(place) { $1 }),
        ]
      )
    }
  }

  private static func arguments(of query: WindowQuery) -> [String: JSONValue] {
    var arguments: [String: JSONValue] = [
      "view": .string(query.view.window ?? ""), "descending": .boolean(query.descending),
      "offset": .integer(Int64(query.offset)), "count": .integer(Int64(query.count)),
    ]
    if let span = query.trend { arguments["resolution"] = .integer(Int64(span.resolution)) }
    if query.overtakes { arguments["overtake"] = .boolean(true) }
    let filter = query.wholeFilter
    if !filter.isEmpty { arguments["filter"] = .string(filter) }
    if !query.columns.isEmpty {
      arguments["columns"] = .array(query.columns.map { .string($0) })
    }
    if !query.marked.isEmpty {
      arguments["marked"] = .array(
        query.marked.map { text in
          query.view == .associations
            ? Int64(text).map { .integer($0) } ?? .string(text) : .string(text)
        })
    }
    // The log's own order is that of time, and finer than the times that it shows.
    if !query.sort.isEmpty, query.sort != "time" { arguments["sort"] = .string(query.sort) }
    return arguments
  }

  // One row: that in which the text is.
  private static func arguments(
    of query: WindowQuery, finding step: FindStep
  ) -> [String: JSONValue] {
    var query = query
    query.overtakes = false
    return arguments(of: query).merging([
      "offset": 0, "count": 1, "find": .string(step.text), "from": .integer(Int64(step.from)),
      "backwards": .boolean(step.backwards),
    ]) { $1 }
  }

  private static func arguments(of command: Command) -> [String: JSONValue] {
    let all: [String: JSONValue?] =
      switch command {
      case .validate(let address, let host, let ipsecProtocol, let spi, let seconds):
        [
          "address": .string("\(address)"), "host": .string(host),
          "protocol": .string(ipsecProtocol.name), "spi": spi.map { .string("\($0)") },
          "for": seconds.map { .integer(Int64($0)) },
        ]
      case .invalidate(let address, let host, let spi):
        [
          "address": .string("\(address)"), "host": host.map { .string($0) },
          "spi": spi.map { .string("\($0)") },
        ]
      case .revoke(let target, let host, let seconds, let reason):
        [
          "target": .string("\(target)"), "host": host.map { .string($0) },
          "for": seconds.map { .integer(Int64($0)) }, "reason": reason.map { .string($0) },
        ]
      case .lift(let target, let host):
        ["target": .string("\(target)"), "host": host.map { .string($0) }]
      case .suspend(let host), .resume(let host): ["host": .string(host)]
      case .reload(let reason): ["reason": reason.map { .string($0) }]
      case .batch(let batch):
        [
          "commands": .array(batch.items.map(element)), "reason": batch.reason.map { .string($0) },
        ]
      }
    return all.compactMapValues { $0 }
  }

  private static func element(_ item: Batch.Item) -> JSONValue {
    var element: [String: JSONValue] = [
      "verb": .string(item.command.verb), "arguments": .object(arguments(of: item.command)),
    ]
    if let generation = item.generation {
      element["generation"] = .integer(Int64(clamping: generation))
    }
    return .object(element)
  }

  /// The answer to a request.
  static func decode(_ result: Result<Data, ControlError>, for request: Request) -> Reply {
    switch result {
    case .failure(let error):
      // Of several lines, as for a bad file, one is made: there is no other room.
      let lines = error.message.split(separator: "\n")
      return .failure(
        Refusal(
          code: error.code, message: lines.joined(separator: "; "), column: error.column))
    case .success(let data):
      do {
        return try decode(data, for: request)
      } catch {
        return .failure(
          Refusal(
            code: "unreadable",
            message: "the engine's answer cannot be read; it may be of another version"))
      }
    }
  }

  private static func decode(_ data: Data, for request: Request) throws -> Reply {
    switch request {
    case .status: .status(try read(data))
    case .stats: .stats(try read(data))
    case .identity: .identity(try read(data))
    case .history: .history(RateHistory(try read(data) as HistoryReport))
    case .trend: .trend(Trend(try read(data) as HistoryReport))
    case .host: .host(try read(data))
    case .window(let query): .window(try window(data, of: query.view))
    case .find(let query, _): try found(data, of: query.view)
    case .explain: .explanation(Explanation(try read(data) as ExplainReport))
    case .perform(.reload, _): .acted(Outcome(try read(data) as ConfigurationDifference))
    case .perform, .undo, .keep: .acted(Outcome(try read(data) as ActionReport))
    case .verifyAudit: .checked(try read(data))
    case .subscribe, .stop: .done("")
    }
  }

  static func window(_ data: Data, of view: ViewID) throws -> RowWindow {
    switch view {
    case .associations: RowWindow(try read(data), Row.association)
    case .hosts: RowWindow(try read(data), Row.host)
    case .peers: RowWindow(try read(data), Row.peer)
    case .log: RowWindow(try read(data), Row.drop)
    case .drops: RowWindow(try read(data), Row.reason)
    case .dropSources: RowWindow(try read(data), Row.dropSource)
    case .dropHosts: RowWindow(try read(data), Row.dropHost)
    case .ike: RowWindow(try read(data), Row.ike)
    case .ports: RowWindow(try read(data), Row.ports)
    case .audit: RowWindow(try read(data), Row.audit)
    case .overview: RowWindow(total: 0, matched: 0, offset: 0, rows: [])
    }
  }

  private static func found(_ data: Data, of view: ViewID) throws -> Reply {
    guard let index = (try read(data) as FoundRow).found,
      let row = try window(data, of: view).rows.first
    else { return .notFound }
    return .found(index, row)
  }

  /// What the verb `window` says of a text that is looked for.
  private struct FoundRow: Decodable {
    var matched: Int
    var found: Int?
  }

  static func read<Value: Decodable>(_ data: Data) throws -> Value {
    try JSONDecoder().decode(Value.self, from: data)
  }
}

extension RowWindow {
  fileprivate init<Value>(_ window: Window<Value>, _ row: (Value) -> Row) {
    self.init(
      total: max(0, window.total), matched: max(0, window.matched), offset: max(0, window.offset),
      rows: window.rows.map(row))
  }
}

extension Explanation {
  /// Takes from the engine's report what a dialog shows.
  init(_ report: ExplainReport) {
    message = report.message
    hosts = report.hosts
    entries = report.entries
    allEntries = report.allEntries
    packetsPerSecond = report.packetsPerSecond
    begun = [report.rows.map(\.created).min(), report.rows.map(\.created).max()].compactMap { $0 }
    leftOut = report.leftOut
    ownPeer = report.ownPeer
    touchedBy = report.touchedBy
    touchedAt = report.touchedAt
    examples = report.rows.prefix(5).map { row in
      "\(row.host)  \(row.address)  \(row.protocol.name)  \(row.spiIn?.description ?? "any SPI")"
    }
  }
}

extension Outcome {
  /// Takes over what a reload has changed.
  init(_ difference: ConfigurationDifference) {
    let lines = difference.isEmpty ? ["nothing changed"] : difference.lines
    message = "configuration reloaded: \(lines.joined(separator: "; "))"
  }

  /// Takes from the engine's report what the console says and keeps.
  init(_ report: ActionReport) {
    message = report.message
    isDurable = report.durable
    action = report.action.map { Int64(clamping: $0) }
    undoableFor = Int(report.undoableFor ?? 0)
    parts = (report.results ?? []).map { result in
      Part(
        ending: Part.Ending(rawValue: result.result), target: result.target,
        message: result.message)
    }
  }
}

extension WindowQuery {
  /// The filter with what else is wanted, in the filter's own language.
  fileprivate var wholeFilter: String {
    if !showsMarkedOnly { return filter }
    return filter.isEmpty ? "marked" : "(\(filter)) and marked"
  }
}

extension RateHistory {
  /// Takes over what the engine has kept.
  init(_ report: HistoryReport) {
    inbound = Series(report.forwarded.inbound.packets.map { Double($0) })
    outbound = Series(report.forwarded.outbound.packets.map { Double($0) })
    dropped = Series(report.dropped.map { Double($0) })
    reasons = report.drops.mapValues { counts in Series(counts.map { Double($0) }) }
      .filter { $0.value.greatest > 0 }
    inboundBits = Double(report.forwarded.inbound.bits.last ?? 0)
    outboundBits = Double(report.forwarded.outbound.bits.last ?? 0)
  }
}
