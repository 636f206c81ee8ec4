internal import Configuration
internal import Net
internal import PAP

// What the router shows: records for queries, and rows in the words of the contract.

extension EngineCore {
  /// Looks something up in the state where it stands.
  ///
  /// Read as a value the state would be copied: for each of 100,000 rows, that is nine tenths of the
  /// work. What is given must not touch `state` by another way.
  func lookUp<Result>(_ body: (inout RouterState) -> Result) -> Result { body(&state) }

  /// A row of the established SA table with its counters.
  func record(_ view: EntryView) -> SARecord { SARecord(view, of: self) }

  /// A row of the drop log with the name of its host.
  func record(_ row: DropLog.Row) -> DropLogRecord {
    DropLogRecord(
      record: row.record, count: row.count,
      wallClock: wallClock(atKernel: row.record.time),
      host: row.record.host == 0 ? nil : state.hostName(row.record.host))
  }

  /// The hosts, in the order of the configuration.
  var hostRows: [HostRow] {
    zip(state.hostViews, configuration.hosts).map { view, configured in
      row(view, keyID: configured.keyID)
    }
  }

  /// A host as consoles see it, who act on it.
  func shown(_ row: HostRow) -> HostRow {
    var row = row
    row.generation = state.hostView(named: row.name)?.generation
    return row
  }

  /// A host in the words of the contract.
  func row(_ view: HostView, keyID: UInt32) -> HostRow {
    let counters = dataPath.counters(ofHost: view.index)
    let rate = hostRates.rate(of: view.index)
    let lastPacket = counters.lastSeen == 0 ? nil : wallClock(atKernel: counters.lastSeen)
    let lastHeard = view.lastHeard.map(wallClock(of:))
    let lastSeen = [lastPacket, lastHeard].compactMap { $0 }.max()
    return HostRow(
      name: view.name, keyId: keyID, insideAddress: view.insideAddress,
      state: view.state.rawValue, slot: view.slot, firstSPI: view.slot?.firstSPI,
      spiCount: view.slot == nil ? 0 : Slot.spiCount, spisInUse: view.spisInUse,
      spisClaimed: view.spisClaimed,
      ports: view.ports.map { HostRow.Ports(first: $0.first, count: $0.count) },
      entries: view.entries, leaseExpires: view.slotExpires.map(text(at:)),
      lastSeen: lastSeen.map(Timestamp.text), packets: counters.packets, bytes: counters.bytes,
      drops: counters.drops, violations: counters.violations, packetsPerSecond: rate.packets,
      bitsPerSecond: rate.bits)
  }

  /// The revocations in force, oldest first, as the state has them.
  var revocations: [RevocationView] {
    if let revocationList, revocationList.changes == journal.revocations {
      return revocationList.views
    }
    let views = state.revocationViews
    revocationList = (journal.revocations, views)
    return views
  }

  /// A revocation in the words of the contract.
  func row(_ view: RevocationView) -> RevocationRow {
    RevocationRow(
      target: view.target, host: view.host, by: view.by, reason: view.reason,
      created: Timestamp.text(wallClock(of: view.created)), expires: view.expires.map(text(at:)),
      durable: isDurable(view))
  }

  /// A moment of the router's time line in nanoseconds since 1970, as the wall clock is set now.
  func wallClock(at moment: UInt64) -> UInt64 { wallClockAnchor.wallClock(at: moment) }

  /// A moment of the router's time line as the contract writes times.
  func text(at moment: UInt64) -> String { Timestamp.text(wallClock(at: moment)) }
}

extension SARow {
  /// A row as consoles see it, who act on it.
  static func shown(_ record: SARecord) -> SARow {
    var row = SARow(record)
    row.id = record.view.id.rawValue
    row.generation = record.view.generation
    return row
  }

  /// A row in the words of the contract.
  init(_ record: SARecord) {
    let entry = record.view.entry
    let counters = record.counters
    self.init(
      host: record.view.host, address: entry.address, protocol: entry.ipsecProtocol,
      spiIn: entry.spiIn, spiOut: entry.spiOut, origin: record.view.origin.name,
      created: Timestamp.text(record.created),
      expires: record.expires.map(Timestamp.text), packets: counters.packets,
      bytes: counters.bytes, lastSeen: record.lastSeen.map(Timestamp.text),
      packetsPerSecond: record.packetsPerSecond, bitsPerSecond: record.bitsPerSecond,
      drops: record.drops)
  }
}

extension DropRow {
  /// A row in the words of the contract.
  init(_ row: DropLogRecord) {
    let record = row.record
    self.init(
      time: Timestamp.textWithMilliseconds(row.wallClock), direction: record.direction.name,
      reason: record.reason.name,
      source: record.hasAddresses ? IPv4Address(rawValue: record.source) : nil,
      destination: record.hasAddresses ? IPv4Address(rawValue: record.destination) : nil,
      protocol: row.protocolName, spi: record.hasSPI ? SPI(rawValue: record.spi) : nil,
      sourcePort: record.hasPorts ? record.sourcePort : nil,
      destinationPort: record.hasPorts ? record.destinationPort : nil, host: row.host,
      length: Int(record.length), count: row.count)
  }
}
