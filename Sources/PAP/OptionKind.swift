/// The kinds of option that this program knows (pap.md, section 4).
package enum OptionKind: UInt8, Hashable, Sendable, CaseIterable {
  /// Seconds.
  case lifetime = 1
  /// First port and count.
  case ports = 2
  /// First SPI and count.
  case spis = 3
  /// An entry to validate.
  case validAddress = 4
  /// An entry to invalidate.
  case invalidAddress = 5
  /// The shared address.
  case externalAddress = 6
  /// Where tunnelled packets go.
  case tunnelEndpoint = 7
  /// Label and mask of the host's IKE SPIs.
  case ikeLabel = 8
  /// Refuse rather than grant less.
  case preferFailure = 10
  /// Which part of how many.
  case part = 11
  /// Session id and nonce.
  case session = 12
  /// The host's name, for people.
  case hostName = 128
  /// Why, for people.
  case reason = 129
  /// One code per entry.
  case entryResults = 130
  /// Key id, session id, sequence and tag.
  case authentication = 255

  /// The kinds from here on may be skipped by who does not know them.
  static let firstSkippable: UInt8 = 128

  /// How long the value may be, in octets.
  var valueLength: ClosedRange<Int> {
    switch self {
    case .lifetime, .ports, .externalAddress, .part: 4...4
    case .spis, .tunnelEndpoint: 8...8
    case .validAddress, .invalidAddress: WireFormat.entryLength...WireFormat.entryLength
    case .ikeLabel: 16...16
    case .preferFailure: 0...0
    case .session: 4 + WireFormat.nonceLength...4 + WireFormat.nonceLength
    case .hostName: 1...WireFormat.longestHostName
    case .reason: 0...WireFormat.longestReason
    // A request may carry entries of both kinds.
    case .entryResults: 0...2 * WireFormat.mostEntries
    case .authentication: WireFormat.authenticationLength...WireFormat.authenticationLength
    }
  }

  /// How often the kind may come in one message.
  var limit: Int {
    switch self {
    case .validAddress, .invalidAddress: WireFormat.mostEntries
    default: 1
    }
  }

  /// The only type of message that may carry the kind, or nil where every type may.
  var onlyType: MessageType? {
    switch self {
    case .part: .synchronize
    case .session: .hello
    default: nil
    }
  }
}
