internal import PAP

/// Who follows the security associations of this host, and says what the router should hold.
protocol AssociationWatcher: AnyObject {
  /// What is leased: associations must fit to it.
  var leases: Leases { get set }
  /// Whether what it says is up to date.
  var isConnected: Bool { get }
  /// Begins, and goes on for ever.
  func start() throws
  /// Ends.
  func stop()
  /// Ends the associations that rest on what the operator took away, as far as it can.
  func withdraw(_ withdrawal: Withdrawal)
}

/// What a watcher knows of the associations there are.
struct Observation: Equatable, Sendable {
  /// What the router should hold for them.
  var entries: [EntryKey: Entry] = [:]
  /// What it should hold for peers that may come.
  var configured: [EntryKey: Entry] = [:]
  /// False until all associations have been seen once.
  var isWhole = false
}
