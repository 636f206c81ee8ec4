package import PAP

/// What the data path is told once, before it starts.
package struct DataPathConfiguration: Sendable {
  /// The address that the inside hosts share.
  package var externalAddress: IPv4Address
  /// Where hosts send their IP-in-IP packets, and where those to them come from.
  package var tunnelEndpoint: IPv4Address
  /// Prefixes that hosts may not send to through the tunnel.
  package var insideNetworks: [CIDR]
  /// The largest packet, in octets, that fits into the tunnel; the tunnel's own header excluded.
  package var tunnelMTU: Int
  /// Whether hosts may send to the shared address.
  package var hairpin: Bool
  /// Who gets IKE that begins a conversation, or nil for nobody.
  package var ikeResponder: HostIndex?

  package init(
    externalAddress: IPv4Address, tunnelEndpoint: IPv4Address, insideNetworks: [CIDR],
    tunnelMTU: Int, hairpin: Bool = false, ikeResponder: HostIndex? = nil
  ) {
    self.externalAddress = externalAddress
    self.tunnelEndpoint = tunnelEndpoint
    self.insideNetworks = insideNetworks
    self.tunnelMTU = tunnelMTU
    self.hairpin = hairpin
    self.ikeResponder = ikeResponder
  }
}
