package import Net

/// What the router's state wants done, in this order, before the next event is put to it.
///
/// Changes of the forwarding table come before whatever acknowledges them: carry out all of them,
/// wait until every worker is past them, then send and report. What a step grants is durable before
/// it is sent: write every `store` of the step first.
package enum Effect: Hashable, Sendable {
  /// Send a PAP message from the local endpoint that the request came to.
  case send([UInt8], to: Endpoint, from: Endpoint)
  /// Change what the data path reads.
  case table(TableChange)
  /// Write a row to the store. These come last; whatever acknowledges the step waits for them.
  case store(StoreChange)
  /// The answer to a command.
  case outcome(CommandOutcome)
  /// Something provisional was undone because nobody has kept it.
  case rolledBack(RollBack)
  /// Something worth a line in the log.
  case log(LogLine)
}

/// A line for the log.
///
/// It holds nothing that a host or a peer wrote.
package struct LogLine: Hashable, Sendable {
  /// How much it matters.
  package enum Level: Sendable {
    /// For one who follows every message.
    case debug
    /// The ordinary course of things.
    case info
    /// Something that an operator may have to look into.
    case warning
  }

  package let level: Level
  package let text: String

  /// Makes a line.
  package init(_ level: Level, _ text: String) {
    self.level = level
    self.text = text
  }
}
