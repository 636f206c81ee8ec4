internal import Glibc

/// One record of the stream.
///
/// Its octets are those of the reader's buffer until the next one is read.
@safe
struct StreamRecord {
  /// What a record is, by its first octet.
  enum Kind: UInt8 {
    case configuration = 0x43
    case change = 0x54
    case packet = 0x50
    case sweep = 0x53
    case flush = 0x46
  }

  let kind: Kind
  let body: UnsafeRawBufferPointer

  /// The number at an offset, least octet first.
  func number<Value: FixedWidthInteger & BitwiseCopyable>(
    _ offset: Int, as type: Value.Type = Value.self
  ) -> Value {
    Value(littleEndian: unsafe body.loadUnaligned(fromByteOffset: offset, as: type))
  }
}

/// Reads records from a pipe or a file.
///
/// A stream that is not one ends the program: it is made by the driver next door.
///
/// Invariant: `0 <= start <= end <= room`, and no record is longer than `room`.
@safe
struct StreamReader: ~Copyable {
  private let descriptor: Int32
  private let buffer = UnsafeMutableRawPointer.allocate(byteCount: Self.room, alignment: 64)
  private var start = 0
  private var end = 0

  private static let room = 1 << 20
  private static let headerLength = 8

  init(descriptor: Int32) { self.descriptor = descriptor }

  deinit { unsafe buffer.deallocate() }

  /// The next record, or nil at the end of the stream.
  mutating func next() -> StreamRecord? {
    guard have(Self.headerLength) else { return nil }
    let length = Int(unsafe buffer.loadUnaligned(fromByteOffset: start + 4, as: UInt32.self))
    let first = unsafe buffer.load(fromByteOffset: start, as: UInt8.self)
    guard let kind = StreamRecord.Kind(rawValue: first), length < Self.room / 2,
      have(Self.headerLength + length)
    else { giveUp("not a stream of the differential test") }
    let body = unsafe UnsafeRawBufferPointer(
      start: buffer + start + Self.headerLength, count: length)
    start += Self.headerLength + length
    return unsafe StreamRecord(kind: kind, body: body)
  }

  /// Whether that many octets are there, or come.
  private mutating func have(_ count: Int) -> Bool {
    if end - start >= count { return true }
    unsafe memmove(buffer, buffer + start, end - start)
    end -= start
    start = 0
    while end < count {
      let got = unsafe read(descriptor, buffer + end, Self.room - end)
      guard got > 0 else { return false }
      end += got
    }
    return true
  }
}

/// Ends the program with a word on standard error; standard output is for answers.
func giveUp(_ words: String) -> Never {
  var line = "DataPathProbe: \(words)\n"
  _ = line.withUTF8 { unsafe write(STDERR_FILENO, $0.baseAddress, $0.count) }
  exit(2)
}
