internal import CNcurses
internal import Glibc
internal import Net

/// Why there can be no screen.
enum TerminalError: Error {
  /// Standard input or output is no terminal.
  case none
  /// The terminal cannot place its cursor, or nothing is known about it.
  case unusable(String)
  case memory

  /// A sentence for people.
  var message: String {
    // Short, so that a line of 80 columns holds it.
    switch self {
    case .none: "the console needs a terminal; dnat-console ctl works without one"
    case .unusable(let name): "TERM=\(name) cannot show a console; use dnat-console ctl"
    case .memory: "no memory for the screen"
    }
  }
}

/// The screen: the only place that draws.
///
/// Used on one thread, and only one exists at a time.
///
/// ncurses paints into memory, and each frame goes to the terminal in one write. So ncurses knows
/// nothing of the terminal's modes and size: they are kept by `TerminalDevice`.
final class Terminal {
  private let device: TerminalDevice
  private let painter: Painter
  private var isActive = false

  /// The descriptor to watch.
  var descriptor: Int32 { device.descriptor }
  /// Whether a frame still waits for the line to take it.
  var hasOutgoing: Bool { device.hasOutgoing }
  /// Whether the terminal has gone.
  var isLost: Bool { device.isLost }
  var size: Size { device.size }
  /// How many colours are shown.
  var depth: ColorDepth { painter.depth }

  /// Takes the terminal over.
  ///
  /// - Parameters:
  ///   - device: The terminal, in raw mode.
  ///   - depth: How many colours at most; nil for as many as it has.
  /// - Throws: Why there can be no screen on it.
  init(_ device: TerminalDevice, depth: ColorDepth?) throws(TerminalError) {
    self.device = device
    painter = try Painter(input: device.descriptor, size: device.size, depth: depth)
    isActive = true
  }

  /// Draws a screen; only what differs from the last one is sent.
  func draw(_ grid: Grid, theme: Theme) {
    guard isActive, !isLost else { return }
    painter.paint(grid, theme: theme)
    device.write(painter.takeFrame())
  }

  /// Sends what waits.
  func flush() { device.flush() }

  /// The keys pressed since the last call.
  func readKeys() -> [Key] { isActive ? KeyReader.keys(painter.readRaw()) : [] }

  /// Takes a new size over, and paints all of the screen at the next drawing.
  func resize() { painter.resize(to: device.size) }

  /// Paints all of the screen at the next drawing.
  func invalidate() { painter.invalidate() }

  /// Gives the terminal back as it was found.
  func leave() {
    guard isActive else { return }
    isActive = false
    painter.leave()
    device.write(painter.takeFrame())
    device.flushForAMoment()
    device.restoreModes()
  }

  /// Takes the terminal over again: after `leave`, or after a stop in which the shell had it.
  func enter() {
    isActive = true
    device.enterRawMode()
    painter.resize(to: device.size)
    painter.invalidate()
  }

  /// The terminal has been hung up: nothing more is written to it.
  func lose() { device.lose() }
}
