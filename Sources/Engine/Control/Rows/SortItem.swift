/// A row in an order: what it is sorted by, and its number.
struct SortItem: Sendable {
  /// The value, or the first octets of a text.
  fileprivate(set) var key: UInt64
  // The number of the text, or whether there is a value at all, above the number of the row.
  fileprivate let tag: UInt64

  private static let numberBits: UInt64 = 40

  fileprivate init(key: UInt64, rank: UInt64, number: Int) {
    self.key = key
    tag = rank << Self.numberBits | UInt64(number) & (1 << Self.numberBits - 1)
  }

  /// The number of the row.
  var number: Int { Int(tag & (1 << Self.numberBits - 1)) }
  fileprivate var rank: UInt64 { tag >> Self.numberBits }
}

/// Makes items and knows which comes first.
///
/// Rows that are equal stand in the order of their numbers, downwards too. None comes before all.
struct SortKey<Record> {
  private let column: Column<Record>?
  private let isDescending: Bool
  private var texts: [String] = [""]
  private var ranks: [String: UInt64] = [:]

  init(_ column: Column<Record>?, isDescending: Bool) {
    self.column = column
    self.isDescending = isDescending
  }

  /// Whether a row's place can change without the row being noted as changed.
  var isChanging: Bool { column?.isChanging ?? false }
  /// Different texts met so far.
  var textCount: Int { texts.count }

  /// The item of a row.
  mutating func item(_ record: Record, _ number: Int) -> SortItem {
    guard let column else {
      return SortItem(key: isDescending ? .max - UInt64(number) : 0, rank: 0, number: number)
    }
    let value = column.value(record)
    var key: UInt64 = 0
    var rank: UInt64 = 0
    if case .text(let text) = value {
      key = Self.start(of: text)
      rank = self.rank(of: text)
    } else if let order = value.order {
      key = order
      rank = 1
    }
    // Turned round, so that one comparison does for both directions.
    if isDescending {
      key = ~key
      if !isText { rank = 1 - rank }
    }
    return SortItem(key: key, rank: rank, number: number)
  }

  /// Whether an item comes before another one.
  func precedes(_ left: SortItem, _ right: SortItem) -> Bool {
    if left.key != right.key { return left.key < right.key }
    guard isText, left.rank != right.rank else { return left.tag < right.tag }
    return (left.rank == 0 || (right.rank != 0 && comesFirst(left.rank, right.rank)))
      != isDescending
  }

  private var isText: Bool { column?.kind == .text || column?.kind == .texts }

  private func comesFirst(_ left: UInt64, _ right: UInt64) -> Bool {
    texts[Int(left)].utf8.lexicographicallyPrecedes(texts[Int(right)].utf8)
  }

  private mutating func rank(of text: String) -> UInt64 {
    if let rank = ranks[text] { return rank }
    let rank = UInt64(texts.count)
    texts.append(text)
    ranks[text] = rank
    return rank
  }

  private static func start(of text: String) -> UInt64 {
    let octets = text.utf8Span.span
    var start: UInt64 = 0
    for place in 0..<8 {
      start = start << 8 | (place < octets.count ? UInt64(octets[place]) : 0)
    }
    return start
  }
}
