/// Sizes and limits of PAP/2, as pap.md states them; all lengths are in octets.
package enum WireFormat {
  /// The version that this program speaks (section 3).
  package static let version: UInt8 = 2
  /// The UDP port of the router, where the configuration names no other (section 2).
  package static let routerPort: UInt16 = 7028
  /// The header before the options (section 3).
  package static let headerLength = 16
  /// The longest message (section 2).
  package static let longestMessage = 1400
  /// Every message and every option takes a multiple of this many octets (sections 2 and 4).
  package static let alignment = 4
  /// Kind, reserved octet and length before each option's value (section 4).
  package static let optionHeaderLength = 4
  /// The value of options 4 and 5 (section 5).
  package static let entryLength = 16
  /// How many entries of one kind fit in a message (section 4).
  package static let mostEntries = 48
  /// The nonce of the session option (section 4).
  package static let nonceLength = 16
  /// The tag of the authentication option (section 7).
  package static let tagLength = 16
  /// The value of the authentication option (section 4).
  package static let authenticationLength = 12 + tagLength
  /// The longest host name, as UTF-8 (section 4).
  package static let longestHostName = 63
  /// The longest reason, as UTF-8 (section 4).
  package static let longestReason = 127

  /// The octets of the header, by what they hold (section 3).
  enum HeaderOffset {
    static let version = 0
    static let type = 1
    static let code = 2
    static let flags = 3
    static let length = 4
    static let transactionID = 8
    static let epoch = 12
  }

  /// The bit of the type octet that marks a response (section 3).
  static let responseBit: UInt8 = 0x80

  /// `count` rounded up to the alignment; `count` is at most 65,535, so it cannot overflow.
  static func padded(_ count: Int) -> Int { (count + alignment - 1) / alignment * alignment }
}
