/// How PAP messages were received, and what the router sent of itself: part of `ctl status` and
/// `ctl stats`.
///
/// Every message that came counts in `received`; `notAuthenticated`, `replayed`, `malformed` and
/// `unanswered` rise when somebody attacks.
public struct PAPReport: Codable, Hashable, Sendable {
  public var received: UInt64
  /// Requests that were acted on.
  public var accepted: UInt64
  /// Repeats that were answered from the stored response.
  public var repeated: UInt64
  public var malformed: UInt64
  /// Bad tags, unknown keys, wrong source addresses.
  public var notAuthenticated: UInt64
  public var noSession: UInt64
  public var replayed: UInt64
  public var rateLimited: UInt64
  /// Neither acted on nor answered: too short, or no request.
  public var ignored: UInt64
  /// Owed a refusal, and not answered: their source got too many.
  public var unanswered: UInt64
  /// `withdraw-notice` messages, repeats included, and what became of them.
  public var noticesSent: UInt64
  public var noticesConfirmed: UInt64
  public var noticesUnconfirmed: UInt64
  public var announcementsSent: UInt64
}
