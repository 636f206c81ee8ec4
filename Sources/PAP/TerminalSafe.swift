extension StringProtocol {
  /// The text as it may be written to a terminal, a log or a message: every character that a
  /// terminal would act on, or that nobody can see, stands as `\u{...}`.
  ///
  /// Escaped are C0 and C1 controls, line and paragraph separators, format characters (the
  /// bidirectional controls and zero-width characters among them), other invisible ones, and those
  /// that have no agreed look. The result has no line end, so it is one line.
  package var terminalSafe: String {
    if utf8.allSatisfy({ (0x20...0x7e).contains($0) }) { return String(self) }
    var result = ""
    for scalar in unicodeScalars {
      if scalar.isTerminalSafe {
        result.unicodeScalars.append(scalar)
      } else {
        result += "\\u{\(String(scalar.value, radix: 16))}"
      }
    }
    return result
  }
}

extension Unicode.Scalar {
  /// Whether a terminal shows the character and does nothing else with it.
  package var isTerminalSafe: Bool {
    if value < 0x7f { return value >= 0x20 }
    switch properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse,
      .unassigned:
      return false
    default: return !properties.isDefaultIgnorableCodePoint
    }
  }
}
