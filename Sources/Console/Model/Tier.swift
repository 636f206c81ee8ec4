internal import PAP

/// How much an action asks of the operator before it is done.
enum Tier: Int, Comparable, Sendable {
  /// One object, nothing flows through it, and it can be undone: a question of one line, which only
  /// `y` accepts.
  case line = 1
  /// One object with live traffic: a dialog that says what hangs on it.
  case dialog
  /// Several objects, or a prefix: the list, its count typed, and a reason.
  case list
  /// More than a quarter of all entries: the router's name typed as well.
  case router

  /// What a command asks, by what the router says that it would do.
  ///
  /// Commands that only admit something stop no traffic, however many entries they name.
  init(of command: Command, _ explanation: Explanation) {
    let stopped = command.cutsOff ? explanation.entries : 0
    var isReload = false
    if case .reload = command { isReload = true }
    self =
      if stopped > explanation.allEntries / 4 {
        .router
      } else if command.isWide || isReload && !explanation.hosts.isEmpty {
        .list
      } else if isReload {
        // Nothing but another file takes it back.
        .dialog
      } else if command.cutsOff && explanation.packetsPerSecond > 0 || explanation.ownPeer {
        .dialog
      } else {
        .line
      }
  }

  static func < (left: Tier, right: Tier) -> Bool { left.rawValue < right.rawValue }
}

extension Command {
  /// Whether it takes something away.
  var cutsOff: Bool {
    switch self {
    case .invalidate, .revoke, .suspend, .reload: true
    case .validate, .lift, .resume: false
    case .batch(let batch): batch.items.contains { $0.command.cutsOff }
    }
  }

  /// Whether it is about several objects, or about all addresses of a prefix.
  ///
  /// Lifting the revocation of a prefix is about one object: the revocation.
  fileprivate var isWide: Bool {
    switch self {
    case .revoke(let target, _, _, _): target.prefixLength < 32
    case .batch(let batch): batch.items.count > 1 || batch.items.contains { $0.command.isWide }
    case .validate, .invalidate, .lift, .suspend, .resume, .reload: false
    }
  }
}
