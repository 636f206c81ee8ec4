internal import PAP

/// A question that stands until it is answered: one line that only `y` accepts, or a frame over the
/// view with fields to fill in, and buttons.
///
/// A frame opens on Cancel, the key that opened it never confirms it, and keys that come within
/// `deafness` of its opening were meant for what was there before: they are ignored.
struct Dialog: Sendable {
  /// What the dialog is about.
  enum Purpose: Equatable, Sendable {
    case validate
    case invalidate
    case revoke
    case lift(CIDR, host: String?)
    case suspend(String)
    case resume(String)
    case reload
    /// The action on the marked rows.
    case marked(ActionID)
    /// To undo the action of that number, and what it was.
    case undo(Int64, String)
    /// To act again from a console that was locked.
    case unlock
    /// To write a table to a file.
    case export
    case quit
  }

  /// How the question is put.
  enum Form: Equatable, Sendable {
    /// In the last line of the screen.
    case line
    case frame
  }

  /// What a button does.
  enum Outcome: Equatable, Sendable {
    case cancel
    /// Carries the command out.
    case confirm
    /// Ends the console.
    case leave
    /// Ends the engine, and the console with it.
    case stop
  }

  struct Button: Equatable, Sendable {
    let title: String
    let outcome: Outcome
    var isDangerous = false
  }

  /// How long after its opening a dialog ignores keys, in nanoseconds.
  static let deafness = 150 * Moment.millisecond

  let purpose: Purpose
  var fields: [Field] = []
  let buttons: [Button]
  /// What has the focus: the fields count first, then the buttons.
  var focus: Int
  /// When it opened in its present form, monotonic nanoseconds.
  var openedAt: UInt64
  let openedBy: Key
  var form = Form.frame
  /// What happens to each of the marked rows; nil in other dialogs, and until the router has said
  /// how they are.
  var plan: BatchPlan?
  /// The object that it opened on, as `Command.object` has it, with its generation.
  var bound: (object: String, generation: UInt64?)?
  /// What the router said that a command would do.
  var explained: (command: Command, result: Result<Explanation, ExplanationFailure>)?
  /// Why it could not be confirmed.
  var problem: String?

  /// Why there is no explanation.
  struct ExplanationFailure: Error, Equatable, Sendable {
    var message: String
  }

  /// Opens on the button Cancel, which is always there.
  init(
    _ purpose: Purpose, fields: [Field] = [], confirm: [Button], by key: Key, at time: UInt64
  ) {
    self.purpose = purpose
    self.fields = fields
    buttons = [Button(title: "Cancel", outcome: .cancel)] + confirm
    openedAt = time
    openedBy = key
    focus = fields.count
  }

  /// How much is asked; nil until the router has said what the command would do.
  var tier: Tier? {
    guard case (let command, .success(let explanation))? = explained else { return nil }
    return Tier(of: command, explanation)
  }

  /// The field that has the focus.
  var focusedField: Int? { fields.indices.contains(focus) ? focus : nil }
  /// The button that has the focus.
  var focusedButton: Int? {
    buttons.indices.contains(focus - fields.count) ? focus - fields.count : nil
  }

  /// Gives the focus to the next field or button, round the corner.
  mutating func moveFocus(by step: Int) {
    let count = fields.count + buttons.count
    focus = (focus + step + count) % count
    if let focusedField { fields[focusedField].select() }
  }

  /// What is filled in, less blanks around it.
  func value(_ name: Field.Name) -> String {
    let text = fields.first { $0.name == name }?.value ?? ""
    return String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
  }
}
