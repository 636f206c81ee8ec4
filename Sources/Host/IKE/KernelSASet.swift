internal import Net
internal import PAP

/// The security associations in the kernel, as its events and lists tell.
///
/// Pure: no clock and no I/O.
struct KernelSASet: Sendable {
  private var associations: [KernelSA.ID: KernelSA] = [:]
  /// In which order they came: the newest one of a peer's is the one that it uses.
  private var ages: [KernelSA.ID: UInt64] = [:]
  private var count: UInt64 = 0

  /// Takes an event in.
  mutating func apply(_ event: KernelSAEvent) {
    switch event {
    case .added(let sa): add(sa)
    case .removed(let id):
      associations[id] = nil
      ages[id] = nil
    case .flushed(let ipsecProtocol):
      for id in associations.keys where ipsecProtocol == nil || id.ipsecProtocol == ipsecProtocol {
        associations[id] = nil
        ages[id] = nil
      }
    case .lost: break
    }
  }

  /// Takes a whole list in: what it does not name is gone.
  mutating func replace(by list: [KernelSA]) {
    let named = Set(list.map(\.id))
    for id in associations.keys where !named.contains(id) { apply(.removed(id)) }
    for sa in list { add(sa) }
  }

  private mutating func add(_ sa: KernelSA) {
    if associations[sa.id] == nil {
      count += 1
      ages[sa.id] = count
    }
    associations[sa.id] = sa
  }

  /// What the router should hold for the associations that arrive at `local`, the address that the
  /// hosts share.
  ///
  /// Each has its own entry, and each peer one more for every SPI of the host: a daemon may tell its
  /// peer a new SPI before the kernel has its keys. An association from anybody has none, since only
  /// addresses can be validated.
  func entries(at local: IPv4Address) -> [EntryKey: Entry] {
    var entries: [EntryKey: Entry] = [:]
    for sa in associations.values where sa.id.destination == local && sa.source.rawValue != 0 {
      let own = EntryKey(sa.source, sa.id.ipsecProtocol, sa.id.spi)
      let every = EntryKey(sa.source, sa.id.ipsecProtocol, nil)
      entries[own] = own.entry(spiOut: outbound(of: sa)?.spi)
      entries[every] = every.entry(spiOut: nil)
    }
    return entries
  }

  /// The inbound associations at `local` that anybody may send to.
  func fromAnybody(at local: IPv4Address) -> [KernelSA.ID] {
    associations.values.filter { $0.id.destination == local && $0.source.rawValue == 0 }
      .map(\.id).sorted { $0.spi < $1.spi }
  }

  /// The newest association of the other direction that belongs to the same policy.
  private func outbound(of sa: KernelSA) -> KernelSA.ID? {
    associations.values.filter { other in
      other.id.destination == sa.source && other.source == sa.id.destination
        && other.id.ipsecProtocol == sa.id.ipsecProtocol && other.requestID == sa.requestID
    }.map(\.id).max { (ages[$0] ?? 0) < (ages[$1] ?? 0) }
  }
}
