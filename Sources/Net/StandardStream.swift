/// Where the process writes what people and programs read.
package enum StandardStream: Int32 {
  case output = 1
  case error = 2

  /// Writes all of some octets, and waits while the reader is slow.
  package func write(_ octets: some Sequence<UInt8>) throws(SystemError) {
    var rest = Array(octets)[...]
    while !rest.isEmpty {
      if let count = try FileDescriptor.write(rest, to: rawValue) {
        rest = rest.dropFirst(count)
      } else {
        _ = try Readiness.wait(on: rawValue, for: .writable, atMost: nil)
      }
    }
  }

  /// Writes a line.
  package func line(_ text: String) throws(SystemError) {
    try write((text + "\n").utf8)
  }

  /// Writes a text of which nobody is left to be told if it cannot be written.
  package func say(_ text: String) {
    try? write(text.utf8)
  }
}
