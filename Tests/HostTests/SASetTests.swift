import PAP
import Testing

@testable import Host

@Suite struct SASetTests {
  /// One thing that happens, so many seconds after the start.
  enum Step: Sendable {
    case event(Double, SAEvent)
    case listBegins
    case listed([SecurityAssociation])
    case listEnds(Double)
    case listFails
  }

  struct Scenario: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let steps: [Step]
    /// The numbers of the associations that are left.
    let left: Set<UInt32>

    init(_ name: String, _ steps: [Step], left: Set<UInt32>) {
      testDescription = name
      self.steps = steps
      self.left = left
    }
  }

  static let one = association(1, ike: 1, "192.0.2.1", in: 0x10001, out: 0xa1)
  static let two = association(2, ike: 1, "192.0.2.1", in: 0x10002, out: 0xa2)
  static let other = association(3, ike: 2, "192.0.2.2", .ah, in: 0x10003, out: 0xa3)

  static let scenarios = [
    Scenario("up", [.event(0, .childUp([one]))], left: [1]),
    Scenario("down", [.event(0, .childUp([one])), .event(1, .childDown([1]))], left: []),
    Scenario(
      "down of another", [.event(0, .childUp([one])), .event(1, .childDown([2]))], left: [1]),
    Scenario(
      "the old association of a rekeying stays",
      [.event(0, .childUp([one])), .event(1, .childRekeyed(old: [one], new: [two]))], left: [1, 2]),
    Scenario(
      "a list within the overlap does not remove it",
      [
        .event(0, .childRekeyed(old: [one], new: [two])), .listBegins, .listed([two]), .listEnds(9),
      ], left: [1, 2]),
    Scenario(
      "a list after the overlap removes it",
      [
        .event(0, .childRekeyed(old: [one], new: [two])), .listBegins, .listed([two]),
        .listEnds(10),
      ], left: [2]),
    Scenario(
      "a list after the overlap that still names it keeps it",
      [
        .event(0, .childRekeyed(old: [one], new: [two])), .listBegins, .listed([one, two]),
        .listEnds(10),
      ], left: [1, 2]),
    Scenario(
      "one that goes down in the overlap is gone",
      [.event(0, .childRekeyed(old: [one], new: [two])), .event(1, .childDown([1]))], left: [2]),
    Scenario(
      "an IKE_SA that ends takes its own with it",
      [.event(0, .childUp([one, two, other])), .event(1, .ikeDown(1))], left: [3]),
    Scenario(
      "an IKE_SA that is rekeyed leaves them to the new one",
      [
        .event(0, .childUp([one, other])), .event(1, .ikeRekeyed(old: 1, new: 9)),
        .event(2, .ikeDown(1)),
      ], left: [1, 3]),
    Scenario(
      "and they end with that one",
      [
        .event(0, .childUp([one, other])), .event(1, .ikeRekeyed(old: 1, new: 9)),
        .event(2, .ikeDown(9)),
      ], left: [3]),
    Scenario(
      "a peer that moves to IPv6 is gone",
      [.event(0, .childUp([one, other])), .event(1, .ikeMoved(ike: 1, to: nil))], left: [3]),
    Scenario(
      "a list replaces what is known",
      [.event(0, .childUp([one])), .listBegins, .listed([other]), .listEnds(1)], left: [3]),
    Scenario(
      "an empty list says that nothing is left",
      [.event(0, .childUp([one])), .listBegins, .listEnds(1)], left: []),
    Scenario(
      "a list that breaks off says nothing",
      [.event(0, .childUp([one])), .listBegins, .listed([other]), .listFails], left: [1]),
    Scenario(
      "one that came up while the list was read stays",
      [.listBegins, .event(0, .childUp([one])), .listed([other]), .listEnds(1)], left: [1, 3]),
    Scenario(
      "one that went down after it was listed is gone",
      [.listBegins, .listed([one, other]), .event(0, .childDown([1])), .listEnds(1)], left: [3]),
    Scenario("a part of no list is ignored", [.listed([one]), .listEnds(1)], left: []),
  ]

  @Test(arguments: scenarios)
  func `what is installed follows events and lists`(scenario: Scenario) {
    #expect(Set(Self.play(scenario.steps).associations.map(\.child)) == scenario.left)
  }

  @Test func `each association has an entry, and each peer one for all SPIs`() {
    let set = Self.play([.event(0, .childUp([Self.one, Self.two, Self.other]))])
    let wanted = [
      Entry(
        address: address("192.0.2.1"), ipsecProtocol: .esp, spiIn: SPI(rawValue: 0x10001),
        spiOut: SPI(rawValue: 0xa1)),
      Entry(
        address: address("192.0.2.1"), ipsecProtocol: .esp, spiIn: SPI(rawValue: 0x10002),
        spiOut: SPI(rawValue: 0xa2)),
      Entry(address: address("192.0.2.1"), ipsecProtocol: .esp),
      Entry(
        address: address("192.0.2.2"), ipsecProtocol: .ah, spiIn: SPI(rawValue: 0x10003),
        spiOut: SPI(rawValue: 0xa3)),
      Entry(address: address("192.0.2.2"), ipsecProtocol: .ah),
    ]
    #expect(Set(set.entries.values) == Set(wanted))
    #expect(Set(set.entries.keys) == Set(wanted.map(EntryKey.init)))
  }

  @Test func `entries move with the peer`() {
    let set = Self.play([
      .event(0, .childUp([Self.one])), .event(1, .ikeMoved(ike: 1, to: address("192.0.2.9"))),
    ])
    #expect(Set(set.entries.keys.map(\.address)) == [address("192.0.2.9")])
  }

  @Test func `a rekeyed association is looked up after the overlap, and again while it is there`() {
    var set = Self.play([.event(5, .childRekeyed(old: [Self.one], new: [Self.two]))])
    #expect(set.nextLook == at(15))
    set.listBegins()
    set.listContinues([Self.one, Self.two])
    set.listEnds(now: at(15))
    #expect(set.nextLook == at(25))
    set.listBegins()
    set.listContinues([Self.two])
    set.listEnds(now: at(25))
    #expect(set.nextLook == nil)
  }

  private static func play(_ steps: [Step]) -> SASet {
    var set = SASet()
    for step in steps {
      switch step {
      case .event(let seconds, let event): set.apply(event, now: at(seconds))
      case .listBegins: set.listBegins()
      case .listed(let associations): set.listContinues(associations)
      case .listEnds(let seconds): set.listEnds(now: at(seconds))
      case .listFails: set.listFails()
      }
    }
    return set
  }
}

/// The moment so many seconds after some start.
func at(_ seconds: Double) -> Moment {
  Moment(nanoseconds: 1_000_000_000).advanced(bySeconds: seconds)
}

/// A charon so naive that it is obviously right, and a watcher that sees its events with delay.
@Suite struct SASetPropertyTests {
  @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8] as [UInt64])
  func `after the overlap and a list the entries are those of charon`(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    for round in 0..<60 {
      var model = ModelCharon()
      var set = SASet()
      var now = 0.0
      for _ in 0..<40 {
        now += Double(random.index(below: 4_000)) / 1_000
        let event = model.change(&random)
        // The list of this moment may be read before or after the event is told.
        let listsFirst = random.index(below: 4) == 0
        if listsFirst {
          set.listBegins()
          set.listContinues(Array(model.associations.values))
        }
        if let event { set.apply(event, now: at(now)) }
        if listsFirst { set.listEnds(now: at(now)) }
        // Never is an association missing that charon holds.
        let known = Set(set.associations.map(\.child))
        if !known.isSuperset(of: model.associations.keys) {
          Issue.record("seed \(seed), round \(round): lost \(model.associations) of \(known)")
        }
      }
      set.listBegins()
      set.listContinues(Array(model.associations.values))
      set.listEnds(now: at(now + 11))
      if Set(set.entries.values) != model.entries {
        Issue.record("seed \(seed), round \(round): \(set.entries.values) not \(model.entries)")
      }
    }
  }
}

/// The associations of an imagined charon.
private struct ModelCharon {
  var associations: [UInt32: SecurityAssociation] = [:]
  private var lastChild: UInt32 = 0
  private var lastIKE: UInt32 = 10

  var entries: Set<Entry> {
    var entries: Set<Entry> = []
    for one in associations.values {
      let (peer, ipsecProtocol) = (one.peer, one.ipsecProtocol)
      entries.insert(
        Entry(
          address: peer, ipsecProtocol: ipsecProtocol, spiIn: one.spiIn, spiOut: one.spiOut))
      entries.insert(Entry(address: peer, ipsecProtocol: ipsecProtocol))
    }
    return entries
  }

  /// Changes something at random and tells what charon would tell.
  mutating func change(_ random: inout SeededRandom) -> SAEvent? {
    let picked = associations.values.sorted { $0.child < $1.child }.randomElement(using: &random)
    guard let picked, random.index(below: 3) > 0 else { return .childUp([make(&random)]) }
    switch random.index(below: 6) {
    case 0:
      associations[picked.child] = nil
      return .childDown([picked.child])
    case 1:
      let new = make(&random, like: picked)
      // charon drops the old one some seconds later and tells nobody.
      associations[picked.child] = nil
      return .childRekeyed(old: [picked], new: [new])
    case 2:
      let address = IPv4Address(rawValue: 0xc000_0200 + UInt32(random.index(below: 5)))
      for (number, one) in associations where one.ike == picked.ike {
        associations[number]?.peer = address
      }
      return .ikeMoved(ike: picked.ike, to: address)
    case 3:
      lastIKE += 1
      for (number, one) in associations where one.ike == picked.ike {
        associations[number]?.ike = lastIKE
      }
      return .ikeRekeyed(old: picked.ike, new: lastIKE)
    case 4:
      associations = associations.filter { $0.value.ike != picked.ike }
      return .ikeDown(picked.ike)
    default: return nil
    }
  }

  private mutating func make(
    _ random: inout SeededRandom, like old: SecurityAssociation? = nil
  ) -> SecurityAssociation {
    lastChild += 1
    let ike = old?.ike ?? UInt32(random.index(below: 4))
    // All that belong to one IKE_SA have its peer.
    let peer =
      associations.values.first { $0.ike == ike }?.peer
      ?? IPv4Address(rawValue: 0xc000_0200 + UInt32(random.index(below: 5)))
    let made = SecurityAssociation(
      child: lastChild, ike: ike, peer: peer,
      ipsecProtocol: old?.ipsecProtocol ?? (random.index(below: 3) == 0 ? .ah : .esp),
      spiIn: SPI(rawValue: 0x1a2b_0000 + lastChild), spiOut: SPI(rawValue: 0xc000 + lastChild))
    associations[lastChild] = made
    return made
  }
}
