import PAP

@testable import Engine

/// What the router's state should be, kept in the most naive way: lists that are searched from end to
/// end, nothing but the rules of pap.md and design.md.
struct RouterModel {
  struct Row: Hashable {
    let host: Int
    var entry: Entry
    var origin: EntryOrigin
    var expires: UInt64?
  }
  struct Revoked: Hashable {
    let target: CIDR
    let host: Int?
    var expires: UInt64?
  }
  struct Held<Unit: Hashable>: Hashable {
    var unit: Unit
    var end: UInt64
  }
  /// Something that a host has given up, and when.
  struct Release<Unit: Hashable>: Hashable {
    let unit: Unit
    let host: Int
    let at: UInt64
  }

  let policy: RouterPolicy
  var slots: [Int: Held<Slot>] = [:]
  var ports: [Int: Held<PortBlock>] = [:]
  var slotReleases: Set<Release<Slot>> = []
  var portReleases: Set<Release<PortBlock>> = []
  var suspendedSince: [Int: UInt64] = [:]
  var rows: [Row] = []
  var revoked: [Revoked] = []

  init(policy: RouterPolicy) { self.policy = policy }

  /// Ends what is over.
  mutating func advance(to now: UInt64) {
    for host in policy.hosts.indices where suspendedSince[host] == nil {
      if let held = slots[host], held.end <= now { endSlot(host, at: now) }
      if let held = ports[host], held.end <= now { endPorts(host, at: now) }
    }
    rows.removeAll { row in
      let stands = row.origin == .host && suspendedSince[row.host] != nil
      return !stands && (row.expires ?? .max) <= now
    }
    revoked.removeAll { ($0.expires ?? .max) <= now }
  }

  mutating func endSlot(_ host: Int, at now: UInt64) {
    guard let held = slots.removeValue(forKey: host) else { return }
    slotReleases.insert(Release(unit: held.unit, host: host, at: now))
    rows.removeAll { $0.host == host }
  }

  mutating func endPorts(_ host: Int, at now: UInt64) {
    guard let held = ports.removeValue(forKey: host) else { return }
    portReleases.insert(Release(unit: held.unit, host: host, at: now))
  }

  /// Whether the host could be given the slot.
  func allows(_ slot: Slot, for host: Int, at now: UInt64) -> Bool {
    slots.allSatisfy { $0.key == host || $0.value.unit != slot }
      && slotReleases.allSatisfy {
        $0.host == host || $0.unit != slot
          || $0.at.advanced(bySeconds: UInt64(policy.spiQuarantine)) <= now
      }
  }

  /// Whether the host could be given the ports.
  func allows(_ block: PortBlock, for host: Int, at now: UInt64) -> Bool {
    func overlaps(_ other: PortBlock) -> Bool {
      block.first <= other.last && other.first <= block.last
    }
    return ports.allSatisfy { $0.key == host || !overlaps($0.value.unit) }
      && portReleases.allSatisfy {
        $0.host == host || !overlaps($0.unit)
          || $0.at.advanced(bySeconds: UInt64(policy.portQuarantine)) <= now
      }
  }

  func isRevoked(_ address: IPv4Address, for host: Int) -> Bool {
    revoked.contains { $0.target.contains(address) && ($0.host == nil || $0.host == host) }
  }

  func index(_ host: Int, _ entry: Entry) -> Int? {
    rows.firstIndex {
      $0.host == host && $0.entry.address == entry.address
        && $0.entry.ipsecProtocol == entry.ipsecProtocol && $0.entry.spiIn == entry.spiIn
    }
  }

  /// What an entry of an `address-validate` is answered with, or nil for success.
  func refusal(_ entry: Entry, host: Int) -> ResultCode? {
    let number = entry.address.rawValue
    if number >> 24 == 0 || number >> 24 == 127 || number >> 29 == 7
      || entry.address == policy.externalAddress
      || policy.insideNetworks.contains(where: { $0.contains(entry.address) })
    {
      return .unacceptableAddress
    }
    guard let slot = slots[host]?.unit else { return .notYours }
    if let spi = entry.spiIn, spi.rawValue >> 16 != UInt32(slot.rawValue) { return .notYours }
    if isRevoked(entry.address, for: host) { return .prohibited }
    let full = rows.filter { $0.host == host }.count >= policy.limits.entries
    return full && index(host, entry) == nil ? .quotaExceeded : nil
  }

  /// Applies an `address-validate`; the code of each entry.
  mutating func validate(
    _ entries: [Entry], host: Int, wish: UInt32?, now: UInt64
  ) -> [ResultCode] {
    let rest = (slots[host]?.end).map { $0 > now ? ($0 - now) / 1_000_000_000 : 0 } ?? 0
    let seconds = wish.map { min(max(UInt64($0), 120), rest) }
    let expires = seconds.map { now.advanced(bySeconds: $0) }
    return entries.map { entry in
      if let code = refusal(entry, host: host) { return code }
      guard let place = index(host, entry) else {
        rows.append(Row(host: host, entry: entry, origin: .host, expires: expires))
        return .success
      }
      if let spi = entry.spiOut { rows[place].entry.spiOut = spi }
      let shortens = (expires ?? .max) < (rows[place].expires ?? .max)
      if rows[place].origin == .host || !shortens { rows[place].expires = expires }
      return .success
    }
  }

  /// Applies an `address-invalidate`.
  mutating func invalidate(_ entries: [Entry], host: Int) {
    for entry in entries {
      rows.removeAll { row in
        row.host == host && row.entry.address == entry.address
          && (entry.spiIn == nil || row.entry.spiIn == entry.spiIn)
          && (entry.ipsecProtocol == .any || row.entry.ipsecProtocol == entry.ipsecProtocol)
      }
    }
  }

  mutating func resume(_ host: Int, at now: UInt64) {
    guard let since = suspendedSince.removeValue(forKey: host) else { return }
    slots[host]?.end += now - since
    ports[host]?.end += now - since
    for place in rows.indices where rows[place].host == host && rows[place].origin == .host {
      rows[place].expires = rows[place].expires.map { $0 + now - since }
    }
  }
}
