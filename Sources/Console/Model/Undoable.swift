/// The last action of this console that can still be undone.
struct Undoable: Equatable, Sendable {
  /// The router's number for the action.
  let number: Int64
  /// What it was.
  let summary: String
  /// Until when it can be undone, monotonic nanoseconds.
  let until: UInt64
  /// When the router rolls it back by itself unless it is kept, monotonic nanoseconds; nil for an
  /// action that stays.
  var provisionalUntil: UInt64?
}

/// What the router did because of an action.
struct Outcome: Equatable, Sendable {
  /// What became of one command of several.
  struct Part: Equatable, Sendable {
    enum Ending: String, Sendable {
      case done
      /// Its object had changed.
      case leftOut = "left-out"
      case failed
    }

    /// Nil for an ending that this console does not know.
    var ending: Ending?
    var target: String
    var message: String

    /// What it was about, and what the router says of it.
    fileprivate var why: String { message.contains(target) ? message : "\(target): \(message)" }
  }

  /// For people, one sentence.
  var message: String
  /// Whether a restart of the router would not undo it.
  var isDurable = true
  /// The router's number for what was done; nil if it cannot be undone.
  var action: Int64?
  /// Seconds for which it can be undone.
  var undoableFor = 0
  /// In the order of the commands; empty for a single command.
  var parts: [Part] = []
}

extension Outcome {
  /// The one line that answers an action, with whether all of it was done.
  func answer(to summary: String) -> (text: String, kind: Notice.Kind) {
    let undone = parts.filter { $0.ending != .done }
    let warning = isDurable || message.contains("NOT DURABLE") ? "" : "; NOT DURABLE"
    if parts.count == 1, let part = parts.first {
      let text = part.message.isEmpty ? message : part.message
      return undone.isEmpty
        ? (text + warning, .done) : ("\(summary): not done: \(text)", .failed)
    }
    guard !undone.isEmpty else {
      return ((message.isEmpty ? "\(summary): done" : message) + warning, .done)
    }
    let done = parts.count - undone.count
    let why = undone.prefix(3).map(\.why).joined(separator: "; ")
    let more = undone.count > 3 ? "; \(undone.count - 3) more" : ""
    return (
      "\(summary): \(done) done, \(undone.count) not: \(why)\(more)\(warning)", .failed
    )
  }
}
