internal import Configuration
internal import FoundationEssentials
internal import Net
internal import PAP

extension HostService {
  /// What the agent knows now.
  func report() -> StatusReport {
    let leases = agent.leases
    return StatusReport(
      host: configuration.name, router: "\(configuration.router)",
      answering: agent.contact.isAnswering, since: text(agent.contact.since),
      lastAnswer: text(agent.contact.lastAnswer), epoch: agent.epoch == 0 ? nil : agent.epoch,
      externalAddress: leases.externalAddress, tunnelEndpoint: leases.tunnelEndpoint,
      slot: leases.slot, firstSPI: leases.slot?.firstSPI,
      spiCount: leases.slot == nil ? 0 : Slot.spiCount,
      claims: agent.claims.held,
      ports: leases.ports.map { StatusReport.Ports(first: $0.first, count: $0.count) },
      leaseExpires: leases.slot == nil ? nil : text(agent.slot.expires), tunnel: tunnelReport(),
      ike: StatusReport.IKE(
        daemon: configuration.ikeDaemon.rawValue, connected: watcher?.isConnected ?? false,
        settings: settings == nil ? nil : configuration.ikeSettings),
      entries: rows())
  }

  private func tunnelReport() -> StatusReport.Tunnel? {
    tunnel.map { tunnel in
      StatusReport.Tunnel(
        device: tunnel.parameters.device, kind: tunnel.kindName, mtu: tunnel.parameters.mtu,
        packetsSent: tunnel.counters?.sent, packetsReceived: tunnel.counters?.received,
        packetsDropped: tunnel.counters?.dropped)
    }
  }

  private func rows() -> [StatusReport.Row] {
    let sorted = agent.entries.desired.sorted { left, right in
      (left.key.address, left.key.spiIn?.rawValue ?? 0)
        < (right.key.address, right.key.spiIn?.rawValue ?? 0)
    }
    return sorted.map { key, entry in
      let record = agent.entries.records[key]
      let result = record?.result ?? key.spiIn.flatMap { agent.claims.refusal(of: $0) }
      let state =
        switch result {
        case nil: "pending"
        case .success?: "valid"
        default: "refused"
        }
      return StatusReport.Row(
        address: key.address, protocol: key.ipsecProtocol, spiIn: key.spiIn, spiOut: entry.spiOut,
        origin: sources.origin(of: key) ?? .association, state: state,
        result: result?.name, since: text(record?.validSince))
    }
  }

  /// A moment of the monotonic clock as people read it: the wall clock may jump in between.
  private func text(_ moment: Moment?) -> String? {
    guard let moment, moment != .never else { return nil }
    let now = Moment.now
    let wall = Double(MonotonicClock.wallClock()) / 1e9
    let seconds = wall - now.seconds(since: moment) + moment.seconds(since: now)
    return Date(timeIntervalSince1970: seconds.rounded()).formatted(.iso8601)
  }
}
