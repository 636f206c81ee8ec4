import PAP
import Testing

@testable import Net

extension NamespaceTests {
  @Suite struct TUNDevices {
    struct Device: Decodable {
      let ifname: String
      let flags: [String]
    }

    /// An echo request from 10.9.0.2 to 10.9.0.1, made by scapy 2.5.0:
    /// `bytes(IP(src="10.9.0.2", dst="10.9.0.1", id=7)/ICMP(id=1, seq=2)/b"dnat")`.
    static let echoRequest: [UInt8] = [
      0x45, 0x00, 0x00, 0x20, 0x00, 0x07, 0x00, 0x00, 0x40, 0x01, 0x66, 0xc2, 0x0a, 0x09, 0x00,
      0x02, 0x0a, 0x09, 0x00, 0x01, 0x08, 0x00, 0x32, 0x1a, 0x00, 0x01, 0x00, 0x02, 0x64, 0x6e,
      0x61, 0x74,
    ]
    /// The answer, by RFC 792: type 0, addresses exchanged.
    static let echoReplyPayload: [UInt8] = [
      0x00, 0x00, 0x3a, 0x1a, 0x00, 0x01, 0x00, 0x02, 0x64, 0x6e, 0x61, 0x74,
    ]

    @Test func packetsGoBothWays() throws {
      let namespace = try TemporaryNamespace()
      let packet = try namespace.perform { () throws(SystemError) in
        let queue = try TUN.open(name: "dnat0", queues: 1)[0]
        try Sysctl.write("net.ipv6.conf.dnat0.disable_ipv6", "1")
        try Netlink.addAddress(IPv4Address(rawValue: 0x0a09_0001), prefixLength: 24, to: "dnat0")
        try Netlink.setUp("dnat0")
        guard try FileDescriptor.read(queue.rawValue) == nil else { return [UInt8]() }
        _ = try FileDescriptor.write(Self.echoRequest, to: queue.rawValue)
        _ = try Readiness.wait(on: queue.rawValue, for: .readable, atMost: 30)
        return try FileDescriptor.read(queue.rawValue) ?? []
      }
      #expect(packet.count == 32)
      #expect(Array(packet.dropFirst(12).prefix(8)) == [10, 9, 0, 1, 10, 9, 0, 2])
      #expect(Array(packet.dropFirst(20)) == Self.echoReplyPayload)
    }

    /// 64 flows are spread: with two queues that work, all in one has a chance of 2^-63.
    @Test func twoQueuesShareTheFlows() throws {
      let namespace = try TemporaryNamespace()
      let counts = try namespace.perform { () throws(SystemError) in
        let queues = try TUN.open(name: "dnat0", queues: 2)
        try Sysctl.write("net.ipv6.conf.dnat0.disable_ipv6", "1")
        try Netlink.addAddress(IPv4Address(rawValue: 0x0a09_0001), prefixLength: 24, to: "dnat0")
        try Netlink.setUp("dnat0")
        let local = Endpoint(address: IPv4Address(rawValue: 0x0a09_0001), port: 0)
        for port in UInt16(1000)..<1064 {
          let peer = Endpoint(address: IPv4Address(rawValue: 0x0a09_0002), port: port)
          try UDPSocket(boundTo: local).send([1], to: peer)
        }
        var counts = [0, 0]
        for (index, queue) in queues.enumerated() {
          while try FileDescriptor.read(queue.rawValue) != nil { counts[index] += 1 }
        }
        return counts
      }
      #expect(counts.reduce(0, +) == 64 && counts.allSatisfy { $0 > 0 }, "\(counts)")
    }

    struct Existing: CustomTestStringConvertible, Sendable {
      let testDescription: String
      let options: [String]
      let asked: Int
      let opened: Int
    }

    /// A device that `ip` made is used as it is.
    @Test(arguments: [
      Existing(testDescription: "one queue, two asked", options: [], asked: 2, opened: 1),
      Existing(testDescription: "one queue, one asked", options: [], asked: 1, opened: 1),
      Existing(
        testDescription: "many queues, one asked", options: ["multi_queue"], asked: 1, opened: 1),
      Existing(
        testDescription: "many queues, two asked", options: ["multi_queue"], asked: 2, opened: 2),
    ])
    func usesADeviceAsItIs(_ existing: Existing) throws {
      let namespace = try TemporaryNamespace()
      let made = try Spawn(
        ["ip", "-n", namespace.name, "tuntap", "add", "kept0", "mode", "tun"] + existing.options
      ).capture(atMost: 30)
      #expect(made.status.isSuccess, "\(made.errorText)")
      let queues = try namespace.perform { () throws(SystemError) in
        try TUN.open(name: "kept0", queues: existing.asked)
      }
      #expect(queues.count == existing.opened)
      let shown = try namespace.ip("-d", "link", "show", "kept0")
      #expect(shown.contains("multi_queue") != existing.options.isEmpty)
      #expect(shown.contains("persist on"))
    }

    @Test func heldOrForeignDevicesAreRefused() throws {
      let namespace = try TemporaryNamespace()
      try namespace.ip("tuntap", "add", "tap0", "mode", "tap")
      let errors = try namespace.perform { () throws(SystemError) in
        let held = try TUN.open(name: "dnat0", queues: 1)
        defer { withExtendedLifetime(held) {} }
        return ["dnat0", "tap0"].map { name in errorText { _ = try TUN.open(name: name, queues: 1) }
        }
      }
      #expect(
        errors == [
          "cannot open TUN device dnat0: Device or resource busy",
          "cannot open TUN device tap0: Invalid argument",
        ])
      // Made by us, and gone with its last queue.
      #expect(throws: CommandFailure.self) { try namespace.ip("link", "show", "dnat0") }
    }
  }
}
