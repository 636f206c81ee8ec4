/// A lease as the host sees it: asked for, held, renewed at half of its lifetime (pap.md, section 5).
struct Lease<Value: Equatable & Sendable>: Sendable {
  /// Seconds, where the router names no lifetime.
  static var defaultLifetime: Double { 3_600 }

  /// What is leased; nil before the router grants it and once it has ended.
  private(set) var value: Value?
  /// When it ends unless it is renewed.
  private(set) var expires = Moment.never
  /// When to ask for it, again.
  private(set) var due = Moment.zero

  /// The router granted it.
  ///
  /// A lifetime of less than 2 s is taken as 2 s, so that nobody spins.
  mutating func grant(_ value: Value, lifetime: UInt32?, now: Moment) {
    let seconds = max(2, lifetime.map { Double($0) } ?? Self.defaultLifetime)
    self.value = value
    expires = now.advanced(bySeconds: seconds)
    due = now.advanced(bySeconds: seconds / 2)
  }

  /// The router refused: ask again later.
  ///
  /// What is held stays until it ends.
  mutating func refuse(until: Moment) {
    due = until
  }

  /// Ask as soon as possible.
  mutating func askAgain() {
    due = .zero
  }

  /// Ends the lease if its time is over; whether it ended now.
  mutating func expire(now: Moment) -> Bool {
    guard value != nil, now >= expires else { return false }
    end()
    return true
  }

  /// The lease is gone; ask for another.
  mutating func end() {
    value = nil
    expires = .never
    due = .zero
  }
}
