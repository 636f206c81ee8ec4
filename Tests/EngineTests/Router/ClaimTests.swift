import PAP
import Testing

@testable import Engine

/// SPIs that hosts choose themselves, one by one (pap.md, section 5).
@Suite struct ClaimTests {
  struct Vector: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let spi: UInt32
    let code: ResultCode
  }

  @Test(
    "a claim is granted or refused with its code",
    arguments: [
      Vector(testDescription: "in no slot", spi: 0x7007_0042, code: .success),
      Vector(testDescription: "below every slot", spi: 256, code: .success),
      Vector(testDescription: "the last of all", spi: .max, code: .success),
      Vector(testDescription: "reserved", spi: 255, code: .noResources),
      Vector(testDescription: "reserved, the first", spi: 1, code: .noResources),
      Vector(testDescription: "the first of another's slot", spi: 0x2222_0000, code: .inUse),
      Vector(testDescription: "the last of another's slot", spi: 0x2222_ffff, code: .inUse),
      Vector(testDescription: "before another's slot", spi: 0x2221_ffff, code: .success),
      Vector(testDescription: "after another's slot", spi: 0x2223_0000, code: .success),
      Vector(testDescription: "in the own slot", spi: 0x1111_0001, code: .inUse),
      Vector(testDescription: "claimed by another", spi: 0x5555_0001, code: .inUse),
      Vector(testDescription: "beside it", spi: 0x5555_0002, code: .success),
      Vector(testDescription: "given back by another just now", spi: 0x6666_0001, code: .inUse),
      Vector(testDescription: "in a slot just given back", spi: 0x3333_0001, code: .inUse),
    ])
  func code(_ vector: Vector) throws {
    let lab = RouterLab(["hosta", "hostb", "hostc"])
    let host = try #require(TestHost(0, in: lab))
    let other = try #require(TestHost(1, in: lab))
    let third = try #require(TestHost(2, in: lab))
    _ = host.lease(slot: 0x1111)
    _ = other.lease(slot: 0x2222)
    _ = third.lease(slot: 0x3333).map(third.giveBack)
    #expect(other.claim(0x5555_0001) == .success)
    #expect(other.claim(0x6666_0001) == .success)
    #expect(other.giveBackClaim(0x6666_0001) == .success)
    let claims = lab.table.claims
    #expect(host.claim(vector.spi) == vector.code)
    let granted = vector.code == .success ? [SPI(rawValue: vector.spi): HostIndex.first] : [:]
    #expect(lab.table.claims == claims.merging(granted) { $1 })
  }

  @Test func `a claim is answered as asked, renewed, and runs out`() throws {
    let lab = RouterLab()
    let host = try #require(TestHost(0, in: lab))
    let spi = SPI(rawValue: 0x7007_0042)
    let answer = host.ask(.securityRequest, [.lifetime(200), .spis(first: spi.rawValue, count: 1)])
    #expect(answer?.options.dropLast() == [.spis(first: spi.rawValue, count: 1), .lifetime(200)])
    lab.wait(seconds: 199)
    #expect(host.claim(spi.rawValue, seconds: 300) == .success)
    lab.wait(seconds: 299)
    lab.step(.tick)
    #expect(lab.table.claims[spi] == .first)
    lab.wait(seconds: 1)
    lab.step(.tick)
    #expect(lab.table.claims.isEmpty && lab.table.mistakes.isEmpty)
  }

  @Test func `a claim that is given up waits for its host and for nobody else`() throws {
    let lab = RouterLab()
    let host = try #require(TestHost(0, in: lab))
    let other = try #require(TestHost(1, in: lab))
    #expect(host.claim(0x7007_0042) == .success)
    #expect(other.giveBackClaim(0x7007_0042) == .notYours)
    #expect(host.giveBackClaim(0x7007_0043) == .notYours)
    #expect(host.giveBackClaim(0x7007_0042) == .success)
    #expect(host.giveBackClaim(0x7007_0042) == .notYours)
    #expect(other.claim(0x7007_0042) == .inUse)
    #expect(host.claim(0x7007_0042) == .success)
    #expect(host.giveBackClaim(0x7007_0042) == .success)
    lab.wait(seconds: 599)
    #expect(other.claim(0x7007_0042) == .inUse)
    lab.wait(seconds: 1)
    #expect(other.claim(0x7007_0042) == .success)
  }

  @Test func `a slot with another's claim in it is not leased, nor for as long as it rests`() throws
  {
    let lab = RouterLab()
    let host = try #require(TestHost(0, in: lab))
    let other = try #require(TestHost(1, in: lab))
    #expect(other.claim(0x7007_0042) == .success)
    let slot = try #require(host.lease(slot: 0x7007))
    #expect(slot.rawValue != 0x7007)
    _ = host.giveBack(slot)
    #expect(other.lease(slot: 0x7007)?.rawValue == 0x7007)
    let third = RouterLab(["hosta", "hostb"])
    let one = try #require(TestHost(0, in: third))
    let two = try #require(TestHost(1, in: third))
    #expect(two.claim(0x7007_0042) == .success)
    #expect(two.giveBackClaim(0x7007_0042) == .success)
    #expect(one.lease(slot: 0x7007)?.rawValue != 0x7007)
  }

  @Test func `a host has so many claims, and as many that rest`() throws {
    let lab = RouterLab { $0.limits.claimedSPIs = 3 }
    let host = try #require(TestHost(0, in: lab))
    let other = try #require(TestHost(1, in: lab))
    #expect((1...3).map { host.claim(0x7007_0000 + $0) } == [.success, .success, .success])
    #expect(host.claim(0x7007_0004) == .quotaExceeded)
    // What it has it can renew, and the other has limits of its own.
    #expect(host.claim(0x7007_0001) == .success)
    #expect(other.claim(0x7007_0004) == .success)
    for spi in UInt32(0x7007_0001)...0x7007_0003 {
      #expect(host.giveBackClaim(spi) == .success)
      #expect(host.claim(spi + 0x10) == .success)
    }
    #expect(host.giveBackClaim(0x7007_0011) == .success)
    // Two held and four at rest: six in all. One of those at rest is no more than there were.
    #expect(host.claim(0x7007_0021) == .quotaExceeded)
    #expect(host.claim(0x7007_0001) == .success)
    lab.wait(seconds: 600)
    lab.step(.tick)
    #expect(host.giveBackClaim(0x7007_0001) == .success)
    #expect(host.claim(0x7007_0021) == .success)
    #expect(lab.state.claims.quarantine.count == 1)
  }

  @Test func `entries rest on the claim, or for every SPI on the last thing held`() throws {
    let lab = RouterLab()
    let host = try #require(TestHost(0, in: lab))
    let spi = SPI(rawValue: 0x7007_0042)
    #expect(host.validate("192.0.2.1", spi: spi) == .notYours)
    #expect(host.validate("192.0.2.1") == .notYours)
    #expect(host.claim(spi.rawValue, seconds: 1000) == .success)
    #expect(host.claim(spi.rawValue + 1, seconds: 500) == .success)
    #expect(host.validate("192.0.2.1", spi: spi) == .success)
    #expect(host.validate("192.0.2.2") == .success)
    let slot = try #require(host.lease(slot: 0x1111, seconds: 300))
    #expect(host.validate("192.0.2.3", spi: slot.firstSPI) == .success)
    let ends = lab.state.entries.sorted { $0.entry.address < $1.entry.address }
      .map { $0.expires.map { lab.now.monotonic.seconds(until: $0) } }
    #expect(ends == [1000, 1000, 300])
    #expect(host.giveBack(slot) == .success)
    #expect(lab.entries == ["hosta 192.0.2.1 esp 0x70070042", "hosta 192.0.2.2 esp any SPI"])
    #expect(host.giveBackClaim(spi.rawValue) == .success)
    #expect(lab.entries == ["hosta 192.0.2.2 esp any SPI"])
    #expect(host.giveBackClaim(spi.rawValue + 1) == .success)
    #expect(lab.entries.isEmpty && lab.table.entries.isEmpty && lab.table.mistakes.isEmpty)
  }

  @Test func `the lifetime granted is that of the shortest lease among the entries`() throws {
    let lab = RouterLab()
    let host = try #require(TestHost(0, in: lab))
    #expect(host.claim(0x7007_0042, seconds: 500) == .success)
    #expect(host.claim(0x7007_0043, seconds: 400) == .success)
    let entries = [0x7007_0042, 0x7007_0043].map {
      Message.Option.validAddress(
        Entry(address: address("192.0.2.1"), ipsecProtocol: .esp, spiIn: SPI(rawValue: $0)))
    }
    #expect(host.ask(.addressValidate, entries)?.lifetime == 400)
    #expect(host.ask(.addressValidate, Array(entries.prefix(1)))?.lifetime == 500)
  }

  @Test func `a suspended host claims nothing, and its time stands still`() throws {
    let lab = RouterLab()
    let host = try #require(TestHost(0, in: lab))
    #expect(host.claim(0x7007_0042, seconds: 200) == .success)
    lab.order(.suspend(host: "hosta"))
    #expect(host.claim(0x7007_0043) == .prohibited)
    #expect(host.claim(0x7007_0042) == .prohibited)
    lab.wait(seconds: 1000)
    lab.order(.resume(host: "hosta"))
    lab.wait(seconds: 199)
    lab.step(.tick)
    #expect(lab.table.claims.count == 1)
    lab.wait(seconds: 1)
    lab.step(.tick)
    #expect(lab.table.claims.isEmpty)
  }
}

extension HostIndex {
  /// The host that comes first in the configuration.
  fileprivate static let first = HostIndex(rawValue: 1)
}
