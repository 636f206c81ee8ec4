/// The names that inside hosts can have.
package enum HostName {
  /// Whether a text is 1 to 63 of `a-z`, `0-9`, `.` and `-`.
  package static func isValid(_ name: String) -> Bool {
    (1...63).contains(name.utf8.count) && name.utf8.allSatisfy(isAllowed)
  }

  static func isAllowed(_ octet: UInt8) -> Bool {
    switch octet {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
      UInt8(ascii: "."), UInt8(ascii: "-"):
      true
    default: false
    }
  }
}
