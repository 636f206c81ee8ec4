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

  /// Octets that others may not read: addresses of peers are nobody else's business.
  private static let mode: UInt32 = 0o600

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
      return (text(rows), rows.count)
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

  // Rates, which take two looks, are missing where the engine does not give them.
  private func text(_ rows: [Row]) -> [UInt8] {
    let shown = Columns.of(query.view).filter { columns.contains($0.title) && !$0.title.isEmpty }
    var table = TextTable(
      titles: shown.map { $0.alignment == .right ? "\($0.title)>" : $0.title })
    for row in rows { table.add(cells: shown.map { cell($0, of: row) }) }
    return Array(table.text.utf8)
  }

  private func cell(_ column: Column, of row: Row) -> String {
    let context = CellContext(
      wall: wall, rate: nil, trend: Trend(), glyphs: .ascii, width: column.mostWidth, allDrops: 0,
      times: TimeStyle(format: times, offset: LocalTime.offset))
    return column.cell(row, context).map(\.text).joined()
  }
}
