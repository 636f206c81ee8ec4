/// The command line while it is open.
struct CommandInput: Sendable {
  /// What is typed, with the candidate that is chosen put in.
  private(set) var editor = LineEditor()
  /// What was typed before candidates were tried.
  private(set) var stem = ""
  /// The number of the candidate that is put in.
  private(set) var chosen: Int?
  /// Whether the list of candidates was closed.
  var isListClosed = false
  /// What is wrong with the line that was given.
  var problem: CommandProblem?
  /// Peers that the router has named for what was typed.
  var peers: [String] = []
  // The place in the history: 0 is the newest line; nil is the line that is being typed.
  private var recalled: Int?
  private var draft = ""

  var text: String { editor.text }

  /// Whether candidates are for the place of the cursor: it is at the end.
  var completes: Bool { editor.textBeforeCursor == editor.text && !isListClosed }

  /// Gives a key to the text; false if it does not edit.
  mutating func edit(_ key: Key) -> Bool {
    guard editor.handle(key) else { return false }
    settle()
    recalled = nil
    return true
  }

  /// Puts the next candidate in, or the one before; one that alone begins as typed is settled on.
  mutating func choose(by step: Int, among candidates: [CommandCandidate]) {
    guard !candidates.isEmpty else { return }
    let count = candidates.count
    let index = chosen.map { ($0 + step + count) % count } ?? (step > 0 ? 0 : count - 1)
    let start = CommandCompletion.start(of: stem)
    let stem = stem
    let kept = String(String.UnicodeScalarView(stem.unicodeScalars.prefix(start)))
    let typed = String(String.UnicodeScalarView(stem.unicodeScalars.dropFirst(start)))
    let beginners = candidates.filter { !typed.isEmpty && $0.text.hasPrefix(typed) }
    if chosen == nil, let only = beginners.count == 1 ? beginners.first : single(candidates) {
      put(kept + only.text + (only.isLast ? "" : " "))
    } else {
      put(kept + candidates[index].text)
      self.stem = stem
      chosen = index
    }
  }

  private func single(_ candidates: [CommandCandidate]) -> CommandCandidate? {
    candidates.count == 1 ? candidates.first : nil
  }

  /// Recalls an older line, or a newer one; the line that was being typed comes after the newest.
  mutating func recall(by step: Int, from history: [String]) {
    let place = (recalled ?? -1) + step
    guard place < history.count else { return }
    if recalled == nil { draft = editor.text }
    put(place < 0 ? draft : history[history.count - 1 - place])
    recalled = place < 0 ? nil : place
  }

  private mutating func put(_ text: String) {
    editor = LineEditor(text)
    settle()
  }

  private mutating func settle() {
    stem = editor.text
    chosen = nil
    problem = nil
    isListClosed = false
  }
}
