import Net
import PAP
import Testing

@testable import Engine

/// What the router says of itself: `withdraw-notice` and `announce` (pap.md, section 8).
@Suite struct NoticeTests {
  private static func entry(_ text: String) -> Entry {
    Entry(address: address(text), ipsecProtocol: .esp)
  }

  private func leasing(_ place: Int, in lab: RouterLab) throws -> TestHost {
    let host = try #require(TestHost(place, in: lab))
    _ = host.lease()
    return host
  }

  @Test func `each host is told what was taken from it, after the table knows`() throws {
    let lab = RouterLab(["hosta", "hostb", "hostc"])
    let hosts = try (0..<3).map { try leasing($0, in: lab) }
    for host in hosts.prefix(2) { _ = host.validate("192.0.2.1") }
    _ = hosts[2].validate("203.0.113.1")
    let effects = lab.step(.command(.revoke(prefix("192.0.2.0/24"), reason: "gone", by: "root")))
    for host in hosts.prefix(2) {
      let notices = host.notices(in: effects)
      #expect(notices.map(\.invalidAddresses) == [[Self.entry("192.0.2.1")]])
      #expect(notices.first?.reason == "gone" && notices.first?.epoch == lab.state.epoch)
    }
    #expect(hosts[2].notices(in: effects).isEmpty)
    let kinds = effects.compactMap { effect -> String? in
      switch effect {
      case .table: "table"
      case .send: "send"
      case .outcome: "outcome"
      case .store, .rolledBack, .log: nil
      }
    }
    #expect(kinds == ["table", "table", "table", "outcome", "send", "send"])
    guard case .table(.insertRevocation) = effects.first else {
      Issue.record("the revocation does not come first")
      return
    }
  }

  @Test func `a revocation is published before its entries are looked for`() throws {
    let lab = RouterLab()
    let host = try leasing(0, in: lab)
    _ = host.validate("192.0.2.1")
    let first = lab.state.step(.command(.revoke(prefix("192.0.2.1"), by: "root")), now: lab.now)
    let table = first.filter { if case .store = $0 { false } else { true } }
    #expect(table == [.table(.insertRevocation(prefix("192.0.2.1"), nil))])
    #expect(lab.state.isUnfinished)
    // Whoever does not finish it finds it done before anything else.
    let later = lab.state.step(.command(.unrevoke(prefix("192.0.2.1"))), now: lab.now)
    #expect(!lab.state.isUnfinished && lab.state.entryCount == 0)
    let outcomes = later.compactMap { if case .outcome(let outcome) = $0 { outcome } else { nil } }
    #expect(outcomes.count == 2)
  }

  @Test func `more than one message holds comes in several, each after the one before`() throws {
    let lab = RouterLab()
    let host = try leasing(0, in: lab)
    for number in 0..<100 { _ = host.validate("192.0.2.\(number)") }
    var effects = lab.step(.command(.revoke(prefix("192.0.2.0/24"), by: "root")))
    var told: [Int] = []
    while let notice = host.notices(in: effects).first, told.count < 10 {
      told.append(notice.invalidAddresses.count)
      effects = host.confirm(notice.transactionID)
    }
    #expect(told == [48, 48, 4])
    #expect(lab.state.counters.noticesSent == 3 && lab.state.counters.noticesConfirmed == 3)
    lab.wait(seconds: 100)
    #expect(host.notices(in: lab.step(.tick)).isEmpty)
  }

  @Test func `what is valid again is not named`() throws {
    let lab = RouterLab()
    let host = try leasing(0, in: lab)
    _ = host.validate("192.0.2.1")
    _ = host.validate("192.0.2.2")
    let first = lab.step(.command(.invalidate(address("192.0.2.1"))))
    #expect(host.notices(in: first).count == 1)
    let second = lab.step(.command(.invalidate(address("192.0.2.2"))))
    #expect(host.notices(in: second).isEmpty)
    _ = host.validate("192.0.2.1")
    lab.wait(seconds: 0.25)
    // The first has become void, and so the second follows.
    let notices = host.notices(in: lab.step(.tick))
    #expect(notices.map(\.invalidAddresses) == [[Self.entry("192.0.2.2")]])
  }

  @Test func `what a host without a session is to know waits for its next one`() throws {
    let lab = RouterLab()
    let host = try leasing(0, in: lab)
    _ = host.validate("192.0.2.1")
    let session = try #require(host.session)
    lab.state.hosts[HostIndex(rawValue: 1)].sessions.end(session.id)
    #expect(host.notices(in: lab.step(.command(.invalidate(address("192.0.2.1"))))).isEmpty)
    lab.wait(seconds: 1000)
    #expect(host.notices(in: lab.step(.tick)).isEmpty)
    _ = host.hello()
    let request = host.sealed(.portRequest, [])
    let effects = lab.step(.datagram(request, from: host.source, to: RouterLab.local))
    #expect(host.notices(in: effects).map(\.invalidAddresses) == [[Self.entry("192.0.2.1")]])
  }

  @Test func `what waits has a bound`() throws {
    let lab = RouterLab {
      $0.limits.entries = 3
      $0.limits.claimedSPIs = 0
    }
    let host = try leasing(0, in: lab)
    let session = try #require(host.session)
    lab.state.hosts[HostIndex(rawValue: 1)].sessions.end(session.id)
    for number in 1...20 {
      let peer = address("192.0.2.\(number)")
      lab.order(.validate(peer, host: "hosta", protocol: .esp))
      lab.order(.invalidate(peer))
    }
    _ = host.hello()
    let request = host.sealed(.portRequest, [])
    let effects = lab.step(.datagram(request, from: host.source, to: RouterLab.local))
    let named = host.notices(in: effects).flatMap(\.invalidAddresses)
    #expect(named == (16...20).map { Self.entry("192.0.2.\($0)") })
  }

  @Test func `a suspended host is told of its leases, and after it is resumed of nothing`() throws {
    let lab = RouterLab()
    let host = try leasing(0, in: lab)
    let block = try #require(host.leasePorts())
    #expect(host.claim(0x7007_0042) == .success)
    let notices = host.notices(in: lab.step(.command(.suspend(host: "hosta"))))
    let slot = try #require(lab.table.slots.keys.first)
    #expect(notices.first?.spis?.first == slot.firstSPI.rawValue)
    #expect(notices.first?.ports?.first == block.first)
    // The claim has an option of the same kind, and so a message of its own.
    let next = host.notices(in: host.confirm(notices[0].transactionID))
    #expect(next.first?.spis?.first == 0x7007_0042)
    lab.order(.resume(host: "hosta"))
    lab.wait(seconds: 10)
    #expect(host.notices(in: lab.step(.tick)).isEmpty)
    #expect(lab.state.hosts[HostIndex(rawValue: 1)].withdrawals.isEmpty)
  }

  @Test func `a host is told that a lease, or what an operator validated, has run out`() throws {
    let lab = RouterLab()
    let host = try leasing(0, in: lab)
    _ = host.validate("192.0.2.1", seconds: 120)
    lab.order(.validate(address("192.0.2.2"), host: "hosta", protocol: .esp, seconds: 120))
    lab.wait(seconds: 120)
    let entries = host.notices(in: lab.step(.tick))
    #expect(entries.map(\.invalidAddresses) == [[Self.entry("192.0.2.2")]])
    _ = host.confirm(entries[0].transactionID)
    let slot = try #require(lab.table.slots.keys.first)
    lab.wait(seconds: 3480)
    let leases = host.notices(in: lab.step(.tick))
    #expect(leases.map { $0.spis?.first } == [slot.firstSPI.rawValue])
  }

  @Test func `only the host itself confirms`() throws {
    let lab = RouterLab()
    let host = try leasing(0, in: lab)
    let other = try leasing(1, in: lab)
    _ = host.validate("192.0.2.1")
    let notice = try #require(
      host.notices(in: lab.step(.command(.invalidate(address("192.0.2.1"))))).first)
    let pending = { lab.state.hosts[HostIndex(rawValue: 1)].withdrawals.notice != nil }
    #expect(other.confirm(notice.transactionID).isEmpty && pending())
    #expect(host.confirm(notice.transactionID + 1).isEmpty && pending())
    let untagged = Message(
      type: .withdrawNotice, isResponse: true, transactionID: notice.transactionID, epoch: 0)
    #expect(lab.deliver(untagged.encoded(), from: host.source).isEmpty && pending())
    var forged = host.confirmation(notice.transactionID)
    forged[40] ^= 1
    #expect(lab.deliver(forged, from: host.source).isEmpty && pending())
    let right = host.confirmation(notice.transactionID)
    #expect(lab.deliver(right, from: other.source).isEmpty && pending())
    #expect(lab.deliver(right, from: host.source).isEmpty && !pending())
    #expect(lab.deliver(right, from: host.source).isEmpty)
    #expect(lab.state.counters.noticesConfirmed == 1 && lab.state.counters.replayed == 1)
  }

  @Test func `without authentication notices have no tag, and the address confirms`() throws {
    let lab = RouterLab { $0.authentication = .none }
    let source = Endpoint(address: RouterLab.insideAddress(0), port: 5000)
    func ask(_ type: MessageType, _ number: UInt32, _ options: [Message.Option]) {
      let request = Message(type: type, transactionID: number, epoch: 0, options: options)
      _ = lab.deliver(request.encoded(), from: source)
    }
    ask(.securityRequest, 1, [])
    ask(.addressValidate, 2, [.validAddress(Self.entry("192.0.2.1"))])
    let effects = lab.step(.command(.invalidate(address("192.0.2.1"))))
    let notice = try #require(
      effects.compactMap { effect -> Message? in
        guard case .send(let bytes, source, RouterLab.local) = effect else { return nil }
        return try? Message(decoding: bytes)
      }.first)
    #expect(notice.type == .withdrawNotice && notice.authentication == nil)
    let response = Message(
      type: .withdrawNotice, isResponse: true, transactionID: notice.transactionID, epoch: 0)
    #expect(lab.deliver(response.encoded(), from: source).isEmpty)
    #expect(lab.state.counters.noticesConfirmed == 1)
  }

  @Test func `a restart is announced three times to every known host where it was`() throws {
    let lab = RouterLab(["hosta", "hostb", "hostc"])
    let contacts = (0..<2).map { place in
      Contact(
        remote: Endpoint(address: RouterLab.insideAddress(place), port: UInt16(5000 + place)),
        local: RouterLab.local)
    }
    let known = ["hosta": contacts[0], "hostb": contacts[1], "gone": contacts[1]]
    func announced(_ effects: [Effect]) -> [Endpoint] {
      effects.compactMap { effect in
        guard case .send(let bytes, let endpoint, RouterLab.local) = effect,
          let message = try? Message(decoding: bytes)
        else { return nil }
        #expect(message.type == .announce && !message.isResponse && message.options.isEmpty)
        #expect(message.epoch == lab.state.epoch && bytes.count == 16)
        return endpoint
      }
    }
    #expect(announced(lab.step(.restarted(known))) == contacts.map(\.remote))
    for seconds in [0.999, 0.001, 0.999, 0.001, 0.999, 0.001, 100] {
      lab.wait(seconds: seconds)
      let isDue = seconds == 0.001 && lab.state.counters.announcementsSent < 6
      #expect(announced(lab.step(.tick)) == (isDue ? contacts.map(\.remote) : []))
    }
    #expect(lab.state.counters.announcementsSent == 6)
  }
}
