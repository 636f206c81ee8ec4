internal import PAP

/// Why an operator acts, for the other operators and the audit log.
enum Reason {
  /// The octets that the router keeps.
  static let longest = 127

  /// What is wrong with a reason, or nil.
  static func fault(in text: String) -> String? {
    if text.utf8.count > longest { return "the reason is longer than \(longest) octets" }
    return text.unicodeScalars.allSatisfy(\.isTerminalSafe)
      ? nil : "the reason has characters that cannot be shown"
  }
}
