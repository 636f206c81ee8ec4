internal import Net

/// A client that is told what happens, as others see it.
struct Subscriber {
  /// The number of its connection.
  let connection: UInt64
  let user: ControlUser
  /// Where it sits, by its own word.
  let source: String?
  /// Since when (nanoseconds since 1970).
  let since: UInt64
  /// Whether it is told of changes, as consoles are, and not of drops only.
  let isConsole: Bool

  /// The client in the words of the contract.
  var report: IdentityReport.Other {
    IdentityReport.Other(
      name: user.name, source: source, role: user.role.rawValue, since: Timestamp.text(since))
  }
}
