internal import PAP

/// Whether an action can be done now, or why not.
enum Availability: Equatable, Sendable {
  case enabled
  case disabled(String)

  var isEnabled: Bool { self == .enabled }
}

extension Model {
  /// Whether an action can be done now.
  func availability(of action: Action) -> Availability {
    guard action.applies(in: view) else {
      return .disabled("\(action.title): not in this view")
    }
    if action.acts, let reason = reasonNotToAct { return .disabled(reason) }
    if markedAction(action.id) != nil { return .enabled }
    if Self.onRow.contains(action.id), subjectIsGone, let row = subjectRow {
      return .disabled("\(row.label) is gone; there is nothing left to act on")
    }
    return reason(against: action.id).map { .disabled($0) } ?? .enabled
  }

  // Actions that are about the row under the cursor, and about what it stands for.
  static let onRow: [ActionID] = onMarks + [.mark, .markRange]

  /// Why no acting key does anything; nil if they do.
  var reasonNotToAct: String? {
    if mayOnlyLook { return "this console may only look" }
    if isLocked { return "this console is locked; \(settings.keymap.hint(of: .lock)) unlocks it" }
    // A dialog that cannot be read must not be confirmed.
    if layout.form < .narrow { return "the terminal is too small to act" }
    return link == .up ? nil : "there is no engine to act on"
  }

  private func reason(against id: ActionID) -> String? {
    let subject = subject
    switch id {
    case .details, .copy: return hasRow ? nil : "no row is selected"
    case .showInLog: return shownRow?.dropFilter == nil ? "no row with drops is selected" : nil
    case .showEntries:
      return shownRow?.entryFilter == nil ? "the row is about no host and no peer" : nil
    case .invalidate: return reasonNotToInvalidate(subject)
    case .lift: return subject.isRevoked ? nil : "the row is not about a revocation"
    case .suspend: return subject.host == nil ? "the row is not about a host" : nil
    case .mark, .markRange, .markAll: return table.matched > 0 ? nil : "there is no row to mark"
    case .markNone, .markedOnly: return table.marks.isEmpty ? "nothing is marked" : nil
    case .undo: return undoable == nil ? "there is nothing to undo" : nil
    case .keep: return undoable?.provisionalUntil == nil ? "nothing waits to be kept" : nil
    case .lock: return mayOnlyLook ? "this console may only look" : nil
    default: return reasonAgainstTableAction(id)
    }
  }

  private var hasRow: Bool { shownRow != nil }

  /// The row of the details, else that under the cursor.
  var shownRow: Row? {
    if case .details(let row, _)? = overlay { return row }
    return table.selectedRow
  }

  private func reasonNotToInvalidate(_ subject: Subject) -> String? {
    guard let target = subject.target, subject.isValid else {
      return "the row is not about a valid address"
    }
    return target.prefixLength == 32 ? nil : "only single addresses can be invalidated"
  }
}
