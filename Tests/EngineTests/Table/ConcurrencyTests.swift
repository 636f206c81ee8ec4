import Net
import PAP
import Synchronization
import Testing

@testable import Engine

/// Readers on threads of their own while one writer changes the table.
@Suite("Forwarding table, concurrently")
struct ConcurrencyTests {
  /// What the writer promises about each key, and which key each row's number is for.
  ///
  /// A promise word changes before the table does and again after the barrier, so that a reader who
  /// finds the same word before and after a look-up knows what the look-up had to find.
  ///
  /// Invariant for `Sendable`: words are accessed atomically; the memory lives as long as the value.
  final class Promises: @unchecked Sendable {
    private let memory = MappedMemory(byteCount: (keys + rows) * 8)
    static let keys = 128
    static let rows = 512

    enum State: UInt64 { case changing, absent, present }

    func word(_ key: Int) -> UInt64 { unsafe memory.base.acquire64(key * 8) }

    func set(_ key: Int, _ state: State) {
      let version = unsafe memory.base.relaxed64(key * 8) >> 2 + 1
      unsafe memory.base.release64(key * 8, version << 2 | state.rawValue)
      // The table is changed only after the word: a reader who sees the change sees the word.
    }

    func key(ofRow row: UInt32) -> Int {
      unsafe Int(memory.base.acquire64((Self.keys + Int(row)) * 8))
    }

    func setKey(_ key: Int, ofRow row: UInt32) {
      unsafe memory.base.release64((Self.keys + Int(row)) * 8, UInt64(key))
    }
  }

  /// Invariant for `Sendable`: used by one thread; the table outlives the thread.
  struct Reader: @unchecked Sendable {
    let table: TableReader
    let participant: EpochBarrier.Participant
  }

  final class Findings: Sendable {
    let isDone = Atomic<Bool>(false)
    let lookups = Atomic<Int>(0)
    let faults = Mutex<[String]>([])
  }

  private static let host = HostIndex(rawValue: 3)
  private static let inside: UInt32 = 0x0a00_000b

  private static func address(_ key: Int) -> UInt32 { 0xc600_0000 + UInt32(key) }

  private static func lookUp(_ key: Int, _ table: TableReader) -> UInt32? {
    table.entry(
      from: address(key), spi: 0x1001_0001, host: host.rawValue, insideAddress: inside,
      protocols: CellMeta.esp)
  }

  @Test(
    "after the barrier nobody finds what was removed, and nobody ever misses what stays",
    .timeLimit(.minutes(2)))
  func readersAndWriter() throws {
    let seed = UInt64.random(in: .min ... .max)
    let table = TableBox(entryCapacity: Promises.rows + Self.fillers, workers: 2)
    let (promises, findings) = (Promises(), Findings())
    table.apply(
      .setHost(Self.host, insideAddress: IPv4Address(rawValue: Self.inside), suspended: false))
    for key in 0..<Promises.keys { promises.set(key, .absent) }
    let threads = try (0..<2).map { worker in
      let reader = Reader(table: table.reader, participant: table.participant(worker))
      return try startThread(name: "reader-\(worker)") {
        Self.read(reader, promises, findings, QuickRandom(seed: seed &+ UInt64(worker)))
      }
    }
    var writer = Writer(table: table, promises: promises, seed: seed)
    while findings.lookups.load(ordering: .relaxed) < 100_000 || writer.steps < 800 {
      writer.step()
      if findings.isDone.load(ordering: .relaxed) { break }
    }
    findings.isDone.store(true, ordering: .relaxed)
    for thread in threads { thread.join() }
    #expect(findings.faults.withLock { $0 } == [], "seed \(seed)")
    #expect(writer.growths > 2, "seed \(seed)")
  }

  private static let fillers = 16_384

  private static func read(
    _ reader: Reader, _ promises: Promises, _ findings: Findings, _ random: consuming QuickRandom
  ) {
    while !findings.isDone.load(ordering: .relaxed) {
      reader.participant.enter()
      for _ in 0..<32 {
        let key = random.below(Promises.keys)
        let before = promises.word(key)
        let found = lookUp(key, reader.table)
        let ofRow = found.map { promises.key(ofRow: $0) }
        let after = promises.word(key)
        if let fault = fault(key, before, after, found, ofRow) {
          findings.faults.withLock { $0.append(fault) }
          findings.isDone.store(true, ordering: .relaxed)
        }
      }
      reader.participant.leave()
      findings.lookups.add(32, ordering: .relaxed)
    }
  }

  private static func fault(
    _ key: Int, _ before: UInt64, _ after: UInt64, _ found: UInt32?, _ ofRow: Int?
  ) -> String? {
    if let ofRow, ofRow != key { return "key \(key): row \(found ?? 0) is of key \(ofRow)" }
    guard before == after else { return nil }
    switch Promises.State(rawValue: before & 3) {
    case .absent: return found == nil ? nil : "key \(key) was removed, but found"
    case .present: return found != nil ? nil : "key \(key) stays, but was missed"
    default: return nil
    }
  }

  /// The table where a test can hold on to it while threads run.
  final class TableBox {
    private var table: ForwardingTable
    init(entryCapacity: Int, workers: Int) {
      table = ForwardingTable(entryCapacity: entryCapacity, workers: workers)
    }
    var reader: TableReader { table.reader }
    var capacity: Int { table.capacity }
    func participant(_ worker: Int) -> EpochBarrier.Participant {
      table.barrier.participant(worker)
    }
    func apply(_ change: TableChange) { table.apply(change) }
    func synchronize() { table.synchronize() }
  }

  /// Inserts and removes keys, and now and then other rows, so many that the table grows.
  struct Writer {
    let table: TableBox
    let promises: Promises
    private var random: QuickRandom
    private var rowOfKey = [UInt32?](repeating: nil, count: Promises.keys)
    private var freeRows = Array(UInt32(0)..<UInt32(Promises.rows))
    private var fillers = 0
    private(set) var steps = 0
    private(set) var growths = 0

    init(table: TableBox, promises: Promises, seed: UInt64) {
      self.table = table
      self.promises = promises
      random = QuickRandom(seed: seed)
    }

    mutating func step() {
      steps += 1
      let before = table.capacity
      if steps % 32 == 0 { addFillers() } else { changeKeys() }
      if table.capacity != before { growths += 1 }
    }

    private mutating func changeKeys() {
      let keys = Set((0..<1 + random.below(4)).map { _ in random.below(Promises.keys) })
      var gone: [UInt32] = []
      for key in keys {
        promises.set(key, .changing)
        if let row = rowOfKey[key] {
          table.apply(.removeEntry(EntryID(rawValue: row)))
          rowOfKey[key] = nil
          gone.append(row)
        } else {
          insert(key)
        }
      }
      table.synchronize()
      freeRows += gone
      for key in keys { promises.set(key, rowOfKey[key] == nil ? .absent : .present) }
    }

    private mutating func insert(_ key: Int) {
      let row = freeRows.remove(at: random.below(freeRows.count))
      promises.setKey(key, ofRow: row)
      rowOfKey[key] = row
      let entry = Entry(
        address: IPv4Address(rawValue: ConcurrencyTests.address(key)), ipsecProtocol: .esp,
        spiIn: random.below(2) == 0 ? nil : SPI(rawValue: 0x1001_0001))
      table.apply(.insertEntry(EntryID(rawValue: row), ConcurrencyTests.host, entry))
    }

    private mutating func addFillers() {
      for _ in 0..<512 where fillers < ConcurrencyTests.fillers {
        let entry = Entry(
          address: IPv4Address(rawValue: 0x0100_0000 + UInt32(fillers)), ipsecProtocol: .any)
        let id = EntryID(rawValue: UInt32(Promises.rows + fillers))
        table.apply(.insertEntry(id, ConcurrencyTests.host, entry))
        fillers += 1
      }
    }
  }

  @Test("the barrier waits for a batch under way, and for nobody else", .timeLimit(.minutes(1)))
  func barrier() throws {
    let barrier = BarrierBox()
    let busy = barrier.participant(0)
    barrier.synchronize()  // nobody is in a batch
    busy.enter()
    let flag = Flag()
    let waiter = try startThread(name: "writer") { [box = BarrierReference(barrier: barrier)] in
      box.barrier.synchronize()
      flag.set()
    }
    // Batches of another worker come and go meanwhile: they are not waited for, nor mistaken for
    // the busy one's end.
    for _ in 0..<1000 {
      barrier.participant(1).enter()
      barrier.participant(1).leave()
    }
    #expect(!flag.isSet)
    busy.leave()
    waiter.join()
    #expect(flag.isSet)
  }

  final class BarrierBox {
    private let barrier = EpochBarrier(workers: 2)
    func participant(_ worker: Int) -> EpochBarrier.Participant { barrier.participant(worker) }
    func synchronize() { barrier.synchronize() }
  }

  /// Invariant for `Sendable`: one thread at a time is the writer.
  struct BarrierReference: @unchecked Sendable { let barrier: BarrierBox }

  final class Flag: Sendable {
    private let value = Atomic<Bool>(false)
    var isSet: Bool { value.load(ordering: .acquiring) }
    func set() { value.store(true, ordering: .releasing) }
  }
}
