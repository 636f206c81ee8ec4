/// The rule for text in messages: UTF-8, no control characters, a length limit in octets
/// (pap.md, section 4).
///
/// The control characters are those of Unicode's category Cc: C0, DEL and C1.
enum WireText {
  /// Whether the text has a control character.
  static func hasControls(_ text: String) -> Bool { text.unicodeScalars.contains(where: isControl) }

  /// The text's UTF-8 with a space for each control character, cut before the first character that
  /// would pass `limit` octets.
  ///
  /// Texts that people type go through here, so that no reason can make a message that its receiver
  /// must refuse.
  static func clean(_ text: String, limit: Int) -> [UInt8] {
    var octets: [UInt8] = []
    for scalar in text.unicodeScalars {
      let encoded = Array(String(isControl(scalar) ? " " : scalar).utf8)
      guard octets.count + encoded.count <= limit else { break }
      octets += encoded
    }
    return octets
  }

  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.generalCategory == .control
  }
}
