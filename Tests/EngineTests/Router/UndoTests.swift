import PAP
import Testing

@testable import Engine

/// What operators take back, what comes back with it, and what cannot.
@Suite struct UndoTests {
  private static let ana = AuditActor(userID: 1000, name: "ana", source: "192.0.2.5")
  private static let elsewhere = AuditActor(userID: 1000, name: "ana", source: nil)
  private static let bob = AuditActor(userID: 1001, name: "bob", source: nil)

  /// hosta with slot 0x1111 and three entries, hostb with slot 0x2222 and one; one revocation.
  private func lab() throws -> (RouterLab, TestHost, TestHost) {
    let lab = RouterLab { $0.limits.entries = 4 }
    let a = try #require(TestHost(0, in: lab))
    let b = try #require(TestHost(1, in: lab))
    _ = a.lease(slot: 0x1111)
    _ = b.lease(slot: 0x2222)
    _ = a.validate("192.0.2.10", spiOut: SPI(rawValue: 0xc0de_0001))
    _ = a.validate("192.0.2.10", spi: SPI(rawValue: 0x1111_0001), seconds: 120)
    _ = a.validate("192.0.2.11")
    _ = b.validate("192.0.2.10")
    lab.order(.revoke(prefix("203.0.113.0/24"), reason: "flood", by: "alice"))
    return (lab, a, b)
  }

  private func act(_ lab: RouterLab, _ commands: [OperatorCommand]) throws -> ActionNumber {
    let outcomes = lab.give(Order(commands.map { Order.Item($0) }, by: Self.ana))
    #expect(outcomes.count == commands.count)
    let numbers = try outcomes.map { try $0.get().action }
    #expect(Set(numbers).count == 1)
    return try #require(numbers.first ?? nil)
  }

  private func undo(
    _ lab: RouterLab, _ number: ActionNumber, by actor: AuditActor = ana
  ) -> Result<CommandResult, CommandError>? {
    lab.outcomes(of: .undo(number, by: actor)).first.map { outcome in
      Result { () throws(CommandError) in try outcome.get() }
    }
  }

  @Test(
    "undone at once, everything is as it was",
    arguments: [
      [.revoke(prefix("192.0.2.10"), by: "ana")],
      [.revoke(prefix("192.0.2.0/24"), host: "hosta", seconds: 60, by: "ana")],
      [.revoke(prefix("203.0.113.0/24"), seconds: 5, reason: "less", by: "ana")],
      [.invalidate(address("192.0.2.10"))],
      [.invalidate(address("192.0.2.10"), spi: SPI(rawValue: 0x1111_0001))],
      [.validate(address("192.0.2.20"), host: "hosta", protocol: .ah)],
      [.validate(address("192.0.2.11"), host: "hosta", protocol: .esp, seconds: 60)],
      [.unrevoke(prefix("203.0.113.0/24"))],
      [.suspend(host: "hosta")],
      [
        .revoke(prefix("192.0.2.10"), by: "ana"), .revoke(prefix("192.0.2.0/24"), by: "ana"),
        .revoke(prefix("192.0.2.10"), seconds: 9, by: "ana"), .suspend(host: "hosta"),
        .unrevoke(prefix("192.0.2.0/24")), .unrevoke(prefix("203.0.113.0/24")),
        .validate(address("203.0.113.1"), host: "hosta", protocol: .any), .suspend(host: "hostb"),
        .invalidate(address("203.0.113.1")), .resume(host: "hostb"),
      ],
    ] as [[OperatorCommand]])
  func undoneAtOnce(_ commands: [OperatorCommand]) throws {
    let (lab, _, _) = try lab()
    let before = lab.contents
    let number = try act(lab, commands)
    #expect(lab.contents != before)
    let result = try #require(undo(lab, number)).get()
    #expect(lab.contents == before)
    #expect(result.message.hasPrefix("undid ") && !result.message.contains("stay"))
    #expect(lab.table == lab.claimedTable && lab.table.mistakes.isEmpty)
    #expect(lab.lossOverRestart == nil)
    // Once only.
    #expect(undo(lab, number)?.code == .notFound)
    #expect(lab.contents == before)
  }

  struct Loss: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let says: String
    /// Of the three entries for 192.0.2.10.
    let back: Int
    /// What happens between the revocation and its end.
    let meanwhile: @Sendable (RouterLab, TestHost, TestHost) -> Void
  }

  @Test(
    "an entry comes back if it could still be there",
    arguments: [
      Loss(testDescription: "nothing has happened", says: "3 entries are back", back: 3) {
        _, _, _ in
      },
      Loss(
        testDescription: "the lease is gone", says: "2 entries stay away: its host does", back: 1
      ) { _, a, _ in
        if let slot = Slot(rawValue: 0x1111) { _ = a.giveBack(slot) }
      },
      Loss(testDescription: "its time is over", says: "1 entry stays away: its time", back: 2) {
        lab, _, _ in lab.wait(seconds: 120)
      },
      Loss(testDescription: "revoked for one host", says: "2 entries stay away: its addr", back: 1)
      {
        lab, _, _ in lab.order(.revoke(prefix("192.0.2.0/28"), host: "hosta", by: "bob"))
      },
      Loss(testDescription: "the limit is reached", says: "1 entry stays away: there is", back: 2) {
        _, a, _ in
        _ = a.validate("192.0.2.30")
        _ = a.validate("192.0.2.31")
      },
      Loss(testDescription: "the host is gone", says: "2 entries stay away: its host is", back: 1) {
        lab, _, _ in lab.reload { $0.hosts.removeAll { $0.name == "hosta" } }
      },
    ])
  func loss(_ loss: Loss) throws {
    let (lab, a, b) = try lab()
    let number = try act(lab, [.revoke(prefix("192.0.2.10"), by: "ana")])
    loss.meanwhile(lab, a, b)
    let result = try #require(undo(lab, number)).get()
    #expect(result.message.contains(loss.says), "\(result.message)")
    #expect(lab.state.entries(for: address("192.0.2.10")).count == loss.back)
    #expect(result.entries == loss.back)
    #expect(lab.table == lab.claimedTable && lab.table.mistakes.isEmpty)
  }

  @Test func `what is there again already is left alone`() throws {
    let (lab, a, _) = try lab()
    let number = try act(lab, [.invalidate(address("192.0.2.11"))])
    _ = a.validate("192.0.2.11", seconds: 200)
    let again = lab.state.entries(for: address("192.0.2.11"))
    let result = try #require(undo(lab, number)).get()
    #expect(result.message.contains("1 entry was back already") && result.entries == 0)
    #expect(lab.state.entries(for: address("192.0.2.11")) == again)
  }

  struct Later: CustomTestStringConvertible, Sendable {
    let first: OperatorCommand
    let second: OperatorCommand
    var testDescription: String { "\(first), \(second)" }
  }

  @Test(
    "what somebody else has changed since stays",
    arguments: [
      Later(
        first: .revoke(prefix("192.0.2.10"), by: "ana"),
        second: .revoke(prefix("192.0.2.10"), reason: "really", by: "bob")),
      Later(
        first: .validate(address("192.0.2.20"), host: "hosta", protocol: .esp),
        second: .validate(address("192.0.2.20"), host: "hosta", protocol: .esp, seconds: 99)),
      Later(
        first: .unrevoke(prefix("203.0.113.0/24")),
        second: .revoke(prefix("203.0.113.0/24"), by: "bob")),
    ])
  func later(_ later: Later) throws {
    let (lab, _, _) = try lab()
    let number = try act(lab, [later.first])
    lab.order(later.second)
    let before = lab.contents
    let result = try #require(undo(lab, number)).get()
    #expect(result.message.contains("changed since and stays"), "\(result.message)")
    #expect(lab.contents == before)
  }

  @Test func `a host that was suspended again since stays suspended`() throws {
    let (lab, _, _) = try lab()
    let number = try act(lab, [.suspend(host: "hosta")])
    lab.wait(seconds: 1)
    lab.order(.resume(host: "hosta"))
    lab.order(.suspend(host: "hosta"))
    let result = try #require(undo(lab, number)).get()
    #expect(result.message.contains("hosta was changed since and stays"))
    #expect(lab.state.hostView(named: "hosta")?.state == .suspended)
  }

  @Test func `the time of a host that is suspended again goes on from where it stood`() throws {
    let (lab, _, _) = try lab()
    let end = try #require(lab.state.hostView(named: "hosta")?.slotExpires)
    lab.order(.suspend(host: "hosta"))
    lab.wait(seconds: 1000)
    let number = try act(lab, [.resume(host: "hosta")])
    lab.wait(seconds: 10)
    _ = undo(lab, number)
    lab.wait(seconds: 1000)
    lab.order(.resume(host: "hosta"))
    #expect(lab.state.hostView(named: "hosta")?.slotExpires == end + 2000 * UInt64.second)
  }

  @Test func `the time of what was removed stands still with its host's`() throws {
    for resumes in [false, true] {
      let (lab, _, _) = try lab()
      if resumes { lab.order(.suspend(host: "hosta")) }
      lab.wait(seconds: 50)
      let number = try act(
        lab,
        [
          .invalidate(address("192.0.2.10"), host: "hosta", spi: SPI(rawValue: 0x1111_0001)),
          resumes ? .resume(host: "hosta") : .suspend(host: "hosta"),
        ])
      lab.wait(seconds: 30)
      _ = undo(lab, number)
      if resumes {
        lab.wait(seconds: 500)
        lab.order(.resume(host: "hosta"))
      }
      // Of its 120 s it has run for 50 s, or for the 30 s between the order and its end.
      let row = lab.state.entries(ofHost: "hosta").first { $0.entry.spiIn != nil }
      #expect(row?.expires == lab.now.deadline(after: resumes ? 90 : 70))
    }
  }

  @Test func `what one order does and undoes can be undone later`() throws {
    let (lab, _, _) = try lab()
    let number = try act(lab, [.suspend(host: "hosta"), .resume(host: "hosta")])
    lab.wait(seconds: 20)
    let result = try #require(undo(lab, number)).get()
    #expect(!result.message.contains("stay"))
    #expect(lab.state.hostView(named: "hosta")?.state == .active)
  }

  @Test func `what came under a lifted revocation goes when it holds again`() throws {
    let (lab, a, _) = try lab()
    let number = try act(lab, [.unrevoke(prefix("203.0.113.0/24"))])
    #expect(a.validate("203.0.113.1") == .success)
    let effects = lab.step(.undo(number, by: Self.ana))
    let first = effects.compactMap { if case .table(let change) = $0 { change } else { nil } }.first
    #expect(first == .insertRevocation(prefix("203.0.113.0/24"), nil))
    #expect(lab.state.entries(for: address("203.0.113.1")).isEmpty)
    #expect(a.validate("203.0.113.1") == .prohibited)
  }

  @Test func `the same user undoes, for five minutes`() throws {
    let (lab, _, _) = try lab()
    let number = try act(lab, [.revoke(prefix("192.0.2.10"), by: "ana")])
    #expect(undo(lab, number, by: Self.bob)?.code == .notPermitted)
    #expect(lab.state.undoSeconds(left: number, now: lab.now) == 300)
    lab.wait(seconds: 299)
    lab.step(.tick)
    #expect(lab.state.undoSeconds(left: number, now: lab.now) == 1)
    let second = try act(lab, [.suspend(host: "hosta")])
    lab.wait(seconds: 1)
    #expect(undo(lab, number)?.code == .notFound)
    #expect(lab.state.revocationCount == 2)
    #expect((try undo(lab, second, by: Self.elsewhere)?.get()) != nil)
  }

  @Test func `nothing that was refused can be undone`() throws {
    let (lab, _, _) = try lab()
    let outcome = try #require(lab.order(.unrevoke(prefix("192.0.2.1"))))
    #expect(throws: CommandError.self) { try outcome.get() }
    let nothing = try #require(lab.order(.resume(host: "hosta"))).get()
    #expect(nothing.action == nil)
  }

  @Test func `memory for undoing has a bound, and the oldest goes first`() {
    var log = ActionLog()
    let row = Change.removed(
      Validation(
        id: EntryID(rawValue: 1), host: HostIndex(rawValue: 1),
        entry: Entry(address: address("192.0.2.1"), ipsecProtocol: .esp), origin: .host,
        created: .after(0), expires: nil, generation: 1, peerGeneration: 1))
    func action(_ number: UInt64, isProvisional: Bool = false) -> Action {
      Action(
        number: ActionNumber(rawValue: number), actor: Self.ana, title: "",
        changes: Array(repeating: row, count: ActionLog.mostOfOne), since: 0, until: 1000 + number,
        provisionalUntil: isProvisional ? 60 : nil)
    }
    log.add(action(1, isProvisional: true))
    _ = log.takeStoreChanges()
    #expect(!log.hasRoom(for: ActionLog.mostOfOne))
    log.add(action(2))
    #expect(log[ActionNumber(rawValue: 2)] == nil && log[ActionNumber(rawValue: 1)] != nil)
    log.keep(ActionNumber(rawValue: 1))
    _ = log.takeStoreChanges()
    #expect(log.hasRoom(for: 1))
    log.add(action(3))
    #expect(log[ActionNumber(rawValue: 1)] == nil && log[ActionNumber(rawValue: 3)] != nil)
    log.expire(at: 1003)
    #expect(log[ActionNumber(rawValue: 3)] == nil)
  }

  @Test func `what was too much to remember is said`() throws {
    var run = OrderRun(Order([]), number: ActionNumber(rawValue: 1))
    let (lab, _, _) = try lab()
    let row = try #require(Array(lab.state.validations.all).first)
    for _ in 0...ActionLog.mostOfOne { run.remember(.removed(row)) }
    #expect(run.changes.count == ActionLog.mostOfOne && run.forgotten == 1)
    var tally = UndoTally()
    tally.lose(.forgotten, run.forgotten)
    #expect(tally.words == "1 entry stays away: there were too many to remember")
  }
}

extension Result {
  /// The code of a refusal.
  fileprivate var code: CommandError.Code? {
    if case .failure(let error) = self { (error as? CommandError)?.code } else { nil }
  }
}

extension CommandOutcome {
  func get() throws(CommandError) -> CommandResult {
    switch self {
    case .success(let result): return result
    case .failure(let error): throw error
    }
  }
}

extension RouterLab {
  /// What matters to hosts, packets and operators: all but numbers that name rows and versions.
  var contents: [String] { state.contents }
}

extension RouterState {
  /// What matters to hosts, packets and operators: all but numbers that name rows and versions.
  var contents: [String] {
    let rows = entries.map { view in
      "\(view.host) \(view.entry) \(view.origin) \(view.created) \(String(describing: view.expires))"
    }
    let hosts = hostViews.map { host in
      "\(host.name) \(host.state) \(String(describing: host.slot)) "
        + "\(String(describing: host.slotExpires)) \(String(describing: host.portsExpire)) "
        + "\(String(describing: self.hosts[host.index].suspendedSince))"
    }
    return rows.sorted() + revocationViews.map(\.lasting) + hosts
  }
}
