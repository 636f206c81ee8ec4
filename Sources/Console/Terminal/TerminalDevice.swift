internal import CNcurses
internal import Glibc
internal import Net

/// The terminal as a device: its modes, its size, and octets to and from it.
///
/// Nothing here knows what the octets mean.
///
/// It is opened anew, so that it can be used without blocking while the shell's own descriptors stay
/// as they are.
final class TerminalDevice {
  let descriptor: Int32
  private let isOwn: Bool
  private let savedModes: termios
  private var outgoing: [UInt8] = []
  /// Whether the terminal has gone: nothing can be written any more.
  private(set) var isLost = false

  /// Takes the terminal of the standard input; nil if there is none.
  init?() {
    guard ThisProcess.isTerminal(STDIN_FILENO), ThisProcess.isTerminal(STDOUT_FILENO) else {
      return nil
    }
    let own = Self.openAnew()
    descriptor = own ?? STDIN_FILENO
    isOwn = own != nil
    var modes = termios()
    guard unsafe tcgetattr(descriptor, &modes) == 0 else { return nil }
    savedModes = modes
  }

  deinit {
    if isOwn { _ = close(descriptor) }
  }

  private static func openAnew() -> Int32? {
    guard let name = unsafe ttyname(STDIN_FILENO) else { return nil }
    let opened = unsafe open(name, O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
    return opened >= 0 ? opened : nil
  }

  /// Keys come one by one, unechoed, control keys included; output goes through unchanged.
  func enterRawMode() {
    var modes = savedModes
    unsafe cfmakeraw(&modes)
    _ = unsafe tcsetattr(descriptor, TCSANOW, &modes)
  }

  /// The modes as they were found.
  func restoreModes() {
    var modes = savedModes
    _ = unsafe tcsetattr(descriptor, TCSANOW, &modes)
  }

  /// The size as the kernel knows it; 80x24 where it knows none.
  var size: Size {
    var size = winsize()
    guard unsafe ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0
    else { return Size(width: 80, height: 24) }
    return Size(width: Int(size.ws_col), height: Int(size.ws_row))
  }

  /// Whether a frame still waits for the line to take it.
  var hasOutgoing: Bool { !outgoing.isEmpty && !isLost }

  /// Writes octets in one go; what the line does not take now waits for `flush`.
  func write(_ octets: [UInt8]) {
    outgoing += octets
    flush()
  }

  /// Writes what waits, as far as the line takes it.
  func flush() {
    while hasOutgoing {
      do {
        guard let count = try FileDescriptor.write(outgoing, to: descriptor) else { return }
        outgoing.removeFirst(count)
      } catch {
        lose()
      }
    }
  }

  /// Writes what waits, for at most a moment: a line that is stuck does not keep the console alive.
  func flushForAMoment() {
    flush()
    if hasOutgoing {
      _ = try? Readiness.wait(on: descriptor, for: .writable, atMost: 0.3)
      flush()
    }
  }

  /// Gives the terminal up: it has been hung up.
  func lose() {
    isLost = true
    outgoing = []
  }

  /// Asks the terminal something and returns what it said until `isComplete`, within `seconds`.
  func ask(
    _ question: String, atMost seconds: Double, isComplete: ([UInt8]) -> Bool
  ) -> [UInt8] {
    write(Array(question.utf8))
    var answer: [UInt8] = []
    let deadline = MonotonicClock.now() + UInt64(seconds * 1e9)
    while !isComplete(answer), MonotonicClock.now() < deadline {
      let left = Double(deadline - min(deadline, MonotonicClock.now())) / 1e9
      guard let ready = try? Readiness.wait(on: descriptor, for: .readable, atMost: left),
        ready.contains(.readable),
        let more = try? FileDescriptor.read(descriptor, upTo: 256), !more.isEmpty
      else { break }
      answer += more
    }
    return answer
  }
}
