internal import Net

/// Tells on standard output what a command is doing: one line a step, with the seconds it took.
final class LabProgress {
  private static let column = 58
  private let started = MonotonicClock.now()

  /// Seconds since the first step.
  var elapsed: Double { Self.seconds(since: started) }

  /// Runs one step and says how long it took.
  func step<Value>(_ what: String, _ body: () throws -> Value) throws -> Value {
    let begun = MonotonicClock.now()
    let dots = String(repeating: ".", count: max(3, Self.column - what.count))
    write("  \(what) \(dots) ")
    do {
      let value = try body()
      write("\(Self.tenths(Self.seconds(since: begun))) s\n")
      return value
    } catch {
      write("failed\n")
      throw error
    }
  }

  /// A line of its own.
  func say(_ line: String) {
    write(line + "\n")
  }

  private func write(_ text: String) {
    // A reader that has gone away is no reason to stop.
    try? StandardStream.output.write(text.utf8)
  }

  private static func seconds(since moment: UInt64) -> Double {
    Double(MonotonicClock.now() &- moment) / 1e9
  }

  /// A number of seconds with one decimal place.
  static func tenths(_ seconds: Double) -> String {
    let tenths = Int((seconds * 10).rounded())
    return "\(tenths / 10).\(tenths % 10)"
  }
}
