/// One row of the table of actions.
///
/// Key handling, hint line and help are all made from it.
struct Action: Sendable {
  /// Under which heading the help lists the action.
  enum Group: String, CaseIterable, Sendable {
    case move = "Move"
    case go = "Go"
    case find = "Find and sort"
    case counters = "Counters and graphs"
    case mark = "Mark"
    case act = "Act on the router"
    case application = "Screen and program"
  }

  /// Where the action has a meaning.
  enum Scope: Sendable {
    case everywhere
    /// Views that are tables.
    case tables
    case views([ViewID])
  }

  let id: ActionID
  /// The keys that do it unless the user binds others; the hint line shows the first.
  let keys: [Key]
  /// What it does, for the help.
  let title: String
  /// What it does, in a word or two, for the hint line; empty where no hint is wanted.
  let hint: String
  let group: Group
  let scope: Scope
  /// Whether it changes the router, so that a console that may only look has it disabled.
  let acts: Bool

  init(
    _ id: ActionID, _ keys: [Key], _ title: String, hint: String = "", _ group: Group,
    _ scope: Scope = .everywhere, acts: Bool = false
  ) {
    self.id = id
    self.keys = keys
    self.title = title
    self.hint = hint
    self.group = group
    self.scope = scope
    self.acts = acts
  }

  /// Whether the action has a meaning in a view.
  func applies(in view: ViewID) -> Bool {
    switch scope {
    case .everywhere: true
    case .tables: view.isTable
    case .views(let views): views.contains(view.main)
    }
  }
}

extension Action {
  /// All actions, in the order in which hints and help show them.
  static let all: [Action] =
    [
      Action(.cursorUp, [.up, "k"], "one row up", .move),
      Action(.cursorDown, [.down, "j"], "one row down", .move),
      Action(.scrollLeft, [.left, "h"], "columns to the left", .move, .tables),
      Action(.scrollRight, [.right, "l"], "columns to the right", .move, .tables),
      Action(.pageUp, [.pageUp, .control("U")], "one page up", .move),
      Action(.pageDown, [.pageDown, .control("D")], "one page down", .move),
      Action(.first, ["g", .home], "to the first row (in the log: follow)", .move),
      Action(.last, ["G", .end], "to the last row (End in the log: follow)", .move),
    ] + go + history + find + table + counters + mark + act + settings + application

  private static let go: [Action] =
    ViewID.allCases.map { view in
      let id = ActionID.allCases.first { $0.destination == view } ?? .goOverview
      return Action(id, [view.key], view.title.prefix(1).lowercased() + view.title.dropFirst(), .go)
    } + [
      Action(.nextView, [.tab], "next view", .go),
      Action(.previousView, [.backTab], "view before", .go),
      Action(.details, [.enter], "details of the row, in words", hint: "details", .go, .tables),
      Action(.back, [.escape], "back: close, clear the filter, view before", .go),
      Action(.help, ["?", .function(1)], "this help", hint: "help", .go),
    ]

  private static let find: [Action] = [
    Action(.filter, ["/", .function(4)], "filter the rows, live", hint: "filter", .find, .tables),
    Action(
      .showInLog, ["o"], "the drop log of what the row is about", hint: "in log", .find,
      .views([.associations, .hosts, .peers, .drops, .ike, .ports])),
    Action(
      .showEntries, ["O"], "the entries of the row's host, else of its peer", .find,
      .views([.hosts, .peers, .log, .drops, .ike, .ports, .audit])),
    Action(.sortLeft, ["<"], "sort by the column to the left", .find, .tables),
    Action(.sortRight, [">"], "sort by the column to the right", .find, .tables),
    Action(.reverse, ["r"], "reverse the order", .find, .tables),
    Action(.strip, ["d"], "show or hide the details below the table", .find, .tables),
  ]

  private static let counters: [Action] = [
    Action(
      .dropTable, ["b"], "drops by reason, by source, by host", hint: "by ...", .counters,
      .views([.drops])),
    Action(
      .graphSpan, ["w"], "graphs of 1 min, 10 min, 24 h", hint: "span", .counters,
      .views([.overview, .drops])),
    Action(
      .zero, ["Z"], "zero the counters shown, in this console only", .counters,
      .views([.overview, .associations, .hosts, .peers, .drops])),
    Action(
      .interval, ["t"], "counters of the last interval, or in all", .counters,
      .views([.associations, .hosts, .peers, .drops])),
  ]

  private static let markable = Scope.views([.associations, .hosts, .peers])

  private static let mark: [Action] = [
    Action(.mark, [" "], "mark the row, or take its mark off", hint: "mark", .mark, markable),
    Action(.markRange, ["V"], "mark a range: from here, and V again", .mark, markable),
    Action(.markAll, ["*"], "mark all rows that match the filter", .mark, markable),
    Action(.markNone, ["U"], "take all marks off", .mark, markable),
    Action(.markedOnly, ["m"], "show marked rows only, or all", .mark, markable),
  ]

  private static let act: [Action] = [
    Action(
      .validate, ["v"], "validate an address for a host", hint: "validate", .act, acts: true),
    Action(
      .invalidate, ["i"], "invalidate: remove the entries of an address", hint: "invalidate", .act,
      .views([.associations, .peers, .drops]), acts: true),
    Action(
      .revoke, ["x"], "revoke: cut an address or prefix off", hint: "revoke", .act, acts: true),
    Action(
      .lift, ["X"], "lift a revocation", hint: "lift", .act,
      .views([.peers, .log, .drops, .audit]), acts: true),
    Action(
      .suspend, ["z"], "suspend the host, or resume it", hint: "suspend", .act,
      .views([.associations, .hosts, .log, .drops, .ike, .ports]), acts: true),
    Action(.undo, ["u"], "undo the last action, for five minutes", .act, acts: true),
    Action(.keep, ["K"], "keep a change that would be rolled back", .act, acts: true),
    Action(.reason, ["R"], "set the reason of the following actions", .act),
    Action(.lock, ["L"], "lock the acting keys, or unlock them", .act),
  ]

  private static let application: [Action] = [
    Action(.freeze, ["p"], "freeze the screen, or go on", hint: "freeze", .application),
    Action(.copy, ["y"], "copy the row or the details (OSC 52)", .application, .tables),
    Action(.copyMode, ["Y"], "still plain text, to be selected", .application),
    Action(.export, ["e"], "export the rows that match to a file", .application, .tables),
    Action(.mouse, ["M"], "mouse on or off", .application),
    Action(.redraw, [.control("L")], "paint the screen anew", .application),
    Action(.stop, [.control("Z")], "suspend the console; fg brings it back", .application),
    Action(.quit, ["q", .control("C")], "quit", hint: "quit", .application),
  ]

  private static let byID: [ActionID: Action] = Dictionary(
    all.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })

  /// The row of an action.
  static func named(_ id: ActionID) -> Action? { byID[id] }
}
