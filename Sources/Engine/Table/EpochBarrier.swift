internal import CLinux
internal import Glibc

/// Tells the single writer of the forwarding table when every worker is past what it changed:
/// quiescent-state-based reclamation with a counter of epochs.
///
/// Invariant, and why it holds. Each worker has a word of its own: 0 while it holds nothing of the
/// table, else the epoch that it read when it began its batch. `synchronize` raises the epoch to E
/// and then waits until each word is 0 or at least E. When it returns,
///
/// 1. *no worker is still in a batch that began before the changes.* A word that shows 0 or at least
///    E was stored with release after the last read of the earlier batch, and is read with acquire.
///    So those reads happen before whatever the writer does next: cells may be rewritten, memory may
///    be unmapped.
/// 2. *every later batch sees the changes.* If the worker's word showed at least E, the worker had
///    read E, which the writer released after its changes. If it showed 0, the writer's load comes
///    before the worker's next store to it; each has a full fence between its store and its loads
///    (writer: changes, fence, loads the word; worker: stores the word, fence, loads the table), so
///    of the two at least one sees the other's store, and the writer did not.
///
/// A worker stores 0 only after its batch is written out, so after `synchronize` no packet leaves
/// that was decided by the table as it was before.
@safe
struct EpochBarrier: ~Copyable {
  private let memory: MappedMemory
  private let workers: Int

  /// The epoch and each worker's word stand on lines of their own: 128, since processors fetch
  /// lines of 64 in pairs.
  private static let stride = 128
  private static let firstEpoch: UInt64 = 1

  /// Makes a barrier for so many workers, all of them outside any batch.
  init(workers: Int) {
    precondition(workers > 0, "a barrier is between a writer and at least one worker")
    self.workers = workers
    memory = MappedMemory(byteCount: (workers + 1) * Self.stride)
    unsafe memory.base.setRelaxed64(0, Self.firstEpoch)
  }

  /// The side of one worker.
  func participant(_ worker: Int) -> Participant {
    precondition((0..<workers).contains(worker), "no such worker")
    return unsafe Participant(
      epoch: memory.base, observed: memory.base + (worker + 1) * Self.stride)
  }

  /// Returns when every worker is past all that the calling thread, the writer, changed before.
  ///
  /// Takes as long as the longest batch under way, some tens of microseconds; no worker waits for it.
  func synchronize() {
    let target = unsafe memory.base.relaxed64(0) &+ 1
    unsafe memory.base.release64(0, target)
    cl_fence()
    for worker in 1...workers {
      var patience = 64
      while unsafe !hasPassed(memory.base.acquire64(worker * Self.stride), target) {
        // With more threads than processors the worker may be waiting for ours.
        if patience > 0 { patience -= 1 } else { sched_yield() }
      }
    }
  }

  private func hasPassed(_ observed: UInt64, _ target: UInt64) -> Bool {
    observed == 0 || observed >= target
  }

  /// One worker's side of the barrier.
  ///
  /// Used by one thread only, and not after the barrier is gone.
  @safe
  struct Participant {
    fileprivate let epoch: UnsafeMutableRawPointer
    fileprivate let observed: UnsafeMutableRawPointer

    /// Begins a batch: from here the table may be read.
    ///
    /// The store releases as well, for it may hide the 0 that ended the batch before.
    @inline(__always)
    func enter() {
      unsafe observed.release64(0, epoch.acquire64(0))
      cl_fence()
    }

    /// Ends a batch: nothing read from the table is used any more, and all is written out.
    @inline(__always)
    func leave() {
      unsafe observed.release64(0, 0)
    }
  }
}
