extension Message {
  /// One option of a message (pap.md, section 4).
  package enum Option: Hashable, Sendable {
    /// Seconds: what is asked or was granted, or in an error how long to stay away.
    case lifetime(UInt32)
    /// Ports; in a request, first 0 means any.
    case ports(first: UInt16, count: UInt16)
    /// SPIs; in a request, first 0 means any.
    case spis(first: UInt32, count: UInt32)
    /// An entry to validate.
    case validAddress(Entry)
    /// An entry to invalidate, or one that was taken away.
    case invalidAddress(Entry)
    /// The address that the hosts share.
    case externalAddress(IPv4Address)
    /// Where the host's IP-in-IP packets go, and the tunnel's MTU in octets.
    case tunnelEndpoint(IPv4Address, mtu: UInt16)
    /// What the host's own IKE SPIs must begin with.
    case ikeLabel(IKELabel)
    /// Refuse rather than grant less than asked.
    case preferFailure
    /// Which part of a `synchronize` this is, from 0, and how many there are, at least 1.
    case part(index: UInt16, total: UInt16)
    /// Session id, 0 in the host's `hello`, and 16 octets of nonce.
    case session(id: UInt32, nonce: [UInt8])
    /// The host's name, for people: 1 to 63 octets of UTF-8 without control characters.
    case hostName(String)
    /// Why, for people: at most 127 octets of UTF-8 without control characters.
    case reason(String)
    /// One code per entry of the request, in order.
    case entryResults([ResultCode])
    /// Who sent the message, and the tag. Always last.
    case authentication(Authentication)

    /// The kind that stands on the wire.
    package var kind: OptionKind {
      switch self {
      case .lifetime: .lifetime
      case .ports: .ports
      case .spis: .spis
      case .validAddress: .validAddress
      case .invalidAddress: .invalidAddress
      case .externalAddress: .externalAddress
      case .tunnelEndpoint: .tunnelEndpoint
      case .ikeLabel: .ikeLabel
      case .preferFailure: .preferFailure
      case .part: .part
      case .session: .session
      case .hostName: .hostName
      case .reason: .reason
      case .entryResults: .entryResults
      case .authentication: .authentication
      }
    }
  }
}
