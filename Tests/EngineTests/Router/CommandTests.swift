import PAP
import Testing

@testable import Engine

/// What operators order, what comes of it, and what they are told.
@Suite struct CommandTests {
  /// Two hosts: hosta with slot 0x1111 and two entries, hostb with slot 0x2222 and three, hostc
  /// with nothing at all.
  ///
  /// 203.0.113.0/24 is revoked, and for hosta 192.0.2.66.
  private func lab() throws -> (RouterLab, TestHost, TestHost) {
    let lab = RouterLab(["hosta", "hostb", "hostc"])
    let a = try #require(TestHost(0, in: lab))
    let b = try #require(TestHost(1, in: lab))
    _ = a.lease(slot: 0x1111)
    _ = b.lease(slot: 0x2222)
    _ = a.validate("192.0.2.10")
    _ = a.validate("192.0.2.10", spi: SPI(rawValue: 0x1111_0001))
    _ = b.validate("192.0.2.10")
    _ = b.validate("192.0.2.11")
    _ = b.validate("192.0.3.11", .ah)
    lab.order(.revoke(prefix("203.0.113.0/24"), reason: "flood", by: "alice"))
    lab.order(.revoke(prefix("192.0.2.66"), host: "hosta", by: "bob"))
    return (lab, a, b)
  }

  struct Vector: CustomTestStringConvertible, Sendable {
    let command: OperatorCommand
    /// What the answer says; for a refusal, why and what to do.
    let says: [String]
    /// Nil for success.
    var code: CommandError.Code?
    /// How many entries there are afterwards.
    var entries = 5
    var testDescription: String { "\(command)" }
  }

  @Test(
    "a command does what it says, or says why not and changes nothing",
    arguments: [
      Vector(
        command: .validate(address("192.0.2.20"), host: "hosta", protocol: .any),
        says: ["validated 192.0.2.20 any any SPI for hosta as long as its lease"], entries: 6),
      Vector(
        command: .validate(
          address("192.0.2.20"), host: "hosta", protocol: .ah, spi: SPI(rawValue: 0x1111_0009),
          seconds: 60),
        says: ["192.0.2.20 ah 0x11110009", "60 s"], entries: 6),
      Vector(
        command: .validate(address("192.0.2.10"), host: "hosta", protocol: .esp),
        says: ["kept 192.0.2.10 esp any SPI valid for hosta"]),
      Vector(
        command: .validate(
          address("192.0.2.20"), host: "hosta", protocol: .esp, spi: SPI(rawValue: 0x2222_0001)),
        says: ["0x22220001", "not one of hosta's", "0x11110000 to 0x1111ffff"], code: .notYours),
      Vector(
        command: .validate(address("192.0.2.20"), host: "hostc", protocol: .esp),
        says: ["hostc has leased no SPIs", "dnat-host"], code: .notYours),
      Vector(
        command: .validate(address("192.0.2.20"), host: "hotsa", protocol: .esp),
        says: ["no host is named hotsa", "did you mean hosta?"], code: .notFound),
      Vector(
        command: .validate(address("192.0.2.20"), host: "router", protocol: .esp),
        says: ["no host is named router", "ctl hosts"], code: .notFound),
      Vector(
        command: .validate(address("203.0.113.7"), host: "hosta", protocol: .esp),
        says: [
          "203.0.113.7 cannot be validated for hosta", "203.0.113.0/24 is revoked for every host",
          "by alice (flood)", "unrevoke 203.0.113.0/24",
        ], code: .prohibited),
      Vector(
        command: .validate(address("192.0.2.66"), host: "hosta", protocol: .esp),
        says: ["revoked for hosta by bob", "unrevoke 192.0.2.66 --host hosta"], code: .prohibited),
      Vector(
        command: .validate(address("192.0.2.66"), host: "hostb", protocol: .esp),
        says: ["validated 192.0.2.66"], entries: 6),
      Vector(
        command: .validate(address("10.0.0.12"), host: "hosta", protocol: .esp),
        says: ["10.0.0.12 cannot be a peer"], code: .unacceptableAddress),
      Vector(
        command: .validate(address("192.0.2.20"), host: "hosta", protocol: .esp, seconds: 0),
        says: ["at least one second"], code: .badArgument),

      Vector(
        command: .invalidate(address("192.0.2.10")),
        says: ["invalidated 192.0.2.10: 3 entries removed (hosta 2, hostb 1)"], entries: 2),
      Vector(
        command: .invalidate(address("192.0.2.10"), host: "hostb"),
        says: ["1 entry removed (hostb 1)"], entries: 4),
      Vector(
        command: .invalidate(address("192.0.2.10"), spi: SPI(rawValue: 0x1111_0001)),
        says: ["1 entry removed (hosta 1)"], entries: 4),
      Vector(
        command: .invalidate(address("192.0.2.10"), host: "hostb", spi: SPI(rawValue: 0x1111_0001)),
        says: ["validated for hostb, but not with SPI 0x11110001", "leave the SPI out"],
        code: .notFound),
      Vector(
        command: .invalidate(address("192.0.2.99")), says: ["192.0.2.99 is not validated"],
        code: .notFound),
      Vector(
        command: .invalidate(address("192.0.2.11"), host: "hosta"),
        says: ["192.0.2.11 is not validated for hosta"], code: .notFound),

      Vector(
        command: .revoke(prefix("192.0.2.10"), by: "root"),
        says: [
          "revoked 192.0.2.10 for every host until it is lifted: "
            + "3 entries removed (hosta 2, hostb 1)"
        ], entries: 2),
      Vector(
        command: .revoke(prefix("192.0.2.10"), host: "hosta", seconds: 90, by: "root"),
        says: ["revoked 192.0.2.10 for hosta for 90 s: 2 entries removed (hosta 2)"], entries: 3),
      Vector(
        command: .revoke(prefix("192.0.2.0/23"), by: "root"),
        says: ["revoked 192.0.2.0/23", "5 entries removed (hosta 2, hostb 3)"], entries: 0),
      Vector(
        command: .revoke(prefix("192.0.2.0/24"), host: "hostb", by: "root"),
        says: ["2 entries removed (hostb 2)"], entries: 3),
      Vector(
        command: .revoke(prefix("0.0.0.0/0"), by: "root"),
        says: ["revoked 0.0.0.0/0", "5 entries removed"], entries: 0),
      Vector(
        command: .revoke(prefix("192.0.2.99"), by: "root"), says: ["no entries to remove"]),
      Vector(
        command: .revoke(prefix("203.0.113.0/24"), seconds: 5, by: "root"),
        says: ["changed the revocation of 203.0.113.0/24 for every host for 5 s"]),
      Vector(
        command: .revoke(prefix("192.0.2.10"), host: "nobody", by: "root"),
        says: ["no host is named nobody"], code: .notFound),
      Vector(
        command: .revoke(prefix("192.0.2.10"), seconds: 0, by: "root"),
        says: ["at least one second"], code: .badArgument),

      Vector(
        command: .unrevoke(prefix("203.0.113.0/24")),
        says: ["lifted the revocation of 203.0.113.0/24 for every host"]),
      Vector(
        command: .unrevoke(prefix("192.0.2.66"), host: "hosta"),
        says: ["lifted the revocation of 192.0.2.66 for hosta"]),
      Vector(
        command: .unrevoke(prefix("192.0.2.1")), says: ["192.0.2.1 is not revoked for every host"],
        code: .notFound),
      Vector(
        command: .unrevoke(prefix("203.0.113.7")),
        says: ["not revoked for every host, but 203.0.113.0/24 is", "unrevoke 203.0.113.0/24"],
        code: .notFound),
      Vector(
        command: .unrevoke(prefix("203.0.113.0/24"), host: "hosta"),
        says: ["not revoked for hosta, but", "for every host", "unrevoke 203.0.113.0/24"],
        code: .notFound),
      Vector(
        command: .unrevoke(prefix("192.0.2.66")),
        says: ["not revoked for every host, but", "--host hosta"], code: .notFound),

      Vector(
        command: .suspend(host: "hosta"), says: ["suspended hosta", "2 entries", "kept"]),
      Vector(
        command: .resume(host: "hosta"), says: ["changed nothing: hosta is not suspended"]),
      Vector(
        command: .suspend(host: "hosts"), says: ["did you mean hosta?"], code: .notFound),
    ])
  func command(_ vector: Vector) throws {
    let (lab, _, _) = try lab()
    let before = lab.table
    let rows = Set(lab.state.entries.map(\.id))
    let preview = Result { try lab.state.preview(vector.command, now: lab.now) }
    #expect(lab.table == lab.claimedTable)
    let outcome = try #require(lab.order(vector.command))
    let text: String
    switch outcome {
    case .success(let result):
      text = result.message
      #expect(vector.code == nil)
      let seen = try preview.get()
      let gone = rows.subtracting(lab.state.entries.map(\.id))
      #expect(gone.isSubset(of: seen.entries.map(\.id)))
      if vector.entries < 5 { #expect(gone == Set(seen.entries.map(\.id))) }
      #expect(result.entries == seen.entries.count)
    case .failure(let error):
      text = error.message
      #expect(error.code == vector.code)
      #expect(lab.table == before)
      #expect(throws: error) { try preview.get() }
    }
    for words in vector.says { #expect(text.contains(words)) }
    #expect(lab.state.entryCount == vector.entries)
    #expect(lab.table == lab.claimedTable && lab.table.mistakes.isEmpty)
  }

  @Test func `a revocation forbids to validate until it is lifted`() throws {
    let (lab, a, b) = try lab()
    lab.order(.revoke(prefix("192.0.2.0/28"), by: "root"))
    #expect(a.validate("192.0.2.10") == .prohibited)
    #expect(b.validate("192.0.2.15") == .prohibited)
    #expect(b.validate("192.0.2.16") == .success)
    lab.order(.unrevoke(prefix("192.0.2.0/28")))
    #expect(lab.entries.filter { $0.contains("192.0.2.10") }.isEmpty)
    #expect(a.validate("192.0.2.10") == .success)
  }

  @Test func `a revocation ends when its time is over`() throws {
    let (lab, a, _) = try lab()
    lab.order(.revoke(prefix("192.0.2.10"), seconds: 60, by: "root"))
    lab.wait(seconds: 30)
    lab.order(.revoke(prefix("192.0.2.10"), seconds: 60, reason: "again", by: "carol"))
    let views = lab.state.revocationViews.filter { $0.target == prefix("192.0.2.10") }
    let view = try #require(views.first)
    #expect(views.count == 1)
    #expect(view.by == "carol" && view.reason == "again")
    #expect(view.created == .after(0) && view.expires == lab.now.deadline(after: 60))
    lab.wait(seconds: 59.999)
    #expect(a.validate("192.0.2.10") == .prohibited)
    lab.wait(seconds: 0.001)
    #expect(a.validate("192.0.2.10") == .success)
    #expect(lab.table == lab.claimedTable && lab.table.mistakes.isEmpty)
  }

  @Test func `the table blocks a revoked prefix before the answer is given`() throws {
    let (lab, _, _) = try lab()
    let effects = lab.step(.command(.revoke(prefix("192.0.2.10"), by: "root")))
    let changes = effects.prefix { if case .outcome = $0 { false } else { true } }
    #expect(changes.first == .table(.insertRevocation(prefix("192.0.2.10"), nil)))
    let removals = changes.filter { if case .table(.removeEntry) = $0 { true } else { false } }
    #expect(removals.count == 3)
  }

  @Test func `there are so many revocations and no more`() throws {
    let lab = RouterLab { $0.revocationCapacity = 2 }
    lab.order(.revoke(prefix("192.0.2.1"), by: "root"))
    lab.order(.revoke(prefix("192.0.2.2"), by: "root"))
    let outcome = lab.order(.revoke(prefix("192.0.2.3"), by: "root"))
    guard case .failure(let error) = outcome else {
      Issue.record("revoked: \(String(describing: outcome))")
      return
    }
    #expect(error.code == .quotaExceeded)
    lab.order(.revoke(prefix("192.0.2.2"), seconds: 9, by: "root"))
    #expect(lab.state.revocationCount == 2 && lab.state.revocationViews[1].expires != nil)
  }

  @Test func `a suspended host keeps what it has and gets nothing new`() throws {
    let (lab, a, b) = try lab()
    let slotEnd = try #require(lab.state.hostView(named: "hosta")?.slotExpires)
    _ = a.validate("192.0.2.12", seconds: 600)
    lab.wait(seconds: 100)
    lab.order(.suspend(host: "hosta"))
    #expect(lab.table.hosts[HostIndex(rawValue: 1)] == suspendedRow(true))
    #expect(lab.state.hostView(named: "hosta")?.state == .suspended)
    #expect(a.ask(.securityRequest)?.code == .prohibited)
    #expect(a.ask(.portRequest)?.code == .prohibited)
    #expect(a.validate("192.0.2.13") == .prohibited)
    #expect(a.invalidate("192.0.2.10", .esp, spi: SPI(rawValue: 0x1111_0001)) == .success)
    #expect(b.validate("192.0.2.13") == .success)
    lab.wait(seconds: 100_000)
    lab.step(.tick)
    #expect(lab.entries == ["hosta 192.0.2.10 esp any SPI", "hosta 192.0.2.12 esp any SPI"])
    #expect(a.hello() != nil)
    lab.order(.resume(host: "hosta"))
    #expect(lab.table.hosts[HostIndex(rawValue: 1)] == suspendedRow(false))
    #expect(
      lab.state.hostView(named: "hosta")?.slotExpires == slotEnd + 100_000 * UInt64.second)
    lab.wait(seconds: 499)
    lab.step(.tick)
    #expect(lab.entries.count == 2)
    lab.wait(seconds: 1)
    lab.step(.tick)
    #expect(lab.entries == ["hosta 192.0.2.10 esp any SPI"])
    lab.wait(seconds: 3000)
    lab.step(.tick)
    #expect(lab.entries.isEmpty)
  }

  private func suspendedRow(_ isSuspended: Bool) -> TableChange {
    .setHost(
      HostIndex(rawValue: 1), insideAddress: RouterLab.insideAddress(0), suspended: isSuspended)
  }

  @Test func `what an operator validates for longer, a host's refresh does not shorten`() throws {
    let (lab, a, _) = try lab()
    lab.order(.validate(address("192.0.2.20"), host: "hosta", protocol: .esp))
    lab.order(.validate(address("192.0.2.21"), host: "hosta", protocol: .esp, seconds: 200))
    #expect(a.validate("192.0.2.20", seconds: 120) == .success)
    #expect(a.validate("192.0.2.21", seconds: 300) == .success)
    lab.wait(seconds: 250)
    lab.step(.tick)
    let views = lab.state.entries(ofHost: "hosta").filter { $0.origin == .operator }
    #expect(views.map(\.expires) == [nil, lab.now.deadline(after: 50)])
  }

  @Test func `views say what there is`() throws {
    let (lab, a, _) = try lab()
    _ = a.leasePorts(first: 8192)
    let views = Array(lab.state.hostViews)
    #expect(views.map(\.name) == ["hosta", "hostb", "hostc"])
    #expect(views.map(\.state) == [.active, .active, .silent])
    #expect(views.map(\.entries) == [2, 3, 0] && views.map(\.spisInUse) == [1, 0, 0])
    #expect(views.map(\.slot) == [Slot(rawValue: 0x1111), Slot(rawValue: 0x2222), nil])
    #expect(views.map(\.ports) == [PortBlock(first: 8192, count: 1024), nil, nil])
    #expect(views[0].lastHeard == lab.now && views[2].lastHeard == nil)
    #expect(lab.state.hostName(2) == "hostb" && lab.state.hostName(4) == nil)
    #expect(lab.state.hostName(0) == nil)
    #expect(lab.state.slotCount == 2 && lab.state.entryCount == 5)
    let view = try #require(lab.state.entries(for: address("192.0.3.11")).first)
    #expect(view.origin == .host && view.expires == lab.now.deadline(after: 3600))
    #expect(lab.state.entry(view.id) == view)
  }
}
