internal import Net

/// How tables write moments.
enum TimeFormat: String, CaseIterable, Sendable {
  /// Ages and times left, and the log by the clock in UTC.
  case usual
  /// Ages and times left everywhere.
  case age
  /// The clock in UTC.
  case utc
  /// The clock of this machine's time zone.
  case local
  /// Date and time in full (RFC 3339).
  case iso

  /// As the settings write it.
  var title: String {
    switch self {
    case .usual: "ages, the log in UTC"
    case .age: "ages"
    case .utc: "clock, UTC"
    case .local: "clock, local time"
    case .iso: "date and time in full"
    }
  }

  /// The columns that a moment takes at least, whatever the column is made for.
  var width: Int {
    switch self {
    case .usual, .age: 0
    case .utc, .local: 11
    case .iso: 20
    }
  }
}

/// How moments are written, and where on Earth.
struct TimeStyle: Sendable {
  var format = TimeFormat.usual
  /// How far local time is ahead of UTC, in seconds, at a moment given in seconds since 1970.
  var offset: @Sendable (Int64) -> Int64 = { _ in 0 }

  /// Whether moments are written as how long ago they are.
  var showsAges: Bool { format == .usual || format == .age }

  /// A moment by the clock: the time of day if it is of the same day as `now`, else day and minute.
  ///
  /// Both are seconds since 1970.
  func clock(_ moment: Int64, now: Double) -> String {
    if format == .iso { return Self.utc(moment) }
    let (shown, today) = (shifted(moment), shifted(Int64(max(0, min(now, 1e11)))))
    let isToday = shown.prefix(10) == today.prefix(10)
    let time = shown.dropFirst(11)
    return isToday ? String(time.prefix(8)) : "\(shown.dropFirst(5).prefix(5)) \(time.prefix(5))"
  }

  /// Day and time with the zone, for sentences.
  func full(_ moment: Int64) -> String {
    let text = shifted(moment)
    let zone = format == .local ? Self.zone(offset(moment)) : "Z"
    return "\(text.prefix(10)) \(text.dropFirst(11).prefix(8))\(zone)"
  }

  private func shifted(_ moment: Int64) -> String {
    Self.utc(format == .local ? moment + offset(moment) : moment)
  }

  private static func utc(_ moment: Int64) -> String {
    Timestamp.text(UInt64(max(0, min(moment, 10_000_000_000))) * 1_000_000_000)
  }

  private static func zone(_ offset: Int64) -> String {
    let minutes = abs(offset) / 60
    func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
    return "\(offset < 0 ? "-" : "+")\(two(minutes / 60)):\(two(minutes % 60))"
  }
}
