internal import Net

/// The result of a request as JSON: whole, or made piece by piece as the client takes it.
package enum ControlAnswer {
  case whole([UInt8])
  case rows(RowStream)
  case later(LongLook)
  /// Made while other requests of the same client are answered, too.
  case beside(PendingAnswer)

  /// The whole result, at once.
  package func octets() throws(ControlError) -> [UInt8] {
    switch self {
    case .whole(let octets): octets
    case .rows(let stream): try Self.all(of: stream)
    case .later(let look): try Self.all(of: look)
    case .beside(let answer): try answer.whole()
    }
  }

  private static func all(of answer: some AnswerInPieces) throws(ControlError) -> [UInt8] {
    var octets: [UInt8] = []
    while let piece = try answer.next() { octets += piece }
    return octets
  }
}

/// An answer that is made in pieces of some milliseconds' work, so that nobody else waits for it
/// however long it is.
package protocol AnswerInPieces: AnyObject {
  /// The next octets, which may be none; nil after the last ones.
  func next() throws(ControlError) -> [UInt8]?
}

/// A JSON array that is made page by page, so that a table with many rows does not stand in memory as
/// text.
package final class RowStream: AnswerInPieces {
  /// Rows in a page: some milliseconds' work.
  private static let rowsAtOnce = 256
  /// Rows that are looked at between two looks at the clock.
  private static let looksAtOnce = 16

  // The next rows as an array of their own; nil after the last ones.
  private let page: () throws(ControlError) -> [UInt8]?
  private var hasBegun = false
  private var hasRows = false
  // What comes before and after the array.
  private var opening: [UInt8] = []
  private var closing: [UInt8] = []
  private var hasEnded = false

  /// Makes an array of pages; `page` is asked for the next rows until it has none.
  init<Row: Encodable>(pages page: @escaping () throws(ControlError) -> [Row]?) {
    self.page = { () throws(ControlError) in
      guard let rows = try page() else { return nil }
      return try ControlJSON.encode(rows)
    }
  }

  /// Makes an array of one row for each record.
  convenience init<Record, Row: Encodable>(
    _ records: [Record], _ row: @escaping (Record) -> Row
  ) {
    var rest = records[...]
    self.init { () throws(ControlError) -> [Row]? in
      if rest.isEmpty { return nil }
      defer { rest = rest.dropFirst(Self.rowsAtOnce) }
      return rest.prefix(Self.rowsAtOnce).map(row)
    }
  }

  /// Makes an object with such an array as its last member.
  ///
  /// - Precondition: `object` is encoded as an object that has other members and not that one.
  convenience init(
    in object: some Encodable, as name: String, _ rows: [some Encodable]
  ) throws(ControlError) {
    self.init(rows) { $0 }
    opening = try ControlJSON.encode(object).dropLast() + Array(",\"\(name)\":".utf8)
    closing = Array("}".utf8)
  }

  /// Makes an array of the rows that some of the numbers below `count` have, of at most so many.
  convenience init<Row: Encodable>(
    ofAtMost most: Int = .max, among count: Int, _ row: @escaping (Int) -> Row?
  ) {
    var done = 0
    var left = most
    self.init { () throws(ControlError) -> [Row]? in
      if done == count || left == 0 { return nil }
      let end = WorkSlice.end
      var rows: [Row] = []
      repeat {
        if let row = row(done) { rows.append(row) }
        done += 1
      } while done < count && rows.count < min(left, Self.rowsAtOnce)
        && (done % Self.looksAtOnce > 0 || MonotonicClock.now() < end)
      left -= rows.count
      return rows
    }
  }

  /// Makes an array of the rows that were looked for; one that has gone meanwhile is left out.
  convenience init<Row: Encodable>(_ newest: NewestRows, _ row: @escaping (Int) -> Row?) {
    var newest = newest
    var numbers: ArraySlice<Int>?
    self.init { () throws(ControlError) -> [Row]? in
      guard let rest = numbers else {
        numbers = newest.advance(until: WorkSlice.end).map { $0[...] }
        return []
      }
      if rest.isEmpty { return nil }
      numbers = rest.dropFirst(Self.rowsAtOnce)
      return rest.prefix(Self.rowsAtOnce).compactMap(row)
    }
  }

  /// The next octets; nil after the last ones.
  package func next() throws(ControlError) -> [UInt8]? {
    if hasEnded { return nil }
    let page = try page()
    let start = hasBegun ? [] : opening + Array("[".utf8)
    hasBegun = true
    guard let rows = page?.dropFirst().dropLast() else {
      hasEnded = true
      return start + Array("]".utf8) + closing
    }
    let separator = hasRows && !rows.isEmpty ? "," : ""
    hasRows = hasRows || !rows.isEmpty
    return start + Array(separator.utf8) + rows
  }
}

/// An answer that comes whole when a look at very much is over.
package final class LongLook: AnswerInPieces {
  private let step: () throws(ControlError) -> [UInt8]?
  private var isOver = false

  /// Makes a look; `step` looks on until it has the result.
  init<Result: Encodable>(_ step: @escaping () throws(ControlError) -> Result?) {
    self.step = { () throws(ControlError) in
      guard let result = try step() else { return nil }
      return try ControlJSON.encode(result)
    }
  }

  /// Looks on; nothing until all is looked at, then the result, then nil.
  package func next() throws(ControlError) -> [UInt8]? {
    if isOver { return nil }
    guard let result = try step() else { return [] }
    isOver = true
    return result
  }
}
