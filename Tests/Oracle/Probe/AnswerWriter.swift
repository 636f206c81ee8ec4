internal import Glibc

/// Collects answers and writes them when the driver asks, so that neither waits for the other.
@safe
struct AnswerWriter: ~Copyable {
  private let descriptor: Int32
  private var octets: [UInt8] = []

  init(descriptor: Int32) {
    self.descriptor = descriptor
    octets.reserveCapacity(1 << 22)
  }

  mutating func append<Value: FixedWidthInteger & BitwiseCopyable>(_ value: Value) {
    unsafe withUnsafeBytes(of: value.littleEndian) { unsafe octets.append(contentsOf: $0) }
  }

  mutating func append(_ bytes: UnsafeRawBufferPointer) {
    unsafe octets.append(contentsOf: bytes)
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
