import PAP

@testable import Engine

/// What the forwarding table must know, in dictionaries.
struct NaiveTable {
  struct Row: Equatable {
    let host: UInt16
    let entry: Entry
  }

  private(set) var rows: [UInt32: Row] = [:]
  private var rowsOfAddress: [UInt32: Set<UInt32>] = [:]
  private(set) var hosts: [UInt16: (address: UInt32, suspended: Bool)] = [:]
  private(set) var slots: [UInt16: UInt16] = [:]
  private(set) var claims: [UInt32: UInt16] = [:]
  private var ports: [UInt16: UInt16] = [:]
  private var revocations: Set<Revocation> = []

  private struct Outbound: Hashable {
    let peer: UInt32
    let isESP: Bool
    let spi: UInt32
  }

  /// Who declared an outbound SPI first, and the rows of that host by which it holds.
  private var declared: [Outbound: (host: UInt16, rows: Set<UInt32>)] = [:]

  private struct Revocation: Hashable {
    let prefix: CIDR
    let host: UInt16?
  }

  var count: Int { rows.count + hosts.count + revocations.count }

  mutating func apply(_ change: TableChange) {
    switch change {
    case .setHost(let host, let address, let suspended):
      hosts[host.rawValue] = (address.rawValue, suspended)
    case .removeHost(let host): hosts[host.rawValue] = nil
    case .setSlot(let slot, let host): slots[slot.rawValue] = host?.rawValue
    case .setClaim(let spi, let host): claims[spi.rawValue] = host?.rawValue
    case .setPorts(let block, let host):
      for port in block.first...block.last { ports[port] = host?.rawValue }
    case .insertEntry(let id, let host, let entry):
      forgetDeclaration(id.rawValue)
      declare(id.rawValue, host.rawValue, entry)
      rows[id.rawValue] = Row(host: host.rawValue, entry: entry)
      rowsOfAddress[entry.address.rawValue, default: []].insert(id.rawValue)
    case .removeEntry(let id):
      guard let row = rows.removeValue(forKey: id.rawValue) else { return }
      forgetDeclaration(id.rawValue)
      rowsOfAddress[row.entry.address.rawValue]?.remove(id.rawValue)
    case .insertRevocation(let prefix, let host):
      revocations.insert(Revocation(prefix: prefix, host: host?.rawValue))
    case .removeRevocation(let prefix, let host):
      revocations.remove(Revocation(prefix: prefix, host: host?.rawValue))
    }
  }

  private mutating func declare(_ id: UInt32, _ host: UInt16, _ entry: Entry) {
    guard let spi = entry.spiOut?.rawValue, spi != 0 else { return }
    for isESP in [true, false] where admits(entry, isESP: isESP) {
      let key = Outbound(peer: entry.address.rawValue, isESP: isESP, spi: spi)
      if let holder = declared[key], holder.host != host { continue }
      declared[key, default: (host, [])].rows.insert(id)
    }
  }

  private mutating func forgetDeclaration(_ id: UInt32) {
    for (key, holder) in declared where holder.rows.contains(id) {
      declared[key]?.rows.remove(id)
      if holder.rows.count == 1 { declared[key] = nil }
    }
  }

  private func admits(_ entry: Entry, isESP: Bool) -> Bool {
    entry.ipsecProtocol == .any || entry.ipsecProtocol == (isESP ? .esp : .ah)
  }

  func declarer(ofOutbound spi: UInt32, to peer: UInt32, isESP: Bool) -> UInt16 {
    declared[Outbound(peer: peer, isESP: isESP, spi: spi)]?.host ?? 0
  }

  func hasEntry(for peer: UInt32, host: UInt16, isESP: Bool) -> Bool {
    (rowsOfAddress[peer] ?? []).contains { id in
      rows[id].map { $0.host == host && admits($0.entry, isESP: isESP) } ?? false
    }
  }

  func host(ofSPI spi: UInt32) -> UInt16 { slots[UInt16(spi >> 16)] ?? claims[spi] ?? 0 }

  func host(ofPort port: UInt16) -> UInt16 { ports[port] ?? 0 }

  func host(insideAddress: UInt32) -> UInt16 {
    hosts.first { $0.value.address == insideAddress }?.key ?? 0
  }

  /// The rows of which one must be found: those of the very SPI, else those of any.
  func rows(from source: UInt32, spi: UInt32, host: UInt16, isESP: Bool) -> Set<UInt32> {
    let wanted: IPsecProtocol = isESP ? .esp : .ah
    let candidates = (rowsOfAddress[source] ?? []).filter { id in
      guard let row = rows[id], row.host == host else { return false }
      return row.entry.ipsecProtocol == .any || row.entry.ipsecProtocol == wanted
    }
    let exact = candidates.filter { rows[$0]?.entry.spiIn == SPI(rawValue: spi) }
    return exact.isEmpty ? candidates.filter { rows[$0]?.entry.spiIn == nil } : exact
  }

  func isRevoked(_ source: UInt32, host: UInt16) -> Bool {
    revocations.contains {
      $0.prefix.contains(IPv4Address(rawValue: source)) && ($0.host == nil || $0.host == host)
    }
  }
}
