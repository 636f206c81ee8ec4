internal import Configuration
internal import Net
internal import PAP

// The reports that are one object.

extension EngineCore {
  /// Addresses in `topSources` of `stats`.
  private static let topSourceCount = 20

  /// The router in one look.
  func statusReport(isStopping: Bool) -> StatusReport {
    let totals = dataPath.totals()
    let uptime = now.monotonic &- started.monotonic
    return StatusReport(
      version: programVersion, epoch: state.epoch, state: isStopping ? "stopping" : "running",
      externalAddress: configuration.externalAddress,
      tunnelEndpoint: configuration.tunnelEndpoint, tun: configuration.tun, queues: queues,
      uptimeSeconds: Int(uptime / 1_000_000_000), hosts: state.hostCount,
      slotsLeased: state.slotCount, saEntries: state.entryCount,
      revocations: state.revocationCount, packets: StatusReport.Packets(totals),
      bytes: StatusReport.Bytes(totals), drops: totals.dropsByName,
      pap: PAPReport(state.counters), unstored: writer?.waiting ?? 0,
      storeProblem: writer?.problem, alarms: alarmReports)
  }

  /// Counters per reason, rates and top sources.
  var statsReport: StatsReport {
    let totals = dataPath.totals()
    var drops: [String: StatsReport.Drops] = [:]
    for reason in DropReason.allCases {
      let place = Int(reason.rawValue)
      drops[reason.name] = StatsReport.Drops(
        count: totals.drops[place], perSecond: rates.perSecond { $0.drops[place] })
    }
    let sources = topSources.top(Self.topSourceCount, at: now.monotonic)
    return StatsReport(
      since: text(at: beginning), drops: drops,
      topSources: sources.map(StatsReport.Source.init),
      forwarded: StatsReport.Forwarded(
        inbound: flow(totals, \.forwardedInbound, \.forwardedInboundBytes),
        outbound: flow(totals, \.forwardedOutbound, \.forwardedOutboundBytes)),
      pap: PAPReport(state.counters))
  }

  private func flow(
    _ totals: Totals, _ packets: KeyPath<Totals, UInt64>, _ bytes: KeyPath<Totals, UInt64>
  ) -> StatsReport.Flow {
    StatsReport.Flow(
      packets: totals[keyPath: packets], bytes: totals[keyPath: bytes],
      packetsPerSecond: rates.perSecond { $0[keyPath: packets] },
      bitsPerSecond: rates.perSecond { $0[keyPath: bytes] } * 8)
  }

  /// What each of the last spans of time brought.
  func historyReport(spans: Int, _ resolution: RateHistory.Resolution) -> HistoryReport {
    let latest = rates.latest(spans, resolution)
    var drops: [String: [UInt64]] = [:]
    for reason in DropReason.allCases {
      drops[reason.name] = latest.map { $0.drops[Int(reason.rawValue)] }
    }
    return HistoryReport(
      resolution: resolution.seconds, seconds: latest.count * resolution.seconds, drops: drops,
      dropped: latest.map(\.dropped),
      received: latest.map(\.received),
      forwarded: HistoryReport.Forwarded(
        inbound: HistoryReport.Flow(
          packets: latest.map(\.forwardedInbound),
          bits: latest.map { $0.forwardedInboundBytes &* 8 }),
        outbound: HistoryReport.Flow(
          packets: latest.map(\.forwardedOutbound),
          bits: latest.map { $0.forwardedOutboundBytes &* 8 })))
  }
}

extension StatusReport.Packets {
  fileprivate init(_ totals: Totals) {
    self.init(
      received: totals.received, forwardedInbound: totals.forwardedInbound,
      forwardedOutbound: totals.forwardedOutbound, answered: totals.answered,
      consumed: totals.consumed, held: totals.held, dropped: totals.dropped)
  }
}

extension PAPReport {
  fileprivate init(_ counters: PAPCounters) {
    self.init(
      received: counters.received, accepted: counters.accepted, repeated: counters.repeated,
      malformed: counters.malformed, notAuthenticated: counters.notAuthenticated,
      noSession: counters.noSession, replayed: counters.replayed,
      rateLimited: counters.rateLimited, ignored: counters.ignored,
      unanswered: counters.unanswered, noticesSent: counters.noticesSent,
      noticesConfirmed: counters.noticesConfirmed,
      noticesUnconfirmed: counters.noticesUnconfirmed,
      announcementsSent: counters.announcementsSent)
  }
}

extension StatusReport.Bytes {
  fileprivate init(_ totals: Totals) {
    self.init(
      received: totals.receivedBytes, forwardedInbound: totals.forwardedInboundBytes,
      forwardedOutbound: totals.forwardedOutboundBytes)
  }
}

extension Totals {
  /// Every drop reason with its count, zeros included.
  fileprivate var dropsByName: [String: UInt64] {
    var result: [String: UInt64] = [:]
    for reason in DropReason.allCases { result[reason.name] = drops[Int(reason.rawValue)] }
    return result
  }
}

extension StatsReport.Source {
  fileprivate init(_ source: TopSources.Source) {
    self.init(
      address: source.address, count: source.count, perSecond: source.perSecond,
      lastReason: source.lastReason.name)
  }
}
