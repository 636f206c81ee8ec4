import PAP

@testable import Engine

/// A forwarding table, a packet processor and one buffer, without threads or a TUN device.
final class DecisionBench {
  var table: ForwardingTable
  let participant: EpochBarrier.Participant
  private var processor: PacketProcessor
  private let buffers = PacketBuffers(count: 1)

  /// Nanoseconds; never 0, as no clock is.
  var now: UInt64 = 1_000_000_000_000

  init(configuration: DataPathConfiguration, entryCapacity: Int = 64) {
    table = ForwardingTable(entryCapacity: entryCapacity, workers: 1)
    participant = table.barrier.participant(0)
    processor = PacketProcessor(
      configuration: configuration, table: table.reader, worker: 0, workers: 1, seed: 7)
  }

  /// A bench in the vectors' state with some changes more.
  convenience init(
    _ vectors: DecisionVectors, responder: UInt16 = 0, changes: [String] = []
  ) throws {
    self.init(configuration: vectors.configuration(responder: responder))
    for line in vectors.state + changes { table.apply(try ChangeLine.read(line)) }
    table.synchronize()
  }

  /// A bench in the state that a vector asks for.
  convenience init(for vector: DecisionVector) throws {
    try self.init(.shared, responder: vector.responder, changes: vector.changes)
    for step in vector.before {
      switch step {
      case .packet(let packet): _ = decide(packet.bytes)
      case .change(let line):
        table.apply(try ChangeLine.read(line))
        table.synchronize()
      }
    }
  }

  /// Decides about a packet, with `tail` in the buffer after it as an older packet would be.
  func decide(_ packet: [UInt8], tail: [UInt8] = []) -> Decision {
    _ = buffers.fill(packet + tail)
    participant.enter()
    defer { participant.leave() }
    processor.prefetch(received(packet.count))
    return processor.decide(received(packet.count), now: now)
  }

  /// The packet in the buffer as the processor left it.
  func received(_ count: Int) -> PacketBytes { buffers.packet(0, length: count) }

  /// What is to be written because of the last decision.
  func output(of decision: Decision) -> [UInt8]? {
    switch decision.verdict {
    case .forward(let output), .answer(let output), .drop(_, let output?): octets(output)
    case .drop, .consume: nil
    }
  }

  private func octets(_ output: Output) -> [UInt8] {
    let place = unsafe buffers.place(0) + output.offset
    return unsafe [UInt8](UnsafeRawBufferPointer(start: place, count: output.count))
  }
}

extension Verdict {
  /// The vectors' word for it.
  var name: String {
    switch self {
    case .forward: "forward"
    case .answer: "answer"
    case .consume: "consume"
    case .drop: "drop"
    }
  }

  var reason: DropReason? {
    if case .drop(let reason, _) = self { reason } else { nil }
  }
}
