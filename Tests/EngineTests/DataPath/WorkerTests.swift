import Glibc
import Net
import PAP
import Testing

@testable import Engine

/// The whole data path with its threads; a socket pair stands for each queue of the TUN device.
@Suite("Workers", .timeLimit(.minutes(1)))
struct WorkerTests {
  private static let vectors = DecisionVectors.shared

  /// A running data path and the other ends of its queues.
  private final class Rig {
    let dataPath: DataPath
    let ends: [FileDescriptorBox]

    init(
      queues: Int, responder: UInt16 = 0, fragmentLimits: FragmentLimits = FragmentLimits()
    ) throws {
      dataPath = DataPath(
        configuration: vectors.configuration(responder: responder), entryCapacity: 64,
        workers: queues, fragmentLimits: fragmentLimits)
      dataPath.apply(try vectors.state.map(ChangeLine.read))
      dataPath.synchronize()
      var ours: [FileDescriptorBox] = []
      var theirs: [TUNQueue] = []
      for _ in 0..<queues {
        var pair: [Int32] = [-1, -1]
        let type = Int32(SOCK_SEQPACKET.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        try #require(socketpair(AF_UNIX, type, 0, &pair) == 0)
        ours.append(FileDescriptorBox(pair[0]))
        theirs.append(TUNQueue(owning: FileDescriptor(owning: pair[1])))
      }
      ends = ours
      try dataPath.start(queues: theirs)
    }

    /// Puts a packet into a queue, and waits for room if it is full.
    func send(_ packet: [UInt8], queue: Int = 0) {
      while write(ends[queue].rawValue, packet, packet.count) != packet.count { sched_yield() }
    }

    /// The next packet that a worker wrote, or nil if there is none now.
    func receive(queue: Int = 0) -> [UInt8]? {
      var buffer = [UInt8](repeating: 0, count: 65_536)
      let count = read(ends[queue].rawValue, &buffer, buffer.count)
      return count > 0 ? Array(buffer.prefix(count)) : nil
    }

    /// Waits until so many packets were booked, and reads what comes meanwhile.
    func awaitReceived(_ count: UInt64, _ body: ([UInt8]) -> Void = { _ in }) {
      while true {
        let isDone = dataPath.totals().isBalanced && dataPath.totals().received >= count
        for queue in ends.indices {
          while let packet = receive(queue: queue) { body(packet) }
        }
        if isDone { return }
        sched_yield()
      }
    }
  }

  private final class FileDescriptorBox {
    let rawValue: Int32
    init(_ rawValue: Int32) { self.rawValue = rawValue }
    deinit { close(rawValue) }
  }

  private static func packet(_ name: String) throws -> [UInt8] {
    try #require(vectors.vectors.first { $0.name == name }).packet.bytes
  }

  @Test("each packet is booked once, written once, and its drop recorded", arguments: [1, 2])
  func books(_ queues: Int) throws {
    let rig = try Rig(queues: queues)
    let vectors = Self.vectors.vectors.filter {
      $0.changes.isEmpty && $0.before.isEmpty && $0.responder == 0
    }
    var expected = Totals()
    var written: Set<[UInt8]> = []
    for (index, vector) in vectors.enumerated() {
      rig.send(vector.packet.bytes, queue: index % queues)
      expected.add(vector)
      rig.awaitReceived(UInt64(index + 1)) { written.insert(Self.body(of: $0)) }
    }
    rig.dataPath.stop()
    #expect(rig.dataPath.totals() == expected)
    let wanted = vectors.compactMap(\.output).map { Self.body(of: $0.bytes) }
    #expect(written.symmetricDifference(wanted).isEmpty)

    var drops: [DropRecord] = []
    rig.dataPath.drainDrops(limit: .max) { drops.append($0) }
    let reasons = vectors.compactMap(\.reason)
    #expect(drops.map(\.reason.name).sorted() == reasons.sorted())
    #expect(drops.allSatisfy { $0.time != 0 })
    rig.dataPath.drainDrops(limit: .max) { _ in Issue.record("a drop handed over twice") }
  }

  /// A packet without the identifications that the router counts, and the checksums over them: two
  /// workers, and two orders, differ in those.
  private static func body(of packet: [UInt8]) -> [UInt8] {
    let (icmp, tunnel): (UInt8, UInt8) = (1, 4)
    switch (packet[9], packet.count > 29 ? packet[29] : 0) {
    case (tunnel, icmp): return Array(packet[32...])
    case (tunnel, _), (icmp, _): return Array(packet[12...])
    default: return packet
    }
  }

  @Test("rows and hosts are counted for what went through")
  func counters() throws {
    let rig = try Rig(queues: 1)
    let (inbound, outbound) = (
      try Self.packet("esp with an entry of that SPI"), try Self.packet("esp from the other host")
    )
    let refused = try Self.packet("ah, entry is for esp")
    for packet in [inbound, inbound, outbound, refused] { rig.send(packet) }
    rig.awaitReceived(4)
    rig.dataPath.stop()
    let row = rig.dataPath.counters(of: EntryID(rawValue: 4))
    #expect(row.packets == 2)
    #expect(row.bytes == UInt64(2 * inbound.count))
    #expect(row.lastSeen > 0)
    let host = rig.dataPath.counters(ofHost: HostIndex(rawValue: 2))
    #expect(host.packets == 3)
    #expect(host.bytes == UInt64(2 * inbound.count + outbound.count - 20))
    #expect(host.drops == 1)
    #expect(host.lastSeen > 0)
    #expect(rig.dataPath.counters(ofHost: HostIndex(rawValue: 1)) == HostCounters())
    #expect(rig.dataPath.counters(of: EntryID(rawValue: 1)) == EntryCounters())
  }

  @Test("a row's counters begin at 0 when its number is used again")
  func reusedNumber() throws {
    let rig = try Rig(queues: 1)
    let inbound = try Self.packet("esp with an entry of that SPI")
    rig.send(inbound)
    rig.awaitReceived(1)
    rig.dataPath.apply([.removeEntry(EntryID(rawValue: 4))])
    rig.dataPath.synchronize()
    rig.dataPath.apply([try ChangeLine.read("entry 4 2 192.0.2.10 any any")])
    #expect(rig.dataPath.counters(of: EntryID(rawValue: 4)) == EntryCounters())
    rig.dataPath.synchronize()
    rig.send(inbound)
    rig.awaitReceived(2)
    #expect(rig.dataPath.counters(of: EntryID(rawValue: 4)).packets == 1)
  }

  @Test("what the kernel does not take is a drop of its own, and nobody waits for it")
  func writesThatFail() throws {
    let rig = try Rig(queues: 1)
    let inbound = try Self.packet("esp with an entry of any SPI")
    // Nobody reads: soon the queue is full.
    var sent: UInt64 = 0
    while rig.dataPath.totals().drops[Int(DropReason.writeFailed.rawValue)] == 0 {
      rig.send(inbound)
      sent += 1
    }
    rig.awaitReceived(sent)
    let totals = rig.dataPath.totals()
    let failed = totals.drops[Int(DropReason.writeFailed.rawValue)]
    #expect(totals.received == sent)
    #expect(totals.forwardedInbound + failed == sent)
    #expect(rig.dataPath.counters(of: EntryID(rawValue: 1)).packets == totals.forwardedInbound)
    #expect(rig.dataPath.counters(ofHost: HostIndex(rawValue: 1)).drops == failed)
  }

  @Test("after a revocation's barrier not one packet is written", arguments: [1, 2])
  func revocation(_ queues: Int) throws {
    let rig = try Rig(queues: queues)
    let inbound = try Self.packet("esp with an entry of any SPI")
    let other = try Self.packet("esp, entry of both protocols")
    var sent: UInt64 = 0
    func flow(_ count: Int) {
      for number in 0..<count {
        rig.send(number % 3 == 0 ? other : inbound, queue: number % queues)
        sent += 1
      }
    }
    for round in 0..<20 {
      flow(8 * queues)
      rig.dataPath.apply([try ChangeLine.read("revoke 192.0.2.10/32 all")])
      rig.dataPath.synchronize()
      // What was written before is taken out; then only the other peer's packets may come.
      for queue in 0..<queues { while rig.receive(queue: queue) != nil {} }
      flow(8 * queues)
      rig.awaitReceived(sent) { packet in
        if packet[32..<36] != [192, 0, 2, 20] { Issue.record("round \(round): revoked, but sent") }
      }
      rig.dataPath.apply([try ChangeLine.read("unrevoke 192.0.2.10/32 all")])
      rig.dataPath.synchronize()
      var passed = 0
      flow(3)
      rig.awaitReceived(sent) { if $0[32..<36] == [192, 0, 2, 10] { passed += 1 } }
      #expect(passed == 2)
    }
  }

  @Test("fragments of a packet find each other on whatever queue they come", arguments: [1, 2])
  func fragments(_ queues: Int) throws {
    let rig = try Rig(queues: queues)
    let packet = FragmentTests.espPacket(payload: 3 * 64)
    let parts = (0..<3).map {
      FragmentTests.part(packet, $0 * 64..<($0 + 1) * 64, isLast: $0 == 2)
    }
    var reassembler = NaiveReassembler()
    for (index, part) in [2, 1, 0].enumerated() {
      rig.send(parts[part], queue: index % queues)
      rig.awaitReceived(UInt64(index + 1)) { reassembler.add(Array($0[20...])) }
      // Held until the first has come, and then none.
      if index < 2 { #expect(rig.dataPath.totals().held == UInt64(index + 1)) }
    }
    while rig.dataPath.totals().held != 0 {
      rig.awaitReceived(3) { reassembler.add(Array($0[20...])) }
    }
    rig.dataPath.stop()
    rig.awaitReceived(3) { reassembler.add(Array($0[20...])) }
    let totals = rig.dataPath.totals()
    #expect(totals.forwardedInbound == 3 && totals.isBalanced)
    #expect(totals.forwardedInboundBytes == UInt64(3 * 84))
    #expect(rig.dataPath.counters(of: EntryID(rawValue: 1)).packets == 3)
    #expect(reassembler.payload == Array(packet[20...]))
  }

  @Test("a fragment that waits in vain leaves although nothing else comes")
  func timeOut() throws {
    let rig = try Rig(queues: 1, fragmentLimits: FragmentLimits(lifetime: 1_000_000))
    let packet = FragmentTests.espPacket(payload: 128)
    rig.send(FragmentTests.part(packet, 64..<128, isLast: true))
    let timeOut = Int(DropReason.fragmentTimeout.rawValue)
    while rig.dataPath.totals().drops[timeOut] == 0 { sched_yield() }
    rig.awaitReceived(1) { _ in Issue.record("a fragment was written") }
    #expect(rig.dataPath.totals().held == 0)
    var drops: [DropRecord] = []
    rig.dataPath.drainDrops(limit: .max) { drops.append($0) }
    #expect(drops.map(\.reason) == [.fragmentTimeout])
    #expect(drops.map(\.length) == [84])
  }

  @Test("a packet that goes in pieces is one packet, and its pieces make it whole")
  func pieces() throws {
    let rig = try Rig(queues: 1)
    let packet = Self.withLength(FragmentTests.espPacket(payload: 4000))
    var reassembler = NaiveReassembler()
    rig.send(packet)
    rig.awaitReceived(1) { reassembler.add(Array($0[20...])) }
    let totals = rig.dataPath.totals()
    #expect(totals.forwardedInbound == 1 && totals.isBalanced)
    #expect(totals.forwardedInboundBytes == UInt64(packet.count))
    #expect(reassembler.payload == Array(packet[20...]))
  }

  private static func withLength(_ packet: [UInt8]) -> [UInt8] {
    var packet = packet
    DecisionTests.mendLengths(&packet)
    return packet
  }

  @Test("workers that sleep, and those whose queue has gone, stop when told")
  func stops() throws {
    let rig = try Rig(queues: 2)
    shutdown(rig.ends[0].rawValue, Int32(SHUT_RDWR))
    rig.dataPath.synchronize()
    rig.dataPath.stop()
    rig.dataPath.stop()
    #expect(rig.dataPath.totals() == Totals())
  }
}

extension Totals {
  /// Whether each packet that was received has left by one exit.
  var isBalanced: Bool {
    received == forwardedInbound + forwardedOutbound + answered + consumed + held + dropped
  }

  /// Books a vector by what it says itself.
  fileprivate mutating func add(_ vector: DecisionVector) {
    let packet = vector.packet.bytes
    received += 1
    receivedBytes += UInt64(packet.count)
    switch (vector.verdict, vector.direction) {
    case ("forward", .inbound):
      forwardedInbound += 1
      forwardedInboundBytes += UInt64(packet[2]) << 8 | UInt64(packet[3])
    case ("forward", .outbound):
      forwardedOutbound += 1
      forwardedOutboundBytes += UInt64(packet[22]) << 8 | UInt64(packet[23])
    case ("answer", _): answered += 1
    case ("consume", _): consumed += 1
    default:
      if let reason = vector.reason.flatMap({ DropReason(name: $0) }) {
        drops[Int(reason.rawValue)] += 1
      }
    }
  }
}
