package import Net
package import PAP

/// Everything that can happen to the router's state.
package enum Event: Sendable {
  /// A PAP message came in: its octets, who sent them (as their header says), and where to.
  case datagram([UInt8], from: Endpoint, to: Endpoint)
  /// An operator wants something; answered by one `Effect.outcome` for each command, in their order.
  case order(Order)
  /// An operator wants undone what it has ordered; answered by one `Effect.outcome`.
  case undo(ActionNumber, by: AuditActor)
  /// An operator wants to keep something provisional; answered by one `Effect.outcome`.
  case keep(ActionNumber, by: AuditActor)
  /// A connection has ended, and with it what was provisional on it.
  case hangUp(UInt64)
  /// The router goes on after a restart: where each host, by name, was last heard.
  case restarted([String: Contact])
  /// The configuration has changed: hosts, limits, lifetime or quarantines. What else the policy says
  /// stays as it is while the router runs.
  case reload(RouterPolicy)
  /// Time has passed.
  case tick
}

/// What an operator can order.
///
/// Hosts go by their names; times are whole seconds from now.
package enum OperatorCommand: Hashable, Sendable {
  /// Validate an address for a host: for one of its SPIs or all, until `seconds` have passed or the
  /// host's lease ends.
  case validate(
    IPv4Address, host: String, protocol: IPsecProtocol, spi: SPI? = nil, seconds: UInt32? = nil)
  /// Remove the entries of an address: of one host or all, with this inbound SPI or any.
  case invalidate(IPv4Address, host: String? = nil, spi: SPI? = nil)
  /// Remove every entry of a prefix, for one host or all, and forbid to validate it again until
  /// `seconds` have passed or the revocation is lifted. `by` names the operator.
  case revoke(
    CIDR, host: String? = nil, seconds: UInt32? = nil, reason: String? = nil, by: String)
  /// Lift the revocation of exactly this prefix and scope. The entries do not come back.
  case unrevoke(CIDR, host: String? = nil)
  /// Let nothing through to or from a host. Its leases and entries are kept.
  case suspend(host: String)
  /// Let a suspended host go on.
  case resume(host: String)
}
