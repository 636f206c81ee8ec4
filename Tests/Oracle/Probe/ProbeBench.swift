internal import PAP

@testable import Engine

/// The router's table and packet processor in one configuration, without threads or a TUN device.
struct ProbeBench: ~Copyable {
  private var table: ForwardingTable
  private var processor: PacketProcessor
  private let participant: EpochBarrier.Participant
  private let buffers = PacketBuffers(count: 2)
  private var packetCount: UInt32 = 0
  private var isChanged = false
  private var waiting = WaitingPackets()

  private static let entryCapacity = 1 << 16
  private static let receivedIndex = 0
  private static let releasedIndex = 1

  init(_ record: StreamRecord) {
    // All secrets are fixed, so that a seed names one run of the whole test.
    table = ForwardingTable(
      entryCapacity: Self.entryCapacity, workers: 1, random: FixedRandom(state: 1))
    participant = table.barrier.participant(0)
    processor = PacketProcessor(
      configuration: DataPathConfiguration(record), table: table.reader,
      fragments: SharedFragments(seed: FixedRandom.fragmentSeed), worker: 0, workers: 1,
      seed: FixedRandom.limiterSeed)
  }

  mutating func apply(_ record: StreamRecord) {
    table.apply(TableChange(record))
    isChanged = true
  }

  /// Answers with what became of the packet: after those whose wait ended before it, and before
  /// those that waited for it.
  mutating func decide(_ record: StreamRecord, _ answers: inout AnswerWriter) {
    synchronize()
    let now: UInt64 = record.number(0)
    let octets = unsafe UnsafeRawBufferPointer(rebasing: record.body[8...])
    answers.beginAnswer()
    participant.enter()
    release(now: now, &answers)
    if let first = octets.baseAddress {
      unsafe buffers.place(Self.receivedIndex).copyMemory(from: first, byteCount: octets.count)
    }
    let received = buffers.packet(Self.receivedIndex, length: octets.count)
    processor.prefetch(received)
    let decision = processor.decide(received, now: now)
    if decision.verdict == .hold { waiting.add(packetCount, received, of: decision.host) }
    answer(decision, packetCount, Self.receivedIndex, received, &answers)
    release(now: now, &answers)
    participant.leave()
    packetCount += 1
  }

  /// Answers with those whose wait is over.
  mutating func sweep(_ record: StreamRecord, _ answers: inout AnswerWriter) {
    synchronize()
    answers.beginAnswer()
    participant.enter()
    release(now: record.number(0), &answers)
    participant.leave()
  }

  private mutating func synchronize() {
    if isChanged { table.synchronize() }
    isChanged = false
  }

  private mutating func release(now: UInt64, _ answers: inout AnswerWriter) {
    guard processor.fragments.attention <= now else { return }
    let buffer = buffers.packet(Self.releasedIndex, length: PacketBuffers.greatestPacket)
    while let released = processor.fragments.take(into: buffer, now: now) {
      let received = buffer.prefix(released.length)
      // Taken before the decision changes the octets.
      let octets = WaitingPackets.octets(received)
      let decision = processor.decide(received, now: now, following: released.ruling)
      let number = waiting.remove(octets, of: Self.sender(released.ruling, decision))
      answer(decision, number, Self.releasedIndex, received, &answers)
    }
  }

  /// The host that sent what was released, as far as that can be told.
  private static func sender(_ ruling: FragmentRuling, _ decision: Decision) -> UInt16 {
    if case .refused(_, let host) = ruling { host } else { decision.host }
  }

  private mutating func answer(
    _ decision: Decision, _ number: UInt32, _ buffer: Int, _ received: PacketBytes,
    _ answers: inout AnswerWriter
  ) {
    answers.beginResult(decision, number)
    switch decision.verdict {
    case .forward(let output), .answer(let output), .drop(_, let output?):
      answers.append(output, in: unsafe buffers.place(buffer))
    case .forwardPieces(let first, let rest):
      var piece: Output? = first
      while let output = piece {
        // Copied before the next piece's headers overwrite its end.
        answers.append(output, in: unsafe buffers.place(buffer))
        let end = Int(decision.packetOffset) + Int(decision.packetLength)
        piece = processor.nextPiece(after: output, of: received, end: end, rest)
      }
    case .drop, .consume, .hold: break
    }
  }
}

/// Which packets wait: those released are told apart by their octets, and where the same came from two
/// hosts that had one address after the other, by the host.
private struct WaitingPackets {
  private var packets: [[UInt8]: [(number: UInt32, host: UInt16)]] = [:]

  mutating func add(_ number: UInt32, _ packet: PacketBytes, of host: UInt16) {
    packets[Self.octets(packet), default: []].append((number, host))
  }

  /// The number of the oldest packet with these octets, from the host if there is one.
  mutating func remove(_ octets: [UInt8], of host: UInt16) -> UInt32 {
    guard var alike = packets[octets] else { giveUp("a fragment was released that did not wait") }
    let index = alike.firstIndex { $0.host == host } ?? 0
    let number = alike.remove(at: index).number
    packets[octets] = alike.isEmpty ? nil : alike
    return number
  }

  /// The packet without what comes after its total length.
  static func octets(_ packet: PacketBytes) -> [UInt8] {
    let length = min(packet.count, Int(packet.word16(at: 2)))
    return (0..<length).map { packet.octet(at: $0) }
  }
}

/// SplitMix64.
private struct FixedRandom: RandomNumberGenerator {
  var state: UInt64

  static let limiterSeed: UInt64 = 7
  /// Known to the oracle: which sources share an account for fragments follows from it.
  static let fragmentSeed: UInt64 = 0x0123_4567_89ab_cdef

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
    return mixed ^ mixed >> 31
  }
}
