internal import Engine

/// What the console asks of the engine.
enum Request: Equatable, Sendable {
  case status
  case stats
  /// The rates of the last seconds, as the engine has kept them.
  case history
  /// What the engine has kept of a longer time.
  case trend(GraphSpan)
  /// One host whole.
  case host(String)
  /// A screenful of rows.
  case window(WindowQuery)
  /// In which row of a list a text is found first.
  case find(WindowQuery, FindStep)
  /// What a command would do, without doing it.
  case explain(Command)
  /// To carry a command out; with `provisional` it is rolled back after so many seconds unless it is
  /// kept.
  case perform(Command, provisional: Int? = nil)
  /// To undo the action of that number.
  case undo(Int64)
  /// To let a provisional action stay.
  case keep(Int64)
  /// Who this console is to the engine.
  case identity
  /// To be told of changes at once.
  case subscribe
  /// Whether the audit log is as it was written.
  case verifyAudit
  /// To end the engine.
  case stop
}

/// Which rows are wanted: what the verb `window` takes.
struct WindowQuery: Equatable, Sendable {
  var view: ViewID
  var filter: String
  /// The field of the rows to sort by.
  var sort: String
  var descending: Bool
  var offset: Int
  var count: Int
  /// The marked objects, if the filter asks for them.
  var marked: [String] = []
  /// Whether only marked objects are wanted, besides what the filter says.
  var showsMarkedOnly = false
  /// The fields that a word of the filter is looked for in; empty for all.
  var columns: [String] = []
  /// What each row brought over the time that graphs show, where rows have that and it is wanted.
  var trend: GraphSpan?
  /// Whether an earlier one like this that is not answered yet is not wanted any more.
  var overtakes = false

  /// Whether the other query looks at the same rows in the same order, perhaps at another place.
  func isSameList(as other: WindowQuery) -> Bool {
    view == other.view && filter == other.filter && sort == other.sort
      && descending == other.descending && showsMarkedOnly == other.showsMarkedOnly
      && columns == other.columns
  }
}

/// What the engine answers.
enum Reply: Sendable {
  case status(StatusReport)
  case stats(StatsReport)
  case history(RateHistory)
  case trend(Trend)
  case host(HostReport)
  case identity(IdentityReport)
  case window(RowWindow)
  /// The number of the row among the matched, and the row; nil if there is none.
  case found(Int, Row)
  case notFound
  case explanation(Explanation)
  /// A command was carried out; the text says what it did.
  case done(String)
  /// A command was carried out, as far as it says.
  case acted(Outcome)
  case checked(AuditCheck)
  case failure(Refusal)
}

/// Rows of one view, from one place in their order.
struct RowWindow: Sendable {
  var total: Int
  var matched: Int
  var offset: Int
  var rows: [Row]
}

/// What a command would do.
struct Explanation: Equatable, Sendable {
  /// What would happen, in a sentence.
  var message: String
  /// The hosts concerned.
  var hosts: [String]
  /// The entries concerned, of all there are.
  var entries: Int
  var allEntries: Int
  /// What they carry now.
  var packetsPerSecond: Double
  /// The first of them, one a line.
  var examples: [String]
  /// When the oldest and the newest of them began, as the router dates it.
  var begun: [String] = []
  /// Commands that would be left out, as their objects have changed.
  var leftOut = 0
  /// Whether it covers the address that the operator's own SSH session comes from.
  var ownPeer = false
  /// Who acted on it last, and when.
  var touchedBy: String?
  var touchedAt: String?
}

/// Why the engine did not do what it was asked.
struct Refusal: Equatable, Sendable {
  /// The word by which programs tell failures apart.
  var code: String
  /// For people.
  var message: String
  /// For a bad filter, the column of it that is wrong, counted from 1.
  var column: Int?
}
