import PAP
import Testing

@testable import Console

/// Packets as scapy 2.5.0 builds them, up to the octets that are random here.
struct AttackVector: CustomTestStringConvertible, Sendable {
  let name: String
  let scapy: String
  let ours: @Sendable () -> [UInt8]
  let want: [UInt8]

  var testDescription: String { name }

  init(_ name: String, _ scapy: String, _ want: String, _ ours: @Sendable @escaping () -> [UInt8]) {
    self.name = name
    self.scapy = scapy
    self.ours = ours
    self.want = stride(from: 0, to: want.utf8.count, by: 2).map { offset in
      let digits = want.utf8.dropFirst(offset).prefix(2)
      return UInt8(String(decoding: digits, as: UTF8.self), radix: 16) ?? 0
    }
  }
}

private let source = IPv4Address(rawValue: 0xc000_0242)
private let destination = IPv4Address(rawValue: 0xc633_6401)
private let spi = SPI(rawValue: 0x1234_5678)

private let vectors = [
  AttackVector(
    "TCP SYN", "TCP(sport=40000, dport=22, flags='S', seq=0, window=65535)",
    "450000280000000040060000c0000242c63364019c40001600000000000000005002ffff27150000"
  ) {
    AttackPacket.syn(from: source, to: destination, sourcePort: 40_000, port: 22, sequence: 0)
  },
  AttackVector("ESP", "ESP(spi=0x12345678, seq=7)", "1234567800000007") {
    Array(AttackPacket.esp(spi, sequence: 7).prefix(8))
  },
  AttackVector("AH", "AH(nh=4, spi=0x12345678, seq=7)", "040500001234567800000007") {
    Array(AttackPacket.ah(spi, sequence: 7).prefix(12))
  },
  AttackVector(
    "IKE request", "IKEv2(version=0x20, exch_type=37, flags=8, id=1)",
    "112233445566778899aabbccddeeff0000202508000000010000001c"
  ) {
    AttackPacket.ike(
      initiator: 0x1122_3344_5566_7788, responder: 0x99aa_bbcc_ddee_ff00, isResponse: false)
  },
  AttackVector(
    "IKE response", "IKEv2(version=0x20, exch_type=37, flags=0x20, id=1)",
    "112233445566778899aabbccddeeff0000202520000000010000001c"
  ) {
    AttackPacket.ike(
      initiator: 0x1122_3344_5566_7788, responder: 0x99aa_bbcc_ddee_ff00, isResponse: true)
  },
  AttackVector(
    "UDP", "IP(chksum=0)/UDP(sport=500, dport=500, chksum=0)/Raw('\\x01\\x02\\x03\\x04')",
    "450000200000000040110000c0000242c633640101f401f4000c000001020304"
  ) {
    AttackPacket.udpPacket(
      from: source, to: destination, sourcePort: 500, port: 500, [1, 2, 3, 4])
  },
]

@Test(arguments: vectors)
func attackPacketIsWhatScapyBuilds(_ vector: AttackVector) {
  #expect(vector.ours() == vector.want)
}
