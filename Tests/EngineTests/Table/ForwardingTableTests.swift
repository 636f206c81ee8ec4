import PAP
import Testing

@testable import Engine

/// The forwarding table against dictionaries that do the same.
@Suite("Forwarding table")
struct ForwardingTableTests {
  @Test(
    "answers as dictionaries do, whatever was changed before",
    arguments: [
      // Few keys, changed over and over; and many, so that the table grows.
      (capacity: 512, addresses: 12, steps: 15_000),
      (capacity: 8192, addresses: 3000, steps: 30_000),
    ])
  func model(_ scale: (capacity: Int, addresses: Int, steps: Int)) {
    let seed = UInt64.random(in: .min ... .max)
    var changes = RandomChanges(seed: seed, capacity: scale.capacity, addresses: scale.addresses)
    var table = ForwardingTable(
      entryCapacity: scale.capacity, workers: 1, random: QuickRandom(seed: seed))
    var model = NaiveTable()
    for step in 0..<scale.steps {
      if let change = changes.next(model) {
        table.apply(change)
        model.apply(change)
      } else {
        table.synchronize()
      }
      if let fault = Self.difference(table, model, &changes) {
        Issue.record("seed \(seed), step \(step): \(fault)")
        return
      }
    }
    #expect(table.count == model.count, "seed \(seed)")
    #expect(table.count * 2 <= table.capacity, "seed \(seed)")
  }

  /// Compares a few look-ups.
  private static func difference(
    _ table: borrowing ForwardingTable, _ model: NaiveTable, _ changes: inout RandomChanges
  ) -> String? {
    let reader = table.reader
    for _ in 0..<4 {
      let claimed = changes.claimedSPI()
      if reader.host(ofSPI: claimed) != model.host(ofSPI: claimed) { return "claim of \(claimed)" }
      let (source, spi, port) = (changes.address(), changes.spi(), changes.port())
      let host = reader.directory.host(ofSlot: UInt16(spi >> 16))
      if host != model.slots[UInt16(spi >> 16)] ?? 0 { return "slot of \(spi)" }
      if reader.directory.host(ofPort: port) != model.host(ofPort: port) { return "port \(port)" }
      let index = UInt16(changes.hostNumber())
      let record = reader.directory.record(of: index)
      guard record.isKnown == (model.hosts[index] != nil),
        !record.isKnown || record.insideAddress == model.hosts[index]?.address,
        record.isActive == (model.hosts[index]?.suspended == false)
      else { return "host \(index)" }
      if record.isKnown, reader.host(insideAddress: record.insideAddress) != index {
        return "inside address of \(index)"
      }
      if reader.isRevoked(source, host: index) != model.isRevoked(source, host: index) {
        return "revocation of \(source) for \(index)"
      }
      let outbound = changes.outboundSPI()
      for isESP in [true, false] {
        let protocols = isESP ? CellMeta.esp : CellMeta.ah
        guard
          reader.hasEntry(for: source, host: index, protocols: protocols)
            == model.hasEntry(for: source, host: index, isESP: isESP)
        else { return "peer \(source) of \(index)" }
        guard
          reader.declarer(ofOutbound: outbound, to: source, protocols: protocols)
            == model.declarer(ofOutbound: outbound, to: source, isESP: isESP)
        else { return "outbound \(outbound) to \(source)" }
      }
      guard record.isKnown else { continue }
      for isESP in [true, false] {
        let wanted = model.rows(from: source, spi: spi, host: index, isESP: isESP)
        let found = reader.entry(
          from: source, spi: spi, host: index, insideAddress: record.insideAddress,
          protocols: isESP ? CellMeta.esp : CellMeta.ah)
        if let found, !wanted.contains(found) { return "row \(found), not one of \(wanted)" }
        if found == nil, !wanted.isEmpty { return "no row, but \(wanted)" }
      }
    }
    return nil
  }

  @Test("grows and shrinks with what it holds, and finds every row")
  func growth() {
    let count = UInt32(50_000)
    var table = ForwardingTable(entryCapacity: Int(count), workers: 1)
    let host = HostIndex(rawValue: 9)
    table.apply(
      .setHost(host, insideAddress: IPv4Address(rawValue: 0x0a00_000b), suspended: false))
    for id in 0..<count { table.apply(Self.insertion(of: id, host)) }
    let reader = table.reader
    #expect((0..<count).allSatisfy { Self.find($0, reader) == $0 })
    #expect((count..<2 * count).allSatisfy { Self.find($0, reader) == nil })
    // Half full at most, and 16 octets a cell: at most 64 octets a row, with room for twice as many.
    #expect(table.capacity <= Int(count) * 4)
    for id in 0..<count { table.apply(.removeEntry(EntryID(rawValue: id))) }
    #expect((0..<count).allSatisfy { Self.find($0, reader) == nil })
    // Coming and going of few leaves a table for few: what was retired costs nothing for ever. How
    // soon depends on how far the table had to grow, and so on the seed of its hash.
    var rounds = 0
    while table.capacity >= 1024, rounds < 20 {
      for id in 0..<count {
        table.apply(Self.insertion(of: id, host))
        table.apply(.removeEntry(EntryID(rawValue: id)))
      }
      rounds += 1
    }
    #expect(table.capacity < 1024)
  }

  private static func insertion(of id: UInt32, _ host: HostIndex) -> TableChange {
    let entry = Entry(
      address: IPv4Address(rawValue: 0xc000_0000 | id), ipsecProtocol: .esp,
      spiIn: SPI(rawValue: 0x1001_0000 | id & 0xff))
    return .insertEntry(EntryID(rawValue: id), host, entry)
  }

  private static func find(_ id: UInt32, _ reader: TableReader) -> UInt32? {
    reader.entry(
      from: 0xc000_0000 | id, spi: 0x1001_0000 | id & 0xff, host: 9, insideAddress: 0x0a00_000b,
      protocols: CellMeta.esp)
  }

  @Test("what a removed row leaves is not rewritten before the barrier, and is after it")
  func retirement() throws {
    var table = ForwardingTable(entryCapacity: 1 << 16, workers: 1)
    let host = HostIndex(rawValue: 9)
    table.apply(
      .setHost(host, insideAddress: IPv4Address(rawValue: 0x0a00_000b), suspended: false))
    let (hash, buckets) = (table.reader.hash, table.reader.directory.buckets)
    func key(_ id: UInt32) -> CellKey {
      .association(0xc000_0000 | id, spi: 0x1001_0000 | id & 0xff)
    }
    func cell(_ id: UInt32) -> Int? { buckets.index(of: key(id), hash: hash(key(id))) }
    let home = hash(key(0)) & 63
    // Rows of one bucket, other than the host's own.
    let rows = (UInt32(0)..<4096).filter { hash(key($0)) & 63 == home }
    table.apply(Self.insertion(of: rows[0], host))
    let place = try #require(cell(rows[0]))
    table.apply(.removeEntry(EntryID(rawValue: rows[0])))
    table.apply(Self.insertion(of: rows[1], host))
    #expect(cell(rows[0]) == nil)
    #expect(cell(rows[1]) != nil && cell(rows[1]) != place)
    table.synchronize()
    table.apply(Self.insertion(of: rows[2], host))
    #expect(cell(rows[2]) == place)
  }

  @Test("a bucket's cells: free, valid, retired, free; and where they go when it is full")
  func cells() {
    let memory = MappedMemory(byteCount: 64 * BucketArray.bucketSize)
    let buckets = unsafe BucketArray(base: memory.base, bucketBits: 6)
    func contents(_ address: UInt32) -> BucketArray.Contents {
      BucketArray.Contents(
        key: .association(address, spi: 1), inside: 0,
        meta: CellMeta(rawValue: CellFilter(.association).flags | address))
    }
    func place(_ address: UInt32) -> Int? {
      let insertion = buckets.insert(contents(address), hash: 0)
      guard case .placed(let cell, _) = insertion else { return nil }
      return cell
    }
    #expect(place(1) == 0)
    buckets.retire(0)
    #expect(place(2) == 1)
    buckets.free(0)
    #expect(place(3) == 0)
    // A full bucket overflows into the next, and is found there; the end wraps around.
    #expect((4...9).map { place($0) } == [2, 3, 4, 5, 6, 7])
    let filter = CellFilter(.association)
    #expect((2...9).allSatisfy { buckets.find(contents($0).key, inside: 0, hash: 0, filter) == $0 })
    #expect(buckets.find(contents(1).key, inside: 0, hash: 0, filter) == nil)
    guard case .placed(let wrapped, _) = buckets.insert(contents(10), hash: 63) else {
      Issue.record("no room in the last bucket")
      return
    }
    #expect(wrapped == 63 * BucketArray.cellsPerBucket)
    // Sixteen buckets full: the caller is to grow.
    #expect((11...66).allSatisfy { place($0) != nil })
    #expect(place(67) == nil)
  }
}
