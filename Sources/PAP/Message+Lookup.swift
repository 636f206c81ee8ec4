// What a message says, by option. Each is nil where the message has no such option.

extension Message {
  /// The lifetime in seconds.
  package var lifetime: UInt32? {
    first { if case .lifetime(let seconds) = $0 { seconds } else { nil } }
  }

  /// First port and count.
  package var ports: (first: UInt16, count: UInt16)? {
    first { if case .ports(let first, let count) = $0 { (first, count) } else { nil } }
  }

  /// First SPI and count.
  package var spis: (first: UInt32, count: UInt32)? {
    first { if case .spis(let first, let count) = $0 { (first, count) } else { nil } }
  }

  /// The entries to validate, in order; empty where there are none.
  package var validAddresses: [Entry] {
    options.compactMap { if case .validAddress(let entry) = $0 { entry } else { nil } }
  }

  /// The entries to invalidate, in order; empty where there are none.
  package var invalidAddresses: [Entry] {
    options.compactMap { if case .invalidAddress(let entry) = $0 { entry } else { nil } }
  }

  /// The address that the hosts share.
  package var externalAddress: IPv4Address? {
    first { if case .externalAddress(let address) = $0 { address } else { nil } }
  }

  /// The tunnel endpoint and the tunnel's MTU in octets.
  package var tunnelEndpoint: (address: IPv4Address, mtu: UInt16)? {
    first { if case .tunnelEndpoint(let address, let mtu) = $0 { (address, mtu) } else { nil } }
  }

  /// What the host's own IKE SPIs must begin with.
  package var ikeLabel: IKELabel? {
    first { if case .ikeLabel(let label) = $0 { label } else { nil } }
  }

  /// Whether less than what is asked for is to be refused.
  package var prefersFailure: Bool { options.contains(.preferFailure) }

  /// Which part, from 0, of how many.
  package var part: (index: UInt16, total: UInt16)? {
    first { if case .part(let index, let total) = $0 { (index, total) } else { nil } }
  }

  /// Session id and nonce.
  package var session: (id: UInt32, nonce: [UInt8])? {
    first { if case .session(let id, let nonce) = $0 { (id, nonce) } else { nil } }
  }

  /// The host's name.
  package var hostName: String? {
    first { if case .hostName(let name) = $0 { name } else { nil } }
  }

  /// Why.
  package var reason: String? {
    first { if case .reason(let text) = $0 { text } else { nil } }
  }

  /// One code per entry of the request.
  package var entryResults: [ResultCode]? {
    first { if case .entryResults(let codes) = $0 { codes } else { nil } }
  }

  /// Who says to have sent the message; proven only once `Authenticator.verify` has agreed.
  package var authentication: Authentication? {
    first { if case .authentication(let value) = $0 { value } else { nil } }
  }

  private func first<Value>(_ pick: (Option) -> Value?) -> Value? {
    for option in options {
      if let value = pick(option) { return value }
    }
    return nil
  }
}
