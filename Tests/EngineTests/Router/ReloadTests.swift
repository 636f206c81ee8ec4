import Net
import PAP
import Testing

@testable import Engine

/// Another configuration while the router runs, one rule at a time.
@Suite struct ReloadTests {
  private func pair() throws -> (RouterLab, TestHost, TestHost) {
    let lab = RouterLab()
    return (lab, try #require(TestHost(0, in: lab)), try #require(TestHost(1, in: lab)))
  }

  private static func remove(_ name: String) -> (inout RouterPolicy) -> Void {
    { $0.hosts.removeAll { $0.name == name } }
  }

  @Test func `a host that is removed loses everything, and nobody else anything`() throws {
    let (lab, hosta, hostb) = try pair()
    let slot = try #require(hosta.lease(slot: 0x1111))
    let other = try #require(hostb.lease(slot: 0x2222))
    let ports = try #require(hosta.leasePorts())
    #expect(hosta.claim(0x7777_0001) == .success)
    #expect(hosta.validate("192.0.2.10") == .success && hostb.validate("192.0.2.10") == .success)
    #expect(hosta.validate("192.0.2.10", spi: SPI(rawValue: 0x7777_0001)) == .success)
    lab.order(.validate(address("192.0.2.12"), host: "hosta", protocol: .esp))
    lab.reload(Self.remove("hosta"))
    #expect(lab.state.entries.map(\.host) == ["hostb"])
    #expect(lab.table.slots == [other: HostIndex(rawValue: 2)])
    #expect(lab.table.ports.isEmpty && lab.table.claims.isEmpty)
    #expect(Array(lab.table.hosts.keys) == [HostIndex(rawValue: 2)])
    #expect(lab.state.hostCount == 1 && lab.state.hostView(named: "hosta") == nil)
    #expect(hosta.validate("192.0.2.10") == nil && hosta.hello() == nil)
    #expect(hostb.validate("192.0.2.11") == .success)
    // Its slot, claim and ports rest.
    #expect(hostb.claim(slot.firstSPI.rawValue) == .inUse)
    #expect(hostb.claim(0x7777_0001) == .inUse)
    #expect(hostb.leasePorts(first: ports.first)?.first != ports.first)
    #expect(lab.table.mistakes.isEmpty && lab.lossOverRestart == nil)
  }

  @Test func `what a removed host held is free after its quarantine`() throws {
    let (lab, hosta, hostb) = try pair()
    let slot = try #require(hosta.lease(slot: 0x1111))
    lab.reload(Self.remove("hosta"))
    lab.wait(seconds: 599)
    #expect(hostb.claim(slot.firstSPI.rawValue) == .inUse)
    lab.wait(seconds: 2)
    #expect(hostb.claim(slot.firstSPI.rawValue) == .success)
  }

  @Test func `a host that is added can lease at once`() throws {
    let (lab, _, _) = try pair()
    let stranger = try #require(TestHost(silent: 2, in: lab))
    #expect(stranger.hello() == nil)
    lab.reload { $0.hosts.insert(RouterLab.identity(2, name: "hostc"), at: 0) }
    #expect(stranger.hello() != nil)
    let slot = try #require(stranger.lease())
    #expect(stranger.validate("192.0.2.10") == .success)
    #expect(lab.table.slots[slot] == HostIndex(rawValue: 3))
    #expect(lab.state.hostViews.map(\.name) == ["hostc", "hosta", "hostb"])
    #expect(lab.lossOverRestart == nil)
  }

  @Test func `hosts keep their numbers whatever their order`() throws {
    let (lab, hosta, _) = try pair()
    let slot = try #require(hosta.lease())
    let effects = lab.reload { $0.hosts.reverse() }
    #expect(effects.isEmpty)
    #expect(lab.table.slots[slot] == HostIndex(rawValue: 1))
    #expect(lab.state.hostView(named: "hosta")?.index == HostIndex(rawValue: 1))
    #expect(hosta.validate("192.0.2.10") == .success)
  }

  @Test func `a host that comes back is the same host with nothing`() throws {
    let (lab, hosta, hostb) = try pair()
    let slot = try #require(hosta.lease(slot: 0x1111))
    lab.order(.revoke(prefix("192.0.2.66"), host: "hosta", by: "ana"))
    lab.order(.suspend(host: "hosta"))
    let identity = lab.state.policy.hosts[0]
    lab.reload(Self.remove("hosta"))
    #expect(lab.state.revocationViews.isEmpty && lab.state.revocationCount == 0)
    lab.reload { $0.hosts.append(identity) }
    #expect(lab.state.revocationCount == 1)
    let view = try #require(lab.state.hostView(named: "hosta"))
    #expect(view.index == HostIndex(rawValue: 1) && view.state == .suspended && view.slot == nil)
    lab.order(.resume(host: "hosta"))
    #expect(hosta.validate("192.0.2.10") == nil)
    #expect(hosta.hello() != nil)
    #expect(hosta.claim(slot.firstSPI.rawValue) == .success)
    #expect(hosta.validate("192.0.2.66", spi: slot.firstSPI) == .prohibited)
    #expect(hostb.claim(slot.lastSPI.rawValue) == .inUse)
    #expect(lab.table.mistakes.isEmpty)
  }

  @Test func `a session goes on as long as its key does`() throws {
    let (lab, hosta, hostb) = try pair()
    let new = try #require(RouterLab.key(8))
    let old = lab.state.policy.hosts[0].keys
    lab.reload { $0.hosts[0].keys = old + [.init(id: 9, secret: new)] }
    #expect(hosta.validate("192.0.2.255") == .notYours)
    lab.reload { $0.hosts[0].keys = [.init(id: 9, secret: new)] }
    #expect(hosta.validate("192.0.2.255") == nil)
    #expect(hosta.hello() == nil)
    #expect(hostb.validate("192.0.2.255") == .notYours)
  }

  @Test func `other octets under the same number end the session`() throws {
    let (lab, hosta, _) = try pair()
    let new = try #require(RouterLab.key(8))
    _ = hosta.hello(nonce: 77)
    lab.reload { $0.hosts[0].keys[0].secret = new }
    #expect(hosta.validate("192.0.2.255") == nil)
    #expect(lab.state.hosts[HostIndex(rawValue: 1)].sessions.pending.isEmpty)
    hosta.key = new
    #expect(hosta.hello() != nil)
  }

  @Test func `hosts that swap addresses get their own packets there`() throws {
    let (lab, hosta, _) = try pair()
    let slot = try #require(hosta.lease())
    #expect(hosta.validate("192.0.2.10") == .success)
    let (one, other) = (RouterLab.insideAddress(0), RouterLab.insideAddress(1))
    let effects = lab.reload {
      $0.hosts[0].insideAddress = other
      $0.hosts[1].insideAddress = one
    }
    #expect(
      effects.contains(
        .table(.setHost(HostIndex(rawValue: 1), insideAddress: other, suspended: false))))
    #expect(hosta.validate("192.0.2.11") == nil)
    hosta.source = Endpoint(address: other, port: 40_000)
    #expect(hosta.validate("192.0.2.11") == nil)
    #expect(hosta.hello() != nil && hosta.validate("192.0.2.11") == .success)
    #expect(lab.table.slots[slot] == HostIndex(rawValue: 1) && lab.state.entryCount == 2)
  }

  @Test func `limits, lifetime and quarantines hold from now on`() throws {
    let (lab, hosta, hostb) = try pair()
    let slot = try #require(hosta.lease())
    #expect(hosta.validate("192.0.2.10") == .success && hosta.validate("192.0.2.11") == .success)
    lab.reload {
      $0.limits.entries = 2
      $0.limits.claimedSPIs = 0
      $0.defaultLifetime = 240
      $0.spiQuarantine = 0
    }
    #expect(lab.state.entryCount == 2)
    #expect(hosta.validate("192.0.2.12") == .quotaExceeded)
    #expect(hosta.claim(0x7777_0001) == .quotaExceeded)
    let answer = hosta.ask(.portRequest, [.ports(first: 0, count: 0)])
    #expect(answer?.lifetime == 240)
    #expect(hosta.giveBack(slot) == .success)
    #expect(hostb.lease(slot: slot.rawValue) == slot)
  }

  @Test func `what cannot change stays`() throws {
    let (lab, _, _) = try pair()
    lab.reload {
      $0.externalAddress = address("203.0.113.1")
      $0.portBlock = 2048
      $0.authentication = .none
    }
    #expect(lab.state.policy.externalAddress == address("198.51.100.1"))
    #expect(lab.state.policy.portBlock == 1024 && lab.state.policy.authentication == .required)
  }
}
