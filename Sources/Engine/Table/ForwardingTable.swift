internal import PAP

/// What the data path reads: who holds each slot, port block and inside address, which peers may
/// send to which SPI, and what is revoked.
///
/// Fixed layout in mapped memory, no pointer into the Swift heap.
///
/// Invariant: `apply` and `synchronize` are called by one thread, the writer. Readers hold
/// `TableReader` values, use them between `enter` and `leave` of the barrier, and are done before
/// the table goes away. `BucketArray` and `EpochBarrier` say why that is enough. A bucket array that
/// was replaced stays mapped until the barrier says that nobody looks at it.
///
/// A look-up is O(1). A change is O(1) amortised; growth doubles, while readers go on undisturbed.
struct ForwardingTable: ~Copyable {
  private let directoryMemory: MappedMemory
  private let directory: TableDirectory
  private let hash: TableHash
  private let rows: RowLocator

  private var bucketMemory: MappedMemory
  private var buckets: BucketArray
  /// The array before the last growth, until every worker is past it.
  private var oldBucketMemory: MappedMemory?
  private var liveCells = 0
  private var retiredCells: [Int] = []
  private var overflowingBuckets = 0
  private var insertionsSinceGrowth = 0
  /// How many revoked prefixes there are of each length.
  private var revocationsOfLength = [Int](repeating: 0, count: 33)

  /// Tells when every worker is past a change.
  let barrier: EpochBarrier

  private static let leastBucketBits: UInt64 = 6

  /// Makes an empty table.
  ///
  /// - Parameters:
  ///   - entryCapacity: the rows' numbers are below this, at most 2^24.
  ///   - workers: how many readers there will be.
  ///   - random: where the hash's secret comes from.
  init(
    entryCapacity: Int, workers: Int,
    random: consuming some RandomNumberGenerator = SystemRandomNumberGenerator()
  ) {
    precondition((1...1 << 24).contains(entryCapacity), "a row's number has 24 bits")
    var random = random
    hash = TableHash(using: &random)
    directoryMemory = MappedMemory(byteCount: TableDirectory.byteCount)
    unsafe directory = TableDirectory(base: directoryMemory.base)
    rows = RowLocator(capacity: entryCapacity)
    barrier = EpochBarrier(workers: workers)
    bucketMemory = Self.memory(bucketBits: Self.leastBucketBits)
    unsafe buckets = BucketArray(base: bucketMemory.base, bucketBits: Self.leastBucketBits)
    unsafe directory.publish(bucketMemory.base, bucketBits: Self.leastBucketBits)
  }

  /// The side of the readers.
  var reader: TableReader { TableReader(directory: directory, hash: hash) }

  /// Valid cells: rows, hosts and revoked prefixes.
  var count: Int { liveCells }
  /// Cells there is room for.
  var capacity: Int { buckets.cellCount }

  /// Returns when every worker sees all changes made so far and is done with what they replaced;
  /// then what was retired is free again.
  mutating func synchronize() {
    barrier.synchronize()
    for cell in retiredCells { buckets.free(cell) }
    retiredCells.removeAll(keepingCapacity: true)
    oldBucketMemory = nil
  }

  private static func memory(bucketBits: UInt64) -> MappedMemory {
    MappedMemory(byteCount: BucketArray.bucketSize << Int(bucketBits))
  }
}

// MARK: - Changes

extension ForwardingTable {
  /// Carries out one change.
  ///
  /// Workers see it soon, and for certain after `synchronize`.
  mutating func apply(_ change: TableChange) {
    switch change {
    case .setHost(let host, let address, let suspended):
      setHost(host.rawValue, address.rawValue, suspended: suspended)
    case .removeHost(let host):
      removeHost(host.rawValue)
    case .setSlot(let slot, let host):
      directory.setHost(host?.rawValue ?? 0, ofSlot: slot.rawValue)
    case .setPorts(let block, let host):
      for first in stride(from: block.first, through: block.last, by: 1024) {
        directory.setHost(host?.rawValue ?? 0, ofPort: first)
      }
    case .insertEntry(let id, let host, let entry):
      insertEntry(id.rawValue, host.rawValue, entry)
    case .removeEntry(let id):
      removeEntry(id.rawValue)
    case .insertRevocation(let prefix, let host):
      insertRevocation(prefix, host?.rawValue ?? 0)
    case .removeRevocation(let prefix, let host):
      removeRevocation(prefix, host?.rawValue ?? 0)
    }
  }

  private mutating func setHost(_ host: UInt16, _ address: UInt32, suspended: Bool) {
    let old = directory.record(of: host)
    let moved = !old.isKnown || old.insideAddress != address
    if moved, old.isKnown { removeHostCell(host, old.insideAddress) }
    directory.setRecord(HostRecord(insideAddress: address, suspended: suspended), of: host)
    guard moved else { return }
    let key = CellKey.host(insideAddress: address)
    // Of two hosts with one address the last one has it.
    if let cell = buckets.index(of: key, hash: hash(key)) { retire(cell) }
    insert(key, inside: address, flags: CellFilter(.host).flags | UInt32(host))
    if old.isKnown { giveRows(of: host, inside: address) }
  }

  private mutating func removeHost(_ host: UInt16) {
    let old = directory.record(of: host)
    guard old.isKnown else { return }
    removeHostCell(host, old.insideAddress)
    directory.setRecord(.unknown, of: host)
  }

  private mutating func removeHostCell(_ host: UInt16, _ address: UInt32) {
    let key = CellKey.host(insideAddress: address)
    guard let cell = buckets.index(of: key, hash: hash(key)),
      buckets.contents(of: cell)?.meta.number == UInt32(host)
    else { return }
    retire(cell)
  }

  /// Tells the rows of a host its new inside address.
  ///
  /// O(capacity), but hosts hardly ever move.
  private func giveRows(of host: UInt16, inside address: UInt32) {
    for cell in 0..<buckets.cellCount {
      guard let found = buckets.contents(of: cell),
        found.key.kind == .association || found.key.kind == .anyAssociation,
        rows.host(of: found.meta.number) == host
      else { continue }
      buckets.setInside(cell, address)
    }
  }

  private mutating func insertEntry(_ id: UInt32, _ host: UInt16, _ entry: Entry) {
    removeEntry(id)
    let address = entry.address.rawValue
    let key: CellKey =
      if let spi = entry.spiIn { .association(address, spi: spi.rawValue) } else {
        .anyAssociation(address, host: host)
      }
    let flags = CellFilter(key.kind, protocols: entry.ipsecProtocol.cellFlags).flags
    rows.setHost(host, of: id)
    insert(key, inside: directory.record(of: host).insideAddress, flags: flags | id)
  }

  private mutating func removeEntry(_ id: UInt32) {
    guard let cell = rows.cell(of: id) else { return }
    retire(cell)
    rows.setCell(nil, of: id)
  }

  private mutating func insertRevocation(_ prefix: CIDR, _ host: UInt16) {
    let key = CellKey.revocation(prefix, host: host)
    guard buckets.index(of: key, hash: hash(key)) == nil else { return }
    insert(key, inside: 0, flags: CellFilter(.revocation).flags)
    revocationsOfLength[prefix.prefixLength] += 1
    publishRevokedLengths()
  }

  private mutating func removeRevocation(_ prefix: CIDR, _ host: UInt16) {
    let key = CellKey.revocation(prefix, host: host)
    guard let cell = buckets.index(of: key, hash: hash(key)) else { return }
    retire(cell)
    revocationsOfLength[prefix.prefixLength] -= 1
    publishRevokedLengths()
  }

  private func publishRevokedLengths() {
    let lengths = revocationsOfLength.indices.filter { revocationsOfLength[$0] > 0 }
    directory.setRevokedLengths(lengths.reduce(0) { $0 | 1 << UInt64($1) })
  }
}

// MARK: - Cells and growth

extension ForwardingTable {
  private mutating func insert(_ key: CellKey, inside: UInt32, flags: UInt32) {
    let new = BucketArray.Contents(key: key, inside: inside, meta: CellMeta(rawValue: flags))
    if needsGrowth { grow(adding: 1) }
    while !place(new) { grow(adding: buckets.cellCount / 2) }
    liveCells += 1
    insertionsSinceGrowth += 1
  }

  private mutating func place(_ new: BucketArray.Contents) -> Bool {
    switch buckets.insert(new, hash: hash(new.key)) {
    case .noRoom(let newOverflows):
      overflowingBuckets += newOverflows
      return false
    case .placed(let cell, let newOverflows):
      overflowingBuckets += newOverflows
      if new.key.kind == .association || new.key.kind == .anyAssociation {
        rows.setCell(cell, of: new.meta.number)
      }
      return true
    }
  }

  private mutating func retire(_ cell: Int) {
    buckets.retire(cell)
    retiredCells.append(cell)
    liveCells -= 1
  }

  /// Half full, retired cells included; or so many buckets overflowed at some time that misses have
  /// become dear, and enough was inserted to pay for the copy.
  private var needsGrowth: Bool {
    (liveCells + retiredCells.count + 1) * 2 > buckets.cellCount
      || (overflowingBuckets * 4 > buckets.bucketCount
        && insertionsSinceGrowth > buckets.bucketCount)
  }

  /// Copies the valid cells into a new array in which at most three of eight cells will be used
  /// after `count` more, and publishes it.
  ///
  /// Overflow bits and retired cells stay behind.
  private mutating func grow(adding count: Int) {
    // The array before this one must be out of use before its place is taken.
    if oldBucketMemory != nil { synchronize() }
    var bits = Self.leastBucketBits
    let cells = (liveCells + count) * 8 / 3
    while BucketArray.cellsPerBucket << Int(bits) < cells { bits += 1 }
    while !copy(bucketBits: bits) { bits += 1 }
  }

  /// False, and nothing happened, if a cell found no room.
  private mutating func copy(bucketBits bits: UInt64) -> Bool {
    let memory = Self.memory(bucketBits: bits)
    let larger = unsafe BucketArray(base: memory.base, bucketBits: bits)
    var overflows = 0
    for cell in 0..<buckets.cellCount {
      guard let contents = buckets.contents(of: cell) else { continue }
      guard case .placed(_, let new) = larger.insert(contents, hash: hash(contents.key)) else {
        return false
      }
      overflows += new
    }
    unsafe directory.publish(memory.base, bucketBits: bits)
    replaceMemory(with: memory)
    buckets = larger
    overflowingBuckets = overflows
    insertionsSinceGrowth = 0
    retiredCells.removeAll(keepingCapacity: true)
    locateRows()
    return true
  }

  private mutating func replaceMemory(with memory: consuming MappedMemory) {
    swap(&bucketMemory, &memory)
    oldBucketMemory = consume memory
  }

  private func locateRows() {
    for cell in 0..<buckets.cellCount {
      guard let contents = buckets.contents(of: cell),
        contents.key.kind == .association || contents.key.kind == .anyAssociation
      else { continue }
      rows.setCell(cell, of: contents.meta.number)
    }
  }
}

extension CellKey {
  /// A revoked prefix; host 0 stands for all hosts.
  static func revocation(_ prefix: CIDR, host: UInt16) -> CellKey {
    .revocation(prefix.address.rawValue, length: UInt32(prefix.prefixLength), host: host)
  }
}

extension IPsecProtocol {
  /// The protocols as a cell's flags.
  var cellFlags: UInt32 {
    switch self {
    case .any: CellMeta.esp | CellMeta.ah
    case .esp: CellMeta.esp
    case .ah: CellMeta.ah
    }
  }
}
