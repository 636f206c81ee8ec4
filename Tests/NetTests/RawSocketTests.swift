import PAP
import Testing

@testable import Net

extension NamespaceTests {
  @Suite struct RawSockets {
    /// IP-in-IP from 127.0.0.9 to 127.0.0.1 around an empty UDP packet, made by scapy 2.5.0:
    /// `bytes(IP(src="127.0.0.9", dst="127.0.0.1", id=5, proto=4)/IP(src="198.51.100.7",
    /// dst="198.51.100.1", id=6)/UDP(sport=500, dport=500))`.
    static let tunnelled: [UInt8] = [
      0x45, 0x00, 0x00, 0x30, 0x00, 0x05, 0x00, 0x00, 0x40, 0x04, 0x7c, 0xbb, 0x7f, 0x00, 0x00,
      0x09, 0x7f, 0x00, 0x00, 0x01, 0x45, 0x00, 0x00, 0x1c, 0x00, 0x06, 0x00, 0x00, 0x40, 0x11,
      0x26, 0x5c, 0xc6, 0x33, 0x64, 0x07, 0xc6, 0x33, 0x64, 0x01, 0x01, 0xf4, 0x01, 0xf4, 0x00,
      0x08, 0xa7, 0x86,
    ]

    @Test func wholePacketsArriveAsTheyWereSent() throws {
      let namespace = try TemporaryNamespace()
      let received = try namespace.perform { () throws(SystemError) in
        try Netlink.setUp("lo")
        let local = IPv4Address(rawValue: 0x7f00_0001)
        let receivers = [
          try RawPacketReceiver(protocolNumber: 4),
          try RawPacketReceiver(protocolNumber: 4, local: local),
          // Another protocol, and another address: nothing for them.
          try RawPacketReceiver(protocolNumber: 50),
          try RawPacketReceiver(protocolNumber: 4, local: IPv4Address(rawValue: 0x7f00_0002)),
        ]
        try RawPacketSender().send(Self.tunnelled)
        var packets: [[UInt8]?] = []
        for receiver in receivers {
          let next = try receiver.receive()
          packets.append(next.map { [UInt8]($0.source.rawValue.bigEndianOctets) + $0.packet })
        }
        return packets
      }
      #expect(
        received == [[127, 0, 0, 9] + Self.tunnelled, [127, 0, 0, 9] + Self.tunnelled, nil, nil])
    }
  }
}

extension UInt32 {
  fileprivate var bigEndianOctets: [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: self >> $0) }
  }
}
