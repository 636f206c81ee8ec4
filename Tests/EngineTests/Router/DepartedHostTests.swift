import PAP
import Testing

@testable import Engine

/// What is provisional for a host that leaves the configuration meanwhile: it is kept for the day the
/// host comes back, so it must not be what nobody has said to keep.
@Suite struct DepartedHostTests {
  private static let ana = AuditActor(userID: 1000, name: "ana", source: nil)
  private static let target = prefix("203.0.113.0/24")

  /// hosta and hostb with a slot each, and a revocation for hosta.
  private func lab(isSuspended: Bool) throws -> RouterLab {
    let lab = RouterLab()
    for place in [0, 1] {
      let host = try #require(TestHost(place, in: lab))
      _ = host.lease()
      _ = host.validate("192.0.2.10")
    }
    lab.order(.revoke(Self.target, host: "hosta", seconds: 3600, reason: "flood", by: "bob"))
    if isSuspended { lab.order(.suspend(host: "hosta")) }
    return lab
  }

  private func kept(_ lab: RouterLab) -> [String] {
    lab.state.revocationViews.map { "\($0.target) \($0.host ?? "") \($0.by)" }
      + ["\(lab.state.hostView(named: "hosta")?.state == .suspended)"]
  }

  struct Departure: CustomTestStringConvertible, Sendable {
    let command: OperatorCommand
    /// Whether the host is there again when the time is over.
    let isBack: Bool

    var testDescription: String { "\(command.action), \(isBack ? "back" : "away")" }
  }

  private static let commands: [OperatorCommand] = [
    .suspend(host: "hosta"), .resume(host: "hosta"), .unrevoke(target, host: "hosta"),
    .revoke(prefix("192.0.2.0/24"), host: "hosta", by: "ana"),
    .revoke(target, host: "hosta", seconds: 9, by: "ana"),
  ]

  @Test(
    "what nobody keeps does not hold",
    arguments: commands.flatMap { command in
      [true, false].map { Departure(command: command, isBack: $0) }
    })
  func rolledBack(_ departure: Departure) throws {
    let lab = try lab(isSuspended: departure.command.action == "resume")
    let before = kept(lab)
    let hosta = lab.state.policy.hosts[0]
    let order = Order(
      [Order.Item(departure.command)], by: Self.ana, provision: Order.Provision(seconds: 60))
    #expect(try lab.give(order).first?.get() != nil)
    lab.reload { $0.hosts.removeFirst() }
    if departure.isBack { lab.reload { $0.hosts.append(hosta) } }
    lab.wait(seconds: 60)
    lab.step(.tick)
    if !departure.isBack {
      #expect(lab.table.hosts[HostIndex(rawValue: 1)] == nil)
      lab.reload { $0.hosts.append(hosta) }
    }
    #expect(kept(lab) == before)
    #expect(!lab.stored.hasActions && lab.lossOverRestart == nil)
    #expect(lab.table == lab.claimedTable && lab.table.mistakes.isEmpty)
  }

  @Test func `what has ended meanwhile is not said to stay`() throws {
    let lab = try lab(isSuspended: false)
    let items = [
      Order.Item(.revoke(prefix("198.51.100.0/25"), seconds: 10, by: "ana")),
      Order.Item(.validate(address("192.0.2.12"), host: "hosta", protocol: .ah, seconds: 10)),
    ]
    let action = try #require(try lab.give(Order(items, by: Self.ana)).first?.get().action)
    lab.wait(seconds: 11)
    lab.step(.tick)
    let outcome = try #require(lab.outcomes(of: .undo(action, by: Self.ana)).first)
    let message = try outcome.get().message
    #expect(message.contains("the revocation of 198.51.100.0/25 has ended already"))
    #expect(message.contains("of hosta has ended already") && !message.contains("stays"))
  }
}
