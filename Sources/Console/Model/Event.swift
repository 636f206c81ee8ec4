/// Whatever can happen to the console.
enum Event: Sendable {
  case key(Key)
  case resize(Size)
  /// The time for a periodic look at the router.
  case tick
  /// The engine answers.
  case linked
  /// The engine cannot be reached, and why.
  case unlinked(String)
  case reply(id: Int, Reply)
  /// The engine says that something changed.
  case changed
}

/// What the console does because of an event.
enum Effect: Equatable, Sendable {
  case send(id: Int, Request)
  /// Leaves the terminal to its shell until the user comes back.
  case suspend
  /// Paints all of the screen anew.
  case redraw
  /// Ends the console.
  case quit(Farewell)
}

/// How the console ends, and so what it says when the terminal is the shell's again.
enum Farewell: Equatable, Sendable {
  /// The router goes on.
  case left
  /// The router was stopped.
  case stopped
}
