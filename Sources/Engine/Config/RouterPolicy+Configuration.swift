internal import Configuration
internal import PAP

extension RouterPolicy {
  /// What the configuration allows, with the keys of each of its hosts, in their order.
  init(_ configuration: RouterConfiguration, keys: [[RouterConfiguration.Key]]) {
    let hosts = zip(configuration.hosts, keys).map { host, keys in
      HostIdentity(
        name: host.name,
        keys: keys.map { HostIdentity.Key(id: $0.id, secret: $0.secret) },
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
