/// The newest dropped packets, those alike within a second folded into one row.
///
/// Bounded in rows and in rows a second, whatever comes. What it leaves out is missing here only: the
/// counters of the data path have it.
package struct DropLog: Sendable {
  /// One row.
  package struct Row: Sendable {
    /// Counts rows since the start, from 0.
    package var sequence: UInt64
    /// The first of the packets.
    package var record: DropRecord
    /// How many packets were alike.
    package var count: UInt64
  }

  /// What makes two packets alike: all that a row shows but time and length.
  private struct Likeness: Hashable {
    let reason: DropReason
    let direction: Direction
    let ipProtocol: UInt8
    let host: UInt16
    let source, destination, spi: UInt32
    let sourcePort, destinationPort: UInt16

    init(_ record: DropRecord) {
      reason = record.reason
      direction = record.direction
      ipProtocol = record.ipProtocol
      host = record.host
      source = record.source
      destination = record.destination
      spi = record.spi
      sourcePort = record.sourcePort
      destinationPort = record.destinationPort
    }
  }

  private static let second: UInt64 = 1_000_000_000

  private let capacity: Int
  /// New rows in a second; 0 logs nothing.
  package var rowsPerSecond: Int
  private var ring: [Row] = []
  /// How many packets its rows stand for.
  private(set) var tally = DropTally()
  private var nextSequence: UInt64 = 0
  // Rows younger than a second, which can still grow, in the order of their beginning.
  private var open: [Likeness: UInt64] = [:]
  private var openInOrder: [(likeness: Likeness, sequence: UInt64)] = []
  private var currentSecond: UInt64 = 0
  private var rowsInSecond = 0

  /// Packets that found no room in a second's rows.
  package private(set) var unlogged: UInt64 = 0

  /// Makes an empty log.
  ///
  /// - Parameters:
  ///   - capacity: rows kept, at least 1.
  ///   - rowsPerSecond: new rows in a second; 0 logs nothing.
  package init(capacity: Int, rowsPerSecond: Int) {
    precondition(capacity >= 1, "a log has room for a row")
    self.capacity = capacity
    self.rowsPerSecond = rowsPerSecond
  }

  /// The rows, oldest first.
  package var rows: [Row] {
    let oldest = Int(nextSequence % UInt64(capacity))
    return ring.count < capacity ? ring : Array(ring[oldest...] + ring[..<oldest])
  }

  /// The numbers of the rows, oldest first.
  var sequences: Range<Int> { Int(nextSequence) - ring.count..<Int(nextSequence) }

  /// The row of that number, if it is still here.
  func row(_ sequence: Int) -> Row? {
    sequences.contains(sequence) ? ring[sequence % capacity] : nil
  }

  /// Whether a row has not been handed out by `takeFinished` yet.
  func isOpen(_ row: Row) -> Bool {
    openInOrder.first.map { $0.sequence <= row.sequence } ?? false
  }

  /// Adds a packet.
  ///
  /// Amortised O(1).
  package mutating func add(_ record: DropRecord) {
    let likeness = Likeness(record)
    if let sequence = open[likeness], let place = place(of: sequence),
      record.time &- ring[place].record.time < Self.second
    {
      ring[place].count += 1
      tally.add(ring[place].record, 1)
      return
    }
    guard admits(record.time) else {
      unlogged += 1
      return
    }
    append(record)
    open[likeness] = nextSequence - 1
    openInOrder.append((likeness, nextSequence - 1))
  }

  /// Takes the rows that can grow no more at a monotonic moment: each row is handed out here once.
  package mutating func takeFinished(at now: UInt64) -> [Row] {
    var finished: [Row] = []
    var count = 0
    for (likeness, sequence) in openInOrder {
      if let place = place(of: sequence) {
        guard now &- min(ring[place].record.time, now) >= Self.second else { break }
        finished.append(ring[place])
      }
      if open[likeness] == sequence { open[likeness] = nil }
      count += 1
    }
    openInOrder.removeFirst(count)
    return finished
  }

  private func place(of sequence: UInt64) -> Int? {
    nextSequence - sequence <= UInt64(ring.count) ? Int(sequence % UInt64(capacity)) : nil
  }

  private mutating func append(_ record: DropRecord) {
    let row = Row(sequence: nextSequence, record: record, count: 1)
    if ring.count < capacity {
      ring.append(row)
    } else {
      let place = Int(nextSequence % UInt64(capacity))
      tally.remove(ring[place].record, ring[place].count)
      ring[place] = row
    }
    tally.add(record, 1)
    nextSequence += 1
  }

  private mutating func admits(_ time: UInt64) -> Bool {
    let second = time / Self.second
    if second != currentSecond {
      currentSecond = second
      rowsInSecond = 0
    }
    rowsInSecond += 1
    return rowsInSecond <= rowsPerSecond
  }
}
