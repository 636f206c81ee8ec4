internal import Engine

/// Everything that the screen shows and the keys act on.
///
/// `update` changes it, views read it.
struct Model: Sendable {
  /// What does not change while the console runs.
  struct Settings: Sendable {
    /// Whether the acting keys are disabled.
    var readOnly = false
    /// Whether quitting may stop the engine, as this console was started with it.
    var ownsEngine = false
    var socketPath = ""
    /// Which key does what.
    var keymap = Keymap.standard
    /// What was chosen in earlier consoles.
    var preferences = Preferences()
    /// The names of all themes.
    var themes: [String] = []
    /// Whether locale or command line allow ASCII only, whatever is preferred.
    var isASCIIOnly = false
    /// Where settings and keys are kept, in words.
    var files: [String] = []
    /// How far local time is ahead of UTC, in seconds, at a moment given in seconds since 1970.
    var timeOffset: @Sendable (Int64) -> Int64 = { _ in 0 }
  }

  /// Whether the engine can be reached.
  enum Link: Equatable, Sendable {
    case connecting
    case up
    /// Since when, monotonic nanoseconds, and why.
    case down(since: UInt64, String)
  }

  let settings: Settings
  var now: Moment
  var size: Size
  var link = Link.connecting

  var status: StatusReport?
  var stats: StatsReport?
  var history = RateHistory()
  /// Who this console is to the engine, and how many there are.
  var identity: IdentityReport?
  /// The hosts that the router knows, in the order of their names.
  var hosts: [HostRow] = []
  var hostRates = RateBook()
  /// The newest drops, for the overview.
  var newestDrops: [DropRow] = []
  /// What operators and the router did last, newest first, for the overview.
  var newestAudit: [AuditViewRow] = []
  /// All ports in their order, for the map.
  var portMap: [PortsRow] = []
  /// The host whose details are open, whole.
  var hostReport: HostReport?
  var graphSpan = GraphSpan.minute
  /// What the engine has kept of longer times, and when it was asked (monotonic nanoseconds).
  var trends: [GraphSpan: Trend] = [:]
  var trendsAskedAt: [GraphSpan: UInt64] = [:]
  var counterMode = CounterMode.total
  /// The counters of the overview when they were zeroed.
  var overviewZero: OverviewZero?

  var view = ViewID.overview
  /// That of the three tables of drops which was on the screen last.
  var dropTable = ViewID.drops
  /// The places that Escape leads back through, the last one first.
  var visited: [Place] = []
  /// The places left by going back, the last one first.
  var ahead: [Place] = []
  var tables: [ViewID: TableState]
  /// The rung of the ladder of sizes that the screen stands on.
  var form: Layout.Form
  /// What the user has chosen on the screen.
  var preferences: Preferences
  /// Whether the details of the selected row are shown below the table.
  var strip: Bool { preferences.strip }
  /// When all hosts were last asked for, monotonic nanoseconds.
  var hostsAskedAt: UInt64?
  /// When the router was last looked at for a tick, monotonic nanoseconds.
  var refreshedAt: UInt64 = 0
  var isFrozen: Bool { frozenAt != nil }
  /// The wall clock's seconds when the screen was frozen; nil while it is live.
  var frozenAt: Double?

  var overlay: Overlay?
  var dialog: Dialog?
  /// The filter being typed, with the one to go back to.
  var filterInput: FilterInput?
  /// The text to find, while it is being typed.
  var findInput: LineEditor?
  /// The command line, while it is open.
  var commandInput: CommandInput?
  /// The command lines that were given, the newest last.
  var commandHistory: [String] = []
  /// A list to choose from, over the view.
  var menu: Menu?
  var notice: Notice?
  /// Whether the screen is plain text that stands still, for the terminal's own selection.
  var isCopying = false
  var mouse = MouseState()
  var line = LinePace()

  /// Whether the operator has locked the acting keys.
  var isLocked = false
  /// The reason of the following actions, if one is set.
  var reason: String?
  /// That reason while it is typed.
  var reasonInput: LineEditor?
  /// The last action, as long as it can be undone.
  var undoable: Undoable?
  /// Marks that were dropped and not said yet.
  var goneMarks = 0

  var requests = RequestBook()

  init(settings: Settings, size: Size, now: Moment) {
    self.settings = settings
    preferences = settings.preferences
    self.size = size
    self.now = now
    form = Layout.Form(size)
    tables = Dictionary(
      uniqueKeysWithValues: ViewID.tables.map { view in
        (view, TableState(view, settings.preferences.tables[view]))
      })
  }

  var layout: Layout {
    Layout(size, form, footer: reason != nil || (view.isTable && !table.marks.isQuiet))
  }

  /// The seconds since 1970 that ages are reckoned from: on a frozen screen they stand still too.
  var shownWall: Double { frozenAt ?? now.wall }

  /// Whether the acting keys are disabled: by choice, or since the engine would refuse them.
  var isReadOnly: Bool { mayOnlyLook || isLocked }
  /// Whether nothing that the operator does here can enable them.
  var mayOnlyLook: Bool { settings.readOnly || identity?.role == "viewer" }

  var hostNames: [String] { hosts.map(\.name) }

  /// How many rows of a table the screen shows.
  var tableHeight: Int {
    max(1, layout.tableRows(strip: strip, matched: table.length).height)
  }

  /// The table of the view, or an empty one.
  var table: TableState {
    get { tables[view] ?? TableState(sort: "", descending: false) }
    set { tables[view] = newValue }
  }

  /// What actions are about: the row of the details, else that under the cursor.
  var subject: Subject { subjectRow?.subject ?? Subject() }

  /// That row.
  var subjectRow: Row? {
    if case .details(let row, _)? = overlay { return row }
    return view.isTable ? table.selectedRow : nil
  }
}

/// What lies over the view.
enum Overlay: Sendable {
  /// All keys; the number of the first line shown.
  case help(scroll: Int)
  /// One row in words; the number of the first line shown.
  case details(Row, scroll: Int)
}

/// The filter line while it is open.
struct FilterInput: Equatable, Sendable {
  var editor: LineEditor
  /// What Escape goes back to.
  var before: String
}

/// The one line that answers an action.
struct Notice: Equatable, Sendable {
  enum Kind: Equatable, Sendable {
    case pending
    case done
    case failed
    case hint
  }

  /// What is said, without the time for which it stands.
  struct Text: Equatable, Sendable {
    var text: String
    var kind: Kind

    init(_ text: String, _ kind: Kind) {
      self.text = text
      self.kind = kind
    }
  }

  var kind: Kind
  var text: String
  /// When it goes, monotonic nanoseconds.
  var until: UInt64
}

/// The requests that have no answer yet.
struct RequestBook: Sendable {
  /// What is to be done with an answer.
  enum Purpose: Equatable, Sendable {
    case status
    case stats
    case history
    case identity
    case hosts
    case newestDrops
    case newestAudit
    case portMap
    case trend(GraphSpan)
    case host(String)
    case rows(WindowQuery)
    case found(WindowQuery, FindStep)
    case peersToComplete
    case auditCheck
    case explanation(Command)
    case command(String)
    case act(Act)
    case undo(Int64, String)
    case keep(Int64, String)
    /// How the marked rows are.
    case survey(WindowQuery)
    /// Which rows still exist of those that an answer did not bring any more.
    case missing(WindowQuery)
    /// A page of the rows that are all to be marked.
    case marking(WindowQuery)
    /// Rows around a range from one object to another.
    case range(WindowQuery, String, String)
    case subscription
    case stop
  }

  private var pending: [Int: (purpose: Purpose, since: UInt64)] = [:]
  private var last = 0

  /// When the request was made that has waited longest, monotonic nanoseconds; nil if none waits.
  var oldest: UInt64? { pending.values.map(\.since).min() }

  /// A number for a new request.
  mutating func open(_ purpose: Purpose, at time: UInt64) -> Int {
    last += 1
    pending[last] = (purpose, time)
    return last
  }

  /// What the request of that number was for; it is answered now.
  mutating func close(_ id: Int) -> Purpose? { pending.removeValue(forKey: id)?.purpose }

  /// Whether an answer of that kind is still awaited.
  func contains(where matches: (Purpose) -> Bool) -> Bool {
    pending.values.contains { matches($0.purpose) }
  }

  /// Forgets all, as the link they went over is gone; says what was asked of the router and never
  /// answered.
  mutating func abandon() -> [String] {
    defer { pending = [:] }
    return pending.sorted { $0.key < $1.key }.compactMap { entry in
      switch entry.value.purpose {
      case .command(let summary): summary
      case .act(let act): act.summary
      case .undo(_, let summary): "undo \(summary)"
      case .keep(_, let summary): "keep \(summary)"
      default: nil
      }
    }
  }
}

extension ViewID {
  /// The order in which a table comes up.
  var firstSort: (field: String, descending: Bool) {
    switch self {
    case .overview: ("", false)
    case .associations: ("host", false)
    case .hosts: ("name", false)
    case .peers: ("target", false)
    case .log, .audit: ("time", true)
    case .drops, .dropSources, .dropHosts: ("count", true)
    case .ike: ("", false)
    case .ports: ("first", false)
    }
  }
}
