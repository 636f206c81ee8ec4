internal import PAP

@testable import Engine

/// The router's table and packet processor in one configuration, without threads or a TUN device.
struct ProbeBench: ~Copyable {
  private var table: ForwardingTable
  private var processor: PacketProcessor
  private let participant: EpochBarrier.Participant
  private let buffers = PacketBuffers(count: 1)
  private var packetCount: UInt32 = 0
  private var isChanged = false

  private static let entryCapacity = 1 << 16
  private static let noEntry = UInt32.max
  private static let noReason = UInt8.max

  init(_ record: StreamRecord) {
    // The table's secret is fixed, so that a seed names one run of the whole test.
    table = ForwardingTable(
      entryCapacity: Self.entryCapacity, workers: 1, random: FixedRandom(state: 1))
    participant = table.barrier.participant(0)
    processor = PacketProcessor(
      configuration: DataPathConfiguration(record), table: table.reader, worker: 0, workers: 1,
      seed: 7)
  }

  mutating func apply(_ record: StreamRecord) {
    table.apply(TableChange(record))
    isChanged = true
  }

  mutating func decide(_ record: StreamRecord, _ answers: inout AnswerWriter) {
    if isChanged {
      table.synchronize()
      isChanged = false
    }
    let octets = unsafe UnsafeRawBufferPointer(rebasing: record.body[8...])
    if let first = octets.baseAddress {
      unsafe buffers.place(0).copyMemory(from: first, byteCount: octets.count)
    }
    let received = buffers.packet(0, length: octets.count)
    participant.enter()
    processor.prefetch(received)
    let decision = processor.decide(received, now: record.number(0))
    participant.leave()
    answer(decision, &answers)
    packetCount += 1
  }

  /// Nothing waits in this processor, so nothing ends.
  func sweep(_ record: StreamRecord, _ answers: inout AnswerWriter) {
    answers.append(UInt32(0))
  }

  private func answer(_ decision: Decision, _ answers: inout AnswerWriter) {
    let output = decision.output
    answers.append(UInt32(1))
    answers.append(packetCount)
    answers.append(decision.verdict.number)
    answers.append(decision.verdict.dropReason?.rawValue ?? Self.noReason)
    answers.append(decision.direction.rawValue)
    answers.append(UInt8(0))
    answers.append(decision.host)
    answers.append(UInt16(output == nil ? 0 : 1))
    answers.append(decision.entry ?? Self.noEntry)
    guard let output else { return }
    answers.append(UInt32(output.count))
    unsafe answers.append(
      UnsafeRawBufferPointer(start: buffers.place(0) + output.offset, count: output.count))
  }
}

extension Decision {
  fileprivate var output: Output? {
    switch verdict {
    case .forward(let output), .answer(let output), .drop(_, let output?): output
    case .drop, .consume: nil
    }
  }
}

extension Verdict {
  fileprivate var number: UInt8 {
    switch self {
    case .forward: 0
    case .answer: 1
    case .consume: 2
    case .drop: 3
    }
  }

  fileprivate var dropReason: DropReason? {
    if case .drop(let reason, _) = self { reason } else { nil }
  }
}

/// SplitMix64.
private struct FixedRandom: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
    return mixed ^ mixed >> 31
  }
}
