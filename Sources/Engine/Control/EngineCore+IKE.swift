internal import Net
internal import PAP

// Who talks IKE with whom.

extension IKERow {
  static let columns: [Column<IKERow>] = [
    Column("kind", .text) { .text($0.kind) },
    Column("host", .text) { .text($0.host) },
    Column("peer", .address) { $0.peer.map { .address($0.rawValue) } ?? .none },
    Column("spi", .text) { .text($0.spi) },
    Column("role", .text) { .text($0.role) },
    Column("by", .text) { .text($0.by) },
    Column("since", .moment, "age") { .moment(text: $0.since) },
    Column("lastSeen", .moment, "idle", "seen") { .moment(text: $0.lastSeen) },
    Column("expires", .deadline, "exp") { .moment(text: $0.expires) },
    Column("count", .number) { .number($0.count) },
  ]
}

extension EngineCore {
  /// Nanoseconds after its last message for which an IKE SA that nobody went on with is shown.
  private static let halfOpenTime: UInt64 = 120_000_000_000

  /// The labels in the order of the configuration, then the IKE SAs by peer, then the sources that are
  /// held back.
  var ikeRows: [IKERow] {
    let sightings = ikeSightings
    return labelRows(sightings) + sightings.map(row) + limitedRows
  }

  /// IKE SAs in which a host has sent of late, the newest first for each peer.
  var ikeSightings: [IKESighting] {
    let now = now.monotonic
    return dataPath.ikeSightings(now: now)
      .filter { $0.isOpen || now < $0.lastSeen &+ Self.halfOpenTime }
      .sorted { ($0.peer.rawValue, $1.since) < ($1.peer.rawValue, $0.since) }
  }

  private func labelRows(_ sightings: [IKESighting]) -> [IKERow] {
    var counts: [HostIndex: UInt64] = [:]
    for sighting in sightings { counts[sighting.host, default: 0] += 1 }
    return state.hostViews.compactMap { view in
      view.slot.map { slot in
        IKERow(
          kind: "label", host: view.name, spi: Self.text(UInt64(slot.rawValue) << 48),
          expires: view.slotExpires.map(text(at:)), count: counts[view.index] ?? 0)
      }
    }
  }

  private func row(_ sighting: IKESighting) -> IKERow {
    IKERow(
      kind: sighting.isOpen ? "open" : "half-open",
      host: state.hostName(sighting.host.rawValue), peer: sighting.peer,
      spi: Self.text(sighting.initiatorSPI),
      role: sighting.isInitiator ? "initiator" : "responder",
      by: sighting.isLabelled ? "label" : "learned", since: moment(sighting.since),
      lastSeen: moment(sighting.lastSeen), count: 1)
  }

  private var limitedRows: [IKERow] {
    var rows: [UInt32: IKERow] = [:]
    for row in dropLog.rows where row.record.reason == .ikeRateLimited && row.record.hasAddresses {
      let time = moment(row.record.time)
      let source = row.record.source
      var known =
        rows[source]
        ?? IKERow(
          kind: "rate-limited",
          host: row.record.host == 0 ? nil : state.hostName(row.record.host),
          peer: IPv4Address(rawValue: source), since: time, count: 0)
      known.lastSeen = time
      known.count += row.count
      rows[source] = known
    }
    return rows.sorted { ($1.value.count, $0.key) < ($0.value.count, $1.key) }.map(\.value)
  }

  // The data path goes by the kernel's clock, not by the router's time line.
  private func moment(_ time: UInt64) -> String { Timestamp.text(wallClock(atKernel: time)) }

  private static func text(_ spi: UInt64) -> String {
    let digits = String(spi, radix: 16)
    return "0x" + String(repeating: "0", count: 16 - digits.count) + digits
  }
}
