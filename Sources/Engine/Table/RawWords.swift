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
}
