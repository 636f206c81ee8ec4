/// The views, in the order of their keys.
enum ViewID: Int, CaseIterable, Sendable {
  case overview = 1
  case associations
  case hosts
  case peers
  case log
  case drops
  case ike
  case ports
  case audit
  /// The view of drops has three tables, of which one is on the screen: by reason, source and host.
  case dropSources = 16
  case dropHosts = 26

  /// The views that have a key.
  static let allCases: [ViewID] = [
    .overview, .associations, .hosts, .peers, .log, .drops, .ike, .ports, .audit,
  ]
  /// The tables of the view of drops, in their order.
  static let dropTables: [ViewID] = [.drops, .dropSources, .dropHosts]
  /// Everything that is a table with a cursor.
  static let tables: [ViewID] = allCases.filter(\.isTable) + dropTables.dropFirst()

  /// The view that has the key: of the tables of drops the first.
  var main: ViewID { Self.dropTables.contains(self) ? .drops : self }

  /// The key that goes there.
  var key: Key { .character(Unicode.Scalar(UInt8(48 + main.rawValue))) }

  /// As the tabs write it.
  var tab: String {
    switch self {
    case .overview: "Overview"
    case .associations: "SA"
    case .hosts: "Hosts"
    case .peers: "Peers"
    case .log: "Log"
    case .drops, .dropSources, .dropHosts: "Drops"
    case .ike: "IKE"
    case .ports: "Ports"
    case .audit: "Audit"
    }
  }

  /// The view in files and on the command line.
  var name: String {
    switch self {
    case .dropSources: "drops-by-source"
    case .dropHosts: "drops-by-host"
    default: tab.lowercased()
    }
  }

  /// What the view shows, as its heading and the help write it.
  var title: String {
    switch self {
    case .overview: "Overview"
    case .associations: "Established SAs"
    case .hosts: "Hosts and their leases"
    case .peers: "Peers, valid and revoked"
    case .log: "Drop log"
    case .drops: "Drops by reason"
    case .dropSources: "Drops by source"
    case .dropHosts: "Drops by host"
    case .ike: "Labels and IKE SAs"
    case .ports: "Port blocks"
    case .audit: "Audit: operators and router"
    }
  }

  /// The name of the rows in the engine's verb `window`; nil where the view is made here.
  var window: String? {
    switch self {
    case .overview: nil
    case .associations: "sa"
    case .hosts: "hosts"
    case .peers: "peers"
    case .log: "drops"
    case .drops: "drop-reasons"
    case .dropSources: "drop-sources"
    case .dropHosts: "drop-hosts"
    case .ike: "ike"
    case .ports: "ports"
    case .audit: "audit"
    }
  }

  /// Whether the view is a table with a cursor.
  var isTable: Bool { self != .overview }

  /// The view before or after, round the corner.
  func moved(by step: Int) -> ViewID {
    let count = Self.allCases.count
    let index = Self.allCases.firstIndex(of: main) ?? 0
    return Self.allCases[((index + step) % count + count) % count]
  }
}
