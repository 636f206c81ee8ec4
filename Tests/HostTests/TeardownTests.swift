import PAP
import Testing

@testable import Host

/// What charon is told to end, and to make again, read from charon's own lists.
@Suite struct TeardownTests {
  /// A connection `p` that this host started, IKE_SA 1 with 10.9.0.2, with the children 1 (DELETED,
  /// SPI 0x12344e7f) and 2 (INSTALLED, SPI 0x1234effe), both named `tun`.
  private static let list = VICIEventTests.event("list-sa with an old and a new association")
  private static let connecting = VICIEventTests.event("list-sa, connecting")

  private func teardown(_ withdrawal: Withdrawal) throws -> Teardown? {
    let section = try #require(Self.list?.message.sections.first)
    return Teardown(
      connection: section.name, ike: section.content, configured: [], withdrawal)
  }

  @Test(arguments: [
    entry("10.9.0.2", in: 0x1234_effe), entry("10.9.0.2"), entry("10.9.0.2", .any),
    entry("10.9.0.2", .any, in: 0x1234_effe),
  ])
  func `an association that was withdrawn ends with its IKE_SA, at once`(_ gone: Entry) throws {
    let found = try #require(try teardown(Withdrawal(entries: [gone])))
    #expect(found.ike == 1 && found.isWhole && found.children == [2])
    #expect(found.commands == [.values(["ike-id": "1", "force": "yes", "timeout": "-1"])])
    let revival = try #require(found.revivals.first)
    #expect(revival.name == ChildName(connection: "p", child: "tun"))
    #expect(revival.key == EntryKey(entry("10.9.0.2")))
  }

  @Test(arguments: [
    entry("10.9.0.3"), entry("10.9.0.2", .ah), entry("10.9.0.2", in: 0x1234_efff),
    // Already deleted by itself.
    entry("10.9.0.2", in: 0x1234_4e7f),
  ])
  func `what does not rest on it goes on`(_ gone: Entry) throws {
    #expect(try teardown(Withdrawal(entries: [gone])) == nil)
  }

  @Test func `one child of several is ended by itself`() throws {
    var section = try #require(Self.list?.message.sections.first?.content)
    section.replaceState(ofChild: 0, by: "INSTALLED")
    let withdrawal = Withdrawal(entries: [entry("10.9.0.2", in: 0x1234_effe)])
    let found = try #require(Teardown(connection: "p", ike: section, configured: [], withdrawal))
    #expect(!found.isWhole)
    #expect(found.commands == [.values(["child-id": "2", "timeout": "-1"])])
  }

  /// The second address is the peer's.
  @Test(arguments: [("10.9.0.3", 0), ("10.9.0.2", 1)])
  func `what the peer began is left to it, unless its address is configured`(
    configured: String, revivals: Int
  ) throws {
    var section = try #require(Self.list?.message.sections.first?.content)
    section.elements.removeAll { if case .value("initiator", _) = $0 { true } else { false } }
    let found = try #require(
      Teardown(
        connection: "p", ike: section, configured: [address(configured)],
        Withdrawal(entries: [entry("10.9.0.2")])))
    #expect(found.revivals.count == revivals)
  }

  @Test func `what charon makes by itself is not made twice`() throws {
    let list = try #require(Self.list?.message)
    let connecting = try #require(Self.connecting?.message)
    func revival(_ connection: String, _ child: String) -> Revival {
      Revival(
        name: ChildName(connection: connection, child: child), peer: address("10.9.0.2"),
        ipsecProtocol: .esp)
    }
    #expect(revival("p", "tun").isUnderWay(list))
    #expect(revival("p", "other").isUnderWay(connecting))
    #expect(!revival("p", "other").isUnderWay(list))
    #expect(!revival("q", "tun").isUnderWay(list))
  }

  @Test func `peers of the configuration are those with an address`() throws {
    let packet = try #require(VICIEventTests.event("list-conn"))
    #expect(ConfiguredPeers.read(packet.message) == [address("192.0.2.10")])
    let named = ["%any", "vpn.example.org", "10.0.0.0/8", "2001:db8::1", "192.0.2.7"]
    let content = VICIMessage([.list("remote_addrs", named.map { Array($0.utf8) })])
    let others = VICIMessage([.section("c", content)])
    #expect(ConfiguredPeers.read(others) == [address("192.0.2.7")])
    #expect(
      Array(ConfiguredPeers.entries([address("192.0.2.7")]).values) == [entry("192.0.2.7", .any)])
  }
}

extension VICIMessage {
  /// Changes the state of the child at `index` below `child-sas`.
  fileprivate mutating func replaceState(ofChild index: Int, by state: String) {
    elements = elements.map { element in
      guard case .section("child-sas", var children) = element,
        case .section(let name, var child) = children.elements[index]
      else { return element }
      child.elements = child.elements.map {
        if case .value("state", _) = $0 { .value("state", Array(state.utf8)) } else { $0 }
      }
      children.elements[index] = .section(name, child)
      return .section("child-sas", children)
    }
  }
}
