internal import Net
internal import PAP

/// Turns a parsed file into a `RouterConfiguration`, or into everything that is wrong with it.
struct RouterConfigurationReader {
  let root: TableReader
  let router: TableReader
  let pap: TableReader
  let hosts: [TableReader]

  init(_ document: TOMLDocument) {
    root = TableReader(document)
    router = root.table("router")
    pap = root.table("pap")
    hosts = root.tables("host")
  }

  // Where a required value is missing a problem has been recorded, and the placeholder is never seen:
  // `throwIfAny` comes before anything is returned.
  private static let placeholder = IPv4Address(rawValue: 0)

  func read() throws(ConfigurationError) -> RouterConfiguration {
    var result = readRouter()
    readPAP(into: &result)
    readLeases(into: &result)
    readStoreAndControl(into: &result)
    readLog(into: &result)
    result.hosts = readHosts(result)
    root.refuseOtherKeys()
    RouterConfigurationChecks(reader: self, configuration: result).run()
    try root.problems.throwIfAny()
    return result
  }

  private func readRouter() -> RouterConfiguration {
    let table = router
    let external = table.required("external-address", .unicastAddress)
    let endpoint = table.required("tunnel-endpoint", .unicastAddress)
    var result = RouterConfiguration(
      externalAddress: external ?? Self.placeholder, tunnelEndpoint: endpoint ?? Self.placeholder)
    result.tun = table.value("tun", .interfaceName, default: result.tun)
    result.queues = table.value("queues", .number(0...256), default: result.queues)
    result.insideNetworks = table.required("inside-networks", ValueKind.network.list) ?? []
    result.tunnelMTU = table.value("tunnel-mtu", .number(576...65_515), default: result.tunnelMTU)
    result.hairpin = table.value("hairpin", .flag, default: result.hairpin)
    result.ikeResponder = table.optional("ike-responder", .hostName)
    table.refuseOtherKeys()
    return result
  }

  private func readPAP(into result: inout RouterConfiguration) {
    let table = pap
    result.listen = table.required("listen", ValueKind.endpoint.list) ?? []
    let modes = RouterConfiguration.Authentication.allCases.map(\.rawValue)
    let mode = table.optional("authentication", .oneOf(modes))
    result.authentication = mode.flatMap { .init(rawValue: $0) } ?? result.authentication
    result.defaultLifetime = table.value(
      "default-lifetime", .number(120...86_400), default: result.defaultLifetime)
    readLimits(table.table("limits"), into: &result.limits)
    table.refuseOtherKeys()
  }

  private func readLimits(_ table: TableReader, into limits: inout RouterConfiguration.Limits) {
    limits.entries = table.value("entries", .number(1...1_000_000), default: limits.entries)
    limits.claimedSPIs = table.value(
      "claimed-spis", .number(0...65_536), default: limits.claimedSPIs)
    limits.requestsPerSecond = table.value(
      "requests-per-second", .number(1...1_000_000), default: limits.requestsPerSecond)
    table.refuseOtherKeys()
  }

  private func readLeases(into result: inout RouterConfiguration) {
    let table = root.table("leases")
    result.portBlock = table.value(
      "port-block", .powerOfTwo(PortBlock.leastCount...32_768), default: result.portBlock)
    result.spiQuarantine = table.value(
      "spi-quarantine", .number(0...604_800), default: result.spiQuarantine)
    result.portQuarantine = table.value(
      "port-quarantine", .number(0...604_800), default: result.portQuarantine)
    table.refuseOtherKeys()
  }

  private func readStoreAndControl(into result: inout RouterConfiguration) {
    let store = root.table("store")
    result.storePath = store.value("path", .absolutePath, default: result.storePath)
    store.refuseOtherKeys()
    let control = root.table("control")
    result.controlSocket = control.value("socket", .socketPath, default: result.controlSocket)
    result.operatorGroup = control.value(
      "operator-group", .text(atMost: 32), default: result.operatorGroup)
    result.viewerGroup = control.value(
      "viewer-group", .text(atMost: 32), default: result.viewerGroup)
    control.refuseOtherKeys()
  }

  private func readLog(into result: inout RouterConfiguration) {
    let table = root.table("log")
    result.logLevel = table.value(
      "level", .oneOf(RouterConfiguration.logLevels), default: result.logLevel)
    result.dropSamplePerSecond = table.value(
      "drop-sample-per-second", .number(0...100_000), default: result.dropSamplePerSecond)
    table.refuseOtherKeys()
  }

  private func readHosts(_ result: RouterConfiguration) -> [RouterConfiguration.Host] {
    hosts.map { table in
      let name = table.required("name", .hostName)
      let address = table.required("inside-address", .unicastAddress)
      let keyID = table.required("key-id", .number(1...UInt32.max))
      let keyFile = table.keyFile(isRequired: result.authentication == .required)
      let secondKeyID = table.optional("second-key-id", .number(1...UInt32.max))
      let secondKeyFile = table.keyFile("second-key-file", isRequired: false)
      table.refuseOtherKeys()
      return RouterConfiguration.Host(
        name: name ?? "", insideAddress: address ?? Self.placeholder, keyID: keyID ?? 0,
        keyFile: keyFile, secondKeyID: secondKeyID, secondKeyFile: secondKeyFile)
    }
  }
}

extension RouterConfiguration {
  /// The words for `log.level`, from the most to the least talkative.
  package static let logLevels = [
    "trace", "debug", "info", "notice", "warning", "error", "critical",
  ]

  /// What holds where a file says nothing.
  fileprivate init(externalAddress: IPv4Address, tunnelEndpoint: IPv4Address) {
    self.init(
      externalAddress: externalAddress, tunnelEndpoint: tunnelEndpoint, tun: "dnat0", queues: 0,
      insideNetworks: [], tunnelMTU: 1_480, hairpin: false, ikeResponder: nil, listen: [],
      authentication: .required, defaultLifetime: 3_600, limits: Limits(), portBlock: 1_024,
      spiQuarantine: 600, portQuarantine: 120, storePath: "/var/lib/dnat-console/state.sqlite",
      controlSocket: "/run/dnat-console/control.sock", operatorGroup: "dnat-operators",
      viewerGroup: "dnat-viewers", logLevel: "info", dropSamplePerSecond: 100, hosts: [])
  }
}
