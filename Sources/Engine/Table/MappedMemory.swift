internal import Glibc

/// Memory straight from the kernel: zeroed, never moved, given back when the value goes away.
///
/// A page costs nothing until it is touched, so tables may be mapped for the most they could ever
/// hold.
///
/// Invariant: `base` points at `byteCount` octets, mapped readable and writable until `deinit`. Who
/// copies `base` must not use it after this value is gone.
@safe
struct MappedMemory: ~Copyable {
  /// The first octet; at a multiple of the page size, from 2 MiB on at a multiple of 2 MiB.
  let base: UnsafeMutableRawPointer
  /// The size that was asked for, at least 1.
  let byteCount: Int

  private static let hugePageSize = 2 << 20

  /// Maps `byteCount` octets of zeros.
  ///
  /// Traps if the kernel has no address space left, as any allocation of Swift's does.
  init(byteCount: Int) {
    precondition(byteCount > 0, "a mapping has at least one octet")
    self.byteCount = byteCount
    guard byteCount >= Self.hugePageSize else {
      unsafe base = Self.map(byteCount)
      return
    }
    unsafe base = Self.mapAligned(byteCount)
    // Huge pages halve the cost of a look-up in a table of ten million; a refusal changes nothing.
    unsafe madvise(base, byteCount, MADV_HUGEPAGE)
  }

  deinit {
    unsafe munmap(base, byteCount)
  }

  private static func map(_ byteCount: Int) -> UnsafeMutableRawPointer {
    let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
    let start = unsafe mmap(nil, byteCount, PROT_READ | PROT_WRITE, flags, -1, 0)
    guard let start = unsafe start, unsafe start != MAP_FAILED else {
      preconditionFailure("out of memory: cannot map \(byteCount) octets")
    }
    return unsafe start
  }

  /// Maps more than needed, and cuts both ends off.
  private static func mapAligned(_ byteCount: Int) -> UnsafeMutableRawPointer {
    let wide = unsafe map(byteCount + hugePageSize)
    let start = unsafe wide.alignedUp(toMultipleOf: hugePageSize)
    let before = unsafe start - wide
    let after = hugePageSize - before
    if before > 0 { unsafe munmap(wide, before) }
    // The kernel rounds the length up to a page, but takes only a start on a page.
    let end = unsafe (start + byteCount).alignedUp(toMultipleOf: Int(getpagesize()))
    let left = unsafe after - (end - (start + byteCount))
    if left > 0 { unsafe munmap(end, left) }
    return unsafe start
  }
}
