/// Everything that a key can do.
///
/// The names are those by which a key file would bind them.
enum ActionID: String, CaseIterable, Sendable {
  case cursorUp = "cursor-up"
  case cursorDown = "cursor-down"
  case scrollLeft = "scroll-left"
  case scrollRight = "scroll-right"
  case pageUp = "page-up"
  case pageDown = "page-down"
  case first
  case last
  case goOverview = "go-overview"
  case goAssociations = "go-sa"
  case goHosts = "go-hosts"
  case goPeers = "go-peers"
  case goLog = "go-log"
  case goDrops = "go-drops"
  case goIKE = "go-ike"
  case goPorts = "go-ports"
  case goAudit = "go-audit"
  case nextView = "next-view"
  case previousView = "previous-view"
  case details
  case back
  case help
  case filter
  case showInLog = "show-in-log"
  case showEntries = "show-entries"
  case dropTable = "drop-table"
  case graphSpan = "graph-span"
  case zero
  case interval
  case sortLeft = "sort-left"
  case sortRight = "sort-right"
  case reverse
  case strip
  case mark
  case markRange = "mark-range"
  case markAll = "mark-all"
  case markNone = "mark-none"
  case markedOnly = "marked-only"
  case validate
  case invalidate
  case revoke
  case lift
  case suspend
  case undo
  case keep
  case reason
  case lock
  case find
  case findNext = "find-next"
  case findPrevious = "find-previous"
  case filterByCell = "filter-by-cell"
  case sortMenu = "sort-menu"
  case columns
  case follow
  case historyBack = "history-back"
  case historyForward = "history-forward"
  case timeFormat = "time-format"
  case slower
  case faster
  case settings
  case command
  case freeze
  case copy
  case copyMode = "copy-mode"
  case mouse
  case export
  case redraw
  case stop
  case quit

  /// The view that the action goes to, if it goes to one.
  var destination: ViewID? {
    switch self {
    case .goOverview: .overview
    case .goAssociations: .associations
    case .goHosts: .hosts
    case .goPeers: .peers
    case .goLog: .log
    case .goDrops: .drops
    case .goIKE: .ike
    case .goPorts: .ports
    case .goAudit: .audit
    default: nil
    }
  }
}
