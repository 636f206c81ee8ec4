import FaultyFiles
import PAP
import Testing

@testable import Engine

/// A disk that fails at any one write or flush, is full, or loses power: what was acknowledged is
/// there, and the router goes on.
@Suite(.serialized) struct FaultTests {
  private static let full: Int32 = 13
  private static let error: Int32 = 10
  /// More than any run of `work` needs, so that a loop without end is noticed.
  private static let manyOperations = 2_000

  /// The main operations, each with what has to be true if it was acknowledged.
  private static func work(_ rig: StoreRig) throws -> [String: Bool] {
    var acknowledged: [String: Bool] = [:]
    func host(_ name: String, _ codes: [UInt8]) { acknowledged[name] = codes == [0] }
    func act(_ name: String, _ outcome: CommandOutcome) {
      if case .success(let result) = outcome { acknowledged[name] = result.isDurable }
    }
    rig.lease("hosta", slot: 0x1111)
    host("valid 192.0.2.10", rig.validate("hosta", "192.0.2.10"))
    act("revoked 192.0.2.20/32", try rig.order(.revoke(prefix("192.0.2.20"), by: "ana")))
    host("valid 192.0.2.11", rig.validate("hosta", "192.0.2.11"))
    act("suspended hostb", try rig.order(.suspend(host: "hostb")))
    act(
      "valid 192.0.2.12",
      try rig.order(.validate(address("192.0.2.12"), host: "hosta", protocol: .any)))
    act("revoked 192.0.2.32/28", try rig.order(.revoke(prefix("192.0.2.32/28"), by: "ana")))
    return acknowledged
  }

  private static func facts(_ state: RouterState) -> Set<String> {
    Set(state.entries.map { "valid \($0.entry.address)" })
      .union(state.revocationViews.map { "revoked \($0.target)" })
      .union(
        state.hostViews.filter { $0.state == .suspended }.map { "suspended \($0.name)" })
  }

  private func prepared() throws -> StoreRig {
    faulty_install()
    let rig = try StoreRig()
    unsafe rig.folder.withCString { unsafe faulty_watch($0) }
    return rig
  }

  @Test(
    "one operation fails, the disk is mended, and nothing was lost", arguments: [full, error])
  func oneFailure(_ result: Int32) throws {
    var number = 1
    var failed = true
    while failed, number < Self.manyOperations {
      let rig = try prepared()
      try rig.start()
      faulty_fail(number, 0, result)
      let acknowledged = try Self.work(rig)
      failed = faulty_operations() >= number
      faulty_mend()
      rig.clock.advance(seconds: 2)
      try #require(rig.core).tick()
      let before = try rig.snapshot()
      #expect(rig.core?.writer?.waiting == 0, "operation \(number)")
      #expect(rig.core?.writer?.problem == nil, "operation \(number)")
      try rig.start()
      #expect(try rig.snapshot() == before, "operation \(number)")
      let facts = Self.facts(try #require(rig.core).state)
      for (fact, isDurable) in acknowledged where isDurable && !facts.contains(fact) {
        Issue.record("\(fact) lost at operation \(number)")
      }
      #expect(try rig.core?.auditFinding().intact == true, "operation \(number)")
      number += 1
    }
    #expect(number > 20)
  }

  @Test(
    "the power goes at any operation, with more or less of what was not flushed",
    arguments: [0, 1, 3, 1000])
  func powerLoss(_ kept: Int) throws {
    var number = 1
    var failed = true
    while failed, number < Self.manyOperations {
      let rig = try prepared()
      try rig.start()
      let epoch = rig.core?.state.epoch
      faulty_fail(number, 1, Self.error)
      let acknowledged = try Self.work(rig)
      failed = faulty_operations() >= number
      rig.drop()
      faulty_lose_power(kept)
      faulty_mend()
      try rig.start()
      let facts = Self.facts(try #require(rig.core).state)
      for (fact, isDurable) in acknowledged where isDurable && !facts.contains(fact) {
        Issue.record("\(fact) lost with the power at operation \(number), \(kept) kept")
      }
      #expect(rig.core?.state.epoch == epoch)
      #expect(try rig.core?.auditFinding().intact == true, "operation \(number)")
      number += 1
    }
    #expect(number > 20)
  }

  @Test func `on a full disk what cuts off cuts off, and nothing else is taken`() throws {
    let rig = try prepared()
    let core = try rig.start()
    rig.lease("hosta", slot: 0x1111)
    rig.validate("hosta", "192.0.2.10")
    faulty_fail(1, 1, Self.full)
    // The first one finds out; it is done and does not hide that a restart would undo it.
    let first = try rig.order(.validate(address("192.0.2.12"), host: "hosta", protocol: .any))
    let second = try rig.order(.validate(address("192.0.2.13"), host: "hosta", protocol: .any))
    for (outcome, says) in [(first, "but not durable"), (second, "only what cuts off")] {
      guard case .failure(let refusal) = outcome else { throw Expectation() }
      #expect(refusal.code == .notDurable && refusal.message.contains(says))
    }
    #expect(core.state.entries(for: address("192.0.2.13")).isEmpty)
    guard case .success(let done) = try rig.order(.revoke(prefix("192.0.2.10"), by: "ana")) else {
      throw Expectation()
    }
    #expect(!done.isDurable)
    #expect(core.state.entries(for: address("192.0.2.10")).isEmpty)
    #expect(core.revocations.map(core.row).map(\.durable) == [false])
    #expect(core.statusReport(isStopping: false).unstored > 0)
    #expect(core.statusReport(isStopping: false).storeProblem?.contains("is full") == true)
    // A host hears nothing until it can be granted for good; then its repeat is answered.
    let entry = Message.Option.validAddress(
      Entry(address: address("192.0.2.11"), ipsecProtocol: .esp))
    let request = Message(type: .addressValidate, transactionID: 99, epoch: 0, options: [entry])
    #expect(rig.send("hosta", request.encoded()) == [])
    rig.clock.advance(seconds: 2)
    #expect(rig.send("hosta", request.encoded()) == [])
    faulty_mend()
    rig.clock.advance(seconds: 2)
    #expect(rig.send("hosta", request.encoded()) == [0])
    #expect(core.revocations.map(core.row).map(\.durable) == [true])
    #expect(core.statusReport(isStopping: false).storeProblem == nil)
    let rows = try core.auditReport(last: 9)
    #expect(rows.map(\.action) == ["validate", "revoke"])
  }

  @Test func `a restart writes nothing where nothing has changed`() throws {
    let rig = try prepared()
    try rig.start()
    try rig.live()
    let before = try rig.snapshot()
    rig.drop()
    faulty_fail(1, 1, Self.full)
    try rig.start()
    #expect(try rig.snapshot() == before)
    rig.boot = "boot 2"
    rig.clock.now.monotonic = 5_000_000_000
    try rig.start()
    #expect(try rig.snapshot() == before)
    faulty_mend()
  }

  /// Something else than the test says has come.
  private struct Expectation: Error {}
}
