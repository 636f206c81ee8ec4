internal import Configuration
internal import PAP

extension RouterPolicy {
  /// What the configuration allows, with the key of each of its hosts, in their order.
  init(_ configuration: RouterConfiguration, keys: [SecretKey?]) {
    let hosts = zip(configuration.hosts, keys).map { host, key in
      HostIdentity(
        name: host.name,
        keys: key.map { [HostIdentity.Key(id: host.keyID, secret: $0)] } ?? [],
        insideAddress: host.insideAddress)
    }
    self.init(
      externalAddress: configuration.externalAddress,
      tunnelEndpoint: configuration.tunnelEndpoint, insideNetworks: configuration.insideNetworks,
      hosts: hosts)
    tunnelMTU = UInt16(clamping: configuration.tunnelMTU)
    authentication = configuration.authentication == .required ? .required : .none
    defaultLifetime = configuration.defaultLifetime
    portBlock = configuration.portBlock
    spiQuarantine = configuration.spiQuarantine
    portQuarantine = configuration.portQuarantine
    limits.entries = configuration.limits.entries
    limits.claimedSPIs = configuration.limits.claimedSPIs
    limits.requestsPerSecond = configuration.limits.requestsPerSecond
  }
}

extension DataPathConfiguration {
  /// What the data path needs of the configuration.
  init(_ configuration: RouterConfiguration, ikeResponder: HostIndex?) {
    self.init(
      externalAddress: configuration.externalAddress,
      tunnelEndpoint: configuration.tunnelEndpoint, insideNetworks: configuration.insideNetworks,
      tunnelMTU: configuration.tunnelMTU, hairpin: configuration.hairpin,
      ikeResponder: ikeResponder)
  }
}
