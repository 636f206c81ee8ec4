internal import Glibc

@testable import Engine

/// Collects answers and writes them when the driver asks, so that neither waits for the other.
///
/// Invariant: `resultCountAt` and `outputCountAt` are places of 4 and 2 octets within `octets`, for
/// the answer and the result that were begun last.
@safe
struct AnswerWriter: ~Copyable {
  private let descriptor: Int32
  private var octets: [UInt8] = []
  private var resultCountAt = 0
  private var outputCountAt = 0

  private static let noEntry = UInt32.max
  private static let noReason = UInt8.max

  init(descriptor: Int32) {
    self.descriptor = descriptor
    octets.reserveCapacity(1 << 22)
  }

  /// Begins an answer without results.
  mutating func beginAnswer() {
    resultCountAt = octets.count
    append(UInt32(0))
  }

  /// Adds a result without outputs to the answer.
  mutating func beginResult(_ decision: Decision, _ packet: UInt32) {
    append(packet)
    append(decision.verdict.number)
    append(decision.verdict.dropReason?.rawValue ?? Self.noReason)
    append(decision.direction.rawValue)
    append(UInt8(0))
    append(decision.host)
    outputCountAt = octets.count
    append(UInt16(0))
    append(decision.entry ?? Self.noEntry)
    increment(resultCountAt, as: UInt32.self)
  }

  /// Adds an output to the result; `packet` is where the packet begins that was decided.
  mutating func append(_ output: Output, in packet: UnsafeMutableRawPointer) {
    append(UInt32(output.count))
    unsafe octets.append(
      contentsOf: UnsafeRawBufferPointer(start: packet + output.offset, count: output.count))
    increment(outputCountAt, as: UInt16.self)
  }

  private mutating func append<Value: FixedWidthInteger & BitwiseCopyable>(_ value: Value) {
    unsafe withUnsafeBytes(of: value.littleEndian) { unsafe octets.append(contentsOf: $0) }
  }

  private mutating func increment<Value: FixedWidthInteger & BitwiseCopyable>(
    _ offset: Int, as type: Value.Type
  ) {
    unsafe octets.withUnsafeMutableBytes { bytes in
      let count = unsafe bytes.loadUnaligned(fromByteOffset: offset, as: type)
      unsafe bytes.storeBytes(of: count + 1, toByteOffset: offset, as: type)
    }
  }

  mutating func flush() {
    unsafe octets.withUnsafeBytes { bytes in
      var done = 0
      while done < bytes.count {
        let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[done...])
        let written = unsafe write(descriptor, rest.baseAddress, rest.count)
        guard written > 0 else { exit(1) }
        done += written
      }
    }
    octets.removeAll(keepingCapacity: true)
  }
}

extension Verdict {
  fileprivate var number: UInt8 {
    switch self {
    case .forward, .forwardPieces: 0
    case .answer: 1
    case .consume: 2
    case .drop: 3
    case .hold: 4
    }
  }

  fileprivate var dropReason: DropReason? {
    if case .drop(let reason, _) = self { reason } else { nil }
  }
}
