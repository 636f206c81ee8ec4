internal import Engine
internal import Net
internal import PAP

/// Which rows of a table are new, and which somebody has changed, for as long as the screen says so.
///
/// Traffic changes no row. A row is new by the time that the router gives it, wherever it is. Where it
/// gives none, a row counts as new only where the answer before held all rows there were: else it may
/// have been there, beyond what was asked for.
struct Freshness: Sendable {
  enum State: Equatable, Sendable {
    case new
    case changed
  }

  /// How long a row is shown to be new or changed, in nanoseconds.
  static let time = 5 * Moment.second

  private var seals: [String: String] = [:]
  private var wasWhole = false
  private var filter = ""
  private var states: [String: (state: State, since: UInt64)] = [:]

  /// What is to be said of a row.
  subscript(id: String) -> State? { states[id]?.state }

  /// Takes an answer in that came at a moment (monotonic nanoseconds; seconds since 1970).
  mutating func update(
    _ window: RowWindow, of filter: String, at time: UInt64, wall: Double = 0
  ) {
    states = states.filter { time < $0.value.since + Self.time }
    let isComparable = wasWhole && filter == self.filter
    var seals: [String: String] = [:]
    for row in window.rows {
      guard let seal = row.seal else { continue }
      let id = row.id
      seals[id] = seal
      if let before = self.seals[id] {
        if before != seal { states[id] = (.changed, time) }
      } else if let begun = row.begun(by: time, wall: wall) {
        if time < begun + Self.time { states[id] = (.new, begun) }
      } else if isComparable {
        states[id] = (.new, time)
      }
    }
    self.seals = seals
    self.filter = filter
    wasWhole = window.offset == 0 && window.matched == window.rows.count
  }
}

extension Row {
  /// Whether the row shows an object that goes on from one answer to the next until somebody ends it.
  var livesOn: Bool { seal != nil }

  /// When the object began, monotonic nanoseconds, reckoned from a reading of both clocks; nil where
  /// the router does not say.
  fileprivate func begun(by time: UInt64, wall: Double) -> UInt64? {
    let text: String? =
      switch self {
      case .association(let row): row.created
      case .peer(let row): row.since
      default: nil
      }
    guard let text, let seconds = Timestamp.seconds(text) else { return nil }
    let age = max(0, min(wall - Double(seconds), 1e9))
    let nanoseconds = UInt64(age * Double(Moment.second))
    return time > nanoseconds ? time - nanoseconds : 0
  }

  /// All of the row that traffic does not change; nil for rows that do not live on.
  fileprivate var seal: String? {
    switch self {
    case .association(let row):
      "\(row.generation ?? 0) \(row.spiOut?.description ?? "") \(row.origin)"
    case .host(let row):
      "\(row.generation ?? 0) \(row.state) \(row.slot?.description ?? "") \(row.entries)"
    case .peer(let row):
      "\(row.generation) \(row.entries) \(row.hosts) \(row.by ?? "") \(row.expires ?? "")"
    case .drop, .reason, .dropSource, .dropHost, .ike, .ports, .audit: nil
    }
  }
}
