internal import FoundationEssentials
internal import Net

// The audit log and the router's own events, as consoles show them together.

/// A row of the view before it is put into words.
enum AuditViewRecord {
  case action(AuditRow)
  case event(RouterEvents.Event)

  /// Nanoseconds since 1970.
  var time: UInt64 {
    switch self {
    case .action(let row): row.record.time &* 1_000_000
    case .event(let event): event.time
    }
  }

  private var action: AuditRow? {
    if case .action(let row) = self { row } else { nil }
  }

  private var event: RouterEvents.Event? {
    if case .event(let event) = self { event } else { nil }
  }

  /// What was done, in words.
  private var message: String? {
    action.map { detail("message") ?? $0.record.detail } ?? event?.text
  }

  // Read only if somebody asks for it, so that a look at thousands of rows costs nothing.
  private func detail(_ name: String) -> String? {
    let value = action.flatMap { try? JSONReader.read(Array($0.record.detail.utf8)) }
    guard case .object(let members)? = value else { return nil }
    return members[name]?.string
  }

  static let columns: [Column<AuditViewRecord>] = [
    Column("sequence", .number, "number", "row") {
      $0.action.map { .number($0.sequence) } ?? .none
    },
    Column("time", .moment, "age") { .moment($0.time) },
    Column("kind", .text) { .text($0.event == nil ? "action" : "event") },
    Column("by", .text, "actor", "who") {
      .text($0.action?.record.actor.name ?? RouterEvents.actor)
    },
    Column("source", .text, "from") { $0.action?.record.actor.source.map { .text($0) } ?? .none },
    Column("action", .text) { .text($0.action?.record.action ?? $0.event?.word ?? "") },
    Column("target", .text) { .text($0.action?.record.target ?? "") },
    Column("result", .text) { .text($0.action?.record.result ?? "") },
    Column("message", .text, "what") { .text($0.message) },
    Column("before", .text) { .text($0.detail("before")) },
    Column("after", .text) { .text($0.detail("after")) },
    Column("reason", .text) { .text($0.detail("reason")) },
  ]
}

extension RouterEvents {
  /// Who did what the router did of itself.
  static let actor = "router"
}

extension RouterEvents.Event {
  /// Stands where rows of operators have the verb.
  var word: String { level == .warning ? "warning" : "event" }
}

extension AuditViewRow {
  /// A row in the words of the contract.
  init(_ record: AuditViewRecord) {
    switch record {
    case .action(let row): self.init(row)
    case .event(let event):
      self.init(
        time: Timestamp.textWithMilliseconds(event.time), kind: "event", by: RouterEvents.actor,
        action: event.word, target: "", result: "", message: event.text)
    }
  }

  private init(_ row: AuditRow) {
    let record = row.record
    let detail = try? JSONDecoder().decode(AuditDetail.self, from: Data(record.detail.utf8))
    self.init(
      sequence: row.sequence, time: Timestamp.textWithMilliseconds(record.time &* 1_000_000),
      kind: "action", by: record.actor.name, uid: record.actor.userID,
      source: record.actor.source, via: detail?.via, action: record.action,
      target: record.target, host: detail?.host, result: record.result,
      message: detail?.message ?? record.detail, before: detail?.before, after: detail?.after,
      reason: detail?.reason, entries: detail?.entries,
      hash: row.hash.map(Self.hexadecimal).joined())
  }

  private static func hexadecimal(_ octet: UInt8) -> String {
    let digits = String(octet, radix: 16)
    return octet < 16 ? "0\(digits)" : digits
  }
}

extension EngineCore {
  /// Rows of the audit log that the view shows at most: reading so many takes some milliseconds, and
  /// afterwards only what is new is read.
  private static let shownAudit = 4_096

  /// What operators and the router did, oldest first.
  func auditViewRecords() throws(ControlError) -> [AuditViewRecord] {
    try readNewAudit()
    var records: [AuditViewRecord] = []
    records.reserveCapacity(recentAudit.count + events.all.count)
    var rest = recentAudit[...]
    for event in events.all {
      while let row = rest.first, row.record.time &* 1_000_000 <= event.time {
        records.append(.action(row))
        rest = rest.dropFirst()
      }
      records.append(.event(event))
    }
    return records + rest.map { .action($0) }
  }

  private func readNewAudit() throws(ControlError) {
    let last = recentAudit.last?.sequence ?? 0
    guard let store = writer?.store, store.auditHead.sequence > last else { return }
    do throws(StoreError) {
      let missing = min(UInt64(Self.shownAudit), store.auditHead.sequence - last)
      var pages = AuditPages(store, last: Int(missing))
      while let page = try pages.next() { recentAudit += page }
    } catch {
      throw ControlError(.storeFailed, error.description)
    }
    recentAudit.removeFirst(max(0, recentAudit.count - Self.shownAudit))
  }
}
