// What became of the marked rows, and acting on them.
extension Model {
  /// Nanoseconds between two looks at the marked objects: few at each tick, many less often.
  private static func surveyInterval(of count: Int) -> UInt64 {
    count <= 100 ? Moment.second / 2 : 5 * Moment.second
  }

  /// Asks how the marked objects are, and which of them the filter shows.
  mutating func survey() -> [Effect] {
    guard link == .up, let query = surveyQuery(filter: "") else { return [] }
    table.marks.surveyedAt = now.monotonic
    var effects = [ask(.window(query), for: .survey(query))]
    if !table.filter.isEmpty, let query = surveyQuery(filter: table.filter) {
      effects.append(ask(.window(query), for: .survey(query)))
    }
    return effects
  }

  private func surveyQuery(filter: String) -> WindowQuery? {
    guard view.window != nil, !table.marks.isEmpty else { return nil }
    return WindowQuery(
      view: view, filter: filter, sort: table.sort, descending: table.descending, offset: 0,
      count: min(Marks.most, 4 * table.marks.count + 100), marked: table.marks.values,
      showsMarkedOnly: true, columns: filter.isEmpty ? [] : visibleFields)
  }

  /// Surveys from time to time.
  mutating func surveyIfDue() -> [Effect] {
    guard view.isTable, !table.marks.isEmpty,
      now.since(table.marks.surveyedAt) >= Self.surveyInterval(of: table.marks.count),
      !requests.contains(where: { if case .survey = $0 { true } else { false } })
    else { return [] }
    return survey()
  }

  /// The router's answer to a survey.
  mutating func takeSurvey(_ query: WindowQuery, _ reply: Reply) -> [Effect] {
    guard case .window(let window) = reply, var table = tables[query.view] else {
      return surveyFailed(reply)
    }
    table.marks.refresh(window.rows)
    // An answer that was cut says nothing about what it does not show.
    if window.matched <= window.rows.count {
      if query.filter.isEmpty {
        goneMarks += table.marks.keep(existing: window.rows, of: query.marked)
      }
      if query.filter == table.filter { table.marks.show(only: window.rows, of: query.marked) }
    }
    let lostOnly = tables[query.view]?.marks.showsOnly == true && !table.marks.showsOnly
    tables[query.view] = table
    settleMarks()
    return (lostOnly && query.view == view ? reordered() : []) + planIfReady()
  }

  // A filter that is none yet is explained below it.
  private mutating func surveyFailed(_ reply: Reply) -> [Effect] {
    guard case .marked? = dialog?.purpose, dialog?.plan == nil else { return [] }
    dialog = nil
    if case .failure(let failure) = reply { say(failure.message, .failed) }
    return []
  }

  /// Says which marks were dropped, once nothing else stands where it is said.
  mutating func settleMarks() {
    fitTable()
    guard goneMarks > 0, notice == nil || notice?.kind == .hint else { return }
    let rows = Format.plural(goneMarks, "marked row is", "marked rows are")
    say("\(rows) gone", .hint)
    goneMarks = 0
  }

  /// The action if it is about the marked rows: when there are any, and no details are open.
  func markedAction(_ id: ActionID) -> ActionID? {
    guard overlay == nil, view.isTable, !table.marks.isEmpty, Self.onMarks.contains(id) else {
      return nil
    }
    return id
  }

  /// The actions that are about all marked rows where there are any.
  static let onMarks: [ActionID] = [.validate, .invalidate, .revoke, .lift, .suspend]

  mutating func openMarked(_ id: ActionID, by key: Key) -> [Effect] {
    dialog = Dialog.marked(id, self, by: key)
    return survey()
  }

  // Nothing is planned before the router has said which marked rows there are, and which are shown.
  private mutating func planIfReady() -> [Effect] {
    guard case .marked(let action)? = dialog?.purpose,
      !requests.contains(where: { if case .survey = $0 { true } else { false } })
    else { return [] }
    var plan = BatchPlan(action, view, table.marks, isSuspended: isKnownSuspended)
    if let before = dialog?.plan { plan.keepGone(of: before) }
    guard !plan.chosen.isEmpty else { return refuse(plan) }
    dialog?.plan = plan
    return explainIfNeeded()
  }

  private mutating func refuse(_ plan: BatchPlan) -> [Effect] {
    dialog = nil
    if let choice = plan.leftOut.first {
      say("nothing to do: \(choice.label): \(choice.obstacle ?? "")", .hint)
    } else if plan.hiddenCount > 0 {
      say(
        "all marked rows are hidden by the filter; "
          + "\(settings.keymap.hint(of: .markNone)) takes the marks off", .hint)
    } else {
      say("the marked rows are gone", .hint)
    }
    return []
  }
}
