import Glibc

/// What the fuzzer made, as an array.
func octets(_ start: UnsafePointer<UInt8>?, _ count: Int) -> [UInt8] {
  Array(UnsafeBufferPointer(start: start, count: count))
}

/// What the fuzzer made, read from its start.
struct Input {
  private var rest: ArraySlice<UInt8>

  init(_ start: UnsafePointer<UInt8>?, _ count: Int) {
    rest = octets(start, count)[...]
  }

  var isEmpty: Bool { rest.isEmpty }

  /// The next octet; 0 at the end.
  mutating func octet() -> UInt8 { rest.popFirst() ?? 0 }

  /// The next two octets as a number, the high one first.
  mutating func word() -> Int {
    let high = Int(octet())
    return high << 8 | Int(octet())
  }

  /// At most so many octets.
  mutating func take(_ count: Int) -> [UInt8] {
    defer { rest = rest.dropFirst(count) }
    return Array(rest.prefix(count))
  }
}

/// Ends the program with a message, which an optimised `precondition` would not print.
func require(_ condition: Bool, _ message: @autoclosure () -> String) {
  if condition { return }
  let text = Array("rule broken: \(message())\n".utf8)
  _ = write(STDERR_FILENO, text, text.count)
  preconditionFailure()
}
