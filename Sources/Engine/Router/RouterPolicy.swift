package import PAP

/// What the configuration says about who may have what: all that `RouterState` needs of it.
package struct RouterPolicy: Sendable {
  /// Whether hosts prove who they are (pap.md, section 7).
  package enum Authentication: Sendable {
    /// By a session and a tag on every message.
    case required
    /// By nothing but the inside address that a message comes from: for a lab only.
    case none
  }

  /// Limits that hold for each host (design.md, section 6).
  package struct Limits: Sendable {
    /// Validated entries.
    package var entries = 1024
    /// SPIs claimed outside of the host's slot.
    package var claimedSPIs = 64
    /// Requests, hellos, and refusals of what is not proven to be the host's, each; as many may come
    /// at once.
    package var requestsPerSecond = 50

    /// The defaults of the configuration.
    package init() {}
  }

  /// The address that the inside hosts share.
  package var externalAddress: IPv4Address
  /// Where hosts send their IP-in-IP packets.
  package var tunnelEndpoint: IPv4Address
  /// The largest inner packet of the tunnel, in octets.
  package var tunnelMTU: UInt16 = 1480
  /// Networks that no peer may be in.
  package var insideNetworks: [CIDR]
  package var authentication: Authentication = .required
  /// Seconds a lease lasts for a host that asks for no time of its own.
  package var defaultLifetime: UInt32 = 3600
  /// Ports a host gets that asks for no number: a power of two, at least 1,024.
  package var portBlock: UInt16 = 1024
  /// Seconds for which a slot is not given to another host.
  package var spiQuarantine: UInt32 = 600
  /// Seconds for which ports are not given to another host.
  package var portQuarantine: UInt32 = 120
  package var limits = Limits()
  /// Entries there may be in all: what the forwarding table has room for.
  package var entryCapacity = 1 << 20
  /// Revocations there may be in all.
  package var revocationCapacity = 1 << 14
  /// The hosts that may speak, at most 65,535, with different names, key ids and inside addresses.
  package var hosts: [HostIdentity]

  /// Makes a policy with the defaults of the configuration.
  package init(
    externalAddress: IPv4Address, tunnelEndpoint: IPv4Address, insideNetworks: [CIDR],
    hosts: [HostIdentity]
  ) {
    self.externalAddress = externalAddress
    self.tunnelEndpoint = tunnelEndpoint
    self.insideNetworks = insideNetworks
    self.hosts = hosts
  }

  /// The least and the most seconds that a lease is granted for (pap.md, section 5).
  static let lifetimes: ClosedRange<UInt32> = 120...86_400

  /// The lifetime granted to one who asks for `wish` seconds, or for none in particular.
  func lifetime(for wish: UInt32?) -> UInt32 {
    min(max(wish ?? defaultLifetime, Self.lifetimes.lowerBound), Self.lifetimes.upperBound)
  }

  /// Whether the address can be a peer's (pap.md, section 6, code 12).
  func accepts(_ peer: IPv4Address) -> Bool {
    Self.neverPeers.allSatisfy { !$0.contains(peer) } && peer != externalAddress
      && insideNetworks.allSatisfy { !$0.contains(peer) }
  }

  /// This network, loopback, multicast and all above it.
  private static let neverPeers = [
    CIDR(IPv4Address(rawValue: 0), prefixLength: 8),
    CIDR(IPv4Address(rawValue: 127 << 24), prefixLength: 8),
    CIDR(IPv4Address(rawValue: 224 << 24), prefixLength: 3),
  ]
}

/// Who an inside host is: its name for people, its keys and its address for the router.
package struct HostIdentity: Sendable {
  /// A key with the number by which messages name it.
  package struct Key: Sendable {
    /// The key id of option 255, not 0.
    package var id: UInt32
    package var secret: SecretKey

    /// Makes a numbered key.
    package init(id: UInt32, secret: SecretKey) {
      self.id = id
      self.secret = secret
    }
  }

  /// 1 to 63 of `[a-z0-9.-]`.
  package var name: String
  /// The key, or during a change of keys the new one and the old one, with different ids; none where
  /// the router does not ask for proof.
  package var keys: [Key]
  /// Where the host's messages and tunnelled packets come from.
  package var insideAddress: IPv4Address

  /// Makes an identity.
  package init(name: String, keys: [Key], insideAddress: IPv4Address) {
    self.name = name
    self.keys = keys
    self.insideAddress = insideAddress
  }
}
