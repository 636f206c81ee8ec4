/// Moments of the wall clock as people and JSON write them: RFC 3339 in UTC.
///
/// The Gregorian calendar by H. Hinnant's day-count algorithms ("chrono-compatible low-level date
/// algorithms"), in 64 bits, so that no clock value traps.
package enum Timestamp {
  /// `2025-11-22T15:40:01Z`, from nanoseconds since 1970.
  package static func text(_ nanoseconds: UInt64) -> String {
    "\(dateAndTime(nanoseconds / 1_000_000_000))Z"
  }

  /// `2025-11-22T15:40:01.123Z`, from nanoseconds since 1970.
  package static func textWithMilliseconds(_ nanoseconds: UInt64) -> String {
    let milliseconds = Int64(nanoseconds / 1_000_000 % 1_000)
    return "\(dateAndTime(nanoseconds / 1_000_000_000)).\(padded(milliseconds, 3))Z"
  }

  /// The numbers that a moment is written with, from nanoseconds since 1970.
  package static func fields(
    _ nanoseconds: UInt64
  ) -> (year: UInt64, month: UInt64, day: UInt64, hour: UInt64, minute: UInt64, second: UInt64) {
    let seconds = nanoseconds / 1_000_000_000
    let date = date(Int64(seconds / 86_400))
    return (
      UInt64(date.year), UInt64(date.month), UInt64(date.day), seconds / 3_600 % 24,
      seconds / 60 % 60, seconds % 60
    )
  }

  /// The moment at which a date begins that has year, month and day, and perhaps a time: nanoseconds
  /// since 1970, nil for a date that there is not.
  package static func start(of fields: [UInt64]) -> UInt64? {
    guard (1...6).contains(fields.count), (1970...2_500).contains(fields[0]) else { return nil }
    var all = fields.map { Int64(clamping: $0) }
    all += [1, 1, 1, 0, 0, 0][all.count...]
    guard (1...12).contains(all[1]), (1...31).contains(all[2]), all[3] < 24, all[4] < 60,
      all[5] < 60
    else { return nil }
    let days = daysSince1970(year: all[0], month: all[1], day: all[2])
    let found = date(days)
    guard found.month == all[1], found.day == all[2] else { return nil }
    return UInt64(days * 86_400 + all[3] * 3_600 + all[4] * 60 + all[5]) * 1_000_000_000
  }

  /// Seconds since 1970 of a text as `text` and `textWithMilliseconds` write it; nil for others.
  package static func seconds(_ text: String) -> Int64? {
    let parts = text.split { !$0.isNumber }.compactMap { Int64($0) }
    guard text.hasSuffix("Z"), parts.count >= 6, (1...12).contains(parts[1]) else { return nil }
    let day = daysSince1970(year: parts[0], month: parts[1], day: parts[2])
    return day * 86_400 + parts[3] * 3_600 + parts[4] * 60 + parts[5]
  }

  /// Milliseconds since 1970 of a text as `text` and `textWithMilliseconds` write it; nil for others.
  package static func milliseconds(_ text: String) -> Int64? {
    guard let seconds = seconds(text) else { return nil }
    guard let point = text.firstIndex(of: ".") else { return seconds * 1_000 }
    let digits = text[text.index(after: point)...].dropLast()
    return digits.count == 3 ? Int64(digits).map { seconds * 1_000 + $0 } : nil
  }

  private static func dateAndTime(_ seconds: UInt64) -> String {
    let (year, month, day) = date(Int64(seconds / 86_400))
    let time = Int64(seconds % 86_400)
    return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
      + "T\(padded(time / 3_600, 2)):\(padded(time / 60 % 60, 2)):\(padded(time % 60, 2))"
  }

  private static func padded(_ number: Int64, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }

  // Years begin in March, so that the leap day is the last one.
  private static func date(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let shifted = days + 719_468
    let era = shifted / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    return (year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
  }

  private static func daysSince1970(year: Int64, month: Int64, day: Int64) -> Int64 {
    // Any text may come in: years with more digits than these would overflow.
    let shiftedYear = min(year, 999_999) - (month <= 2 ? 1 : 0)
    let era = shiftedYear / 400
    let yearOfEra = shiftedYear - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + min(day, 31) - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }
}
