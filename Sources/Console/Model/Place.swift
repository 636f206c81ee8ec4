/// A place where the operator has been: a view, and the filter that its table had.
struct Place: Equatable, Sendable {
  var view: ViewID
  var filter: String
}

extension Model {
  /// How many places are remembered.
  private static let mostPlaces = 50

  /// Where the operator is.
  var place: Place { Place(view: view, filter: view.isTable ? table.filter : "") }

  /// Remembers the place that is about to be left for a new one.
  mutating func leavePlace() {
    visited.append(place)
    if visited.count > Self.mostPlaces { visited.removeFirst() }
    ahead = []
  }

  /// Goes back to the place before.
  mutating func goBack() -> [Effect] {
    guard let destination = visited.popLast() else { return [] }
    ahead.append(place)
    return show(destination)
  }

  /// Goes forward to the place that was left by going back.
  mutating func goForward() -> [Effect] {
    guard let destination = ahead.popLast() else { return [] }
    visited.append(place)
    return show(destination)
  }

  private mutating func show(_ place: Place) -> [Effect] {
    overlay = nil
    guard place.view.isTable, tables[place.view]?.filter != place.filter else {
      return show(place.view)
    }
    let effects = place.view == view ? [] : show(place.view)
    table.filter = place.filter
    return effects + reordered()
  }
}
