/// What is remembered of a packet of which fragments came.
struct FragmentedPacket {
  /// How far it has come.
  enum Phase: UInt8 {
    /// The place is free.
    case free
    /// The first fragment has not been seen.
    case undecided
    /// The first fragment may pass, and those that follow.
    case admitted
    /// None may pass.
    case refused
    /// All fragments have been seen.
    case whole
  }

  static let none = UInt16.max

  var key = FragmentKey.none
  var phase = Phase.free
  var ruling = FragmentRuling.admitted(nil)
  /// Who the place is charged to: the source or the sender, and inbound the recipient once known.
  var payer = FragmentAccounts.ID.host(0)
  var recipient: FragmentAccounts.ID?
  /// When it is forgotten, monotonic nanoseconds.
  var expires: UInt64 = 0

  /// The end of the payload, octets; 0 before the last fragment came.
  var end = 0
  /// The end of what was seen so far, octets.
  var seenEnd = 0
  /// Units of 8 octets that were seen.
  var seenUnits = 0
  var held = HeldFragments.Queue()

  /// The next with the same hash, or the next free place.
  var next = none
  /// The neighbours by age.
  var older = none
  var newer = none

  var isWhole: Bool {
    end != 0 && seenUnits == (end + FragmentRange.unit - 1) / FragmentRange.unit
  }

  /// Whether a fragment agrees with the others about where the packet ends: no two last ones that
  /// differ, none beyond the last ("teardrop").
  func agrees(with range: FragmentRange) -> Bool {
    if range.isLast { return end == 0 ? range.end > seenEnd : range.end == end }
    return end == 0 || range.end < end
  }
}

extension FragmentKey {
  /// Of a free place.
  static let none = FragmentKey()

  private init() {
    (address, identification, protocolNumber, host) = (0, 0, 0, 0)
  }
}
