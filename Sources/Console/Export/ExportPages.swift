internal import Engine
internal import FoundationEssentials

/// All rows of a view, asked for page by page.
///
/// The table goes on changing meanwhile. So each page begins with some rows of the one before, and
/// those that were there already are left out: a row that moves up or down a little is neither lost
/// nor written twice.
struct ExportPages {
  /// Rows in a page: as many as the engine gives at once.
  static let length = 10_000
  /// Rows of the page before that a page begins with.
  static let overlap = 200
  /// Seconds that the engine may take for a page.
  private static let patience = 60.0

  private let client: ControlClient
  private let query: WindowQuery

  init(_ client: ControlClient, _ query: WindowQuery) {
    self.client = client
    self.query = query
  }

  /// The rows, in the order of the query.
  func rows() throws -> [Row] {
    try all(\.id) { data in
      let window = try EngineCodec.window(data, of: query.view)
      return (window.rows, window.matched)
    }
  }

  /// The rows of the drop log with the first octets of their packets.
  func samples() throws -> [DropSampleRow] {
    try all({ Row.drop($0.row).id }, with: ["octets": true]) { data in
      let window = try EngineCodec.read(data) as Window<DropSampleRow>
      return (window.rows, window.matched)
    }
  }

  private func all<Value>(
    _ id: (Value) -> String, with more: [String: JSONValue] = [:],
    _ decode: (Data) throws -> (rows: [Value], matched: Int)
  ) throws -> [Value] {
    var result: [Value] = []
    var known: Set<String> = []
    var page = query
    page.offset = 0
    page.count = Self.length
    while true {
      let (verb, arguments) = EngineCodec.encode(.window(page))
      let answer = try client.callRaw(
        verb, arguments.merging(more) { $1 }, atMost: Self.patience)
      let (rows, matched) = try decode(answer)
      result += rows.filter { known.insert(id($0)).inserted }
      guard rows.count > Self.overlap, page.offset + rows.count < matched else { return result }
      page.offset += rows.count - Self.overlap
    }
  }
}
