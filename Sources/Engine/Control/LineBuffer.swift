/// Octets that come in pieces, cut into lines.
package struct LineBuffer: Sendable {
  /// A line is longer than the limit; what follows cannot be read any more.
  package struct TooLong: Error {}

  /// Octets of a line.
  var limit: Int
  private var octets: [UInt8] = []
  // How many of `octets` are known to hold no line end, so that they are not searched again.
  private var searched = 0
  // Where the next line begins; what is before has been handed out.
  private var start = 0

  /// Makes a buffer for lines of at most `limit` octets.
  package init(limit: Int) {
    self.limit = limit
  }

  /// Adds what has come.
  package mutating func append(_ more: [UInt8]) {
    octets.removeFirst(start)
    searched -= start
    start = 0
    octets += more
  }

  /// The next whole line without its end; nil if none is complete.
  ///
  /// Copies the line, so all lines of a buffer cost as much as the buffer is long.
  package mutating func next() throws(TooLong) -> [UInt8]? {
    guard let end = octets[max(searched, start)...].firstIndex(of: UInt8(ascii: "\n")) else {
      searched = octets.count
      if octets.count - start > limit { throw TooLong() }
      return nil
    }
    guard end - start <= limit else { throw TooLong() }
    defer {
      start = end + 1
      searched = start
    }
    return Array(octets[start..<end])
  }
}
