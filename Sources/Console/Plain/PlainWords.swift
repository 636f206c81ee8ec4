internal import Engine
internal import PAP

/// What the plain console says, in sentences.
enum PlainWords {
  /// How the router is, and who looks at it.
  static func introduction(_ status: StatusReport, _ identity: IdentityReport) -> [String] {
    [
      "Router \(status.externalAddress) is \(status.state), for "
        + "\(Format.duration(Double(status.uptimeSeconds))).",
      counts(status),
      "You are \(identity.user), \(identity.role).",
    ] + store(status)
  }

  /// How much the router holds.
  static func counts(_ status: StatusReport) -> String {
    "\(Format.plural(status.saEntries, "entry", "entries")) of "
      + "\(Format.plural(status.hosts, "host", "hosts")), "
      + "\(Format.plural(status.revocations, "revocation", "revocations"))."
  }

  /// What an operator has done, or tried to.
  static func action(_ row: AuditReportRow) -> String {
    let who = row.actor.source.map { "\(row.actor.name) at \($0)" } ?? row.actor.name
    var what = "\(row.action) \(row.target)"
    if case .object(let members) = row.detail, let text = members["message"]?.string { what = text }
    let result = row.result == "done" ? "" : " Refused: \(row.result)."
    return "\(clock(row.time)) \(who): \(what.hasSuffix(".") ? what : what + ".")\(result)"
  }

  /// What is worth saying between two looks at the router, nothing if nothing is.
  static func changes(
    from old: StatusReport, to new: StatusReport, seconds: Int
  ) -> [String] {
    guard new.epoch == old.epoch else {
      return ["The router has started anew.", counts(new)] + store(new)
    }
    var sentences: [String] = []
    if new.state != old.state { sentences.append("The router is \(new.state).") }
    if new.saEntries != old.saEntries || new.revocations != old.revocations
      || new.hosts != old.hosts
    {
      sentences.append("Now \(counts(new))")
    }
    if let drops = drops(from: old, to: new, seconds: seconds) { sentences.append(drops) }
    if new.storeProblem != old.storeProblem {
      sentences += new.storeProblem == nil ? ["Changes are durable again."] : store(new)
    }
    return sentences
  }

  private static func drops(
    from old: StatusReport, to new: StatusReport, seconds: Int
  ) -> String? {
    let counted = new.drops.map { name, count in (name, count &- min(count, old.drops[name] ?? 0)) }
      .filter { $0.1 > 0 }
      .sorted { ($1.1, $0.0) < ($0.1, $1.0) }
    guard !counted.isEmpty else { return nil }
    let all = counted.reduce(0) { $0 &+ $1.1 }
    let reasons = counted.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
    return "Dropped in the last \(seconds) s: \(Format.grouped(all)), as \(reasons)."
  }

  private static func store(_ status: StatusReport) -> [String] {
    status.storeProblem.map { ["Not durable, hosts get no answers: \($0)."] } ?? []
  }

  private static func clock(_ time: String) -> String { CellText.clock(time) + "Z" }

  /// The words of a command line: cut at blanks, but for those between quotes.
  static func words(_ line: String) -> [String] {
    var words: [String] = []
    var word = ""
    var quote: Character?
    var isInWord = false
    for character in line {
      if character == quote {
        quote = nil
      } else if quote == nil, character == "\"" || character == "'" {
        quote = character
        isInWord = true
      } else if quote == nil, character == " " || character == "\t" || character == "\r" {
        if isInWord { words.append(word) }
        (word, isInWord) = ("", false)
      } else {
        word.append(character)
        isInWord = true
      }
    }
    return isInWord ? words + [word] : words
  }
}
