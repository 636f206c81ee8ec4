/// An answer that takes longer than anybody is to wait.
package final class PendingAnswer {
  /// What it takes the place of: an earlier one of the same client by the same name is not wanted any
  /// more.
  let name: String?
  private let work: (UInt64) throws(ControlError) -> [UInt8]?

  /// Makes an answer; `work` goes on until a moment (monotonic nanoseconds) or until it has the result.
  init(_ name: String?, _ work: @escaping (UInt64) throws(ControlError) -> [UInt8]?) {
    self.name = name
    self.work = work
  }

  /// Works on it for a little while; the result once it is there.
  func advance() throws(ControlError) -> [UInt8]? {
    try work(WorkSlice.end)
  }

  /// The result, however long it takes.
  func whole() throws(ControlError) -> [UInt8] {
    while true {
      if let result = try work(.max) { return result }
    }
  }
}
