/// Whatever can happen to the console.
enum Event: Sendable {
  case key(Key)
  /// Text was pasted.
  case paste(String)
  case mouse(MouseEvent)
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
  /// An export has ended: how many rows it wrote, or why it wrote none.
  case exported(ExportJob, Result<Int, ExportJob.Failure>)
  /// Something about the settings is to be said: a theme that is not there, a file that cannot be
  /// written.
  case warning(String)
}

/// What the console does because of an event.
enum Effect: Equatable, Sendable {
  case send(id: Int, Request)
  /// Leaves the terminal to its shell until the user comes back.
  case suspend
  /// Puts a text into the clipboard of the terminal's user.
  case copy(String)
  /// Writes a table to a file.
  case export(ExportJob)
  /// Paints all of the screen anew.
  case redraw
  /// Puts the theme and the glyphs on that the user prefers now.
  case restyle
  /// Keeps what the user prefers for the next console.
  case save(Preferences)
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
