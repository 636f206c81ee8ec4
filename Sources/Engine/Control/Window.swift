/// A screenful of a view, filtered and sorted by the engine: the verb `window`.
public struct Window<Row: Codable & Sendable>: Codable, Sendable {
  /// Rows there are.
  public var total: Int
  /// Rows that the filter lets through.
  public var matched: Int
  /// The number of the first row given, among the matched.
  public var offset: Int
  public var rows: [Row]
  /// The number of the first row with the text that was to be found, among the matched; missing if
  /// there is none, or nothing was to be found.
  public var found: Int?

  public init(total: Int, matched: Int, offset: Int, rows: [Row], found: Int? = nil) {
    self.total = total
    self.matched = matched
    self.offset = offset
    self.rows = rows
    self.found = found
  }
}
