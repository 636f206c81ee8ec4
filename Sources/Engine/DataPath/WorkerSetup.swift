/// What a worker is made of, on its way to the worker's thread.
///
/// Invariant for `Sendable`: the views point into memory of the `DataPath`, which joins the thread
/// before it lets go of it; each is made for use by one worker and is used by that worker's thread
/// only, except what its own invariant shares (table, barrier, counters, ring).
struct WorkerSetup: @unchecked Sendable {
  let queue: Int32
  let stop: StopFlag
  let participant: EpochBarrier.Participant
  let accounting: Accounting
  let table: TableReader
  let fragments: SharedFragments
  let configuration: DataPathConfiguration
  let worker: Int
  let workers: Int
}
