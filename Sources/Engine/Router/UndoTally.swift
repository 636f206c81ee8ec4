/// What has come of undoing an action, for people.
struct UndoTally: Sendable {
  /// Why an entry that was removed does not come back.
  enum Loss: String, CaseIterable, Sendable {
    case hostGone = "its host is not configured any more"
    case leaseEnded = "its host does not hold the SPI any more"
    case revoked = "its address is revoked otherwise"
    case unacceptable = "its address cannot be a peer any more"
    case timeOver = "its time is over"
    case noRoom = "there is no room, or its host has as many as it may"
    case forgotten = "there were too many to remember"
  }

  /// Nanoseconds by which suspending and resuming have moved the deadlines of hosts, which what was
  /// changed before that did not see.
  private(set) var shifts: [HostIndex: UInt64] = [:]
  /// Entries that have come back, or were there again already.
  private(set) var restored = 0
  private(set) var present = 0
  /// Entries that were removed.
  var removed = 0
  private var losses: [Loss: Int] = [:]
  /// Other things that are as they were, those that are gone, and those that somebody else has
  /// changed since.
  private var undone: [String] = []
  private var gone: [String] = []
  private var others: [String] = []

  mutating func shift(_ host: HostIndex, by nanoseconds: UInt64) {
    shifts[host, default: 0] += nanoseconds
  }
  mutating func restore() { restored += 1 }
  mutating func meet() { present += 1 }
  mutating func lose(_ loss: Loss, _ count: Int = 1) {
    if count > 0 { losses[loss, default: 0] += count }
  }
  mutating func undo(_ what: String) { undone.append(what) }
  mutating func miss(_ what: String) { gone.append(what) }
  mutating func leave(_ what: String) { others.append(what) }

  /// Entries that came or went.
  var entries: Int { restored + removed }
  /// Entries that cannot come back.
  var lost: Int { losses.values.reduce(0, +) }
  /// Whether anything was undone.
  var isEmpty: Bool { undone.isEmpty && entries == 0 && present == 0 }

  /// How many things of a kind a sentence names.
  private static let mostNamed = 3

  /// What was done, as parts of a sentence.
  var words: String {
    var parts = named(undone)
    if restored > 0 { parts.append("\(counted(restored, "entry is", "entries are")) back") }
    if present > 0 {
      parts.append("\(counted(present, "entry was", "entries were")) back already")
    }
    if removed > 0 { parts.append("\(counted(removed, "entry", "entries")) removed") }
    parts += Loss.allCases.compactMap { loss in
      losses[loss].map { "\(counted($0, "entry stays", "entries stay")) away: \(loss.rawValue)" }
    }
    parts += named(gone.map { "\($0) has ended already" })
    parts += named(others.map { "\($0) was changed since and stays" })
    return parts.isEmpty ? "nothing to undo" : parts.joined(separator: "; ")
  }

  private func named(_ things: [String]) -> [String] {
    guard things.count > Self.mostNamed else { return things }
    return things.prefix(Self.mostNamed) + ["\(things.count - Self.mostNamed) more alike"]
  }
}
