internal import Engine

extension Model {
  /// The terms that the cells of the row under the cursor make, in the order of the columns.
  ///
  /// Each compares as its field is compared: what names something, by being the same; what is counted,
  /// by being no less; when something was, by being no earlier; when something ends, by being no later.
  var cellTerms: [FilterTerm] {
    guard let values = table.selectedRow?.fields, let window = view.window,
      let known = ViewFields.of(window)?.fields
    else { return [] }
    var used: Set<String> = []
    return Columns.of(view).flatMap { column in
      column.fields.filter { used.insert($0).inserted }.flatMap { name in
        guard let field = known.first(where: { $0.name == name }) else { return [FilterTerm]() }
        return (values[name] ?? []).map { field.term($0, isCounted: column.startsDescending) }
      }
    }
  }

  /// The field of the column that the cursor or the eye is on: the first one after a scroll, else that
  /// of the order.
  var fieldInSight: String? {
    let places = columnPlan.places
    guard table.columnOffset > 0, places.count > 2 else { return table.sort }
    return places[2].column.fields.first ?? table.sort
  }
}

extension ViewFields.Field {
  fileprivate func term(_ value: String, isCounted: Bool) -> FilterTerm {
    if value.isEmpty { return FilterTerm(field: name, value: value) }
    return switch kind {
    case .text, .texts, .address, .network, .spi: FilterTerm(field: name, value: value)
    case .number: FilterTerm(field: name, sign: isCounted ? .atLeast : .equal, value: value)
    case .moment: FilterTerm(field: name, sign: .atLeast, value: Self.seconds(value))
    case .deadline: FilterTerm(field: name, sign: .atMost, value: Self.seconds(value))
    }
  }

  // Filters know no fractions of a second.
  private static func seconds(_ time: String) -> String {
    time.contains(".") ? "\(time.prefix { $0 != "." })Z" : time
  }
}
