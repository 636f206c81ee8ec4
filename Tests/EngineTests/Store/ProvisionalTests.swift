import GRDB
import PAP
import Testing

@testable import Engine

/// A router that dies before anybody has kept what was provisional: the next one rolls it back.
@Suite struct ProvisionalTests {
  private func give(
    _ rig: StoreRig, _ commands: [OperatorCommand], seconds: UInt32? = 60
  ) throws -> ActionNumber {
    let provision = seconds.map { Order.Provision(seconds: $0, connection: 1) }
    let items = commands.map { Order.Item($0) }
    let order = Order(items, by: StoreRig.ana, provision: provision)
    let outcomes = try #require(rig.core).perform(order, via: "console")
    return try #require(try outcomes.first?.get().action)
  }

  private func prepared() throws -> StoreRig {
    let rig = try StoreRig()
    try rig.start()
    try rig.live()
    return rig
  }

  private func contents(_ rig: StoreRig) throws -> [String] {
    try #require(rig.core).state.contents.map {
      $0.replacing(" active ", with: " ").replacing(" silent ", with: " ")
    }
  }

  private func stored(_ rig: StoreRig) throws -> Int? {
    try rig.edit { database in
      try Int.fetchOne(
        database,
        sql: """
          SELECT (SELECT count(*) FROM provisional_actions)
            + (SELECT count(*) FROM provisional_images)
          """)
    }
  }

  @Test(
    "everything is as it was before",
    arguments: [
      [.revoke(prefix("192.0.2.0/24"), by: "ana")],
      [.revoke(prefix("203.0.113.0/24"), seconds: 60, reason: "less", by: "ana")],
      [.revoke(prefix("192.0.2.10"), host: "hosta", by: "ana")],
      [.invalidate(address("192.0.2.10"))],
      [.validate(address("192.0.2.12"), host: "hosta", protocol: .ah, seconds: 60)],
      [.validate(address("192.0.2.20"), host: "hosta", protocol: .any)],
      [.unrevoke(prefix("192.0.2.66"), host: "hostb")],
      [.suspend(host: "hosta")],
      [
        .suspend(host: "hosta"), .resume(host: "hosta"),
        .validate(address("192.0.2.20"), host: "hosta", protocol: .any),
        .validate(address("192.0.2.20"), host: "hosta", protocol: .any, seconds: 60),
        .revoke(prefix("192.0.2.20"), by: "ana"),
        .revoke(prefix("192.0.2.20"), seconds: 9, by: "b"),
      ],
    ] as [[OperatorCommand]])
  func rolledBack(_ commands: [OperatorCommand]) throws {
    let rig = try prepared()
    let before = try contents(rig)
    let number = try give(rig, commands)
    #expect(try contents(rig) != before || commands.count > 1)
    try rig.start()
    #expect(try contents(rig) == before)
    let row = try #require(try rig.core?.auditReport(last: 1).first)
    #expect(row.action == "roll-back" && row.result == "done" && row.actor.name == "ana")
    #expect(row.actor.uid == 1000 && row.actor.source == "192.0.2.5")
    #expect(row.detail["undo"]?.integer == Int64(number.rawValue))
    let finding = try #require(try rig.core?.auditFinding())
    #expect(finding.intact)
    // Once, and for good.
    try rig.start()
    #expect(try contents(rig) == before)
    #expect(try rig.core?.auditFinding().rows == finding.rows)
    #expect(try stored(rig) == 0)
  }

  @Test(
    "so it is for a host that is not configured any more, for the day it comes back",
    arguments: [
      [.suspend(host: "hosta")], [.resume(host: "hostb")],
      [.revoke(prefix("192.0.2.0/24"), host: "hosta", by: "ana")],
      [.revoke(prefix("192.0.2.66"), host: "hostb", reason: "more", by: "ana")],
      [.unrevoke(prefix("192.0.2.66"), host: "hostb")],
      [
        .revoke(prefix("192.0.2.66"), host: "hostb", seconds: 60, by: "ana"),
        .unrevoke(prefix("192.0.2.66"), host: "hostb"), .resume(host: "hostb"),
        .suspend(host: "hostb"),
        .revoke(prefix("192.0.2.66"), host: "hostb", reason: "again", by: "ana"),
      ],
    ] as [[OperatorCommand]])
  func rolledBackForTheDeparted(_ commands: [OperatorCommand]) throws {
    let rig = try prepared()
    let kept = { (rig: StoreRig) throws -> [String] in
      let state = try #require(rig.core).state
      return state.revocationViews.map { "\($0.target) \($0.host ?? "") \($0.reason ?? "")" }
        + ["hosta", "hostb"].map { "\($0) \(state.hostView(named: $0)?.state == .suspended)" }
    }
    let before = try kept(rig)
    _ = try give(rig, commands)
    let everybody = rig.hosts
    rig.hosts = ["hostc"]
    try rig.start()
    #expect(try stored(rig) == 0)
    rig.hosts = everybody
    try rig.start()
    #expect(try kept(rig) == before)
    #expect(try rig.core?.auditFinding().intact == true)
  }

  @Test func `what somebody else has changed for the departed stays`() throws {
    let rig = try prepared()
    _ = try give(
      rig, [.revoke(prefix("192.0.2.10"), host: "hosta", by: "ana"), .suspend(host: "hosta")])
    try rig.order(.revoke(prefix("192.0.2.10"), host: "hosta", reason: "stolen key", by: "bob"))
    rig.clock.advance(seconds: 1)
    try rig.order(.resume(host: "hosta"))
    try rig.order(.suspend(host: "hosta"))
    rig.hosts.removeFirst()
    try rig.start()
    rig.hosts.insert("hosta", at: 0)
    let core = try rig.start()
    #expect(core.state.revocationViews.contains { $0.reason == "stolen key" })
    #expect(core.state.hostView(named: "hosta")?.state == .suspended)
  }

  @Test func `what was kept, or was never provisional, is there again`() throws {
    for isKept in [true, false] {
      let rig = try prepared()
      let number = try give(
        rig, [.revoke(prefix("192.0.2.0/24"), by: "ana")], seconds: isKept ? 60 : nil)
      if isKept {
        let kept = try #require(rig.core).keep(number, by: StoreRig.ana, via: "console")
        #expect(try kept.get().isDurable)
      }
      let before = try contents(rig)
      try rig.start()
      #expect(try contents(rig) == before)
      #expect(rig.core?.state.revocationCount == 3)
      #expect(try stored(rig) == 0)
    }
  }

  @Test func `what somebody else has changed since stays as that one wants it`() throws {
    let rig = try prepared()
    _ = try give(rig, [.revoke(prefix("192.0.2.10"), by: "ana"), .suspend(host: "hosta")])
    try rig.order(.revoke(prefix("192.0.2.10"), reason: "stolen key", by: "bob"))
    try rig.start()
    let core = try #require(rig.core)
    #expect(core.state.revocationViews.contains { $0.reason == "stolen key" })
    #expect(core.state.entries(for: address("192.0.2.10")).isEmpty)
    #expect(core.state.hostView(named: "hosta")?.state != .suspended)
  }

  @Test func `what is over, or is undone, is no more in the store`() throws {
    let rig = try prepared()
    let before = try contents(rig)
    let number = try give(rig, [.revoke(prefix("192.0.2.10"), by: "ana")])
    _ = try give(rig, [.suspend(host: "hosta")])
    #expect(try #require(rig.core).undo(number, by: StoreRig.ana).get().isDurable)
    try #require(rig.core).hangUp(2)
    #expect(rig.core?.state.hostView(named: "hosta")?.state == .suspended)
    try #require(rig.core).hangUp(1)
    #expect(try contents(rig) == before)
    let rows = try #require(rig.core).auditReport(last: 4)
    #expect(rows.map(\.action) == ["revoke", "suspend", "undo", "roll-back"])
    #expect(rows.map(\.target)[2...] == ["revoke 192.0.2.10/32", "suspend hosta"])
    #expect(try stored(rig) == 0)
  }

  @Test func `a batch has a row of the audit log for each command, with why`() throws {
    let rig = try prepared()
    let items = ["hosta", "hostx", "hostc"].map { Order.Item(.suspend(host: $0)) }
    let stale = [Order.Item(.resume(host: "hostc"), generation: 999)]
    let outcomes = try #require(rig.core).perform(
      Order(items + stale, by: StoreRig.ana), via: "console", reason: "maintenance")
    #expect(outcomes.count == 4)
    let rows = try #require(rig.core).auditReport(last: 4)
    #expect(rows.map(\.result) == ["done", "not-found", "done", "left-out"])
    #expect(rows.allSatisfy { $0.detail["reason"] == "maintenance" })
    #expect(rows[0].detail["undo"] != nil && rows[0].detail["undo"] == rows[2].detail["undo"])
    #expect(try rig.core?.auditFinding().intact == true)
    try rig.start()
    #expect(rig.core?.state.hostView(named: "hostc")?.state == .suspended)
  }
}
