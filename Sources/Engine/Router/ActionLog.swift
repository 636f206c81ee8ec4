/// What operators have done and can still undo, for five minutes.
///
/// Memory is bounded: of one action at most `mostOfOne` changes are remembered, and of all together
/// `mostInAll`; then the oldest are forgotten, but for those that are still to be kept or rolled back.
struct ActionLog: Sendable {
  /// Seconds for which something can be undone.
  static let patience: UInt32 = 300
  /// Changes of one action that are remembered.
  static let mostOfOne = 1 << 17
  /// Changes that are remembered in all.
  static let mostInAll = 1 << 18

  private var actions: [ActionNumber: Action] = [:]
  /// Oldest first; some of them may be gone.
  private var numbers: [ActionNumber] = []
  private var deadlines = DeadlineQueue<ActionNumber>()
  /// Changes that are remembered.
  private var weight = 0
  /// What was stored of provisional actions.
  private var storedKeys: [ActionNumber: [StoredRow.Key]] = [:]
  /// Actions that have become provisional, or no longer are.
  private var touched = TouchList<ActionNumber>()

  /// When the next action is rolled back unless somebody keeps it (monotonic nanoseconds).
  var nextDeadline: UInt64? { deadlines.next }

  /// The action of that number, if it can still be undone.
  subscript(number: ActionNumber) -> Action? { actions[number] }

  /// Whether there is room for something provisional of so many changes, which is never forgotten.
  func hasRoom(for changes: Int) -> Bool {
    let provisional = storedKeys.keys.reduce(0) { $0 + (actions[$1]?.weight ?? 0) }
    return provisional + min(changes, Self.mostOfOne) < Self.mostInAll
  }

  /// Remembers an action.
  mutating func add(_ action: Action) {
    actions[action.number] = action
    numbers.append(action.number)
    weight += action.weight
    if let deadline = action.provisionalUntil {
      deadlines.set(action.number, to: deadline)
      storedKeys[action.number] = []
      touched.add(action.number)
    }
    if weight > Self.mostInAll { forget { _, weight in weight > Self.mostInAll } }
  }

  /// Takes an action out to undo it.
  mutating func remove(_ number: ActionNumber) -> Action? {
    guard let action = actions.removeValue(forKey: number) else { return nil }
    weight -= action.weight
    if action.provisionalUntil != nil {
      deadlines.remove(number)
      touched.add(number)
    }
    return action
  }

  /// Lets an action hold that was provisional.
  mutating func keep(_ number: ActionNumber) {
    guard actions[number]?.provisionalUntil != nil else { return }
    actions[number]?.provisionalUntil = nil
    actions[number]?.connection = nil
    deadlines.remove(number)
    touched.add(number)
  }

  /// Takes hosts for the same ones although they have other generations by now.
  mutating func follow(_ renewals: [HostIndex: Action.Renewal]) {
    guard !renewals.isEmpty else { return }
    for number in numbers { actions[number]?.follow(renewals) }
  }

  /// Something provisional whose time is over, or nil.
  func nextDue(at moment: UInt64) -> ActionNumber? { deadlines.nextDue(at: moment) }

  /// Whether anything is provisional.
  var hasProvisional: Bool { !storedKeys.isEmpty }

  /// What is provisional for as long as this connection lasts.
  func provisional(for connection: UInt64) -> [ActionNumber] {
    numbers.filter { number in
      guard let action = actions[number], action.provisionalUntil != nil else { return false }
      return action.connection == connection
    }
  }

  /// Forgets what can be undone no longer.
  mutating func expire(at moment: UInt64) {
    guard let oldest = numbers.first, actions[oldest].map({ $0.until <= moment }) ?? true else {
      return
    }
    forget { action, _ in action.until <= moment }
  }

  /// Forgets the oldest actions as long as that is wanted of one, with what is remembered in all.
  private mutating func forget(while isWanted: (Action, Int) -> Bool) {
    var kept: [ActionNumber] = []
    for (place, number) in numbers.enumerated() {
      guard let action = actions[number] else { continue }
      if action.provisionalUntil != nil {
        kept.append(number)
      } else if isWanted(action, weight) {
        actions[number] = nil
        weight -= action.weight
      } else {
        kept += numbers[place...]
        break
      }
    }
    numbers = kept
  }
}

// MARK: Storing

extension ActionLog {
  /// What the store is to be told of provisional actions since the last call.
  mutating func takeStoreChanges() -> [StoreChange] {
    touched.take().flatMap { number -> [StoreChange] in
      if let action = actions[number], action.provisionalUntil != nil {
        let rows = action.storedRows
        storedKeys[number] = rows.map(\.key)
        return rows.map(StoreChange.put)
      }
      return (storedKeys.removeValue(forKey: number) ?? []).map(StoreChange.remove)
    }
  }

  /// Takes an action back from the store: it was provisional, and is due at once.
  mutating func restore(_ action: Action, storedAs keys: [StoredRow.Key]) {
    actions[action.number] = action
    numbers.append(action.number)
    weight += action.weight
    deadlines.set(action.number, to: 0)
    storedKeys[action.number] = keys
  }
}
