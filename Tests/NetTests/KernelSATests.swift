import Foundation
import PAP
import Testing

@testable import Net

/// What the kernel's own messages say about its security associations.
///
/// The octets are those of a real kernel, which `ip xfrm` was told what to hold; the expected values
/// are the arguments of `ip xfrm` (`Vectors/make-xfrm-vectors.py`).
@Suite struct KernelSATests {
  struct Vector: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let events: [KernelSAEvent]

    init(_ name: String, _ events: [KernelSAEvent]) {
      testDescription = name
      self.events = events
    }
  }

  static let shared = address("198.51.100.1")
  static let peer = address("192.0.2.10")
  static let tunnelIn = sa(.esp, 0x1234_0001, from: peer, to: shared, request: 7)
  static let tunnelOut = sa(.esp, 0xc0ff_ee01, from: shared, to: peer, request: 7)
  static let transportAH = sa(.ah, 0x1234_0002, from: peer, to: shared, request: 8)
  static let inUDP = sa(.esp, 0x1698_c310, from: peer, to: shared, request: 9)
  static let limited = sa(.esp, 0x1234_0009, from: peer, to: shared, request: 7)

  static let vectors = [
    Vector("newsa-esp-tunnel-in", [.added(tunnelIn)]),
    Vector("newsa-esp-tunnel-out", [.added(tunnelOut)]),
    Vector("newsa-ah-transport-in", [.added(transportAH)]),
    Vector("newsa-esp-in-udp-in", [.added(inUDP)]),
    Vector("updsa-esp-tunnel-in", [.added(tunnelIn)]),
    Vector("newsa-limited", [.added(limited)]),
    Vector("delsa-ah-transport-in", [.removed(transportAH.id)]),
    // That it should be replaced soon changes nothing; that it is gone does.
    Vector("expire", []),
    Vector("expire-2", [.removed(limited.id)]),
    Vector("flush-all", [.flushed(nil)]),
    // The end of a list.
    Vector("dump-2", []),
  ]

  @Test(arguments: vectors)
  func messagesOfTheKernelAreUnderstood(_ vector: Vector) throws {
    let octets = try #require(XFRMVectors.all[vector.testDescription])
    #expect(XFRMSocket.events(octets) == vector.events)
  }

  /// The SPI 0x12345000 was only reserved (`ip xfrm state allocspi`) and has no keys.
  @Test func aListNamesWhatHasKeys() throws {
    let octets = try #require(XFRMVectors.all["dump"])
    let replies = NetlinkReply.split(octets)
    #expect(replies.count == 5)
    #expect(
      Set(replies.compactMap { KernelSA(payload: $0.payload) })
        == [Self.tunnelIn, Self.tunnelOut, Self.transportAH, Self.inUDP])
  }

  @Test(arguments: [
    (UInt8(0), KernelSAEvent.flushed(nil)), (255, .flushed(nil)), (50, .flushed(.esp)),
    (51, .flushed(.ah)),
  ])
  func aFlushNamesItsProtocol(_ octet: UInt8, _ event: KernelSAEvent) throws {
    var octets = try #require(XFRMVectors.all["flush-all"])
    octets[16] = octet
    #expect(XFRMSocket.events(octets) == [event])
  }

  /// Another family (offset 212 of the body), another protocol (76), and a flush of IPComp.
  @Test func whatIsNoIPv4ESPOrAHIsLeftOut() throws {
    var otherFamily = try #require(XFRMVectors.all["newsa-esp-tunnel-in"])
    otherFamily[16 + 212] = 10
    var otherProtocol = try #require(XFRMVectors.all["newsa-esp-tunnel-in"])
    otherProtocol[16 + 76] = 108
    var flush = try #require(XFRMVectors.all["flush-all"])
    flush[16] = 108
    for octets in [otherFamily, otherProtocol, flush] {
      #expect(XFRMSocket.events(octets).isEmpty)
    }
  }

  /// Every message, cut everywhere, and with lengths that lie: never more than what is there.
  @Test func cutAndLyingMessagesSayNothingNew() {
    for (name, octets) in XFRMVectors.all.sorted(by: { $0.key < $1.key }) {
      let whole = Set(XFRMSocket.events(octets))
      for length in 0..<octets.count {
        var cut = Array(octets.prefix(length))
        #expect(Set(XFRMSocket.events(cut)).isSubset(of: whole), "\(name) cut to \(length)")
        guard length >= 4 else { continue }
        cut[0] = UInt8(truncatingIfNeeded: length)
        cut[1] = UInt8(truncatingIfNeeded: length >> 8)
        _ = XFRMSocket.events(cut)
      }
    }
  }

  @Test(arguments: 1...8 as ClosedRange<UInt64>)
  func changedOctetsNeverTrap(seed: UInt64) {
    var random = SplitMix(state: seed)
    for octets in XFRMVectors.all.values.sorted(by: { $0.count < $1.count }) {
      for _ in 0..<200 {
        var changed = octets
        for _ in 0...3 {
          let place = Int(random.next() % UInt64(changed.count))
          changed[place] = UInt8(truncatingIfNeeded: random.next())
        }
        for event in XFRMSocket.events(changed) {
          guard case .added(let sa) = event else { continue }
          #expect(sa.id.ipsecProtocol != .any, "seed \(seed)")
        }
      }
    }
  }

  private static func sa(
    _ ipsecProtocol: IPsecProtocol, _ spi: UInt32, from source: IPv4Address,
    to destination: IPv4Address, request: UInt32
  ) -> KernelSA {
    KernelSA(
      id: KernelSA.ID(
        destination: destination, ipsecProtocol: ipsecProtocol, spi: SPI(rawValue: spi)),
      source: source, requestID: request)
  }

  private static func address(_ text: String) -> IPv4Address {
    IPv4Address(text) ?? IPv4Address(rawValue: 0)
  }
}

/// The messages in `Vectors/xfrm-6.1.txt`.
enum XFRMVectors {
  static let all: [String: [UInt8]] = {
    let url = Bundle.module.url(
      forResource: "xfrm-6.1", withExtension: "txt", subdirectory: "Vectors")
    guard let url, let text = try? String(contentsOf: url, encoding: .utf8) else {
      preconditionFailure("Vectors/xfrm-6.1.txt cannot be read")
    }
    let rows = text.split(separator: "\n").filter { !$0.hasPrefix("#") }
    return Dictionary(
      uniqueKeysWithValues: rows.map { row in
        let words = row.split(separator: "\t")
        return (String(words[0]), octets(words[1]))
      })
  }()

  private static func octets(_ digits: Substring) -> [UInt8] {
    let digits = Array(digits.utf8)
    return stride(from: 0, to: digits.count, by: 2).compactMap {
      UInt8(String(decoding: digits[$0..<$0 + 2], as: UTF8.self), radix: 16)
    }
  }
}
