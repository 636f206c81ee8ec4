internal import Engine
internal import PAP

/// Which rows of a table are new, and which somebody has changed, for as long as the screen says so.
///
/// Traffic changes no row. A row counts as new only where the answer before held all rows there were:
/// else it may have been there, beyond what was asked for.
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

  /// Takes an answer in.
  mutating func update(_ window: RowWindow, of filter: String, at time: UInt64) {
    states = states.filter { time < $0.value.since + Self.time }
    let isComparable = wasWhole && filter == self.filter
    var seals: [String: String] = [:]
    for row in window.rows {
      guard let seal = row.seal else { continue }
      let id = row.id
      seals[id] = seal
      if let before = self.seals[id] {
        if before != seal { states[id] = (.changed, time) }
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
