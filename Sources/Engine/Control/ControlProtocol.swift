/// One line of a client: `{"id": 1, "verb": "status", "arguments": {}}`.
package struct ControlRequest: Codable, Sendable {
  /// Anything; the response carries it back.
  package var id: JSONValue?
  package var verb: String
  package var arguments: [String: JSONValue]?

  package init(id: JSONValue?, verb: String, arguments: [String: JSONValue]? = nil) {
    self.id = id
    self.verb = verb
    self.arguments = arguments
  }
}

/// Why a request was refused.
package struct ControlError: Error, Codable, Hashable, Sendable {
  /// A word for programs, one of `Code` or of `CommandError.Code`.
  package var code: String
  /// A sentence for people.
  package var message: String
  /// Where in a filter the mistake begins, counted in characters from 1.
  package var column: Int?

  package init(code: String, message: String, column: Int? = nil) {
    self.code = code
    self.message = message
    self.column = column
  }

  /// The words for refusals that the control socket makes itself.
  package enum Code: String, Sendable {
    /// The line is not a request.
    case badRequest = "bad-request"
    /// There is no such verb.
    case unknownVerb = "unknown-verb"
    /// An argument is missing, unknown, of the wrong kind, or out of range.
    case badArgument = "bad-argument"
    /// A filter cannot be read.
    case badFilter = "bad-filter"
    /// The client has asked for something else instead.
    case overtaken
    /// The user may look only, or not even that.
    case notPermitted = "not-permitted"
    /// The engine is on its way out.
    case stopping
    /// The configuration file cannot be read, or says what it must not.
    case badConfiguration = "bad-configuration"
    /// Only another run of the engine can do this.
    case restartNeeded = "restart-needed"
    /// The state on disk cannot be read.
    case storeFailed = "store-failed"
  }

  package init(_ code: Code, _ message: String, column: Int? = nil) {
    self.init(code: code.rawValue, message: message, column: column)
  }
}

/// The result of `history`: what each of the last spans of time brought, oldest first.
///
/// All arrays have `seconds / resolution` elements: packets, or bits, in the whole of a span. The newest
/// span is not over yet, but for one of a second.
package struct HistoryReport: Codable, Sendable {
  package struct Flow: Codable, Hashable, Sendable {
    package var packets: [UInt64]
    package var bits: [UInt64]
  }
  package struct Forwarded: Codable, Hashable, Sendable {
    package var inbound: Flow
    package var outbound: Flow
  }
  /// Seconds in a span: 1, 10 or 600.
  package var resolution: Int
  /// Seconds in all.
  package var seconds: Int
  /// Every drop reason with its packets.
  package var drops: [String: [UInt64]]
  package var dropped: [UInt64]
  package var received: [UInt64]
  package var forwarded: Forwarded
}
