/// How many clients the control socket takes at once, and of whom.
///
/// No viewer can keep others out, and none of them operators.
enum ClientPlaces {
  /// Clients in all.
  static let most = 64
  /// Of them, those who may only look.
  static let mostViewers = 48
  /// Of those, of one user.
  static let mostOfViewer = 16

  /// Why there is no place for a user beside those that are there; nil if there is.
  static func refusal(of user: ControlUser, beside others: some Sequence<ControlUser>) -> String? {
    let others = Array(others)
    if others.count >= most { return "there are \(most) clients already, which is the most" }
    guard user.role == .viewer else { return nil }
    let viewers = others.filter { $0.role == .viewer }
    if viewers.count >= mostViewers {
      return "there are \(mostViewers) clients already that may only look, which is the most"
    }
    if viewers.count(where: { $0 == user }) >= mostOfViewer {
      return "\(user.name) has \(mostOfViewer) clients already, which is the most"
    }
    return nil
  }
}
