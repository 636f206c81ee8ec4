/// The octets of fragments that wait for the first of their packet, and of those whose wait is over.
///
/// Fixed memory in chunks; a fragment takes as many as it needs.
@safe
struct HeldFragments: ~Copyable {
  private let chunks: MappedArray<Chunk>
  private let memory: MappedMemory
  private var firstFree: UInt16
  private var freeCount: Int
  /// Fragments whose wait is over, in the order in which it ended.
  private var released = Queue()

  /// A frame of Ethernet fits into one.
  static let chunkSize = 2048
  private static let none = UInt16.max

  /// Fragments one after the other.
  struct Queue {
    fileprivate var first = HeldFragments.none
    fileprivate var last = HeldFragments.none
    var isEmpty: Bool { first == HeldFragments.none }

    fileprivate mutating func append(_ fragment: UInt16, in chunks: borrowing MappedArray<Chunk>) {
      if isEmpty {
        first = fragment
      } else {
        chunks[Int(last)].nextFragment = fragment
      }
      last = fragment
    }
  }

  /// What is known of a chunk; of the fragment, in its first chunk.
  fileprivate struct Chunk {
    var next: UInt16
    var nextFragment = HeldFragments.none
    var length: UInt16 = 0
    var ruling = FragmentRuling.admitted(nil)
  }

  /// - Precondition: 1 to 65,535 chunks.
  init(chunks count: Int) {
    precondition((1..<Int(Self.none)).contains(count), "chunks are numbered by 16 bits")
    chunks = MappedArray(repeating: Chunk(next: Self.none), count: count)
    memory = MappedMemory(byteCount: count * Self.chunkSize)
    for index in 0..<count - 1 { chunks[index].next = UInt16(index + 1) }
    firstFree = 0
    freeCount = count
  }

  static func chunkCount(length: Int) -> Int { max(1, (length + chunkSize - 1) / chunkSize) }

  func hasRoom(chunks: Int) -> Bool { chunks <= freeCount }

  /// Whether fragments wait to be taken.
  var hasReleased: Bool { !released.isEmpty }

  /// Copies a fragment to the end of a queue.
  ///
  /// - Precondition: there is room.
  mutating func append(_ packet: PacketBytes, to queue: inout Queue) {
    let first = firstFree
    var index = first
    for part in 0..<Self.chunkCount(length: packet.count) {
      index = part == 0 ? first : chunks[Int(index)].next
      let start = part * Self.chunkSize
      unsafe packet.copy(start..<min(start + Self.chunkSize, packet.count), to: place(index))
      freeCount -= 1
    }
    firstFree = chunks[Int(index)].next
    chunks[Int(index)].next = Self.none
    chunks[Int(first)].nextFragment = Self.none
    chunks[Int(first)].length = UInt16(truncatingIfNeeded: packet.count)
    queue.append(first, in: chunks)
  }

  /// Ends the wait of all fragments of a queue; returns how many chunks they take until `take`.
  mutating func release(_ queue: inout Queue, _ ruling: FragmentRuling) -> Int {
    var count = 0
    while !queue.isEmpty {
      let fragment = queue.first
      count += Self.chunkCount(length: Int(chunks[Int(fragment)].length))
      queue.first = chunks[Int(fragment)].nextFragment
      chunks[Int(fragment)].nextFragment = Self.none
      chunks[Int(fragment)].ruling = ruling
      released.append(fragment, in: chunks)
    }
    queue = Queue()
    return count
  }

  /// Copies the oldest fragment whose wait is over to a buffer, and forgets it.
  ///
  /// Returns its length and what was decided, or nil if there is none.
  mutating func take(into buffer: PacketBytes) -> (length: Int, ruling: FragmentRuling)? {
    guard !released.isEmpty else { return nil }
    let fragment = chunks[Int(released.first)]
    let length = Int(fragment.length)
    var index = released.first
    for part in 0..<Self.chunkCount(length: length) {
      let start = part * Self.chunkSize
      unsafe buffer.replace(start..<min(start + Self.chunkSize, length), from: place(index))
      let next = chunks[Int(index)].next
      chunks[Int(index)].next = firstFree
      firstFree = index
      freeCount += 1
      index = next
    }
    released.first = fragment.nextFragment
    if released.isEmpty { released = Queue() }
    return (length, fragment.ruling)
  }

  private func place(_ chunk: UInt16) -> UnsafeMutableRawPointer {
    precondition(Int(chunk) < chunks.count, "no such chunk")
    return unsafe memory.base + Int(chunk) * Self.chunkSize
  }
}
