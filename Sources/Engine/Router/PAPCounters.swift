/// How many PAP messages came in, how they were received, and what the router sent of itself.
///
/// Every message that came in counts in `received`; the others say what became of some.
package struct PAPCounters: Hashable, Sendable {
  package var received: UInt64 = 0
  /// Neither acted on nor answered: too short, a response, or a wrong version and length.
  package var ignored: UInt64 = 0
  /// Answered with `unsupported-version`, or untagged with `malformed`.
  package var malformed: UInt64 = 0
  /// Answered with `not-authenticated`.
  package var notAuthenticated: UInt64 = 0
  /// Answered with `no-session`.
  package var noSession: UInt64 = 0
  /// Answered with `replayed`.
  package var replayed: UInt64 = 0
  /// Answered with `rate-limited`.
  package var rateLimited: UInt64 = 0
  /// Repeats that were answered from the stored response.
  package var repeated: UInt64 = 0
  /// Requests of hosts that were acted on.
  package var accepted: UInt64 = 0
  /// Messages that were owed a refusal and got none, since their source got too many.
  package var unanswered: UInt64 = 0
  /// `withdraw-notice` messages sent, repeats included.
  package var noticesSent: UInt64 = 0
  /// Those that hosts confirmed, and those that they did not although they were sent five times.
  package var noticesConfirmed: UInt64 = 0
  package var noticesUnconfirmed: UInt64 = 0
  /// `announce` messages sent.
  package var announcementsSent: UInt64 = 0
}
