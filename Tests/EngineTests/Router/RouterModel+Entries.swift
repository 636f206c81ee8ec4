import PAP

@testable import Engine

// The established SA table of the naive model.

extension RouterModel {
  func isRevoked(_ address: IPv4Address, for host: Int) -> Bool {
    revoked.contains { $0.target.contains(address) && ($0.host == nil || $0.host == host) }
  }

  private func areSame(_ one: Entry, _ other: Entry) -> Bool {
    one.address == other.address && one.ipsecProtocol == other.ipsecProtocol
      && one.spiIn == other.spiIn
  }

  func index(_ host: Int, _ entry: Entry) -> Int? {
    rows.firstIndex { $0.host == host && areSame($0.entry, entry) }
  }

  /// What an entry is refused with wherever it comes from, or nil.
  private func fault(_ entry: Entry, host: Int) -> ResultCode? {
    let number = entry.address.rawValue
    if number >> 24 == 0 || number >> 24 == 127 || number >> 29 == 7
      || entry.address == policy.externalAddress
      || policy.insideNetworks.contains(where: { $0.contains(entry.address) })
    {
      return .unacceptableAddress
    }
    if leaseEnd(host, entry.spiIn) == nil { return .notYours }
    return isRevoked(entry.address, for: host) ? .prohibited : nil
  }

  /// What an entry of an `address-validate` is answered with, or nil for success.
  func refusal(_ entry: Entry, host: Int) -> ResultCode? {
    if let fault = fault(entry, host: host) { return fault }
    let full = rows.filter { $0.host == host }.count >= policy.limits.entries
    return full && index(host, entry) == nil ? .quotaExceeded : nil
  }

  /// Applies an `address-validate`; the code of each entry.
  mutating func validate(
    _ entries: [Entry], host: Int, wish: UInt32?, now: UInt64
  ) -> [ResultCode] {
    entries.map { entry in
      if let code = refusal(entry, host: host) { return code }
      put(entry, host: host, wish: wish, now: now)
      return .success
    }
  }

  private mutating func put(_ entry: Entry, host: Int, wish: UInt32?, now: UInt64) {
    let end = leaseEnd(host, entry.spiIn) ?? now
    let rest = end > now ? (end - now) / 1_000_000_000 : 0
    let expires = wish.map { now.advanced(bySeconds: min(max(UInt64($0), 120), rest)) }
    guard let place = index(host, entry) else {
      rows.append(Row(host: host, entry: entry, origin: .host, expires: expires))
      return
    }
    if let spi = entry.spiOut { rows[place].entry.spiOut = spi }
    let shortens = (expires ?? .max) < (rows[place].expires ?? .max)
    if rows[place].origin == .host || !shortens { rows[place].expires = expires }
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

  /// Applies a part of a `synchronize`: the code in the header, that of each entry, and how many
  /// parts are missing.
  mutating func synchronize(
    _ entries: [Entry], part: UInt16, of total: UInt16, session: UInt32, wish: UInt32?, host: Int,
    now: UInt64
  ) -> (code: ResultCode, results: [ResultCode], missing: Int) {
    var set = PartialSet(total: total, session: session)
    if let begun = sets[host], begun.total == total, begun.session == session,
      !begun.parts.contains(part), now < begun.latest.advanced(bySeconds: 30)
    {
      set = begun
    }
    set.parts.append(part)
    set.latest = now
    var results = entries.map { entry -> ResultCode in
      if let fault = fault(entry, host: host) { return fault }
      if let place = set.named.firstIndex(where: { areSame($0.entry, entry) }) {
        set.named[place] = (entry, wish)
        return .success
      }
      let kept = rows.filter { row in
        row.host == host && row.origin == .operator && !areSame(row.entry, entry)
          && !set.named.contains { areSame($0.entry, row.entry) }
      }
      if kept.count + set.named.count >= policy.limits.entries { return .quotaExceeded }
      set.named.append((entry, wish))
      return .success
    }
    let missing = Int(total) - set.parts.count
    sets[host] = missing > 0 ? set : nil
    var code = results.first { $0 != .success } ?? .success
    guard missing == 0 else { return (code, results, missing) }
    let late = replace(host, with: set, now: now)
    for (place, entry) in entries.enumerated() where results[place] == .success {
      results[place] = late.first { areSame($0.entry, entry) }?.code ?? .success
    }
    code = results.first { $0 != .success } ?? late.first?.code ?? .success
    return (code, results, 0)
  }

  /// Carries a whole set out; what is refused in the end.
  private mutating func replace(
    _ host: Int, with set: PartialSet, now: UInt64
  ) -> [(entry: Entry, code: ResultCode)] {
    rows = rows.filter { row in
      row.host != host || row.origin != .host
        || set.named.contains { areSame($0.entry, row.entry) }
    }
    let kept = rows.filter { row in
      row.host == host && row.origin == .operator
        && !set.named.contains { areSame($0.entry, row.entry) }
    }
    var room = policy.limits.entries - kept.count
    var late: [(entry: Entry, code: ResultCode)] = []
    for (entry, wish) in set.named {
      if let fault = fault(entry, host: host) {
        late.append((entry, fault))
      } else if room <= 0 {
        late.append((entry, .quotaExceeded))
      } else {
        room -= 1
        put(entry, host: host, wish: wish, now: now)
      }
    }
    return late
  }

  /// Whether a packet may pass: the host that it goes to (design.md, section 7, invariant 2).
  func receiver(from source: IPv4Address, spi: SPI, isESP: Bool) -> Int? {
    let host =
      slots.first { $0.value.unit.contains(spi) }?.key ?? claims.first { $0.spi == spi }?.host
    guard let host, spi.rawValue >= 256, suspendedSince[host] == nil,
      !isRevoked(source, for: host)
    else { return nil }
    let admits = rows.contains { row in
      row.host == host && row.entry.address == source
        && (row.entry.spiIn == nil || row.entry.spiIn == spi)
        && (row.entry.ipsecProtocol == .any
          || row.entry.ipsecProtocol == (isESP ? .esp : .ah))
    }
    return admits ? host : nil
  }
}
