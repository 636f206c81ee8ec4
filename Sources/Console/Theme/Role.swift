/// What a cell of the screen means.
///
/// Views name roles, never colours; a theme says how a role looks.
enum Role: UInt8, CaseIterable, Sendable {
  case text
  case textDim
  case textStrong
  case title
  case titleStrong
  case border
  case borderFocus
  case header
  case headerSort
  case cursor
  case cursorUnfocused
  case mark
  case match
  case key
  case hint
  case input
  case inputError
  case stateOK
  case stateAttention
  case stateFail
  case stateBusy
  case stateOff
  case rowNew
  case rowChanged
  case rowGone
  case graphLow
  case graphMid
  case graphHigh
  case badgeReadOnly
  case badgeFrozen
  case danger
  case button
  case buttonFocus
  case dialog
  case dialogDim
  case dialogStrong
  case dialogTitle

  /// The name in a theme file.
  var name: String { Self.names[Int(rawValue)] }

  /// The role of that name, or nil.
  init?(name: some StringProtocol) {
    guard let index = Self.names.firstIndex(where: { $0 == name }),
      let role = Role(rawValue: UInt8(index))
    else { return nil }
    self = role
  }

  // In the order of the cases.
  private static let names = [
    "text", "text.dim", "text.strong", "title", "title.strong", "border", "border.focus", "header",
    "header.sort", "cursor", "cursor.unfocused", "mark", "match", "key", "hint", "input",
    "input.error", "state.ok", "state.attn", "state.fail", "state.busy", "state.off", "row.new",
    "row.changed", "row.gone", "graph.low", "graph.mid", "graph.high", "badge.readonly",
    "badge.frozen", "danger", "button", "button.focus", "dialog", "dialog.dim", "dialog.strong",
    "dialog.title",
  ]
}
