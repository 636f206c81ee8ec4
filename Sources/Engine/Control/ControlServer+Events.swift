internal import Logging

// What clients are told of without asking each time.

extension ControlServer {
  private struct Subscribed: Encodable {
    var subscribed: [String]
  }

  private struct DropEvent: Encodable {
    var event = "drops"
    var row: DropRow
  }

  /// What the filter of a subscription may cost: each drop is put to it as it happens, for each client.
  private static let costliestFilter = 128

  /// Takes a subscription; `events` are those that it begins with.
  func subscribe(
    _ client: ControlConnection, _ request: ControlRequest, _ events: inout DropEvents?
  ) throws(ControlError) -> [UInt8] {
    var arguments = ControlArguments(request.arguments)
    let names = try arguments.required("events", "an array of drops and changes") { value in
      if case .array(let elements) = value { elements.compactMap(\.string) } else { nil }
    }
    if let other = names.first(where: { $0 != "drops" && $0 != "changes" }) {
      throw ControlError(.badArgument, "there are no events '\(other)'; there are drops, changes")
    }
    let last = try arguments.number("last", in: 0...Int64(UInt32.max)) ?? 0
    let reason = try arguments.reason("reason")
    let source = try arguments.remark("source")
    let filter = try arguments.filter(DropLogRecord.columns, now: core.now.wallClock)
    if filter.cost > Self.costliestFilter {
      throw ControlError(.badFilter, "this filter asks too much of each drop: use fewer words")
    }
    try arguments.refuseOthers()
    let subscription = ControlConnection.Subscription(
      drops: names.contains("drops"), changes: names.contains("changes"), reason: reason,
      filter: filter.isEmpty ? nil : filter, source: source, since: core.now.wallClock)
    // Who subscribes again may have been a console before.
    noteChange(of: client)
    client.subscription = subscription
    noteChange(of: client)
    if names.contains("drops"), last > 0 {
      events = dropEvents(last, subscription)
    }
    return try ControlJSON.encode(Subscribed(subscribed: names))
  }

  // Rows that can still grow come when they are finished, so no row comes twice.
  private func dropEvents(
    _ last: Int, _ subscription: ControlConnection.Subscription
  ) -> DropEvents {
    let source = core.dropSource
    let finished = core.finishedDrops.map { Int($0.sequence) }
    let newest = NewestRows(last, among: finished) { number in
      source.record(number).map(subscription.wants) ?? false
    }
    return DropEvents(newest) { number throws(ControlError) in
      guard let record = source.record(number) else { return [] }
      return try Self.line(record)
    }
  }

  private static func line(_ record: DropLogRecord) throws(ControlError) -> [UInt8] {
    try ControlJSON.encode(DropEvent(row: DropRow(record))) + [10]
  }

  /// Tells subscribers of finished rows of the drop log, and that something has changed if it has.
  package func publish(_ rows: [DropLog.Row]) {
    if !rows.isEmpty { publishDrops(rows) }
    guard core.changes != announcedChanges else { return }
    announcedChanges = core.changes
    let line = Array("{\"event\":\"changes\"}\n".utf8)
    for client in clients.values where client.subscription?.changes == true {
      push(line, to: client)
    }
  }

  private func publishDrops(_ rows: [DropLog.Row]) {
    let subscribers = clients.values.filter { $0.subscription?.drops == true }
    guard !subscribers.isEmpty else { return }
    let encoded = rows.map(core.record).map { row in
      (row: row, octets: (try? Self.line(row)) ?? [])
    }
    for client in subscribers {
      let octets = encoded.filter { client.subscription?.wants($0.row) ?? false }
        .flatMap(\.octets)
      if !octets.isEmpty { push(octets, to: client) }
    }
  }

  private func push(_ octets: [UInt8], to client: ControlConnection) {
    guard client.waiting + octets.count <= ControlConnection.eventLimit else {
      core.log.warning("control: \(client.user.name) does not read its events; dropped")
      return drop(client)
    }
    client.queueLines(octets, now: core.now.monotonic)
    schedule(client)
  }
}
