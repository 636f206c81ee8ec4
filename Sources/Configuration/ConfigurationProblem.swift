internal import PAP

/// One thing that is wrong with a configuration file: where, with which key, what, and what to do.
package struct ConfigurationProblem: Equatable, Sendable {
  /// The file, as it was named by whoever asked for it.
  package var file: String
  /// The line, counted from 1; nil where the file as a whole is meant.
  package var line: Int?
  /// The key with the tables around it, joined by dots; nil where no key is concerned.
  package var key: String?
  /// What is wrong and what to do, one sentence without a full stop, safe to print.
  package var message: String

  package init(file: String, line: Int? = nil, key: String? = nil, message: String) {
    self.file = file
    self.line = line
    self.key = key
    self.message = message
  }
}

extension ConfigurationProblem: CustomStringConvertible {
  /// `FILE:LINE: key 'KEY': MESSAGE`, without the parts that do not apply.
  package var description: String {
    let name = file.terminalSafe
    let place = line.map { "\(name):\($0)" } ?? name
    let subject = key.map { "key '\($0.terminalSafe)': " } ?? ""
    return "\(place): \(subject)\(message)"
  }
}

/// Everything that is wrong with a configuration, in the order of the file; never empty.
package struct ConfigurationError: Error, Equatable, Sendable {
  package let problems: [ConfigurationProblem]

  package init(_ problems: [ConfigurationProblem]) {
    precondition(!problems.isEmpty, "an error says what is wrong")
    self.problems = problems
  }

  package init(_ problem: ConfigurationProblem) {
    self.init([problem])
  }
}

extension ConfigurationError: CustomStringConvertible {
  /// One problem a line.
  package var description: String {
    problems.map(\.description).joined(separator: "\n")
  }
}
