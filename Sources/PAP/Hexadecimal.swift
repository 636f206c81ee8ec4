/// `0x` and exactly `digits` lower-case hexadecimal digits (more if the value needs them).
func hexadecimal(_ value: UInt64, digits: Int) -> String {
  let text = String(value, radix: 16)
  return "0x" + String(repeating: "0", count: max(0, digits - text.count)) + text
}

/// Reads `0x` or `0X` and 1 to `mostDigits` hexadecimal digits of either case; nil for anything
/// else.
///
/// `mostDigits` is at most 16, so the number always fits.
func number(hexadecimal text: some StringProtocol, mostDigits: Int) -> UInt64? {
  let octets = text.utf8
  guard octets.starts(with: "0x".utf8) || octets.starts(with: "0X".utf8),
    (3...2 + mostDigits).contains(octets.count)
  else { return nil }
  var value: UInt64 = 0
  for octet in octets.dropFirst(2) {
    switch octet {
    case 48...57: value = value << 4 | UInt64(octet - 48)
    case 65...70: value = value << 4 | UInt64(octet - 65 + 10)
    case 97...102: value = value << 4 | UInt64(octet - 97 + 10)
    default: return nil
    }
  }
  return value
}
