/// A bucket array together with its memory, for the writer: it grows by being copied to a larger
/// one, which is published whole.
///
/// An array that was replaced stays mapped until the barrier says that nobody looks at it.
struct GrowingBuckets: ~Copyable {
  private let directory: TableDirectory
  private let place: TableDirectory.Published
  private let hash: TableHash

  private var memory: MappedMemory
  private(set) var array: BucketArray
  /// The array before the last growth, until every worker is past it.
  private var oldMemory: MappedMemory?
  /// Valid cells.
  private(set) var count = 0
  private var retiredCells: [Int] = []
  private var overflowingBuckets = 0
  private var insertionsSinceGrowth = 0

  private static let leastBucketBits: UInt64 = 6

  /// Publishes an empty array.
  init(directory: TableDirectory, as place: TableDirectory.Published, hash: TableHash) {
    self.directory = directory
    self.place = place
    self.hash = hash
    memory = Self.memory(bucketBits: Self.leastBucketBits)
    unsafe array = BucketArray(base: memory.base, bucketBits: Self.leastBucketBits)
    unsafe directory.publish(memory.base, bucketBits: Self.leastBucketBits, as: place)
  }

  private static func memory(bucketBits: UInt64) -> MappedMemory {
    MappedMemory(byteCount: BucketArray.bucketSize << Int(bucketBits))
  }

  /// The index of the valid cell with the key.
  func index(of key: CellKey) -> Int? { array.index(of: key, hash: hash(key)) }

  /// Where an insertion put the new cell, and whether the others have moved.
  struct Placement {
    let cell: Int
    let hasGrown: Bool
  }

  /// Puts a valid cell in.
  mutating func insert(
    _ key: CellKey, inside: UInt32, flags: UInt32, barrier: borrowing EpochBarrier
  ) -> Placement {
    let new = BucketArray.Contents(key: key, inside: inside, meta: CellMeta(rawValue: flags))
    var hasGrown = needsGrowth
    if hasGrown { grow(adding: 1, barrier) }
    var cell = put(new)
    while cell == nil {
      grow(adding: array.cellCount / 2, barrier)
      hasGrown = true
      cell = put(new)
    }
    count += 1
    insertionsSinceGrowth += 1
    return Placement(cell: cell ?? 0, hasGrown: hasGrown)
  }

  private mutating func put(_ new: BucketArray.Contents) -> Int? {
    switch array.insert(new, hash: hash(new.key)) {
    case .noRoom(let newOverflows):
      overflowingBuckets += newOverflows
      return nil
    case .placed(let cell, let newOverflows):
      overflowingBuckets += newOverflows
      return cell
    }
  }

  /// Takes a valid cell back.
  mutating func retire(_ cell: Int) {
    array.retire(cell)
    retiredCells.append(cell)
    count -= 1
  }

  /// Every worker is past all changes made so far: what they replaced is free again.
  mutating func release() {
    for cell in retiredCells { array.free(cell) }
    retiredCells.removeAll(keepingCapacity: true)
    oldMemory = nil
  }
}

// MARK: - Growth

extension GrowingBuckets {
  /// Half full, retired cells included; or so many buckets overflowed at some time that misses have
  /// become dear, and enough was inserted to pay for the copy.
  private var needsGrowth: Bool {
    (count + retiredCells.count + 1) * 2 > array.cellCount
      || (overflowingBuckets * 4 > array.bucketCount
        && insertionsSinceGrowth > array.bucketCount)
  }

  /// Copies the valid cells into a new array in which at most three of eight cells will be used
  /// after `added` more, and publishes it.
  ///
  /// Overflow bits and retired cells stay behind.
  private mutating func grow(adding added: Int, _ barrier: borrowing EpochBarrier) {
    // The array before this one must be out of use before its place is taken.
    if oldMemory != nil {
      barrier.synchronize()
      release()
    }
    var bits = Self.leastBucketBits
    let cells = (count + added) * 8 / 3
    while BucketArray.cellsPerBucket << Int(bits) < cells { bits += 1 }
    while !copy(bucketBits: bits) { bits += 1 }
  }

  /// False, and nothing happened, if a cell found no room.
  private mutating func copy(bucketBits bits: UInt64) -> Bool {
    let larger = Self.memory(bucketBits: bits)
    let target = unsafe BucketArray(base: larger.base, bucketBits: bits)
    var overflows = 0
    for cell in 0..<array.cellCount {
      guard let contents = array.contents(of: cell) else { continue }
      guard case .placed(_, let new) = target.insert(contents, hash: hash(contents.key)) else {
        return false
      }
      overflows += new
    }
    unsafe directory.publish(larger.base, bucketBits: bits, as: place)
    replaceMemory(with: larger)
    array = target
    overflowingBuckets = overflows
    insertionsSinceGrowth = 0
    retiredCells.removeAll(keepingCapacity: true)
    return true
  }

  private mutating func replaceMemory(with larger: consuming MappedMemory) {
    swap(&memory, &larger)
    oldMemory = consume larger
  }
}
