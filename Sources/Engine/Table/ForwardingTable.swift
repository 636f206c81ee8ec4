internal import PAP

/// What the data path reads: who holds each slot, claimed SPI, port block and inside address, which
/// peers may send to which SPI, and what is revoked.
///
/// Fixed layout in mapped memory, no pointer into the Swift heap.
///
/// Invariant: `apply` and `synchronize` are called by one thread, the writer. Readers hold
/// `TableReader` values, use them between `enter` and `leave` of the barrier, and are done before
/// the table goes away. `BucketArray` and `EpochBarrier` say why that is enough. What readers learn
/// stands in tables of their own, which the writer never touches.
///
/// A look-up is O(1). A change is O(1) amortised; growth doubles, while readers go on undisturbed.
struct ForwardingTable: ~Copyable {
  private let directoryMemory: MappedMemory
  private let directory: TableDirectory
  private let hash: TableHash
  let rows: RowLocator

  private var cells: GrowingBuckets
  var peers: GrowingBuckets
  private var claims: GrowingBuckets
  private let learnedIKE: LearnedTable
  private let learnedSPIs: LearnedTable
  private let seenIKE: LearnedTable
  /// How many revoked prefixes there are of each length.
  private var revocationsOfLength = [Int](repeating: 0, count: 33)

  /// Tells when every worker is past a change.
  let barrier: EpochBarrier

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
    cells = GrowingBuckets(directory: directory, as: .rows, hash: hash)
    peers = GrowingBuckets(directory: directory, as: .peers, hash: hash)
    claims = GrowingBuckets(directory: directory, as: .claims, hash: hash)
    learnedIKE = LearnedTable(.ike, using: &random)
    learnedSPIs = LearnedTable(.outboundSPIs, using: &random)
    seenIKE = LearnedTable(.seenIKE, using: &random)
  }

  /// The side of the readers.
  var reader: TableReader {
    TableReader(
      directory: directory, hash: hash, learnedIKE: learnedIKE.view,
      learnedSPIs: learnedSPIs.view, seenIKE: seenIKE.view)
  }

  /// Valid cells: rows, hosts and revoked prefixes.
  var count: Int { cells.count }
  /// Cells there is room for.
  var capacity: Int { cells.array.cellCount }

  /// Returns when every worker sees all changes made so far and is done with what they replaced;
  /// then what was retired is free again.
  mutating func synchronize() {
    barrier.synchronize()
    cells.release()
    peers.release()
    claims.release()
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
    case .setClaim(let spi, let host):
      setClaim(spi.rawValue, host?.rawValue)
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
    if let cell = cells.index(of: key) { cells.retire(cell) }
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
    guard let cell = cells.index(of: key),
      cells.array.contents(of: cell)?.meta.number == UInt32(host)
    else { return }
    cells.retire(cell)
  }

  /// Tells the rows of a host its new inside address.
  ///
  /// O(capacity), but hosts hardly ever move.
  private func giveRows(of host: UInt16, inside address: UInt32) {
    for cell in 0..<cells.array.cellCount {
      guard let found = cells.array.contents(of: cell),
        found.key.isAssociation, rows.host(of: found.meta.number) == host
      else { continue }
      cells.array.setInside(cell, address)
    }
  }

  private mutating func setClaim(_ spi: UInt32, _ host: UInt16?) {
    let key = CellKey.claim(spi)
    if let cell = claims.index(of: key) { claims.retire(cell) }
    guard let host else { return }
    let flags = CellFilter(key.kind).flags | UInt32(host)
    _ = claims.insert(key, inside: 0, flags: flags, barrier: barrier)
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
    addPeer(id, entry)
    insert(key, inside: directory.record(of: host).insideAddress, flags: flags | id)
  }

  private mutating func removeEntry(_ id: UInt32) {
    guard let cell = rows.cell(of: id) else { return }
    if let row = cells.array.contents(of: cell) { removePeer(id, row) }
    cells.retire(cell)
    rows.setCell(nil, of: id)
  }

  private mutating func insertRevocation(_ prefix: CIDR, _ host: UInt16) {
    let key = CellKey.revocation(prefix, host: host)
    guard cells.index(of: key) == nil else { return }
    insert(key, inside: 0, flags: CellFilter(.revocation).flags)
    revocationsOfLength[prefix.prefixLength] += 1
    publishRevokedLengths()
  }

  private mutating func removeRevocation(_ prefix: CIDR, _ host: UInt16) {
    let key = CellKey.revocation(prefix, host: host)
    guard let cell = cells.index(of: key) else { return }
    cells.retire(cell)
    revocationsOfLength[prefix.prefixLength] -= 1
    publishRevokedLengths()
  }

  private func publishRevokedLengths() {
    let lengths = revocationsOfLength.indices.filter { revocationsOfLength[$0] > 0 }
    directory.setRevokedLengths(lengths.reduce(0) { $0 | 1 << UInt64($1) })
  }
}

// MARK: - Cells

extension ForwardingTable {
  private mutating func insert(_ key: CellKey, inside: UInt32, flags: UInt32) {
    let new = cells.insert(key, inside: inside, flags: flags, barrier: barrier)
    if new.hasGrown {
      locateRows()
    } else if key.isAssociation {
      rows.setCell(new.cell, of: flags & CellMeta.numberMask)
    }
  }

  private func locateRows() {
    for cell in 0..<cells.array.cellCount {
      guard let contents = cells.array.contents(of: cell), contents.key.isAssociation else {
        continue
      }
      rows.setCell(cell, of: contents.meta.number)
    }
  }
}

extension CellKey {
  /// Whether the cell stands for a row of the SA table.
  fileprivate var isAssociation: Bool { kind == .association || kind == .anyAssociation }

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
