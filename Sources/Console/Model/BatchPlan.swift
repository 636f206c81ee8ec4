internal import Engine
internal import PAP

/// What an action on the marked rows does to each of them, and which it leaves out, and why.
struct BatchPlan: Sendable {
  /// One marked row, or several that come to the same command.
  struct Choice: Sendable {
    /// The rows' identities.
    var ids: [String]
    /// As the list names it.
    let label: String
    /// Nil where the action does not fit the row.
    let command: Command?
    let generation: UInt64?
    /// Why it is left out; nil if it is not.
    var obstacle: String?
  }

  /// Validate, invalidate, revoke, lift, suspend, or resume (as `suspend` of hosts that all are).
  let action: ActionID
  let view: ViewID
  private(set) var choices: [Choice] = []
  /// Marks that the filter hides: named, and never acted on.
  let hiddenCount: Int

  /// Choices that are acted on.
  var chosen: [Choice] { choices.filter { $0.obstacle == nil } }
  /// Choices that are not.
  var leftOut: [Choice] { choices.filter { $0.obstacle != nil } }

  /// Plans an action on the marks that the filter shows.
  init(_ action: ActionID, _ view: ViewID, _ marks: Marks, isSuspended: (String) -> Bool) {
    self.action = action
    self.view = view
    hiddenCount = marks.hiddenCount
    let rows = marks.visible
    // Hosts are suspended; only if all of them are already, they are resumed.
    let resumes = rows.allSatisfy { mark in
      mark.row.subject.isSuspended ?? mark.row.subject.host.map(isSuspended) ?? true
    }
    var places: [String: Int] = [:]
    for mark in rows {
      add(mark, resumes: resumes, isSuspended: isSuspended, &places)
    }
  }

  private mutating func add(
    _ mark: Marks.Mark, resumes: Bool, isSuspended: (String) -> Bool,
    _ places: inout [String: Int]
  ) {
    let row = mark.row
    guard let command = Self.command(action, row, resumes: resumes) else {
      choices.append(
        Choice(
          ids: [row.id], label: row.label, command: nil, generation: nil,
          obstacle: Self.mismatch(action)))
      return
    }
    if let place = places[command.object] {
      choices[place].ids.append(row.id)
      return
    }
    var obstacle = mark.isChanged ? "changed since it was marked" : nil
    if case .suspend(let host) = command, row.subject.isSuspended ?? isSuspended(host) {
      obstacle = "suspended already"
    }
    places[command.object] = choices.count
    choices.append(
      Choice(
        ids: [row.id], label: command.isAbout(row) ? row.label : command.summary, command: command,
        generation: command.isAbout(row) ? mark.generation : nil, obstacle: obstacle))
  }

  private static func command(_ action: ActionID, _ row: Row, resumes: Bool) -> Command? {
    let subject = row.subject
    switch action {
    case .validate: return validation(subject)
    case .invalidate:
      guard subject.isValid, let target = subject.target, target.prefixLength == 32 else {
        return nil
      }
      return .invalidate(target.address, host: subject.host, spi: subject.spi)
    case .revoke:
      guard !subject.isRevoked else { return nil }
      return subject.target.map { .revoke($0, host: nil, seconds: nil, reason: nil) }
    case .lift:
      guard subject.isRevoked else { return nil }
      return subject.target.map { .lift($0, host: subject.host) }
    case .suspend:
      return subject.host.map { resumes ? .resume(host: $0) : .suspend(host: $0) }
    default: return nil
    }
  }

  private static func validation(_ subject: Subject) -> Command? {
    guard !subject.isRevoked, let target = subject.target, target.prefixLength == 32,
      let host = subject.host
    else { return nil }
    return .validate(
      target.address, host: host, ipsecProtocol: subject.ipsecProtocol ?? .any, spi: subject.spi,
      seconds: nil)
  }

  private static func mismatch(_ action: ActionID) -> String {
    switch action {
    case .validate: "names no address with its host"
    case .invalidate: "not a valid address"
    case .revoke: "revoked already"
    case .lift: "not a revocation"
    default: "names no host"
    }
  }

  /// Keeps in the list, left out, what was chosen before and is marked no more: its object is gone.
  mutating func keepGone(of before: BatchPlan) {
    let present = Set(choices.flatMap(\.ids))
    for choice in before.choices where present.isDisjoint(with: choice.ids) {
      var gone = choice
      gone.obstacle = "gone meanwhile"
      choices.append(gone)
    }
  }

  /// The commands, with what the dialog lets one fill in.
  func batch(seconds: Int?) -> Batch {
    Batch(
      items: chosen.compactMap { choice in
        choice.command.map {
          .init(command: $0.with(seconds: seconds), generation: choice.generation)
        }
      })
  }
}

extension Command {
  /// Whether the object of the command is what the row shows, so that the row's generation is that of
  /// the object.
  func isAbout(_ row: Row) -> Bool {
    switch (self, row) {
    case (.invalidate, .association), (.validate, .association): true
    case (.invalidate, .peer), (.revoke, .peer), (.lift, .peer): true
    case (.suspend, .host), (.resume, .host): true
    default: false
    }
  }
}

extension Row {
  /// The row in a list of several, in one line.
  var label: String {
    switch self {
    case .association(let row):
      "\(row.host)  \(row.address)  \(row.protocol.name)  \(row.spiIn?.description ?? "any SPI")"
    case .host(let row): row.name
    case .peer(let row):
      row.hosts.isEmpty
        ? row.target.short : "\(row.target.short)  \(row.hosts.joined(separator: " "))"
    case .drop, .reason, .dropSource, .dropHost, .ike, .ports, .audit: id
    }
  }
}
