package import Net

/// The part of the router that packets go through: the forwarding table, one worker thread for each
/// queue of the TUN device, their counters and drop rings.
///
/// Not `Sendable`: one thread, the control thread, makes it, changes it and reads it. Workers run on
/// their own threads and never wait for that one.
///
/// What is *not* guaranteed: that workers see a change when `apply` returns. They do when
/// `synchronize` returns.
package final class DataPath {
  private let configuration: DataPathConfiguration
  private let workerCount: Int
  private var table: ForwardingTable
  private let counters: CounterBanks
  private let drops: DropRings
  private let fragments: SharedFragments
  private var running: Running?
  private var hasStarted = false
  /// The ring that `drainDrops` begins with, so that no worker's drops crowd out another's.
  private var nextRing = 0

  /// The workers' threads and what they use.
  private struct Running {
    let queues: [TUNQueue]
    let stop: StopFlag
    var threads: [ThreadHandle]
  }

  /// Makes a data path that knows nobody and forwards nothing.
  ///
  /// - Parameters:
  ///   - configuration: addresses and limits that do not change while it runs.
  ///   - entryCapacity: the rows of the SA table have numbers below this; at most 2^24. Only what is
  ///     used takes memory.
  ///   - workers: the most queues that `start` will be given.
  package convenience init(
    configuration: DataPathConfiguration, entryCapacity: Int, workers: Int
  ) {
    self.init(
      configuration: configuration, entryCapacity: entryCapacity, workers: workers,
      fragmentLimits: FragmentLimits())
  }

  /// The same, with other limits to fragments.
  init(
    configuration: DataPathConfiguration, entryCapacity: Int, workers: Int,
    fragmentLimits: FragmentLimits
  ) {
    self.configuration = configuration
    workerCount = workers
    table = ForwardingTable(entryCapacity: entryCapacity, workers: workers)
    counters = CounterBanks(workers: workers, entryCapacity: entryCapacity)
    drops = DropRings(workers: workers)
    fragments = SharedFragments(limits: fragmentLimits, seed: .random(in: .min ... .max))
  }

  deinit {
    stop()
  }

  /// Starts one worker thread for each queue.
  ///
  /// - Precondition: called once, with 1 to `workers` queues.
  /// - Throws: if the kernel makes no more threads or descriptors; then nothing runs.
  package func start(queues: [TUNQueue]) throws(SystemError) {
    precondition(!hasStarted, "a data path starts once")
    precondition((1...workerCount).contains(queues.count), "one worker for each queue")
    hasStarted = true
    running = Running(queues: queues, stop: try StopFlag(), threads: [])
    do throws(SystemError) {
      for worker in queues.indices { try startWorker(worker) }
    } catch {
      stop()
      throw error
    }
  }

  private func startWorker(_ worker: Int) throws(SystemError) {
    guard let running else { return }
    let setup = WorkerSetup(
      queue: running.queues[worker].rawValue, stop: running.stop,
      participant: table.barrier.participant(worker),
      accounting: Accounting(counters: counters.bank(worker), drops: drops.ring(worker)),
      table: table.reader, fragments: fragments, configuration: configuration, worker: worker,
      workers: workerCount)
    let thread = try startThread(name: "packets-\(worker)") {
      var worker = Worker(setup)
      worker.run()
    }
    self.running?.threads.append(thread)
  }

  /// Stops the workers and returns when the last one has.
  ///
  /// Counters and drops can still be read.
  package func stop() {
    guard let running else { return }
    running.stop.set()
    for thread in running.threads { thread.join() }
    self.running = nil
  }

  /// Carries out changes in their order.
  ///
  /// Workers see them soon, and for certain after `synchronize`.
  package func apply(_ changes: some Sequence<TableChange>) {
    for change in changes {
      if case .insertEntry(let id, _, _) = change { counters.clear(entry: id.rawValue) }
      table.apply(change)
    }
  }

  /// Returns when every worker is past everything applied before: no packet is written any more
  /// that was decided without it.
  ///
  /// To be called before an operator's or a host's request is answered.
  ///
  /// Takes tens of microseconds at most.
  package func synchronize() {
    table.synchronize()
  }

  /// What was counted in all.
  ///
  /// Exact at a quiet moment, else each number as it was just now.
  package func totals() -> Totals { counters.totals() }

  /// What was counted for one row of the SA table since it was inserted.
  package func counters(of entry: EntryID) -> EntryCounters {
    counters.counters(ofEntry: entry.rawValue)
  }

  /// What was counted for one host.
  package func counters(ofHost host: HostIndex) -> HostCounters {
    counters.counters(ofHost: host.rawValue)
  }

  /// The IKE SAs in which hosts have sent within the last hour, in no order that means anything.
  package func ikeSightings(now: UInt64) -> [IKESighting] { table.reader.ikeSightings(now: now) }

  /// Hands over at most `limit` of the drops that no call before handed over, oldest first for each
  /// worker.
  ///
  /// What found no room in the rings is in `Totals.unloggedDrops`.
  package func drainDrops(limit: Int, _ body: (DropRecord) -> Void) {
    var left = limit
    for step in 0..<workerCount {
      let ring = drops.ring((nextRing + step) % workerCount)
      while left > 0, let record = ring.pop() {
        body(record)
        left -= 1
      }
    }
    nextRing = (nextRing + 1) % workerCount
  }
}
