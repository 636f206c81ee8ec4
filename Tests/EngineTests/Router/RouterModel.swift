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
  struct Claim: Hashable {
    let host: Int
    let spi: SPI
    var end: UInt64
  }
  /// Something that a host has given up, and until when it rests.
  struct Release<Unit: Hashable>: Hashable {
    let unit: Unit
    let host: Int
    let until: UInt64
  }
  /// What has come of a set in parts.
  struct PartialSet {
    let total: UInt16
    let session: UInt32
    var parts: [UInt16] = []
    var named: [(entry: Entry, wish: UInt32?)] = []
    var latest: UInt64 = 0
  }

  var policy: RouterPolicy
  let hostCount: Int
  /// Hosts that are not configured now.
  var departed: Set<Int> = []
  var slots: [Int: Held<Slot>] = [:]
  var ports: [Int: Held<PortBlock>] = [:]
  var claims: [Claim] = []
  var slotReleases: Set<Release<Slot>> = []
  /// By the first port of each 1,024.
  var portReleases: Set<Release<UInt16>> = []
  var claimReleases: Set<Release<SPI>> = []
  var suspendedSince: [Int: UInt64] = [:]
  var rows: [Row] = []
  var revoked: [Revoked] = []
  var sets: [Int: PartialSet] = [:]

  init(policy: RouterPolicy) {
    self.policy = policy
    hostCount = policy.hosts.count
  }

  /// Ends what is over.
  mutating func advance(to now: UInt64) {
    for host in 0..<hostCount where suspendedSince[host] == nil {
      if let held = slots[host], held.end <= now { endSlot(host, at: now) }
      if let held = ports[host], held.end <= now { endPorts(host, at: now) }
      for claim in claims where claim.host == host && claim.end <= now {
        endClaim(claim.spi, at: now)
      }
    }
    rows.removeAll { row in
      let stands = row.origin == .host && suspendedSince[row.host] != nil
      return !stands && (row.expires ?? .max) <= now
    }
    revoked.removeAll { ($0.expires ?? .max) <= now }
  }

  mutating func resume(_ host: Int, at now: UInt64) {
    guard let since = suspendedSince.removeValue(forKey: host) else { return }
    slots[host]?.end += now - since
    ports[host]?.end += now - since
    for place in claims.indices where claims[place].host == host {
      claims[place].end += now - since
    }
    for place in rows.indices where rows[place].host == host && rows[place].origin == .host {
      rows[place].expires = rows[place].expires.map { $0 + now - since }
    }
  }
}

// MARK: - Leases

extension RouterModel {
  mutating func endSlot(_ host: Int, at now: UInt64) {
    guard let held = slots.removeValue(forKey: host) else { return }
    release(held.unit, of: host, for: policy.spiQuarantine, at: now, in: &slotReleases)
    removeUnheld(host)
  }

  mutating func endPorts(_ host: Int, at now: UInt64) {
    guard let held = ports.removeValue(forKey: host) else { return }
    for first in held.unit.firsts {
      release(first, of: host, for: policy.portQuarantine, at: now, in: &portReleases)
    }
  }

  mutating func endClaim(_ spi: SPI, at now: UInt64) {
    guard let place = claims.firstIndex(where: { $0.spi == spi }) else { return }
    let claim = claims.remove(at: place)
    release(spi, of: claim.host, for: policy.spiQuarantine, at: now, in: &claimReleases)
    removeUnheld(claim.host)
  }

  /// The newest release of a unit counts: quarantines can become shorter.
  private func release<Unit>(
    _ unit: Unit, of host: Int, for quarantine: UInt32, at now: UInt64,
    in releases: inout Set<Release<Unit>>
  ) {
    releases = releases.filter { $0.unit != unit || $0.host != host }
    releases.insert(
      Release(unit: unit, host: host, until: now.advanced(bySeconds: UInt64(quarantine))))
  }

  private mutating func removeUnheld(_ host: Int) {
    rows = rows.filter { $0.host != host || leaseEnd(host, $0.entry.spiIn) != nil }
  }

  /// When the lease ends on which an entry for the SPI rests; nil if the host does not hold it.
  func leaseEnd(_ host: Int, _ spi: SPI?) -> UInt64? {
    let slot = slots[host].flatMap { held in
      spi.map { $0.rawValue >> 16 == UInt32(held.unit.rawValue) } ?? true ? held.end : nil
    }
    let own = claims.filter { $0.host == host && (spi == nil || $0.spi == spi) }.map(\.end)
    return ([slot].compactMap { $0 } + own).max()
  }

  /// The host is not configured any more.
  mutating func dismiss(_ host: Int, at now: UInt64) {
    for claim in claims where claim.host == host { endClaim(claim.spi, at: now) }
    endSlot(host, at: now)
    endPorts(host, at: now)
    sets[host] = nil
    departed.insert(host)
  }

  /// The SPIs that others than the host claim, or may claim again.
  private func keptFrom(_ host: Int, at now: UInt64) -> [SPI] {
    claims.filter { $0.host != host }.map(\.spi)
      + claimReleases.filter { $0.host != host && $0.until > now }
      .map(\.unit)
  }

  private func isOthers(_ slot: Slot, than host: Int, at now: UInt64) -> Bool {
    slots.contains { $0.key != host && $0.value.unit == slot }
      || slotReleases.contains {
        $0.host != host && $0.unit == slot && $0.until > now
      }
  }

  /// Whether the host could be given the slot.
  func allows(_ slot: Slot, for host: Int, at now: UInt64) -> Bool {
    !isOthers(slot, than: host, at: now)
      && !keptFrom(host, at: now).contains { slot.contains($0) }
  }

  /// What a claim is refused with, or nil.
  func refusal(ofClaim spi: SPI, host: Int, at now: UInt64) -> ResultCode? {
    let own = claims.filter { $0.host == host }.map(\.spi)
    if own.contains(spi) { return nil }
    if spi.rawValue < 256 { return .noResources }
    if let slot = Slot(rawValue: UInt16(spi.rawValue >> 16)),
      slots[host]?.unit == slot || isOthers(slot, than: host, at: now)
    {
      return .inUse
    }
    if keptFrom(host, at: now).contains(spi) { return .inUse }
    let resting = Set(
      claimReleases.filter { $0.host == host && $0.until > now }
        .map(\.unit)
    ).subtracting(own).subtracting([spi])
    let limit = policy.limits.claimedSPIs
    return own.count >= limit || own.count + resting.count >= 2 * limit ? .quotaExceeded : nil
  }

  /// Whether the host could be given the ports.
  func allows(_ block: PortBlock, for host: Int, at now: UInt64) -> Bool {
    func overlaps(_ other: PortBlock) -> Bool {
      block.first <= other.last && other.first <= block.last
    }
    return ports.allSatisfy { $0.key == host || !overlaps($0.value.unit) }
      && portReleases.allSatisfy {
        $0.host == host || !block.contains($0.unit) || $0.until <= now
      }
  }
}

extension PortBlock {
  /// The first port of each 1,024 in the block.
  fileprivate var firsts: [UInt16] { Array(stride(from: first, through: last, by: 1024)) }
}
