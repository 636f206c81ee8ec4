/// Explicit congestion notification: the lower two bits of the type of service (RFC 3168, section 5).
enum ECN: UInt8 {
  case notCapable = 0
  case capable1 = 1
  case capable0 = 2
  case congestion = 3

  init(typeOfService: UInt8) {
    switch typeOfService & 3 {
    case 0: self = .notCapable
    case 1: self = .capable1
    case 2: self = .capable0
    default: self = .congestion
    }
  }

  /// What an inner header must say after decapsulation, or nil if the packet must be dropped:
  /// congestion was met, and the sender could not be told (RFC 6040, section 4.2, figure 4).
  static func afterTunnel(inner: ECN, outer: ECN) -> ECN? {
    switch (inner, outer) {
    case (.notCapable, .congestion): nil
    case (.notCapable, _), (.congestion, _): inner
    case (_, .congestion): .congestion
    case (.capable0, .capable1): .capable1
    default: inner
    }
  }
}
