/// The views, in the order of their keys.
enum ViewID: Int, CaseIterable, Sendable {
  case overview = 1
  case associations
  case hosts
  case peers
  case log
  case drops

  /// The key that goes there.
  var key: Key { .character(Unicode.Scalar(UInt8(48 + rawValue))) }

  /// As the tabs write it.
  var tab: String {
    switch self {
    case .overview: "Overview"
    case .associations: "SA"
    case .hosts: "Hosts"
    case .peers: "Peers"
    case .log: "Log"
    case .drops: "Drops"
    }
  }

  /// The view in files and on the command line.
  var name: String { tab.lowercased() }

  /// What the view shows, as its heading and the help write it.
  var title: String {
    switch self {
    case .overview: "Overview"
    case .associations: "Established SAs"
    case .hosts: "Hosts and their leases"
    case .peers: "Peers, valid and revoked"
    case .log: "Drop log"
    case .drops: "Drops by reason"
    }
  }

  /// The name of the rows in the engine's verb `window`; nil where the view is made here.
  var window: String? {
    switch self {
    case .associations: "sa"
    case .hosts: "hosts"
    case .peers: "peers"
    case .log: "drops"
    case .overview, .drops: nil
    }
  }

  /// Whether the view is a table with a cursor.
  var isTable: Bool { self != .overview }

  /// The view before or after, round the corner.
  func moved(by step: Int) -> ViewID {
    let count = Self.allCases.count
    let index = ((rawValue - 1 + step) % count + count) % count
    return Self.allCases[index]
  }
}
