internal import PAP

/// One line to the agent's socket: `{"id": 1, "verb": "status"}`.
struct AgentRequest: Codable, Sendable {
  /// What the agent is asked for.
  enum Verb: String, Codable, Sendable {
    case status
    case validate
    case invalidate
    /// The strongSwan settings for the present lease.
    case strongswanConfig = "strongswan-config"
  }

  /// Which entry is meant; only `address` must be there.
  struct Arguments: Codable, Equatable, Sendable {
    var address: IPv4Address
    /// Both protocols where it is missing.
    var `protocol`: IPsecProtocol?
    /// Every SPI of the host where it is missing.
    var spi: SPI?
    var spiOut: SPI?

    /// The entry.
    var entry: Entry {
      Entry(address: address, ipsecProtocol: `protocol` ?? .any, spiIn: spi, spiOut: spiOut)
    }
  }

  /// Echoed in the answer.
  var id: Int
  var verb: Verb
  /// For `validate` and `invalidate`.
  var arguments: Arguments?
}

/// One line from the agent's socket: a result, or an error.
struct AgentResponse<Result: Codable & Sendable>: Codable, Sendable {
  var id: Int
  var result: Result?
  var error: AgentFailure?
}

/// Why the agent did not do as asked.
struct AgentFailure: Error, Codable, Equatable, Sendable {
  /// A word for programs: a result code of PAP, `no-answer`, `no-lease`, `not-permitted`,
  /// `bad-request` or `stopping`.
  var code: String
  /// One sentence for people.
  var message: String
}
