internal import CLinux
internal import Net

/// One thread's part of the data path: reads packets from its queue of the TUN device in batches,
/// decides about all, writes what is to be written, and books each.
///
/// Invariant of the unsafe calls: descriptors are open until the thread was joined, and reads go to
/// places that `PacketBuffers` gave for as many octets.
struct Worker: ~Copyable {
  private let queue: Int32
  private let stop: StopFlag
  private let participant: EpochBarrier.Participant
  private let accounting: Accounting
  private var processor: PacketProcessor
  private var patience = Patience()

  private let buffers = PacketBuffers(count: batchSize + 1)
  private var lengths = InlineArray<32, Int>(repeating: 0)
  private var decisions = InlineArray<32, Decision>(repeating: Decision())

  private static let batchSize = 32
  /// The buffer for fragments that waited.
  private static let releasedIndex = batchSize
  /// How long a queue that cannot be read, as when its device is down, is left alone.
  private static let retryMilliseconds: Int32 = 100

  init(_ setup: WorkerSetup) {
    queue = setup.queue
    stop = setup.stop
    participant = setup.participant
    accounting = setup.accounting
    processor = PacketProcessor(
      configuration: setup.configuration, table: setup.table,
      fragments: setup.fragments, worker: setup.worker, workers: setup.workers,
      seed: UInt64.random(in: .min ... .max))
  }

  /// Works until it is told to stop.
  mutating func run() {
    while !stop.isSet {
      let count = readBatch()
      if count > 0 {
        process(count)
        patience.sawTraffic()
      } else if count < 0 {
        sleep(untilPackets: false, atMost: Self.retryMilliseconds)
      } else if patience.isExhausted(now: MonotonicClock.now()) {
        sleep(untilPackets: true, atMost: millisecondsToRelease())
        patience.restart()
      }
      releaseFragments()
    }
  }

  /// Sleeps until it is told to stop, packets are there if it is to wait for them, or the time is
  /// over; -1 is for ever.
  private func sleep(untilPackets: Bool, atMost milliseconds: Int32) {
    var wanted: InlineArray<2, pollfd> = [
      pollfd(fd: stop.rawValue, events: Int16(POLLIN), revents: 0),
      // The kernel skips descriptors below 0.
      pollfd(fd: untilPackets ? queue : -1, events: Int16(POLLIN), revents: 0),
    ]
    var span = wanted.mutableSpan
    // Whatever it returns: the loop looks for itself.
    _ = unsafe span.withUnsafeMutableBufferPointer { unsafe poll($0.baseAddress, 2, milliseconds) }
  }

  /// Reads until the queue is empty or the batch full; -1 if nothing could be read for another reason.
  private mutating func readBatch() -> Int {
    for index in 0..<Self.batchSize {
      let length = unsafe cl_packet_read(
        queue, buffers.place(index), PacketBuffers.greatestPacket)
      guard length > 0 else {
        let isEmpty = length == -Int(EAGAIN) || length == -Int(EINTR)
        return index > 0 || isEmpty ? index : -1
      }
      lengths[index] = length
    }
    return Self.batchSize
  }

  /// Decides, writes and books.
  ///
  /// What the decisions rest on holds until all is written.
  private mutating func process(_ count: Int) {
    let now = MonotonicClock.now()
    participant.enter()
    for index in 0..<count { processor.prefetch(packet(index)) }
    for index in 0..<count {
      let decision = processor.decide(packet(index), now: now)
      accounting.prefetch(decision)
      decisions[index] = decision
    }
    for index in 0..<count {
      let written = write(decisions[index], index, packet(index))
      accounting.book(
        decisions[index], received: packet(index), written: written, now: now)
    }
    participant.leave()
  }

  /// Sends the fragments on whose wait is over, as those that came just now.
  private mutating func releaseFragments() {
    guard processor.fragments.attention != .max else { return }
    let now = MonotonicClock.now()
    while processor.fragments.attention <= now, !stop.isSet {
      participant.enter()
      for _ in 0..<Self.batchSize where !releaseFragment(now: now) { break }
      participant.leave()
    }
  }

  /// Whether there was one.
  private mutating func releaseFragment(now: UInt64) -> Bool {
    let index = Self.releasedIndex
    let buffer = buffers.packet(index, length: PacketBuffers.greatestPacket)
    guard let released = processor.fragments.take(into: buffer, now: now) else { return false }
    let received = buffers.packet(index, length: released.length)
    let decision = processor.decide(received, now: now, following: released.ruling)
    let written = write(decision, index, received)
    accounting.bookReleased(decision, received: received, written: written, now: now)
    return true
  }

  /// How long nothing has to be done for fragments that wait; -1 is for ever.
  private func millisecondsToRelease() -> Int32 {
    let next = processor.fragments.attention
    guard next != .max else { return -1 }
    let now = MonotonicClock.now()
    return next <= now ? 0 : Int32(clamping: (next - now) / 1_000_000 + 1)
  }

  @inline(__always)
  private func packet(_ index: Int) -> PacketBytes {
    buffers.packet(index, length: lengths[index])
  }

  /// Whether the kernel took the packet.
  ///
  /// A full queue is a failure like any other: packets are not worth waiting for.
  @inline(__always)
  private mutating func write(
    _ decision: Decision, _ index: Int, _ received: PacketBytes
  ) -> Bool {
    switch decision.verdict {
    case .forward(let output), .answer(let output): return write(output, index)
    case .drop(_, let notice?): return write(notice, index)
    case .forwardPieces(let first, let rest):
      let end = Int(decision.packetOffset) &+ Int(decision.packetLength)
      return write(first, rest, end: end, index, received)
    case .drop, .consume, .hold: return true
    }
  }

  /// Writes the pieces of one packet.
  private mutating func write(
    _ first: Output, _ rest: PieceRest, end: Int, _ index: Int, _ received: PacketBytes
  ) -> Bool {
    var piece = first
    while write(piece, index) {
      guard let next = processor.nextPiece(after: piece, of: received, end: end, rest) else {
        return true
      }
      piece = next
    }
    return false
  }

  @inline(__always)
  private func write(_ output: Output, _ index: Int) -> Bool {
    let start = unsafe buffers.place(index) + output.offset
    return unsafe cl_packet_write(queue, start, output.count) == output.count
  }
}
