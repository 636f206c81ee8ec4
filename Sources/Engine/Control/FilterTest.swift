internal import PAP

/// What the value of one field must be.
enum FilterTest: Sendable {
  case isNone
  case text(String)
  /// One of several texts with commas between them.
  case element(String)
  /// A place in the order of the values.
  case range(ClosedRange<UInt64>)
  /// A prefix that lies in this one.
  case within(CIDR)
  /// A prefix that has addresses in common with this one.
  case overlaps(CIDR)
  case contains(SearchWord)
  /// A time whose text begins so.
  case begins([UInt8])
  /// One of these values.
  case oneOf(Set<FieldValue>)
  case any([FilterTest])
  case never

  /// How often the value may have to be looked at.
  var cost: Int {
    if case .any(let tests) = self { tests.reduce(0) { $0 + $1.cost } } else { 1 }
  }

  /// Whether a value is like that.
  ///
  /// Allocates nothing.
  func holds(_ value: FieldValue) -> Bool {
    switch (self, value) {
    case (.isNone, .none): return true
    case (.any(let tests), _):
      for test in tests where test.holds(value) { return true }
      return false
    case (_, .none): return false
    case (.oneOf(let wanted), _): return wanted.contains(value)
    case (.text(let wanted), .text(let text)): return wanted == text
    case (.element(let wanted), .text(let text)): return Self.list(text, holds: wanted)
    case (.range(let range), _): return value.order.map(range.contains) ?? false
    case (.within(let prefix), .network(let network)): return prefix.contains(network)
    case (.overlaps(let prefix), .network(let network)):
      return prefix.contains(network) || network.contains(prefix)
    case (.contains(let word), _): return word.isIn(value)
    case (.begins(let start), .moment):
      let shown = ShownValue(value)
      guard start.count <= shown.count else { return false }
      for place in start.indices where shown.octets[place] != start[place] { return false }
      return true
    default: return false
    }
  }

  private static func list(_ text: String, holds wanted: String) -> Bool {
    let list = text.utf8Span.span
    let element = wanted.utf8Span.span
    var start = 0
    while start <= list.count {
      var end = start
      while end < list.count, list[end] != UInt8(ascii: ",") { end += 1 }
      if end - start == element.count {
        var same = 0
        while same < element.count, list[start + same] == element[same] { same += 1 }
        if same == element.count { return true }
      }
      start = end + 1
    }
    return false
  }
}

extension ClosedRange<UInt64> {
  /// The addresses of a prefix.
  init(_ prefix: CIDR) {
    let first = UInt64(prefix.address.rawValue)
    self = first...first + (UInt64(1) << UInt64(32 - prefix.prefixLength)) - 1
  }
}
