internal import PAP

/// The security associations that the IKE daemon holds now, as its events and lists tell.
///
/// Pure: no clock and no I/O.
struct SASet: Sendable {
  /// How many seconds an association that was rekeyed stays after its event, since its peer may go on
  /// using it, until a list that lacks it removes it.
  static let overlap = 10.0

  private struct Child: Sendable {
    var association: SecurityAssociation
    /// Set once it was rekeyed: when to look whether it is still there.
    var lookAgain: Moment?
  }

  private var children: [UInt32: Child] = [:]
  /// What the list that is being received has named so far; nil while there is none.
  private var list: [SecurityAssociation]?
  /// The events since that list was asked for: it may have missed them.
  private var sinceListBegan: [SAEvent] = []

  /// What is installed now.
  var associations: [SecurityAssociation] { children.values.map(\.association) }

  /// When an association that was rekeyed should be looked up in a new list; nil if none waits.
  var nextLook: Moment? { children.values.compactMap(\.lookAgain).min() }

  /// Takes an event in.
  mutating func apply(_ event: SAEvent, now: Moment) {
    if list != nil { sinceListBegan.append(event) }
    change(event, now: now)
  }

  /// A list was asked for.
  ///
  /// Events from now on count on top of it.
  mutating func listBegins() {
    list = []
    sinceListBegan = []
  }

  /// A part of the list came.
  ///
  /// Ignored where none was asked for.
  mutating func listContinues(_ associations: [SecurityAssociation]) {
    list?.append(contentsOf: associations)
  }

  /// The list is whole: what it does not name is gone.
  mutating func listEnds(now: Moment) {
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

  private mutating func replace(by listed: [SecurityAssociation], now: Moment) {
    let before = children
    // One that was rekeyed a moment ago may be gone from the list while its packets are on the way.
    children = before.filter { ($0.value.lookAgain ?? .zero) > now }
    for association in listed {
      var lookAgain = before[association.child]?.lookAgain
      if let due = lookAgain, due <= now { lookAgain = now.advanced(bySeconds: Self.overlap) }
      children[association.child] = Child(association: association, lookAgain: lookAgain)
    }
  }

  private mutating func change(_ event: SAEvent, now: Moment) {
    switch event {
    case .childUp(let associations): add(associations)
    case .childDown(let numbers): for number in numbers { children[number] = nil }
    case .childRekeyed(let old, let new):
      add(old)
      for association in old {
        children[association.child]?.lookAgain = now.advanced(bySeconds: Self.overlap)
      }
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
  var entries: [EntryKey: Entry] {
    var entries: [EntryKey: Entry] = [:]
    for child in children.values {
      let association = child.association
      let own = EntryKey(association.peer, association.ipsecProtocol, association.spiIn)
      let every = EntryKey(association.peer, association.ipsecProtocol, nil)
      entries[own] = own.entry(spiOut: association.spiOut)
      entries[every] = every.entry(spiOut: nil)
    }
    return entries
  }
}
