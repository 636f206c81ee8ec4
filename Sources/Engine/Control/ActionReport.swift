/// The result of a verb that acts.
package struct ActionReport: Codable, Hashable, Sendable {
  /// What has come of one command of a batch.
  package struct Result: Codable, Hashable, Sendable {
    package var verb: String
    /// An address, a prefix or a host.
    package var target: String
    /// The host that it is confined to, or null.
    @Nullable package var host: String?
    /// `done`, `left-out` or `failed`.
    package var result: String
    /// What was done, or why not.
    package var message: String

    package init(verb: String, target: String, host: String?, result: String, message: String) {
      self.verb = verb
      self.target = target
      _host = Nullable(wrappedValue: host)
      self.result = result
      self.message = message
    }
  }

  /// What was done, one sentence.
  package var message: String
  /// Entries that were there and were refreshed, removed, or stopped; for `undo`, that came or went.
  package var entries: Int
  /// Whether it survives a restart by now; false only while the state cannot be stored.
  package var durable: Bool
  /// What `undo` and `keep` want, or null where nothing can be undone.
  @Nullable package var action: UInt64?
  /// Seconds for which it can be undone, or null.
  @Nullable package var undoableFor: UInt32?
  /// For a batch, each command in its order.
  package var results: [Result]?

  package init(
    message: String, entries: Int, durable: Bool, action: UInt64? = nil, undoableFor: UInt32? = nil
  ) {
    self.message = message
    self.entries = entries
    self.durable = durable
    _action = Nullable(wrappedValue: action)
    _undoableFor = Nullable(wrappedValue: undoableFor)
  }
}

/// The result of `explain`: what a verb that acts would do if it were given now.
package struct ExplainReport: Codable, Sendable {
  /// One sentence in the form "this would ...".
  package var message: String
  /// Hosts concerned.
  package var hosts: [String]
  /// How many entries are concerned, each counted once.
  package var entries: Int
  /// The first of them, at most 100.
  package var rows: [SARow]
  /// Packets a second that these entries carry now.
  package var packetsPerSecond: Double
  /// How many entries the router has in all.
  package var allEntries: Int
  /// Commands of a batch that would be left out, because their object has changed meanwhile.
  package var leftOut: Int
  /// Whether it would cut off the address that the operator comes from, by the client's word
  /// (`source`).
  package var ownPeer: Bool
  /// Who acted last on what is concerned, and when, or null.
  @Nullable package var touchedBy: String?
  @Nullable package var touchedAt: String?

  package init(
    message: String, hosts: [String], entries: Int, rows: [SARow], packetsPerSecond: Double,
    allEntries: Int, leftOut: Int = 0, ownPeer: Bool = false, touchedBy: String? = nil,
    touchedAt: String? = nil
  ) {
    self.message = message
    self.hosts = hosts
    self.entries = entries
    self.rows = rows
    self.packetsPerSecond = packetsPerSecond
    self.allEntries = allEntries
    self.leftOut = leftOut
    self.ownPeer = ownPeer
    _touchedBy = Nullable(wrappedValue: touchedBy)
    _touchedAt = Nullable(wrappedValue: touchedAt)
  }
}
