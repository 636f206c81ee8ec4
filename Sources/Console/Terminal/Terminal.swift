internal import CNcurses
internal import FoundationEssentials
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
    case .none: "the console needs a terminal; without one: attach --plain, or ctl"
    case .unusable(let name): "TERM=\(name) cannot show a console; use attach --plain, or ctl"
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
  private var reader = KeyReader()
  private var deadlineOfInput: UInt64?
  private var reportsMouse = false
  /// Which frames are on their way.
  private(set) var pacer: FramePacer

  /// Bracketed paste (xterm's mode 2004): pasted text comes between marks.
  private static let pasteOn = "\u{1b}[?2004h"
  private static let pasteOff = "\u{1b}[?2004l"

  /// The descriptor to watch.
  var descriptor: Int32 { device.descriptor }
  /// Whether a frame still waits for the line to take it.
  var hasOutgoing: Bool { device.hasOutgoing }
  /// Whether the terminal has gone.
  var isLost: Bool { device.isLost }
  var size: Size { device.size }
  /// How many colours are shown.
  var depth: ColorDepth { painter.depth }

  /// Whether the terminal can be asked something: it is one of the family of ECMA-48.
  var answers: Bool { painter.answers }

  /// Takes the terminal over.
  ///
  /// - Parameters:
  ///   - device: The terminal, in raw mode.
  ///   - depth: How many colours at most; nil for as many as it has.
  /// - Throws: Why there can be no screen on it.
  init(_ device: TerminalDevice, depth: ColorDepth?) throws(TerminalError) {
    self.device = device
    painter = try Painter(input: device.descriptor, size: device.size, depth: depth)
    pacer = FramePacer(isOn: painter.answers)
    isActive = true
    if painter.answers { device.write(Array(Self.pasteOn.utf8)) }
  }

  /// Draws a screen; only what differs from the last one is sent, in one write.
  ///
  /// A periodic frame is one that nobody waits for: the pace of such goes by the line.
  func draw(_ grid: Grid, theme: Theme, isPeriodic: Bool) {
    guard isActive, !isLost else { return }
    painter.paint(grid, theme: theme)
    var frame = painter.takeFrame()
    guard !frame.isEmpty else { return }
    if pacer.isOn { frame += FramePacer.query }
    device.write(frame)
    pacer.frameSent(at: MonotonicClock.now(), isPeriodic: isPeriodic)
  }

  /// Sends what waits.
  func flush() { device.flush() }

  /// What came from the terminal since the last call.
  func read() -> [Input] {
    guard isActive else { return [] }
    let raw = painter.readRaw()
    let now = MonotonicClock.now()
    pacer.expire(at: now)
    let isOverdue = deadlineOfInput.map { now >= $0 } ?? false
    let inputs = raw.isEmpty && isOverdue ? reader.giveUp() : reader.read(raw)
    if !raw.isEmpty || isOverdue { deadlineOfInput = reader.wait.map { now + $0 } }
    for input in inputs where input == .answer { pacer.answered(at: now) }
    return inputs.filter { $0 != .answer }
  }

  /// When `read` is to be called though nothing came, monotonic nanoseconds; nil for never.
  var deadline: UInt64? {
    [deadlineOfInput, pacer.deadline].compactMap { $0 }.min()
  }

  /// Has the terminal report the mouse, or leave it to its user.
  func setMouse(_ isOn: Bool) {
    guard isActive, isOn != reportsMouse else { return }
    reportsMouse = isOn
    device.write(Array((isOn ? MouseEvent.on : MouseEvent.off).utf8))
  }

  /// Puts a text into the clipboard of the terminal's user (xterm's OSC 52), if the terminal lets it.
  func copy(_ text: String) {
    guard isActive else { return }
    device.write(Array("\u{1b}]52;c;\(Data(text.utf8).base64EncodedString())\u{7}".utf8))
  }

  /// Takes a new size over, and paints all of the screen at the next drawing.
  func resize() { painter.resize(to: device.size) }

  /// Paints all of the screen at the next drawing.
  func invalidate() { painter.invalidate() }

  /// Gives the terminal back as it was found.
  func leave() {
    guard isActive else { return }
    setMouse(false)
    isActive = false
    painter.leave()
    let modes = painter.answers ? Array(Self.pasteOff.utf8) : []
    device.write(modes + painter.takeFrame())
    device.flushForAMoment()
    device.restoreModes()
  }

  /// Takes the terminal over again: after `leave`, or after a stop in which the shell had it.
  func enter() {
    isActive = true
    device.enterRawMode()
    if painter.answers { device.write(Array(Self.pasteOn.utf8)) }
    pacer.restart(isOn: painter.answers)
    painter.resize(to: device.size)
    painter.invalidate()
  }

  /// The terminal has been hung up: nothing more is written to it.
  func lose() { device.lose() }
}
