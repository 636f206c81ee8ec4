extension Model {
  /// The actions on tables, places and settings.
  mutating func performTableAction(_ id: ActionID) -> [Effect] {
    switch id {
    case .find: findInput = LineEditor(table.find, isSelected: true)
    case .findNext: return findAgain(backwards: false)
    case .findPrevious: return findAgain(backwards: true)
    case .filterByCell, .sortMenu, .columns, .settings: openMenu(id)
    case .command: commandInput = CommandInput()
    case .follow: return isFollowing ? unfollow() : follow()
    case .historyBack: return goBack()
    case .historyForward: return goForward()
    case .timeFormat: return changeTimeFormat(by: 1)
    case .slower: return changeRefresh(by: -1)
    case .faster: return changeRefresh(by: 1)
    default: break
    }
    return []
  }

  /// Why such an action cannot be done now, if it cannot.
  func reasonAgainstTableAction(_ id: ActionID) -> String? {
    switch id {
    case .findNext, .findPrevious:
      table.find.isEmpty
        ? "nothing was looked for yet: \(settings.keymap.hint(of: .find)) begins" : nil
    case .filterByCell: table.selectedRow == nil ? "no row is selected" : nil
    case .historyBack: visited.isEmpty ? "there is no place before" : nil
    case .historyForward: ahead.isEmpty ? "there is no place to go forward to" : nil
    case .slower: preferences.refresh == RefreshRate.allCases.first ? "it cannot be slower" : nil
    case .faster: preferences.refresh == RefreshRate.allCases.last ? "it cannot be faster" : nil
    default: nil
    }
  }

  /// Sorts the table of the view by a field, and keeps that.
  mutating func sort(by field: String, descending: Bool) -> [Effect] {
    table.sort = field
    table.descending = descending
    let sort = Preferences.Sort(field: field, descending: descending)
    return reordered() + preferTable { $0.sort = sort }
  }

  /// Changes what is preferred for the table of the view.
  mutating func preferTable(_ change: (inout Preferences.Table) -> Void) -> [Effect] {
    let view = view
    return prefer { preferences in
      var table = preferences.tables[view] ?? Preferences.Table()
      change(&table)
      preferences.tables[view] = table == Preferences.Table() ? nil : table
    }
  }

  /// What is preferred for the table of the view.
  var tablePreferences: Preferences.Table { preferences.tables[view] ?? Preferences.Table() }

  mutating func changeTimeFormat(by step: Int) -> [Effect] {
    let format = preferences.time.moved(by: step)
    say("times: \(format.title)", .done)
    return prefer { $0.time = format }
  }

  mutating func changeRefresh(by step: Int) -> [Effect] {
    let rates = RefreshRate.allCases
    let present = rates.firstIndex(of: preferences.refresh) ?? 0
    let rate = rates[max(0, min(rates.count - 1, present + step))]
    say("refresh: \(rate.title)", .done)
    return prefer { $0.refresh = rate }
  }
}

extension Model {
  /// Whether the newest drop is kept in sight as drops come.
  var isFollowing: Bool {
    view == .log && isNewestFirst && table.follows && table.selected == 0 && table.top == 0
      && !isFrozen
  }

  private var isNewestFirst: Bool { table.sort == "time" && table.descending }

  private mutating func unfollow() -> [Effect] {
    table.follows = false
    return []
  }

  /// Goes to the newest drop and stays there; thaws the screen for it.
  mutating func follow() -> [Effect] {
    frozenAt = nil
    table.follows = true
    if !isNewestFirst { return sort(by: "time", descending: true) }
    table.select(0, height: tableHeight)
    return refresh(periodic: false)
  }
}

extension CaseIterable where Self: Equatable {
  /// The case so many places further, round the corner.
  func moved(by step: Int) -> Self {
    let all = Array(Self.allCases)
    let index = (all.firstIndex(of: self) ?? 0) + step
    return all[(index % all.count + all.count) % all.count]
  }
}
