import Foundation
import PAP
import Testing

@testable import Net

/// The vectors in `Vectors/ipip.json`, which `make-ipip-vectors.py` there writes with scapy.
private struct IPIPVectors: Decodable {
  static let all: IPIPVectors = {
    let url = Bundle.module.url(forResource: "ipip", withExtension: "json", subdirectory: "Vectors")
    guard let url, let data = try? Data(contentsOf: url),
      let vectors = try? JSONDecoder().decode(IPIPVectors.self, from: data)
    else { preconditionFailure("Vectors/ipip.json cannot be read") }
    return vectors
  }()

  let received: [Received]
  let sent: [Sent]

  struct Received: Decodable, Sendable, CustomTestStringConvertible {
    let name: String
    let octets: String
    let inner: String?
    var testDescription: String { name }
  }

  struct Sent: Decodable, Sendable, CustomTestStringConvertible {
    let name: String
    let octets: String
    let passes: Bool
    var testDescription: String { name }
  }
}

@Suite struct IPIPPacketTests {
  private let rules = IPIPPacket(
    remote: IPv4Address(rawValue: 0x0a00_00fe), inner: IPv4Address(rawValue: 0xc633_6401))

  @Test(arguments: IPIPVectors.all.received)
  private func `what comes out of the tunnel`(vector: IPIPVectors.Received) {
    #expect(received(hexOctets(vector.octets)) == vector.inner.map(hexOctets))
  }

  @Test(arguments: IPIPVectors.all.sent)
  private func `what goes into the tunnel`(vector: IPIPVectors.Sent) {
    let passes = hexOctets(vector.octets).withUnsafeBytes { rules.maySend($0) }
    #expect(passes == vector.passes)
  }

  @Test func `a packet cut anywhere, or changed anywhere, does no harm`() {
    let whole = hexOctets(IPIPVectors.all.received[0].octets)
    for length in 0..<whole.count where received(Array(whole[..<length])) != nil {
      Issue.record("cut to \(length)")
    }
    for index in whole.indices {
      for value in [0, 0x0f, 0x40, 0x4f, 0x7f, 0xff] as [UInt8] {
        var changed = whole
        changed[index] = value
        // No trap is all that is asked.
        _ = received(changed)
      }
    }
  }

  private func received(_ octets: [UInt8]) -> [UInt8]? {
    var outer = octets
    let inner = outer.withUnsafeMutableBytes { rules.received($0) }
    return inner.map { Array(outer[$0]) }
  }
}

private func hexOctets(_ text: String) -> [UInt8] {
  let digits = Array(text.utf8)
  return stride(from: 0, to: digits.count, by: 2).compactMap {
    UInt8(String(decoding: digits[$0..<$0 + 2], as: UTF8.self), radix: 16)
  }
}
