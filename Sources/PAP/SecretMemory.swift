internal import Synchronization

/// Cells of 32 octets for secret keys, in memory that is locked and left out of core dumps.
///
/// Keys share pages: a page and its guards for each key would cost five mappings a key, and a
/// process has only 65,530 of them. Pages are never given back, so the memory is bounded by the
/// most keys that existed at one time.
///
/// Invariant: a cell is in `free` or belongs to exactly one `SecretCell`.
enum SecretMemory {
  /// The length of a cell in octets.
  static let cellLength = Crypto.digestLength
  /// How much is asked of the system at a time: with libsodium's canary of 16 octets, one page.
  private static let chunkLength = 127 * cellLength

  private static let free = Mutex<[UInt]>([])

  /// Takes a cell of unspecified content.
  static func take() -> UnsafeMutableRawBufferPointer {
    let address = free.withLock { cells in
      if cells.isEmpty { cells = newCells() }
      return cells.removeLast()
    }
    let base = unsafe UnsafeMutableRawPointer(bitPattern: address)
    return unsafe UnsafeMutableRawBufferPointer(start: base, count: cellLength)
  }

  /// Wipes a cell and takes it back.
  static func giveBack(_ cell: UnsafeMutableRawBufferPointer) {
    unsafe Crypto.wipe(cell)
    let address = UInt(bitPattern: cell.baseAddress)
    free.withLock { $0.append(address) }
  }

  /// The cells of one more chunk, at least one.
  ///
  /// No memory for a key ends the process, as no memory for anything else does.
  private static func newCells() -> [UInt] {
    guard let base = unsafe Crypto.lockedMemory(chunkLength) else {
      preconditionFailure("no memory for keys")
    }
    let first = UInt(bitPattern: base)
    return stride(from: 0, to: UInt(chunkLength), by: cellLength).map { first + $0 }
  }
}

/// One cell, given back when the last reference goes.
///
/// Invariant that makes it Sendable: the octets are written only by the initialiser, before anyone
/// else can hold a reference, and read only afterwards.
@safe
final class SecretCell: @unchecked Sendable {
  private let octets: UnsafeMutableRawBufferPointer

  /// Takes a cell and lets `fill` write all of its 32 octets.
  init(_ fill: (UnsafeMutableRawBufferPointer) -> Void) {
    unsafe octets = SecretMemory.take()
    unsafe fill(octets)
  }

  /// Lends the octets to `body`, which must not keep them.
  func withOctets<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    unsafe body(UnsafeRawBufferPointer(octets))
  }

  deinit { unsafe SecretMemory.giveBack(octets) }
}
