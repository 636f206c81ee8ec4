internal import Configuration
internal import Logging
internal import Net
internal import PAP

// What is leased, put to use.
extension HostService {
  /// Puts what is leased to use.
  func use(_ leases: Leases) {
    watcher?.leases = leases
    guard agent.phase == .running else { return }
    do {
      if let block = leases.ports, block != portRange {
        try PortRange.confine(
          to: block, reserving: configuration.reservedPorts, journal: journal)
        portRange = block
      }
      try writeSettings(leases)
      try useTunnel(leases)
      superviseLeases(leases)
    } catch {
      fail(error)
    }
  }

  private func writeSettings(_ leases: Leases) throws(SystemError) {
    guard configuration.ikeDaemon == .strongswan, let slot = leases.slot,
      let label = leases.ikeLabel
    else { return }
    let wanted = StrongSwanSettings(slot: slot, label: label)
    guard wanted != settings else { return }
    settings = wanted
    let path = configuration.ikeSettings
    let octets = Array(wanted.text.utf8)
    guard (try? File.read(path, limit: 1 << 16)) != octets else { return }
    try File.replace(path, with: octets)
    logger.notice("wrote \(path)")
    strongSwan?.reloadSettings()
  }

  private func useTunnel(_ leases: Leases) throws(SystemError) {
    guard let external = leases.externalAddress, let endpoint = leases.tunnelEndpoint else {
      return
    }
    let wanted = HostTunnel.Parameters(
      device: configuration.tunnelDevice, kind: configuration.tunnelKind,
      insideAddress: configuration.insideAddress, externalAddress: external, endpoint: endpoint,
      router: configuration.router.address, mtu: max(576, Int(leases.tunnelMTU)))
    guard tunnel?.parameters != wanted else { return }
    tunnel?.takeDown()
    tunnel = nil
    let failures: Mailbox<SystemError> = reactor.mailbox { [unowned self] in fail($0) }
    tunnel = try HostTunnel(wanted, journal: journal, logger: logger) { [failures] in
      failures.send($0)
    }
  }
}
