extension Model {
  /// Keys while help, details, or the filter line is open.
  mutating func handleInOverlay(_ key: Key) -> [Effect] {
    guard let action = settings.keymap.action(for: key) else {
      overlay = nil
      return []
    }
    switch action.id {
    case .back: overlay = nil
    case .details, .help, .quit: return closeOrOpen(action, by: key)
    case .cursorUp, .cursorDown, .pageUp, .pageDown, .first, .last: scrollOverlay(action.id)
    default: return performOverOverlay(action, by: key)
    }
    return []
  }

  private mutating func closeOrOpen(_ action: Action, by key: Key) -> [Effect] {
    // The key that opened it closes it too, and so does q: quitting takes a second one.
    if case .details? = overlay, action.id == .help { return perform(action, by: key) }
    if case .help? = overlay, case .control("C") = key { return perform(action, by: key) }
    overlay = nil
    return []
  }

  private mutating func performOverOverlay(_ action: Action, by key: Key) -> [Effect] {
    if case .help? = overlay { overlay = nil }
    return perform(action, by: key)
  }

  private mutating func scrollOverlay(_ id: ActionID) {
    guard let step = cursorStep(id) else { return }
    let page = max(1, layout.body.height - 2)
    let length = OverlayView.lines(self).count
    func moved(_ scroll: Int) -> Int {
      let wanted =
        switch step {
        case .rows(let count): scroll + count
        case .pages(let count): scroll + count * page
        case .first: 0
        case .last: length
        }
      return max(0, min(wanted, length - page))
    }
    switch overlay {
    case .help(let scroll): overlay = .help(scroll: moved(scroll))
    case .details(let row, let scroll): overlay = .details(row, scroll: moved(scroll))
    case nil: break
    }
  }

  mutating func handleInFilter(_ key: Key) -> [Effect] {
    guard var input = filterInput else { return [] }
    switch key {
    case .enter, .tab, .down:
      filterInput = nil
      // One that is no filter is not kept: the last good one goes on.
      guard let failure = table.filterFailure else { return [] }
      say(failure.message, .failed)
      return restoreFilter(table.acceptedFilter)
    case .escape, .control("C"):
      filterInput = nil
      return restoreFilter(input.before)
    default:
      return input.editor.handle(key) ? filterTyped(input) : []
    }
  }

  /// Takes over what has been typed in the filter line.
  mutating func filterTyped(_ input: FilterInput) -> [Effect] {
    filterInput = input
    guard input.editor.text != table.filter else { return [] }
    table.filter = input.editor.text
    return reordered()
  }

  private mutating func restoreFilter(_ text: String) -> [Effect] {
    table.filterFailure = nil
    guard table.filter != text else { return [] }
    table.filter = text
    return reordered()
  }
}
