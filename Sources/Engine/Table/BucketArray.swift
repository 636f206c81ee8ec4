internal import CLinux

/// The cells of the forwarding table: buckets of 64 octets, one cache line, of four cells each.
///
///     | address | qualifier | inside address | meta |   16 octets, words in host byte order
///
/// A key's home is one bucket; if that was ever full, the key may stand in the next one, and so on.
/// The value is a view: whoever holds the mapping beneath decides how long it may be used.
///
/// Invariant. One thread writes, any number read, without locks, because a cell goes through
/// *free -> valid -> retired -> free* and
///
/// - address and qualifier are written only while the cell is free, before meta is released with
///   `valid`; a reader acquires meta first, so it sees the whole cell or no cell;
/// - a valid cell is taken back by one store to meta. Readers that loaded meta before may still use
///   the cell: it stays as it is, retired, until `EpochBarrier.synchronize` has returned, and only
///   then becomes free to be rewritten. So no reader ever pairs one cell's meta with another's key;
/// - the inside address of a valid cell may change by one aligned store: it is no part of the key.
///   So may the number of a cell that counts rows, which readers leave alone;
/// - cells never move. Growth copies them to another array, which is published whole, so a reader
///   that looks for a cell that stays finds it at every moment;
/// - the overflow bit is never cleared, and it is set before a cell is put beyond the bucket.
@safe
struct BucketArray {
  private let base: UnsafeMutableRawPointer
  private let bucketMask: UInt64

  static let bucketSize = 64
  static let cellsPerBucket = 4
  /// The longest way from home.
  ///
  /// An insertion that would go further asks for a larger array.
  static let longestProbe = 16

  private static let cellSize = 16
  private static let addressOffset = 0
  private static let qualifierOffset = 4
  private static let insideOffset = 8
  private static let metaOffset = 12

  /// A view of `1 << bucketBits` buckets at `base`, which is at a multiple of 64.
  @inline(__always)
  init(base: UnsafeMutableRawPointer, bucketBits: UInt64) {
    unsafe self.base = base
    bucketMask = (1 &<< bucketBits) &- 1
  }

  var bucketCount: Int { Int(bucketMask) + 1 }
  var cellCount: Int { bucketCount * Self.cellsPerBucket }
}

// MARK: - Readers

extension BucketArray {
  /// The number of a cell that has the key and the inside address and passes the filter.
  @inline(__always)
  func find(_ key: CellKey, inside: UInt32, hash: UInt64, _ filter: CellFilter) -> UInt32? {
    var bucket = hash & bucketMask
    for _ in 0..<Self.longestProbe {
      let line = unsafe base + Int(bucket) &* Self.bucketSize
      let firstMeta = unsafe line.acquire32(Self.metaOffset)
      var meta = firstMeta
      for index in 0..<Self.cellsPerBucket {
        let cell = unsafe line + index &* Self.cellSize
        if index > 0 { meta = unsafe cell.acquire32(Self.metaOffset) }
        guard meta & filter.mask == filter.flags,
          unsafe cell.relaxed32(Self.addressOffset) == key.address,
          unsafe cell.relaxed32(Self.qualifierOffset) == key.qualifier,
          unsafe cell.relaxed32(Self.insideOffset) == inside
        else { continue }
        return meta & CellMeta.numberMask
      }
      guard firstMeta & CellMeta.overflow != 0 else { return nil }
      bucket = (bucket &+ 1) & bucketMask
    }
    return nil
  }

  /// What stands in place of the inside address in a cell that has the key and passes the filter.
  func inside(of key: CellKey, hash: UInt64, _ filter: CellFilter) -> UInt32? {
    var bucket = hash & bucketMask
    for _ in 0..<Self.longestProbe {
      let line = unsafe base + Int(bucket) &* Self.bucketSize
      let firstMeta = unsafe line.acquire32(Self.metaOffset)
      for index in 0..<Self.cellsPerBucket {
        let cell = unsafe line + index &* Self.cellSize
        let meta = unsafe index == 0 ? firstMeta : cell.acquire32(Self.metaOffset)
        guard meta & filter.mask == filter.flags,
          unsafe cell.relaxed32(Self.addressOffset) == key.address,
          unsafe cell.relaxed32(Self.qualifierOffset) == key.qualifier
        else { continue }
        return unsafe cell.relaxed32(Self.insideOffset)
      }
      guard firstMeta & CellMeta.overflow != 0 else { return nil }
      bucket = (bucket &+ 1) & bucketMask
    }
    return nil
  }

  /// Asks the processor for the line that a look-up of the hash begins with.
  @inline(__always)
  func prefetch(hash: UInt64) {
    unsafe cl_prefetch(base + Int(hash & bucketMask) &* Self.bucketSize)
  }
}

// MARK: - The writer

extension BucketArray {
  /// A cell's contents, as the writer sees them.
  struct Contents {
    var key: CellKey
    var inside: UInt32
    var meta: CellMeta
  }

  /// What an insertion did.
  enum Insertion {
    /// Done, in the cell of that index; so many buckets began to overflow.
    case placed(cell: Int, newOverflows: Int)
    /// No free cell within `longestProbe` buckets.
    case noRoom(newOverflows: Int)
  }

  /// The cell of that index, or nil if it is free or retired.
  func contents(of cell: Int) -> Contents? {
    let cell = unsafe base + cell * Self.cellSize
    let meta = unsafe CellMeta(rawValue: cell.relaxed32(Self.metaOffset))
    guard meta.isValid, let kind = meta.kind else { return nil }
    let key = unsafe CellKey(
      kind: kind, address: cell.relaxed32(Self.addressOffset),
      qualifier: cell.relaxed32(Self.qualifierOffset))
    return unsafe Contents(key: key, inside: cell.relaxed32(Self.insideOffset), meta: meta)
  }

  /// The index of a valid cell with the key.
  func index(of key: CellKey, hash: UInt64) -> Int? {
    for bucket in probe(hash) {
      let cells = bucket * Self.cellsPerBucket..<(bucket + 1) * Self.cellsPerBucket
      if let found = cells.first(where: { contents(of: $0)?.key == key }) { return found }
      guard overflows(bucket) else { return nil }
    }
    return nil
  }

  /// Publishes a cell in the first free place from the key's home on.
  func insert(_ new: Contents, hash: UInt64) -> Insertion {
    var newOverflows = 0
    for bucket in probe(hash) {
      for index in bucket * Self.cellsPerBucket..<(bucket + 1) * Self.cellsPerBucket {
        let cell = unsafe base + index * Self.cellSize
        let old = unsafe CellMeta(rawValue: cell.relaxed32(Self.metaOffset))
        guard old.isFree else { continue }
        unsafe cell.setRelaxed32(Self.addressOffset, new.key.address)
        unsafe cell.setRelaxed32(Self.qualifierOffset, new.key.qualifier)
        unsafe cell.setRelaxed32(Self.insideOffset, new.inside)
        // A free first cell may carry the bucket's overflow bit: it stays.
        let overflow = old.rawValue & CellMeta.overflow
        unsafe cell.release32(
          Self.metaOffset, new.meta.rawValue & ~CellMeta.overflow | CellMeta.valid | overflow)
        return .placed(cell: index, newOverflows: newOverflows)
      }
      if !overflows(bucket) {
        markOverflow(bucket)
        newOverflows += 1
      }
    }
    return .noRoom(newOverflows: newOverflows)
  }

  /// Takes a valid cell back; it may not be used again before `free`.
  func retire(_ cell: Int) {
    let cell = unsafe base + cell * Self.cellSize
    let meta = unsafe cell.relaxed32(Self.metaOffset)
    unsafe cell.release32(Self.metaOffset, meta & ~CellMeta.valid | CellMeta.retired)
  }

  /// Makes a retired cell free.
  ///
  /// Only after every worker is past its retirement.
  func free(_ cell: Int) {
    let cell = unsafe base + cell * Self.cellSize
    let meta = unsafe cell.relaxed32(Self.metaOffset)
    assert(meta & CellMeta.retired != 0, "a cell is retired before it is free")
    unsafe cell.release32(Self.metaOffset, meta & CellMeta.overflow)
  }

  /// Gives a valid cell another inside address.
  func setInside(_ cell: Int, _ inside: UInt32) {
    unsafe (base + cell * Self.cellSize).setRelaxed32(Self.insideOffset, inside)
  }

  /// Gives a valid cell that counts rows another number.
  func setNumber(_ cell: Int, _ number: UInt32) {
    let cell = unsafe base + cell * Self.cellSize
    let flags = unsafe cell.relaxed32(Self.metaOffset) & ~CellMeta.numberMask
    unsafe cell.release32(Self.metaOffset, flags | number & CellMeta.numberMask)
  }

  /// The buckets that a key of the hash may stand in, home first.
  private func probe(_ hash: UInt64) -> some Sequence<Int> {
    (0..<UInt64(Self.longestProbe)).lazy.map { Int((hash &+ $0) & bucketMask) }
  }

  private func overflows(_ bucket: Int) -> Bool {
    unsafe (base + bucket * Self.bucketSize).relaxed32(Self.metaOffset) & CellMeta.overflow != 0
  }

  private func markOverflow(_ bucket: Int) {
    let line = unsafe base + bucket * Self.bucketSize
    let meta = unsafe line.relaxed32(Self.metaOffset)
    unsafe line.release32(Self.metaOffset, meta | CellMeta.overflow)
  }
}
