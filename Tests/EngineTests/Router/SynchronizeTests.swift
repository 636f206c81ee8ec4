import PAP
import Testing

@testable import Engine

/// `synchronize`: the whole set in one step, in parts (pap.md, section 5).
@Suite struct SynchronizeTests {
  private static func entry(_ number: Int, spi: UInt32? = nil) -> Entry {
    Entry(
      address: IPv4Address(rawValue: address("192.0.2.0").rawValue + UInt32(number)),
      ipsecProtocol: .esp, spiIn: spi.map(SPI.init(rawValue:)))
  }

  private static func entries(_ numbers: some Sequence<Int>) -> [Entry] {
    numbers.map { entry($0) }
  }

  private static func rows(_ numbers: some Sequence<Int>) -> Set<String> {
    Set(numbers.map { "hosta 192.0.2.\($0) esp any SPI" })
  }

  private let lab: RouterLab
  private let host: TestHost

  init() throws {
    let lab = RouterLab { $0.limits.entries = 100 }
    self.lab = lab
    host = try #require(TestHost(0, in: lab))
    _ = host.lease(slot: 0x7c01)
    _ = host.synchronize(Self.entries(1...3))
  }

  @Test func `one part replaces the set, and what stays keeps its row`() {
    let rows = lab.table.entries
    #expect(Set(lab.entries) == Self.rows(1...3))
    let answer = host.synchronize(Self.entries([3, 4]), seconds: 200)
    #expect(answer?.code == .success && answer?.entryResults == [.success, .success])
    #expect(answer?.lifetime == 200 && answer?.part?.index == 0)
    #expect(Set(lab.entries) == Self.rows([3, 4]))
    let kept = lab.table.entries.filter { rows[$0.key] == $0.value }
    #expect(kept.count == 1 && lab.table.mistakes.isEmpty)
    let empty = host.synchronize([])
    #expect(empty?.code == .success && empty?.part?.index == 0)
    #expect(lab.entries.isEmpty)
  }

  @Test(
    "parts come in any order, and the last one acts",
    arguments: [[0, 1, 2], [2, 0, 1], [1, 2, 0]])
  func parts(_ order: [UInt16]) {
    for (place, part) in order.enumerated() {
      #expect(Set(lab.entries) == Self.rows(1...3))
      let named = Self.entries([10 + Int(part), 20 + Int(part)])
      let answer = host.synchronize(named, part: part, of: 3)
      #expect(answer?.code == .success && answer?.entryResults == [.success, .success])
      #expect(answer?.part?.index == UInt16(2 - place) && answer?.part?.total == 3)
      #expect((answer?.lifetime != nil) == (place == 2))
    }
    #expect(Set(lab.entries) == Self.rows(Array(10...12) + Array(20...22)))
  }

  struct Missing: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let between: @Sendable (RouterLab, TestHost) -> Void
  }

  @Test(
    "nothing changes if a part is missing",
    arguments: [
      Missing(testDescription: "it never comes") { _, _ in },
      Missing(testDescription: "the other came twice") { _, host in
        _ = host.synchronize(SynchronizeTests.entries([10]), part: 0, of: 2)
      },
      Missing(testDescription: "the other is of a set of three") { _, host in
        _ = host.synchronize(SynchronizeTests.entries([11]), part: 1, of: 3)
      },
      Missing(testDescription: "the other comes too late") { lab, host in
        lab.wait(seconds: 30)
        _ = host.synchronize(SynchronizeTests.entries([11]), part: 1, of: 2)
      },
      Missing(testDescription: "the other comes in a new session") { _, host in
        _ = host.hello()
        _ = host.synchronize(SynchronizeTests.entries([11]), part: 1, of: 2)
      },
    ])
  func missing(_ missing: Missing) {
    #expect(host.synchronize(Self.entries([10]), part: 0, of: 2)?.code == .success)
    missing.between(lab, host)
    #expect(Set(lab.entries) == Self.rows(1...3))
  }

  @Test func `an unfinished set is forgotten`() {
    _ = host.synchronize(Self.entries([10]), part: 0, of: 2)
    #expect(lab.state.hosts[HostIndex(rawValue: 1)].unfinishedSet != nil)
    lab.wait(seconds: 30)
    lab.step(.tick)
    #expect(lab.state.hosts[HostIndex(rawValue: 1)].unfinishedSet == nil)
  }

  @Test func `refused entries are told apart and are not in the set`() {
    lab.order(.revoke(prefix("192.0.2.50"), by: "root"))
    let bad = Entry(address: address("10.0.0.12"), ipsecProtocol: .esp)
    let first = host.synchronize([Self.entry(10), bad], part: 0, of: 2)
    #expect(first?.code == .unacceptableAddress)
    #expect(first?.entryResults == [.success, .unacceptableAddress])
    let named = [Self.entry(50), Self.entry(11, spi: 5), Self.entry(12)]
    let last = host.synchronize(named, part: 1, of: 2)
    #expect(last?.code == .prohibited && last?.lifetime == nil && last?.part?.index == 0)
    #expect(last?.entryResults == [.prohibited, .notYours, .success])
    #expect(Set(lab.entries) == Self.rows([10, 12]))
  }

  @Test func `what an earlier part named and is refused in the end is the answer's code`() {
    _ = host.synchronize(Self.entries([10, 11]), part: 0, of: 2)
    lab.order(.revoke(prefix("192.0.2.10"), by: "root"))
    let last = host.synchronize(Self.entries([12]), part: 1, of: 2)
    #expect(last?.code == .prohibited && last?.entryResults == [.success])
    #expect(Set(lab.entries) == Self.rows([11, 12]))
  }

  @Test func `a set has as many entries as a host may have, the operator's with them`() {
    lab.order(.validate(address("203.0.113.1"), host: "hosta", protocol: .esp))
    lab.order(.validate(address("192.0.2.10"), host: "hosta", protocol: .esp))
    #expect(host.synchronize(Self.entries(10..<58), part: 0, of: 3)?.code == .success)
    #expect(host.synchronize(Self.entries(58..<106), part: 1, of: 3)?.code == .success)
    let last = host.synchronize(Self.entries(106...110), part: 2, of: 3)
    #expect(last?.entryResults == [.success, .success, .success, .quotaExceeded, .quotaExceeded])
    #expect(Set(lab.entries) == Self.rows(10..<109).union(["hosta 203.0.113.1 esp any SPI"]))
    #expect(lab.table.mistakes.isEmpty)
    #expect(host.synchronize([], part: 0, of: 101)?.code == .quotaExceeded)
  }

  @Test func `more than a host may have is refused with the part that names it`() {
    _ = host.synchronize(Self.entries(10..<58), part: 0, of: 4)
    _ = host.synchronize(Self.entries(58..<106), part: 1, of: 4)
    let third = host.synchronize(Self.entries(106..<112), part: 2, of: 4)
    let wanted: [ResultCode] = [.success, .success, .success, .success]
    #expect(third?.entryResults == wanted + [.quotaExceeded, .quotaExceeded])
    #expect(host.synchronize([], part: 3, of: 4)?.code == .success)
    #expect(Set(lab.entries) == Self.rows(10..<110))
  }

  @Test func `what an operator validated stays`() {
    lab.order(.validate(address("203.0.113.1"), host: "hosta", protocol: .esp))
    #expect(host.synchronize([])?.code == .success)
    #expect(lab.entries == ["hosta 203.0.113.1 esp any SPI"])
  }

  @Test func `another host's set is its own`() throws {
    let other = try #require(TestHost(1, in: lab))
    _ = other.lease()
    _ = other.synchronize(Self.entries([1]))
    _ = host.synchronize(Self.entries([9]))
    #expect(lab.entries == ["hosta 192.0.2.9 esp any SPI", "hostb 192.0.2.1 esp any SPI"])
  }

  @Test func `without a part, and from a suspended host, it is refused`() {
    #expect(host.ask(.synchronize, [.validAddress(Self.entry(9))])?.code == .malformed)
    lab.order(.suspend(host: "hosta"))
    #expect(host.synchronize(Self.entries([9]))?.code == .prohibited)
    lab.order(.resume(host: "hosta"))
    #expect(Set(lab.entries) == Self.rows(1...3))
  }
}
