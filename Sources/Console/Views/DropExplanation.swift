internal import Engine

/// A drop reason in words: what it means and what an operator can do about it.
struct DropExplanation: Sendable {
  /// In a few words, for a column.
  let summary: String
  /// What happened, in a sentence or two.
  let meaning: String
  /// What to do about it, if anything; an action's name in braces stands for its key.
  let advice: String

  private init(_ summary: String, _ meaning: String, _ advice: String) {
    self.summary = summary
    self.meaning = meaning
    self.advice = advice
  }

  /// The explanation of a reason by its name in the contract; nil for a name not in it.
  static func of(_ name: String) -> DropExplanation? {
    DropReason(name: name).map(of)
  }

  /// All reasons with their summaries, in the contract's order.
  static var names: [(name: String, summary: String)] {
    DropReason.allCases.map { ($0.name, of($0).summary) }
  }

  /// The explanation of a reason.
  static func of(_ reason: DropReason) -> DropExplanation {
    switch reason {
    case .malformed:
      .init(
        "headers cannot be read",
        "The headers contradict each other or the packet ends before they do.",
        "A few come from broken senders. Many from one source are a probe: revoke it or filter it "
          + "before the router.")
    case .ipOptions:
      .init(
        "IP options that are not let through",
        "The packet carries IP options, such as source routing, that could lead it round the "
          + "checks.",
        "Nothing: honest peers do not need them.")
    case .unsupportedProtocol:
      .init(
        "a protocol that is not forwarded",
        "The shared address is reached by ESP, AH, UDP, TCP and ICMP only; this was another "
          + "protocol.",
        "If a host needs it, it needs an address of its own.")
    case .spiReserved:
      .init(
        "an SPI below 256",
        "SPIs 0 to 255 are reserved (RFC 4303, section 2.1) and belong to no security association.",
        "Nothing: no honest peer sends them.")
    case .spiNotLeased:
      .init(
        "an SPI that no host holds",
        "The packet's SPI lies in a slot that is leased to no host, and no host has claimed it: "
          + "nobody here has a security association with it.",
        "One source with many different SPIs is guessing. A peer that just lost its host keeps "
          + "sending for a while: it ends when its IKE notices.")
    case .addressNotValidated:
      .init(
        "a leased SPI from an address nobody validated",
        "The SPI belongs to a host, but that host has not validated the source address for it: a "
          + "host accepts a peer only after IKE has proved who it is.",
        "If you know the peer and it should get through, validate it ({validate}). If not, this "
          + "is what the router is for; revoke ({revoke}) keeps it out even if a host accepts it "
          + "later.")
    case .addressRevoked:
      .init(
        "from an address that an operator revoked",
        "An operator has revoked the source address, or a prefix that holds it. Nothing from "
          + "there is forwarded until the revocation ends or is lifted.",
        "If it should get through again, lift the revocation ({lift}); the host must then "
          + "validate the address anew.")
    case .hostSuspended:
      .init(
        "the host is suspended",
        "The packet was from or for a host that an operator has suspended.",
        "Resume the host ({suspend}) if it may talk again.")
    case .ikeNoOwner:
      .init(
        "IKE that belongs to no host",
        "The IKE message carries no SPI by which a host could be told: neither a host's label nor "
          + "an exchange that a host has begun. No responder is configured, or it does not apply.",
        "Peers that begin IKE need a configured responder (router.ike-responder). Spoofed answers "
          + "to nobody's question end here as well.")
    case .ikeRateLimited:
      .init(
        "too many new IKE exchanges from one source",
        "The source begins more IKE exchanges than the responder is protected for.",
        "One source: revoke it ({revoke}). Many sources: a flood, which the limit already keeps "
          + "off the host.")
    case .portNotLeased:
      .init(
        "a UDP or TCP port that no host holds",
        "The destination port lies in no block that is leased to a host.",
        "Port scans end here. A host that offers a service must use a port of its block.")
    case .icmpNoOwner:
      .init(
        "ICMP that belongs to no host",
        "The message quotes no packet of a host, or its identifier is no port of one.",
        "Nothing, unless path MTU discovery fails for a peer you know.")
    case .icmpRateLimited:
      .init(
        "too much ICMP",
        "More ICMP than the limit allows.",
        "Nothing: the limit protects the hosts. Look at the sources if it lasts.")
    case .fragmentInvalid:
      .init(
        "a fragment that cannot be checked",
        "The fragment overlaps another, is too short to show whose it is, or belongs to a packet "
          + "whose first fragment was dropped.",
        "Fragments made to slip by filters end here. A peer behind a small MTU should lower its "
          + "own.")
    case .fragmentTimeout:
      .init(
        "fragments whose first never came",
        "Later fragments of a packet waited for the first, which says whose it is, and it did not "
          + "come in time.",
        "A few are loss on the way. Many from one source fill the buffer on purpose.")
    case .fragmentOverflow:
      .init(
        "no room for more waiting fragments",
        "The buffer for fragments that wait for their first one is full.",
        "A flood of fragments: look at the top sources.")
    case .ttlExpired:
      .init(
        "TTL used up",
        "The packet's time to live ended at the router.",
        "Traceroute does this on purpose. Else look for a routing loop.")
    case .tooBig:
      .init(
        "larger than the tunnel, and must not be cut",
        "The packet is larger than the tunnel to the host carries and forbids fragmentation. The "
          + "sender is told the size that fits.",
        "Senders adapt by themselves. If one does not, it ignores ICMP: lower its MTU.")
    case .tunnelUnknownHost:
      .init(
        "a tunnel packet from no known host",
        "An IP-in-IP packet came to the tunnel endpoint from an address that is no host's.",
        "A host that was moved needs its new inside address in the configuration. Else somebody "
          + "inside is trying.")
    case .tunnelNested:
      .init(
        "a tunnel in the tunnel",
        "A host sent a tunnel packet inside its tunnel packet.",
        "The host's routes are wrong, or it is trying to hide something.")
    case .sourceNotExternal:
      .init(
        "a host sent with a wrong source address",
        "Packets of a host must carry the shared address as their source; this one did not.",
        "The host's routes are wrong: its traffic must leave by the tunnel device.")
    case .destinationForbidden:
      .init(
        "a destination that hosts may not reach",
        "The destination is inside, multicast or loopback.",
        "Hosts reach each other directly, not through the tunnel.")
    case .portNotOwned:
      .init(
        "a source port that is not the host's",
        "The host sent from a UDP or TCP port, or with an ICMP identifier, outside its block.",
        "The host's port range was not set, or a program binds a fixed port.")
    case .ikeSPINotOwned:
      .init(
        "an IKE SPI that is not the host's",
        "The host's own IKE SPI carries another host's label, or another host has used it with "
          + "this peer first.",
        "The IKE daemon does not use the label of its lease: see the agent's strongswan-config.")
    case .ecnInvalid:
      .init(
        "impossible congestion marks",
        "The outer header says congestion, the inner one that it does not know the marks (RFC "
          + "6040).",
        "Something on the inside network sets marks that it must not.")
    case .hairpinDisabled:
      .init(
        "from one host to another by the shared address",
        "A host sent to the shared address itself, and that is turned off.",
        "Turn router.hairpin on if hosts shall meet there.")
    case .writeFailed:
      .init(
        "the kernel did not take the packet",
        "The packet was let through, but writing it to the TUN device failed.",
        "Look at the device and at the memory of the machine.")
    }
  }
}
