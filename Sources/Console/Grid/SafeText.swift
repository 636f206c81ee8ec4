/// Text made safe for a terminal: what a host, a peer or a packet supplied reaches the screen only
/// through here, so that it can neither move the cursor nor reorder or hide other text.
enum SafeText {
  /// One character as it goes into a cell.
  struct Cluster: Equatable, Sendable {
    var base: Unicode.Scalar
    var marks: [Unicode.Scalar] = []
    /// 1 or 2 columns.
    var width: Int
  }

  /// The characters to show for `text`.
  ///
  /// Control characters (C0, C1), bidirectional and other format characters, separators, private and
  /// unassigned ones, and combining characters with nothing to combine with come out as escapes such
  /// as `\x1b` or `\u{202e}`; where `ascii` is set, so does everything beyond ASCII.
  static func clusters(_ text: some StringProtocol, ascii: Bool) -> [Cluster] {
    var result: [Cluster] = []
    result.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
      if scalar.value >= 0x20 && scalar.value < 0x7f {
        result.append(Cluster(base: scalar, width: 1))
      } else if ascii || !isShowable(scalar) {
        append(escape(scalar), to: &result)
      } else {
        appendWide(scalar, to: &result)
      }
    }
    return result
  }

  /// The text as it is shown, for those who take it elsewhere: a clipboard is pasted into shells.
  static func shown(_ text: some StringProtocol) -> String {
    var result = ""
    for cluster in clusters(text, ascii: false) {
      result.unicodeScalars.append(cluster.base)
      result.unicodeScalars.append(contentsOf: cluster.marks)
    }
    return result
  }

  /// The number of columns that `text` takes.
  static func width(_ text: some StringProtocol, ascii: Bool) -> Int {
    if text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7f }) { return text.utf8.count }
    return clusters(text, ascii: ascii).reduce(0) { $0 + $1.width }
  }

  private static func appendWide(_ scalar: Unicode.Scalar, to result: inout [Cluster]) {
    let width = TextWidth.columns(of: scalar)
    guard width == 0 else {
      result.append(Cluster(base: scalar, width: width))
      return
    }
    // Nothing to stand on, or a heap of marks that would climb over the lines above.
    if let last = result.last, last.marks.count < Cell.mostMarks, last.base != " " {
      result[result.count - 1].marks.append(scalar)
    } else {
      append(escape(scalar), to: &result)
    }
  }

  private static func append(_ text: String, to result: inout [Cluster]) {
    for scalar in text.unicodeScalars { result.append(Cluster(base: scalar, width: 1)) }
  }

  private static func isShowable(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate,
      .unassigned:
      return false
    case .spaceSeparator:
      return scalar == " "
    default:
      // Default ignorable letters, such as the Hangul fillers, show as nothing at all.
      return !scalar.properties.isDefaultIgnorableCodePoint
    }
  }

  private static func escape(_ scalar: Unicode.Scalar) -> String {
    let digits = String(scalar.value, radix: 16)
    guard scalar.value < 0x100 else { return "\\u{\(digits)}" }
    return "\\x" + (digits.count < 2 ? "0" : "") + digits
  }
}
