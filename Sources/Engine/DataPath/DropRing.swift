/// A ring of drop records from one worker to the one thread that logs them.
///
/// Full, it takes no more: the worker counts what it could not leave, and never waits.
///
/// Invariant: one producer thread, one consumer thread. `head` is written by the producer only and
/// released after the record it covers is stored; `tail` by the consumer only and released after the
/// record was copied out. `head - tail` is 0 to `capacity`, so producer and consumer never touch the
/// same record at once. A view: the memory belongs to `DropRings`.
@safe
struct DropRing {
  fileprivate let base: UnsafeMutableRawPointer

  /// Records a ring holds.
  ///
  /// A worker that drops a million packets a second fills it in 8 ms: enough of them to see what is
  /// going on, and the counters have the rest.
  static let capacity = 8192

  // Head and tail stand on lines of their own, 128 for the pairs that processors fetch.
  private static let headOffset = 0
  private static let tailOffset = 128
  private static let recordsOffset = 256
  fileprivate static let byteCount = recordsOffset + capacity * MemoryLayout<DropRecord>.stride

  /// The producer's side: false if there was no room.
  func push(_ record: @autoclosure () -> DropRecord) -> Bool {
    let head = unsafe base.relaxed64(Self.headOffset)
    guard unsafe head &- base.acquire64(Self.tailOffset) < UInt64(Self.capacity) else {
      return false
    }
    unsafe place(head).pointee = record()
    unsafe base.release64(Self.headOffset, head &+ 1)
    return true
  }

  /// The consumer's side: the oldest record, or nil.
  func pop() -> DropRecord? {
    let tail = unsafe base.relaxed64(Self.tailOffset)
    guard unsafe tail != base.acquire64(Self.headOffset) else { return nil }
    let record = unsafe place(tail).pointee
    unsafe base.release64(Self.tailOffset, tail &+ 1)
    return record
  }

  private func place(_ index: UInt64) -> UnsafeMutablePointer<DropRecord> {
    let offset = Int(index % UInt64(Self.capacity)) &* MemoryLayout<DropRecord>.stride
    return unsafe (base + Self.recordsOffset + offset).assumingMemoryBound(to: DropRecord.self)
  }
}

/// The drop rings of all workers.
struct DropRings: ~Copyable {
  private let memory: MappedMemory
  private let workers: Int
  private static let stride = (DropRing.byteCount + 127) & ~127

  init(workers: Int) {
    self.workers = workers
    memory = MappedMemory(byteCount: Self.stride * workers)
    for worker in 0..<workers {
      let records = unsafe memory.base + worker * Self.stride + DropRing.recordsStart
      unsafe records.bindMemory(to: DropRecord.self, capacity: DropRing.capacity)
    }
  }

  func ring(_ worker: Int) -> DropRing {
    precondition((0..<workers).contains(worker), "no such worker")
    return unsafe DropRing(base: memory.base + worker * Self.stride)
  }
}

extension DropRing {
  fileprivate static var recordsStart: Int { recordsOffset }
}
