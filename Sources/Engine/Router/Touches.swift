internal import PAP

/// Who acted on something, and when.
package struct Touch: Hashable, Sendable {
  package let by: String
  package let at: Instant
}

/// Who acted last on each target and host, for others to read before they act.
///
/// Of what was touched longest ago nothing is known any more: `mostYoung` are remembered for sure, and
/// never more than twice as many.
struct Touches: Sendable {
  enum Key: Hashable, Sendable {
    case target(CIDR)
    case host(String)
  }

  static let mostYoung = 4_096

  private var young: [Key: Touch] = [:]
  private var old: [Key: Touch] = [:]

  /// The last touch.
  subscript(key: Key) -> Touch? { young[key] ?? old[key] }

  /// Notes a touch.
  mutating func note(_ touch: Touch, of key: Key) {
    if young.count >= Self.mostYoung {
      old = young
      young = [:]
    }
    young[key] = touch
  }
}

extension OperatorCommand {
  /// What it touches.
  var touched: Touches.Key {
    switch self {
    case .validate(let address, _, _, _, _), .invalidate(let address, _, _): .target(CIDR(address))
    case .revoke(let target, _, _, _, _), .unrevoke(let target, _): .target(target)
    case .suspend(let host), .resume(let host): .host(host)
    }
  }
}
