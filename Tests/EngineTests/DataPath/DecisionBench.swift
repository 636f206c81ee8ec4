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

  init(
    configuration: DataPathConfiguration, entryCapacity: Int = 64,
    limits: FragmentLimits = FragmentLimits()
  ) {
    table = ForwardingTable(entryCapacity: entryCapacity, workers: 1)
    participant = table.barrier.participant(0)
    processor = PacketProcessor(
      configuration: configuration, table: table.reader,
      fragments: SharedFragments(limits: limits, seed: 7), worker: 0, workers: 1, seed: 7)
  }

  /// A bench in the vectors' state with some changes more.
  convenience init(
    _ vectors: DecisionVectors, responder: UInt16 = 0, changes: [String] = [],
    hairpin: Bool = false, limits: FragmentLimits = FragmentLimits()
  ) throws {
    var configuration = vectors.configuration(responder: responder)
    configuration.hairpin = hairpin
    self.init(configuration: configuration, limits: limits)
    for line in vectors.state + changes { table.apply(try ChangeLine.read(line)) }
    table.synchronize()
  }

  /// A bench in the state that a vector asks for.
  ///
  /// It has places for few fragments: to make room for many takes longer than all the rest.
  convenience init(for vector: DecisionVector) throws {
    try self.init(
      .shared, responder: vector.responder, changes: vector.changes,
      limits: FragmentLimits(packets: 16, chunks: 16))
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
    case .forwardPieces(let first, _): octets(first)
    case .drop, .consume, .hold: nil
    }
  }

  /// All that is to be written because of the last decision, about a packet of that length.
  func outputs(of decision: Decision, length: Int) -> [[UInt8]] {
    guard case .forwardPieces(let first, let rest) = decision.verdict else {
      return output(of: decision).map { [$0] } ?? []
    }
    var outputs = [octets(first)]
    var piece = first
    let end = Int(decision.packetOffset) + Int(decision.packetLength)
    while let next = processor.nextPiece(after: piece, of: received(length), end: end, rest) {
      outputs.append(octets(next))
      piece = next
    }
    return outputs
  }

  /// How a packet leaves, and those that it lets go; without one, those whose time is over.
  func exits(of packet: [UInt8]?, _ accounts: ExitAccounts) -> [Conversation.Exit] {
    var exits: [Conversation.Exit] = []
    if let packet {
      let decision = decide(packet)
      exits.append(exit(decision, length: packet.count))
      accounts.accounting.book(
        decision, received: received(packet.count), written: true, now: now)
    }
    participant.enter()
    defer { participant.leave() }
    let buffer = received(PacketBuffers.greatestPacket)
    while processor.fragments.attention <= now,
      let released = processor.fragments.take(into: buffer, now: now)
    {
      let decision = processor.decide(
        received(released.length), now: now, following: released.ruling)
      exits.append(exit(decision, length: released.length))
      accounts.accounting.bookReleased(
        decision, received: received(released.length), written: true, now: now)
    }
    return exits
  }

  private func exit(_ decision: Decision, length: Int) -> Conversation.Exit {
    Conversation.Exit(
      verdict: decision.verdict.name, reason: decision.verdict.reason?.name,
      direction: decision.direction.name, host: decision.host, entry: decision.entry,
      outputs: outputs(of: decision, length: length).map(Hexadecimal.init))
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
    case .forwardPieces: "forwardPieces"
    case .hold: "hold"
    case .answer: "answer"
    case .consume: "consume"
    case .drop: "drop"
    }
  }

  var reason: DropReason? {
    if case .drop(let reason, _) = self { reason } else { nil }
  }
}

/// The counters of one worker without a thread.
final class ExitAccounts {
  private let counters = CounterBanks(workers: 1, entryCapacity: 64)
  private let drops = DropRings(workers: 1)

  var accounting: Accounting { Accounting(counters: counters.bank(0), drops: drops.ring(0)) }
  var totals: Totals { counters.totals() }
}
