internal import CLinux

// Words in mapped memory, read and written atomically. Offsets are in octets; each word must lie at
// a multiple of its size. "Acquire" and "release" are those of C11: who acquires a word that was
// released sees all that the releasing thread wrote before.
extension UnsafeMutableRawPointer {
  @inline(__always)
  func acquire16(_ offset: Int) -> UInt16 { unsafe cl_load_acquire_16(self + offset) }

  @inline(__always)
  func release16(_ offset: Int, _ value: UInt16) {
    unsafe cl_store_release_16(self + offset, value)
  }

  @inline(__always)
  func relaxed32(_ offset: Int) -> UInt32 { unsafe cl_load_relaxed_32(self + offset) }

  @inline(__always)
  func acquire32(_ offset: Int) -> UInt32 { unsafe cl_load_acquire_32(self + offset) }

  @inline(__always)
  func setRelaxed32(_ offset: Int, _ value: UInt32) {
    unsafe cl_store_relaxed_32(self + offset, value)
  }

  @inline(__always)
  func release32(_ offset: Int, _ value: UInt32) {
    unsafe cl_store_release_32(self + offset, value)
  }

  @inline(__always)
  func relaxed64(_ offset: Int) -> UInt64 { unsafe cl_load_relaxed_64(self + offset) }

  @inline(__always)
  func acquire64(_ offset: Int) -> UInt64 { unsafe cl_load_acquire_64(self + offset) }

  @inline(__always)
  func setRelaxed64(_ offset: Int, _ value: UInt64) {
    unsafe cl_store_relaxed_64(self + offset, value)
  }

  @inline(__always)
  func release64(_ offset: Int, _ value: UInt64) {
    unsafe cl_store_release_64(self + offset, value)
  }

  /// Adds to a counter that only this thread writes: no locked instruction, never a torn value.
  @inline(__always)
  func add64(_ offset: Int, _ value: UInt64) {
    unsafe setRelaxed64(offset, relaxed64(offset) &+ value)
  }

  /// Whether the word was `expected` and is `desired` now; sequentially consistent.
  @inline(__always)
  func exchange64(_ offset: Int, _ expected: UInt64, _ desired: UInt64) -> Bool {
    unsafe cl_compare_exchange_64(self + offset, expected, desired)
  }

  /// Adds to a word that many threads write, wrapping around; the word before.
  @inline(__always)
  func fetchAdd32(_ offset: Int, _ value: UInt32) -> UInt32 {
    unsafe cl_fetch_add_32(self + offset, value)
  }
}
