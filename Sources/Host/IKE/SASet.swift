import PAP

/// The security associations that the IKE daemon holds now, as its events and lists tell.
///
/// Pure: no clock and no I/O. Moments are nanoseconds of the monotonic clock.
struct SASet: Sendable {
  /// How long an association that was rekeyed stays after its event, since its peer may go on
  /// using it, until a list that lacks it removes it.
  static let overlap: UInt64 = 10_000_000_000

  private struct Child: Sendable {
    var association: SecurityAssociation
    /// Set once it was rekeyed: when to look whether it is still there.
    var lookAgain: UInt64?
  }

  private var children: [UInt32: Child] = [:]
  /// What the list that is being received has named so far; nil while there is none.
  private var list: [SecurityAssociation]?
  /// The events since that list was asked for: it may have missed them.
  private var sinceListBegan: [SAEvent] = []

  /// What is installed now.
  var associations: [SecurityAssociation] { children.values.map(\.association) }

  /// When an association that was rekeyed should be looked up in a new list; nil if none waits.
  var nextLook: UInt64? { children.values.compactMap(\.lookAgain).min() }

  /// Takes an event in.
  mutating func apply(_ event: SAEvent, now: UInt64) {
    if list != nil { sinceListBegan.append(event) }
    change(event, now: now)
  }

  /// A list was asked for. Events from now on count on top of it.
  mutating func listBegins() {
    list = []
    sinceListBegan = []
  }

  /// A part of the list came. Ignored where none was asked for.
  mutating func listContinues(_ associations: [SecurityAssociation]) {
    list?.append(contentsOf: associations)
  }

  /// The list is whole: what it does not name is gone.
  mutating func listEnds(now: UInt64) {
    guard let listed = list else { return }
    list = nil
    replace(by: listed, now: now)
    for event in sinceListBegan { change(event, now: now) }
    sinceListBegan = []
  }

  /// The list broke off; nothing follows from it.
  mutating func listFails() {
    list = nil
    sinceListBegan = []
  }

  private mutating func replace(by listed: [SecurityAssociation], now: UInt64) {
    let before = children
    // One that was rekeyed a moment ago may be gone from the list while its packets are on the way.
    children = before.filter { ($0.value.lookAgain ?? 0) > now }
    for association in listed {
      var lookAgain = before[association.child]?.lookAgain
      if let due = lookAgain, due <= now { lookAgain = now &+ Self.overlap }
      children[association.child] = Child(association: association, lookAgain: lookAgain)
    }
  }

  private mutating func change(_ event: SAEvent, now: UInt64) {
    switch event {
    case .childUp(let associations): add(associations)
    case .childDown(let numbers): for number in numbers { children[number] = nil }
    case .childRekeyed(let old, let new):
      add(old)
      for association in old { children[association.child]?.lookAgain = now &+ Self.overlap }
      add(new)
    case .ikeMoved(let ike, let address): move(ike, to: address)
    case .ikeRekeyed(let old, let new): reassign(from: old, to: new)
    case .ikeDown(let ike): children = children.filter { $0.value.association.ike != ike }
    }
  }

  private mutating func add(_ associations: [SecurityAssociation]) {
    for association in associations {
      children[association.child] = Child(association: association)
    }
  }

  private mutating func move(_ ike: UInt32, to address: IPv4Address?) {
    for (number, child) in children where child.association.ike == ike {
      guard let address else {
        children[number] = nil
        continue
      }
      children[number]?.association.peer = address
    }
  }

  private mutating func reassign(from old: UInt32, to new: UInt32) {
    for (number, child) in children where child.association.ike == old {
      children[number]?.association.ike = new
    }
  }
}

extension SASet {
  /// What the router should hold for these associations.
  ///
  /// Each has its own entry, so that an operator sees it; and while there is at least one with a
  /// peer and protocol, one more entry admits every SPI of the host. A peer may use the SPI of a
  /// rekeying before any event tells of it, and no packet is to be lost then.
  var entries: [EntryKey: SPI?] {
    var entries: [EntryKey: SPI?] = [:]
    for child in children.values {
      let association = child.association
      let (peer, ipsecProtocol) = (association.peer, association.ipsecProtocol)
      entries[EntryKey(peer, ipsecProtocol, association.spiIn)] = association.spiOut
      entries[EntryKey(peer, ipsecProtocol, nil)] = .some(nil)
    }
    return entries
  }
}
