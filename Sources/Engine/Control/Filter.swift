internal import Configuration
internal import PAP

/// Which rows of a table are wanted, in words (docs/filters.md).
///
/// The text is read once; what comes of it is asked for each row and allocates nothing there.
package struct Filter<Record>: Sendable {
  private let root: Node
  /// Whether a row can come or go without a change that is noted: because of a counter, or because
  /// time passes.
  package private(set) var isChanging = false
  /// How many values may have to be looked at for a row, each as often as something asks for it.
  let cost: Int
  /// Whether it looks for words, so that it matters which fields are visible.
  private(set) var hasWords = false

  private indirect enum Node: Sendable {
    case all([Node])
    case any([Node])
    case not(Node)
    case word(SearchWord, in: [Column<Record>])
    case field(Column<Record>, FilterTest)
    case always(Bool)
  }

  /// What a filter is read with.
  package struct Context: Sendable {
    /// Nanoseconds since 1970: what lengths of time count from.
    package var now: UInt64
    /// The fields that a word by itself is looked for in; nil for all.
    package var visible: Set<String>?
    /// What the operator has marked, by the first field of the rows.
    package var marked: Set<FieldValue>

    package init(now: UInt64 = 0, visible: Set<String>? = nil, marked: Set<FieldValue> = []) {
      self.now = now
      self.visible = visible
      self.marked = marked
    }
  }

  /// Reads a filter for rows with these columns, of which the first says which row it is.
  ///
  /// An empty text lets every row through.
  ///
  /// - Throws: `bad-filter` with the column where the mistake begins; `bad-argument` if a field is to
  ///   be visible that there is not.
  package init(
    _ text: String, columns: [Column<Record>], _ context: Context = Context()
  ) throws(ControlError) {
    try Self.check(context.visible, columns)
    let names = columns.flatMap { [$0.name] + $0.aliases }.map { $0.lowercased() }
    let tree = try FilterParser.parse(text, fields: Set(names))
    var binding = Binding(columns: columns, context: context)
    root = try binding.node(tree)
    cost = Self.cost(of: root)
    isChanging = binding.isChanging
    hasWords = binding.hasWords
  }

  private static func check(
    _ visible: Set<String>?, _ columns: [Column<Record>]
  ) throws(ControlError) {
    let names = columns.map(\.name)
    guard let other = visible?.subtracting(names).min() else { return }
    let hint = Suggestion.nearest(to: other, among: names).map { "did you mean '\($0)'?" }
    throw ControlError(
      .badArgument,
      "'columns' names '\(other.prefix(64))', which is no field here; "
        + (hint ?? "fields: \(names.joined(separator: ", "))"))
  }

  /// Whether every row passes.
  package var isEmpty: Bool {
    if case .all(let nodes) = root { nodes.isEmpty } else { false }
  }

  /// Whether a row passes.
  package func matches(_ record: Record) -> Bool { Self.holds(root, record) }

  // As deep as the parentheses of the text, which are bounded.
  private static func holds(_ node: Node, _ record: Record) -> Bool {
    switch node {
    case .all(let nodes):
      for node in nodes where !holds(node, record) { return false }
      return true
    case .any(let nodes):
      for node in nodes where holds(node, record) { return true }
      return false
    case .not(let node): return !holds(node, record)
    case .word(let word, let columns):
      for column in columns where word.isIn(column.value(record)) { return true }
      return false
    case .field(let column, let test): return test.holds(column.value(record))
    case .always(let holds): return holds
    }
  }
}

extension Filter {
  private static func cost(of node: Node) -> Int {
    switch node {
    case .all(let nodes), .any(let nodes): nodes.reduce(0) { $0 + cost(of: $1) }
    case .not(let node): cost(of: node)
    case .word(_, let columns): columns.count
    case .field(_, let test): test.cost
    case .always: 0
    }
  }
}

extension Filter {
  /// Gives the words of a tree the meaning that they have for these columns.
  private struct Binding {
    let columns: [Column<Record>]
    let context: Context
    var isChanging = false
    var hasWords = false

    mutating func node(_ tree: FilterTree) throws(ControlError) -> Node {
      switch tree {
      case .all(let trees): return .all(try nodes(trees))
      case .any(let trees): return .any(try nodes(trees))
      case .not(let tree): return .not(try node(tree))
      case .word(let piece): return word(piece)
      case .comparison(let field, let sign, let operand):
        return try comparison(field, sign, operand)
      case .shorthand(let kind, let piece): return try shorthand(kind, piece)
      case .marked: return marked
      }
    }

    private mutating func nodes(_ trees: [FilterTree]) throws(ControlError) -> [Node] {
      var nodes: [Node] = []
      for tree in trees { nodes.append(try node(tree)) }
      return nodes
    }

    private mutating func field(_ column: Column<Record>, _ test: FilterTest) -> Node {
      if column.isChanging { isChanging = true }
      return .field(column, test)
    }

    private mutating func word(_ piece: FilterPiece) -> Node {
      hasWords = true
      let wanted = SearchWord(piece.text)
      let possible = columns.filter { column in
        wanted.canStand(in: column.kind) && context.visible?.contains(column.name) ?? true
      }
      if possible.contains(where: \.isChanging) { isChanging = true }
      let node = Node.word(wanted, in: possible)
      guard !piece.isQuoted, piece.text.contains("/"), let prefix = CIDR(piece.text) else {
        return node
      }
      return .any([node, addresses(in: prefix)])
    }

    private mutating func comparison(
      _ name: FilterPiece, _ sign: FilterOperator, _ operand: FilterOperand
    ) throws(ControlError) -> Node {
      let column = try column(named: name)
      if column.kind == .moment || column.kind == .deadline { isChanging = true }
      let values = FilterValues(column: column, sign: sign, now: context.now)
      let node = field(column, try values.test(operand))
      return sign == .unequal ? .not(node) : node
    }

    private func column(named name: FilterPiece) throws(ControlError) -> Column<Record> {
      let wanted = name.text.lowercased()
      // A name of its own goes before another field's second name.
      let named = columns.first { $0.name.lowercased() == wanted }
      if let column = named ?? columns.first(where: { $0.isCalled(wanted) }) { return column }
      let names = columns.map(\.name)
      let all = names + columns.flatMap(\.aliases)
      let hint = Suggestion.nearest(to: wanted, among: all).map { "did you mean '\($0)'?" }
      throw name.error(
        "there is no field '\(name.text.prefix(64))'; "
          + (hint ?? "fields: \(names.joined(separator: ", "))"))
    }

    private mutating func shorthand(
      _ kind: FilterShorthand, _ piece: FilterPiece
    ) throws(ControlError) -> Node {
      switch kind {
      case .host:
        if let address = IPv4Address(piece.text) { return addresses(in: CIDR(address)) }
        return .any(
          columns.filter { $0.isCalled("host") }.map { column in
            field(column, column.kind == .texts ? .element(piece.text) : .text(piece.text))
          })
      case .net:
        guard let prefix = CIDR(piece.text) else {
          throw piece.error("'\(piece.text.prefix(64))' is not a prefix such as 192.0.2.0/24")
        }
        return addresses(in: prefix)
      case .spi:
        guard let spis = FilterValues<Record>.spis(piece.text) else {
          throw piece.error(
            "'\(piece.text.prefix(64))' is neither an SPI nor the beginning of one: 0x1a2b*")
        }
        return .any(columns.compactMap { column in node(of: column, spis, piece) })
      case .last: return try last(piece)
      }
    }

    // The SPIs of IKE are longer: of those it is the beginning that is said.
    private mutating func node(
      of column: Column<Record>, _ spis: ClosedRange<UInt64>, _ piece: FilterPiece
    ) -> Node? {
      if column.kind == .spi { return field(column, .range(spis)) }
      guard column.kind == .text, column.name == "spi" else { return nil }
      let start = piece.text.hasSuffix("*") ? String(piece.text.dropLast()) : piece.text
      return field(column, .contains(SearchWord(start)))
    }

    private mutating func addresses(in prefix: CIDR) -> Node {
      let possible = columns.filter { $0.kind == .address || $0.kind == .network }
      return .any(
        possible.map { column in
          field(
            column,
            column.kind == .network ? .overlaps(prefix) : .range(ClosedRange<UInt64>(prefix)))
        })
    }

    private mutating func last(_ piece: FilterPiece) throws(ControlError) -> Node {
      guard let length = FilterTimes<Record>.duration(piece.text) else {
        throw piece.error("'\(piece.text.prefix(64))' is not a length of time such as 15m")
      }
      // The moment that a view is about is the one that all its rows are soonest to have.
      guard let column = columns.last(where: { $0.kind == .moment }) else { return .always(false) }
      isChanging = true
      return field(column, .range(context.now - min(context.now, length)...(.max)))
    }

    private var marked: Node {
      guard let identity = columns.first else { return .always(false) }
      return context.marked.isEmpty
        ? .always(false) : .field(identity, .oneOf(context.marked))
    }
  }
}
