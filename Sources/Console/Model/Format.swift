/// Numbers and times as the screen writes them: short, and of a steady width.
enum Format {
  /// A count in at most five columns or so: `9999`, `12.4k`, `3.21M`.
  static func count(_ value: UInt64) -> String {
    value < 10_000 ? String(value) : scaled(Double(value))
  }

  /// A rate a second: `0`, `0.3`, `31`, `12.4k`.
  static func rate(_ value: Double) -> String {
    guard value.isFinite, value >= 0.05 else { return "0" }
    if value < 9.95 { return decimal(value, digits: 1) }
    return value < 9_999.5 ? String(Int(value.rounded())) : scaled(value)
  }

  /// Bits a second: `0`, `980`, `98.1M`.
  static func bits(_ value: Double) -> String {
    guard value.isFinite, value >= 0.5 else { return "0" }
    return value < 999.5 ? String(Int(value.rounded())) : scaled(value)
  }

  /// Octets: `512`, `1.20M`.
  static func octets(_ value: UInt64) -> String {
    value < 1000 ? String(value) : scaled(Double(value))
  }

  /// A number in full, in groups of three.
  static func grouped(_ value: UInt64) -> String {
    var digits = Array(String(value))
    var index = digits.count - 3
    while index > 0 {
      digits.insert(",", at: index)
      index -= 3
    }
    return String(digits)
  }

  /// A length of time in its two largest units: `12s`, `41m`, `9h12m`, `2d03h`.
  static func duration(_ seconds: Double) -> String {
    guard seconds.isFinite else { return "?" }
    let total = Int(max(0, min(seconds, 1e12)).rounded(.down))
    switch total {
    case ..<60: return "\(total)s"
    case ..<3600: return "\(total / 60)m\(twoDigits(total % 60))s"
    case ..<86_400: return "\(total / 3600)h\(twoDigits(total / 60 % 60))m"
    case ..<8_640_000: return "\(total / 86_400)d\(twoDigits(total / 3600 % 24))h"
    default: return "\(total / 86_400)d"
    }
  }

  /// Seconds that are left, as a countdown shows them: `4:18`.
  static func clock(_ seconds: Double) -> String {
    let total = Int(max(0, min(seconds, 1e6)))
    return "\(total / 60):\(twoDigits(total % 60))"
  }

  /// A share of a whole in per cent: `<1%`, `42%`.
  static func share(_ part: UInt64, of whole: UInt64) -> String {
    guard whole > 0, part > 0 else { return "" }
    let percent = Double(part) / Double(whole) * 100
    return percent < 1 ? "<1%" : "\(Int(percent.rounded()))%"
  }

  /// A count with its noun: `1 entry`, `3,000 entries`.
  static func plural(_ count: Int, _ one: String, _ many: String) -> String {
    "\(grouped(UInt64(max(0, count)))) \(count == 1 ? one : many)"
  }

  private static func twoDigits(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }

  /// Three digits and a unit.
  private static func scaled(_ value: Double) -> String {
    var rest = value / 1000
    for unit in ["k", "M", "G", "T", "P"] {
      if rest < 9.995 { return decimal(rest, digits: 2) + unit }
      if rest < 99.95 { return decimal(rest, digits: 1) + unit }
      if rest < 999.5 { return decimal(rest, digits: 0) + unit }
      rest /= 1000
    }
    return decimal(rest, digits: 0) + "E"
  }

  private static func decimal(_ value: Double, digits: Int) -> String {
    guard digits > 0 else { return String(Int(value.rounded())) }
    let factor = digits == 1 ? 10 : 100
    let whole = Int((value * Double(factor)).rounded())
    let fraction = String(whole % factor)
    let padding = String(repeating: "0", count: max(0, digits - fraction.count))
    return "\(whole / factor).\(padding)\(fraction)"
  }
}
