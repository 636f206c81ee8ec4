internal import Engine
internal import FoundationEssentials
internal import Net
internal import PAP

/// A table that is to be written to a file: all rows that its filter lets through, in its order.
struct ExportJob: Equatable, Sendable {
  /// Which rows; the stretch of them does not count.
  var query: WindowQuery
  var format: ExportFormat
  /// Where to; a file of that name must not be there yet.
  var path: String
  /// The columns of the screen, by their titles, for the format that is made for people.
  var columns: [String]
  /// Seconds since 1970 that ages are reckoned from.
  var wall: Double
  /// How moments are written there.
  var times = TimeFormat.usual
  /// What else the screen makes of the rows.
  var shown = Shown()

  /// What the console itself has measured and counted.
  struct Shown: Equatable, Sendable {
    var rates = RateBook()
    var tallies = TallyBook()
    var counterMode = CounterMode.total
    var trend = Trend()
    /// All drops there are, for shares.
    var allDrops: UInt64 = 0
  }

  /// Octets that others may not read: addresses of peers are nobody else's business.
  private static let mode: UInt32 = 0o600
  /// Seconds between two looks that give a rate.
  private static let measuringTime = 1.0

  /// Why nothing was written.
  struct Failure: Error, Equatable {
    let message: String
  }

  /// Asks the engine for the rows and writes the file.
  ///
  /// Waits for both: to be called beside the console's own thread.
  ///
  /// - Returns: the number of rows written.
  func run(socketPath: String) throws(Failure) -> Int {
    do {
      // Before the rows are asked for: a name that is taken is said at once.
      if (try? File.status(path)) != nil { throw Failure(message: "\(path) is there already") }
      let (octets, count) = try content(ControlClient(socketPath: socketPath))
      try write(octets)
      return count
    } catch let failure as Failure {
      throw failure
    } catch let error as ControlClientError {
      throw Failure(message: error.message)
    } catch {
      throw Failure(message: "\(error)")
    }
  }

  private func write(_ octets: [UInt8]) throws(SystemError) {
    do throws(SystemError) {
      try File.create(path, with: octets, mode: Self.mode)
    } catch {
      // What is there already is somebody else's; what was begun is of no use.
      if error.code != SystemError.Code.alreadyExists { try? File.remove(path) }
      throw error
    }
  }

  /// The file's octets, and how many rows are in it.
  private func content(_ client: ControlClient) throws -> ([UInt8], Int) {
    let pages = ExportPages(client, query)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    switch format {
    case .csv:
      let rows = try pages.rows()
      return (
        CommaSeparatedText.octets(of: try rows.map { try $0.exportFields(encoder) }), rows.count
      )
    case .jsonLines:
      let rows = try pages.rows()
      return (try jsonLines(rows, encoder), rows.count)
    case .text:
      let rows = try pages.rows()
      let rates = try rates(rows, pages, client)
      return (text(rows, rates), rows.count)
    case .pcapng:
      let samples = try pages.samples().filter { !$0.octets.isEmpty }
      return (CaptureFile.octets(of: samples), samples.count)
    }
  }

  private func jsonLines(_ rows: [Row], _ encoder: JSONEncoder) throws -> [UInt8] {
    try rows.flatMap { row in
      Array("\(TerminalSafeJSON.text(of: try row.json(encoder)))\n".utf8)
    }
  }

  // Of very many rows the engine keeps no rates. Those on the screen were measured there; for the
  // others it takes a second look.
  private func rates(
    _ rows: [Row], _ pages: ExportPages, _ client: ControlClient
  ) throws -> RateBook {
    var rates = shown.rates
    let isMeasured = rows.contains { ($0.rates?.packets ?? 0) > 0 }
    guard !isMeasured, rows.contains(where: { ($0.counters?.packets ?? 0) > 0 }) else {
      return rates
    }
    rates.update(rows, at: MonotonicClock.now())
    // The engine says nothing unasked, so this is a pause; if it hangs up, the next request says so.
    _ = try Readiness.wait(on: client.descriptor, for: .readable, atMost: Self.measuringTime)
    rates.update(try pages.rows(), at: MonotonicClock.now())
    return rates
  }

  /// The rows as on the screen: the same columns in their order, with what the console has made of
  /// them.
  func text(_ rows: [Row], _ rates: RateBook) -> [UInt8] {
    let wanted = Columns.of(query.view).filter { columns.contains($0.title) && !$0.title.isEmpty }
    var table = TextTable(
      titles: wanted.map { $0.alignment == .right ? "\($0.title)>" : $0.title })
    // Counters that were zeroed begin, for a row that was not on the screen since, when it is seen.
    var tallies = shown.tallies
    tallies.update(rows, at: MonotonicClock.now())
    for row in rows {
      let counts = tallies.counts(of: row.id, shown.counterMode)
      table.add(cells: wanted.map { cell($0, of: row, rates[row.id], counts) })
    }
    return Array(table.text.utf8)
  }

  private func cell(
    _ column: Column, of row: Row, _ rate: RateBook.Rate?, _ counts: ShownCounts
  ) -> String {
    let context = CellContext(
      wall: wall, rate: rate, trend: shown.trend, counts: counts, glyphs: .ascii,
      width: column.mostWidth, allDrops: shown.allDrops,
      times: TimeStyle(format: times, offset: LocalTime.offset))
    return column.cell(row, context).map(\.text).joined()
  }
}
