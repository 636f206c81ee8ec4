import PAP

@testable import Engine

// The input is packets as the TUN device gives them, two octets of length before each. The table is
// that of datapath.json's vectors.

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  var input = Input(start, count)
  if bench.isOld { bench = PacketBench() }
  bench.begin()
  for _ in 0..<16 where !input.isEmpty { bench.decide(input.take(input.word())) }
  return 0
}

nonisolated(unsafe) private var bench = PacketBench()

/// A small forwarding table, a processor, one buffer and the books.
private final class PacketBench {
  private var table = ForwardingTable(
    entryCapacity: 64, workers: 1, random: SeededRandom(seed: 1))
  private var processor: PacketProcessor
  private let participant: EpochBarrier.Participant
  private let buffers = PacketBuffers(count: 1)
  private let counters = CounterBanks(workers: 1, entryCapacity: 64)
  private let drops = DropRings(workers: 1)
  private let accounting: Accounting
  private var now: UInt64 = 1_000_000_000_000
  private var received: UInt64 = 0

  init() {
    for change in changes { table.apply(change) }
    table.synchronize()
    participant = table.barrier.participant(0)
    processor = PacketProcessor(
      configuration: DataPathConfiguration(
        externalAddress: address("198.51.100.1"), tunnelEndpoint: address("10.0.0.254"),
        insideNetworks: [prefix("10.0.0.0/24")], tunnelMTU: 1480,
        ikeResponder: HostIndex(rawValue: 2)),
      table: table.reader, fragments: SharedFragments(limits: FragmentLimits(), seed: 7), worker: 0,
      workers: 1, seed: 7)
    accounting = Accounting(counters: counters.bank(0), drops: drops.ring(0))
  }

  /// Whether its clock will soon come to its end.
  var isOld: Bool { now > UInt64.max / 2 }

  /// Lets so much time pass that nothing is remembered, so that an input alone decides.
  func begin() {
    now += 86_400_000_000_000
    release()
  }

  func decide(_ packet: [UInt8]) {
    now += 1_000_000
    packet.withUnsafeBytes { octets in
      guard let start = octets.baseAddress else { return }
      buffers.place(0).copyMemory(from: start, byteCount: octets.count)
    }
    let bytes = buffers.packet(0, length: packet.count)
    participant.enter()
    processor.prefetch(bytes)
    let decision = processor.decide(bytes, now: now)
    participant.leave()
    checkOutput(decision, packet)
    accounting.book(decision, received: bytes, written: packet.count % 8 != 7, now: now)
    received += 1
    checkBooks()
    release()
  }

  /// Decides about the fragments that need wait no longer.
  private func release() {
    participant.enter()
    defer { participant.leave() }
    let buffer = buffers.packet(0, length: PacketBuffers.greatestPacket)
    while processor.fragments.attention <= now,
      let released = processor.fragments.take(into: buffer, now: now)
    {
      let fragment = [UInt8](
        UnsafeRawBufferPointer(start: buffers.place(0), count: released.length))
      let bytes = buffers.packet(0, length: released.length)
      let decision = processor.decide(bytes, now: now, following: released.ruling)
      checkOutput(decision, fragment)
      accounting.bookReleased(decision, received: bytes, written: true, now: now)
      checkBooks()
    }
  }

  private func checkOutput(_ decision: Decision, _ packet: [UInt8]) {
    switch decision.verdict {
    case .forward(let output):
      ForwardingRules.check(isInbound: decision.direction == .inbound, packet, octets(output))
    case .answer(let output), .drop(_, let output?):
      require(ForwardingRules.sum(octets(output)[..<20]) == 0xffff, "header checksum")
    case .forwardPieces(let first, _):
      require(ForwardingRules.sum(octets(first)[..<20]) == 0xffff, "header checksum")
    case .consume, .drop, .hold: break
    }
  }

  private func octets(_ output: Output) -> [UInt8] {
    require(output.offset >= -PacketBytes.headroomOfBuffers, "before the buffer")
    require(output.count >= 20 && output.count <= 65_535, "no packet")
    let place = buffers.place(0) + output.offset
    return [UInt8](UnsafeRawBufferPointer(start: place, count: output.count))
  }

  private func checkBooks() {
    let totals = counters.totals()
    let exits =
      totals.forwardedInbound + totals.forwardedOutbound + totals.answered + totals.consumed
      + totals.held + totals.dropped
    require(totals.received == received && exits == received, "the books do not balance")
  }
}

/// What holds for every packet that is forwarded, seen without the parsers under test.
private enum ForwardingRules {
  static func check(isInbound: Bool, _ packet: [UInt8], _ output: [UInt8]) {
    let before = Array(isInbound ? packet[...] : packet[20...])
    let after = Array(isInbound ? output[20...] : output[...])
    checkUnchanged(before, after)
    if isInbound {
      require(sum(output[..<20]) == 0xffff, "outer checksum")
      require(isAdmitted(before), "forwarded without an entry")
    } else {
      require(Array(after[12..<16]) == [198, 51, 100, 1], "source is not the shared address")
    }
  }

  /// Only time to live, header checksum and ECN may differ.
  private static func checkUnchanged(_ before: [UInt8], _ after: [UInt8]) {
    require(after.count == Int(before[2]) << 8 | Int(before[3]), "length")
    var expected = Array(before.prefix(after.count))
    expected[8] -= 1
    expected[10...11] = after[10...11]
    expected[1] = expected[1] & ~3 | after[1] & 3
    require(expected == after, "octets changed")
    require(sum(before[..<20]) == sum(after[..<20]), "inner checksum")
  }

  /// The folded sum of 16-bit words; 0 and 0xffff are one number.
  static func sum(_ octets: ArraySlice<UInt8>) -> UInt32 {
    var sum: UInt32 = 0
    for (index, octet) in octets.enumerated() {
      sum += index % 2 == 0 ? UInt32(octet) << 8 : UInt32(octet)
    }
    while sum > 0xffff { sum = sum >> 16 + sum & 0xffff }
    return sum == 0 ? 0xffff : sum
  }

  /// Whether the table admits an inbound ESP or AH packet; other protocols need no row.
  private static func isAdmitted(_ packet: [UInt8]) -> Bool {
    if packet[12] == 203, packet[13] == 0, packet[14] == 113 { return false }
    var ipsec = packet[9]
    var place = ipsec == 51 ? 24 : 20
    let isLater = packet[6] & 0x1f != 0 || packet[7] != 0
    if ipsec == 17, !isLater, packet[22] == 0x11, packet[23] == 0x94 {
      guard packet[28...31] != [0, 0, 0, 0] else { return true }
      (ipsec, place) = (50, 28)
    }
    guard ipsec == 50 || ipsec == 51 else { return true }
    // The SPI of a later fragment is in the first.
    if isLater { return [[192, 0, 2, 10], [192, 0, 2, 20]].contains(Array(packet[12...15])) }
    let spi = packet[place...place + 3].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    switch (Array(packet[12...15]), spi >> 16) {
    case ([192, 0, 2, 10], 0x1001): return ipsec == 50 || spi == 0x1001_0005
    case ([192, 0, 2, 10], 0x2002): return ipsec == 50 && spi == 0x2002_0007
    default: return false
    }
  }
}

private let changes: [TableChange] = {
  var changes: [TableChange] = []
  for (host, slot, firstPort, portCount) in [
    (1, 0x1001, 10_240, 1024), (2, 0x2002, 20_480, 2048), (3, 0x3003, 30_720, 1024),
  ] as [(UInt16, UInt16, UInt16, UInt16)] {
    let index = HostIndex(rawValue: host)
    let inside = address("10.0.0.1\(host)")
    changes.append(.setHost(index, insideAddress: inside, suspended: host == 3))
    if let slot = Slot(rawValue: slot) { changes.append(.setSlot(slot, index)) }
    if let block = PortBlock(first: firstPort, count: portCount) {
      changes.append(.setPorts(block, index))
    }
  }
  let entries: [(UInt16, String, IPsecProtocol, UInt32?)] = [
    (1, "192.0.2.10", .esp, nil), (1, "192.0.2.10", .ah, 0x1001_0005),
    (1, "192.0.2.20", .any, 0x1001_0100), (2, "192.0.2.10", .esp, 0x2002_0007),
    (3, "192.0.2.10", .any, nil), (1, "203.0.113.9", .any, nil),
  ]
  for (number, (host, peer, ipsec, spi)) in entries.enumerated() {
    let entry = Entry(
      address: address(peer), ipsecProtocol: ipsec, spiIn: spi.map(SPI.init(rawValue:)))
    let id = EntryID(rawValue: UInt32(number + 1))
    changes.append(.insertEntry(id, HostIndex(rawValue: host), entry))
  }
  return changes + [
    .insertRevocation(prefix("203.0.113.0/24"), nil),
    .insertRevocation(prefix("192.0.2.20/32"), HostIndex(rawValue: 1)),
  ]
}()

private func address(_ text: String) -> IPv4Address {
  IPv4Address(text) ?? IPv4Address(rawValue: 0)
}

private func prefix(_ text: String) -> CIDR {
  CIDR(text) ?? CIDR(IPv4Address(rawValue: 0))
}
