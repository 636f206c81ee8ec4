import Engine
import PAP
import Testing

@testable import Host

/// Agents against the real router's core, through networks that lose, repeat and overtake.
@Suite struct FleetTests {
  static let networks = [
    Fleet.Network(),
    Fleet.Network(loss: 30),
    Fleet.Network(duplication: 50),
    Fleet.Network(longestDelay: 3_000),
    Fleet.Network(loss: 20, duplication: 30, longestDelay: 1_500),
  ]

  /// Two hundred hosts lease, validate, confirm and rekey for minutes, and the router loses its state
  /// once.
  @Test(arguments: networks)
  func `no lease is given twice, and in the end the router holds what the hosts want`(
    network: Fleet.Network
  ) {
    let fleet = Fleet(hosts: 200, seed: 7)
    fleet.network = network
    fleet.start(within: 5)
    for second in 0..<180 {
      fleet.pass(1)
      if second == 90 { fleet.loseRouter(newEpoch: 2) }
      for _ in 0..<4 { fleet.rekeyOne() }
      if let double = Self.doubleLease(fleet) {
        Issue.record("after \(second) s, \(network): \(double)")
        return
      }
    }
    fleet.network = Fleet.Network()
    fleet.pass(70)
    for place in fleet.members.indices {
      let agent = fleet.members[place].agent
      let view = fleet.router.hostView(named: "host\(place)")
      #expect(agent.leases.slot != nil && view?.slot == agent.leases.slot, "host\(place)")
      #expect(view?.ports == agent.leases.ports, "host\(place)")
      #expect(fleet.held(place) == fleet.wanted(place), "host\(place), \(network)")
    }
    // A host says something every half minute at the least, and nobody chatters.
    #expect(fleet.sent > 200 * 10 && fleet.sent < 200 * 180)
  }

  /// Two hosts that hold one slot or block: at the router, or both by its word of one epoch.
  private static func doubleLease(_ fleet: Fleet) -> String? {
    var slots: [Slot: String] = [:]
    var blocks: [PortBlock: String] = [:]
    for view in fleet.router.hostViews {
      if let slot = view.slot, let other = slots.updateValue(view.name, forKey: slot) {
        return "the router leases \(slot) to \(other) and \(view.name)"
      }
      if let block = view.ports, let other = blocks.updateValue(view.name, forKey: block) {
        return "the router leases \(block) to \(other) and \(view.name)"
      }
    }
    var believed: [Slot: String] = [:]
    for member in fleet.members where member.agent.epoch == fleet.router.epoch {
      guard let slot = member.agent.leases.slot else { continue }
      if let other = believed.updateValue(member.agent.identity.name, forKey: slot) {
        return "\(other) and \(member.agent.identity.name) believe to hold \(slot)"
      }
    }
    return nil
  }
}
