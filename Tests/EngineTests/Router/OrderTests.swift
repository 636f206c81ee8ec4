import PAP
import Testing

@testable import Engine

/// Orders of several commands, those that know what they are about, and those that hold only if
/// somebody keeps them.
@Suite struct OrderTests {
  private static let ana = AuditActor(userID: 1000, name: "ana", source: nil)

  private func lab() throws -> (RouterLab, TestHost, TestHost) {
    let lab = RouterLab()
    let a = try #require(TestHost(0, in: lab))
    let b = try #require(TestHost(1, in: lab))
    _ = a.lease(slot: 0x1111)
    _ = b.lease(slot: 0x2222)
    for number in 1...4 { _ = a.validate("192.0.2.\(number)") }
    _ = b.validate("192.0.2.1")
    return (lab, a, b)
  }

  private func codes(_ outcomes: [CommandOutcome]) -> [String] { outcomes.map(\.auditResult) }

  @Test func `all of a batch is cut off before anything is cleaned up`() throws {
    let (lab, _, _) = try lab()
    let order = Order((1...4).map { Order.Item(.revoke(prefix("192.0.2.\($0)"), by: "ana")) })
    let first = lab.state.step(.order(order), now: lab.now)
    let cut = first.compactMap { if case .table(let change) = $0 { change } else { nil } }
    #expect(cut == (1...4).map { .insertRevocation(prefix("192.0.2.\($0)"), nil) })
    #expect(lab.state.isUnfinished && lab.state.entryCount == 5)
    let rest = lab.state.finish(now: lab.now)
    #expect(lab.state.entryCount == 0)
    let outcomes = rest.compactMap { if case .outcome(let outcome) = $0 { outcome } else { nil } }
    #expect(try outcomes.map { try $0.get().entries } == [2, 1, 1, 1])
  }

  @Test func `commands are done in their order, and who cannot be done is left out`() throws {
    let (lab, _, _) = try lab()
    let outcomes = lab.give(
      Order(
        [
          .revoke(prefix("192.0.2.0/24"), by: "ana"), .unrevoke(prefix("192.0.2.0/24")),
          .validate(address("192.0.2.9"), host: "hosta", protocol: .esp),
          .suspend(host: "nobody"), .invalidate(address("192.0.2.1")),
          .revoke(prefix("192.0.2.9"), by: "ana"),
        ].map { Order.Item($0) }, by: Self.ana))
    #expect(codes(outcomes) == ["done", "done", "done", "not-found", "not-found", "done"])
    #expect(try outcomes[5].get().entries == 1)
    #expect(lab.state.entryCount == 0 && lab.state.revocationCount == 1)
    #expect(lab.table == lab.claimedTable && lab.table.mistakes.isEmpty)
  }

  struct Seen: CustomTestStringConvertible, Sendable {
    let testDescription: String
    /// What changes after somebody has looked.
    let meanwhile: @Sendable (RouterLab, TestHost, TestHost) -> Void
    /// Whether what the row, the peer and the host were is still what they are.
    let row: Bool
    let peer: Bool
    let host: Bool
  }

  @Test(
    "a command is about what its operator has seen",
    arguments: [
      Seen(
        testDescription: "nothing", meanwhile: { _, _, _ in }, row: true, peer: true, host: true),
      Seen(
        testDescription: "the host refreshes the row",
        meanwhile: { _, a, _ in
          _ = a.validate("192.0.2.1", seconds: 300)
        }, row: true, peer: true, host: true),
      Seen(
        testDescription: "another host validates the peer, and leases end and begin",
        meanwhile: { _, _, b in
          _ = b.validate("192.0.2.1", .ah)
          _ = b.leasePorts()
        }, row: true, peer: true, host: true),
      Seen(
        testDescription: "the row goes and comes back",
        meanwhile: { _, a, _ in
          _ = a.invalidate("192.0.2.1")
          _ = a.validate("192.0.2.1")
        }, row: false, peer: true, host: true),
      Seen(
        testDescription: "an operator changes the row",
        meanwhile: { lab, _, _ in
          lab.order(.validate(address("192.0.2.1"), host: "hosta", protocol: .esp, seconds: 99))
        }, row: false, peer: false, host: true),
      Seen(
        testDescription: "an operator acts on the peer of another host",
        meanwhile: { lab, _, _ in
          lab.order(.validate(address("192.0.2.1"), host: "hostb", protocol: .ah))
        }, row: true, peer: false, host: true),
      Seen(
        testDescription: "the peer is revoked and lifted",
        meanwhile: { lab, a, _ in
          lab.order(.revoke(prefix("192.0.2.1"), by: "bob"))
          lab.order(.unrevoke(prefix("192.0.2.1")))
          _ = a.validate("192.0.2.1")
        }, row: false, peer: false, host: true),
      Seen(
        testDescription: "the host is suspended and resumed",
        meanwhile: { lab, _, _ in
          lab.order(.suspend(host: "hosta"))
          lab.order(.resume(host: "hosta"))
        }, row: true, peer: true, host: false),
    ])
  func seen(_ seen: Seen) throws {
    for isFirst in [true, false] {
      let (lab, a, b) = try lab()
      let row = try #require(lab.state.entries(ofHost: "hosta").first { $0.address == "192.0.2.1" })
      let host = try #require(lab.state.hostView(named: "hosta"))
      seen.meanwhile(lab, a, b)
      let items = [
        Order.Item(
          .invalidate(address("192.0.2.1"), host: "hosta"), generation: row.generation),
        Order.Item(.suspend(host: "hosta"), generation: host.generation),
      ]
      let peer = [
        Order.Item(.revoke(prefix("192.0.2.1"), by: "ana"), generation: row.peerGeneration)
      ]
      let preview = try? lab.state.preview(Order(isFirst ? items : peer), now: lab.now)
      let results = codes(lab.give(Order(isFirst ? items : peer)))
      #expect(
        results == (isFirst ? [seen.row, seen.host] : [seen.peer]).map { $0 ? "done" : "left-out" })
      #expect(preview?.leftOut == results.count { $0 == "left-out" })
    }
  }

  @Test func `of a prefix only its revocation is what an operator has seen`() throws {
    let (lab, _, _) = try lab()
    let row = try #require(lab.state.entries(ofHost: "hosta").first)
    let wide = OperatorCommand.revoke(prefix("192.0.2.0/24"), by: "ana")
    let order = { Order([Order.Item(wide, generation: $0)]) }
    #expect(codes(lab.give(order(row.generation))) == ["left-out"])
    #expect(codes(lab.give(order(row.peerGeneration))) == ["left-out"])
    lab.order(wide)
    let revocation = try #require(lab.state.revocationViews.first)
    #expect(codes(lab.give(order(revocation.generation))) == ["done"])
  }

  @Test func `a host that was probably meant is named in an order of one command`() throws {
    let (lab, _, _) = try lab()
    for count in [1, 2] {
      let order = Order((0..<count).map { _ in Order.Item(.suspend(host: "hosty")) })
      let outcome = try #require(lab.give(order).first)
      guard case .failure(let error) = outcome else {
        Issue.record("\(outcome)")
        return
      }
      #expect(error.message.contains("did you mean") == (count == 1))
      #expect(error.message.hasPrefix("no host is named hosty; "))
    }
    #expect {
      try lab.state.preview(.suspend(host: "hosty"), now: lab.now)
    } throws: { "\($0)".contains("did you mean host") }
  }

  @Test func `what a batch is about is what it was before the batch`() throws {
    let (lab, _, _) = try lab()
    let rows = lab.state.entries(for: address("192.0.2.1"))
    let items = rows.map {
      Order.Item(.invalidate(address("192.0.2.1"), host: $0.host), generation: $0.peerGeneration)
    }
    #expect(codes(lab.give(Order(items))) == ["done", "done"])
    #expect(codes(lab.give(Order(items))) == ["left-out", "left-out"])
  }

  @Test func `an entry counts once in what a batch would do`() throws {
    let (lab, _, _) = try lab()
    lab.give(Order(.suspend(host: "hostb"), by: Self.ana))
    let order = Order(
      [
        .invalidate(address("192.0.2.1")), .revoke(prefix("192.0.2.1"), by: "ana"),
        .revoke(prefix("192.0.2.0/24"), by: "ana"), .revoke(prefix("192.0.2.0/30"), by: "ana"),
        .suspend(host: "hostb"), .suspend(host: "hostb"), .unrevoke(prefix("192.0.2.77")),
      ].map { Order.Item($0) })
    let preview = try lab.state.preview(order, now: lab.now)
    #expect(preview.entries.count == 5 && preview.hosts == ["hosta", "hostb"])
    #expect(preview.message.contains("revoke 3") && preview.message.contains("1 would be refused"))
    #expect(preview.touch?.by == "ana" && preview.touch?.at == lab.now)
    #expect(lab.state.entryCount == 5)
    #expect(throws: CommandError.self) {
      try lab.state.preview(Order(.unrevoke(prefix("192.0.2.77"))), now: lab.now)
    }
  }

  // MARK: Provisional

  private func provisional(
    _ lab: RouterLab, _ command: OperatorCommand, seconds: UInt32 = 60, connection: UInt64? = 7
  ) throws -> ActionNumber {
    let provision = Order.Provision(seconds: seconds, connection: connection)
    let outcomes = lab.give(Order([Order.Item(command)], by: Self.ana, provision: provision))
    return try #require(try outcomes.first?.get().action)
  }

  private func rollBacks(_ effects: [Effect]) -> [RollBack] {
    effects.compactMap { if case .rolledBack(let rollBack) = $0 { rollBack } else { nil } }
  }

  @Test func `what nobody keeps is rolled back when its time is over`() throws {
    let (lab, _, _) = try lab()
    let before = lab.contents
    let number = try provisional(lab, .revoke(prefix("192.0.2.0/24"), by: "ana"))
    #expect(lab.state.nextDeadline.map { $0 <= lab.now.deadline(after: 60) } == true)
    lab.wait(seconds: 59)
    #expect(rollBacks(lab.step(.tick)).isEmpty && lab.state.entryCount == 0)
    lab.wait(seconds: 1)
    let done = rollBacks(lab.step(.tick))
    #expect(done.map(\.action) == [number] && done.first?.actor == Self.ana)
    #expect(done.first?.title == "revoke 192.0.2.0/24" && done.first?.result.entries == 5)
    #expect(lab.contents == before)
    #expect(rollBacks(lab.step(.tick)).isEmpty)
    #expect(!lab.stored.hasActions)
  }

  @Test func `the end of the connection rolls back what it asked for, and nothing else`() throws {
    let (lab, _, _) = try lab()
    let before = lab.contents
    _ = try provisional(lab, .revoke(prefix("192.0.2.1"), by: "ana"))
    _ = try provisional(lab, .revoke(prefix("192.0.2.0/24"), by: "ana"))
    let other = try provisional(lab, .revoke(prefix("198.51.100.0/24"), by: "ana"), connection: 8)
    #expect(rollBacks(lab.step(.hangUp(9))).isEmpty)
    #expect(rollBacks(lab.step(.hangUp(7))).count == 2)
    #expect(lab.state.revocationViews.map(\.target) == [prefix("198.51.100.0/24")])
    _ = lab.step(.undo(other, by: Self.ana))
    #expect(lab.contents == before && !lab.stored.hasActions)
  }

  @Test func `what is kept holds, and can still be undone`() throws {
    let (lab, _, _) = try lab()
    let before = lab.contents
    let number = try provisional(lab, .suspend(host: "hosta"))
    let bob = AuditActor(userID: 1001, name: "bob", source: nil)
    #expect(codes(lab.outcomes(of: .keep(number, by: bob))) == ["not-permitted"])
    #expect(lab.stored.hasActions)
    let kept = try #require(lab.outcomes(of: .keep(number, by: Self.ana)).first).get()
    #expect(kept.action == number && kept.message == "kept: suspend hosta")
    #expect(!lab.stored.hasActions)
    lab.step(.hangUp(7))
    lab.wait(seconds: 61)
    lab.step(.tick)
    #expect(lab.state.hostView(named: "hosta")?.state == .suspended)
    let again = try #require(lab.outcomes(of: .keep(number, by: Self.ana)).first).get()
    #expect(again.message == "suspend hosta holds already")
    _ = lab.step(.undo(number, by: Self.ana))
    #expect(lab.state.hostView(named: "hosta")?.state == .active)
    #expect(before.count == lab.contents.count)
    #expect(codes(lab.outcomes(of: .keep(number, by: Self.ana))) == ["not-found"])
  }
}

extension EntryView {
  fileprivate var address: String { "\(entry.address)" }
}
