/// The result of a request as JSON: whole, or made piece by piece as the client takes it.
package enum ControlAnswer {
  case whole([UInt8])
  case rows(RowStream)

  /// The whole result, at once.
  package func octets() throws(ControlError) -> [UInt8] {
    switch self {
    case .whole(let octets): return octets
    case .rows(var stream):
      var octets: [UInt8] = []
      while let piece = try stream.next() { octets += piece }
      return octets
    }
  }
}

/// A JSON array that is made in pieces, so that a table with many rows neither takes the control
/// thread from others for long nor stands in memory as text.
package struct RowStream {
  /// Rows in a piece: some milliseconds' work.
  private static let rowsAtOnce = 256

  private let count: Int
  private let encode: (Range<Int>) throws(ControlError) -> [UInt8]
  private var done = 0
  private var hasEnded = false

  /// Makes an array of one row for each record.
  init<Record, Row: Encodable>(_ records: [Record], _ row: @escaping (Record) -> Row) {
    count = records.count
    encode = { range throws(ControlError) in
      try ControlJSON.encode(records[range].map(row))
    }
  }

  /// The next piece; nil after the last one.
  mutating func next() throws(ControlError) -> [UInt8]? {
    if hasEnded { return nil }
    let range = done..<min(done + Self.rowsAtOnce, count)
    let rows = try encode(range).dropFirst().dropLast()
    let opening = done == 0 ? "[" : ","
    done = range.upperBound
    hasEnded = done == count
    return Array(opening.utf8) + rows + Array(hasEnded ? "]".utf8 : "".utf8)
  }
}
