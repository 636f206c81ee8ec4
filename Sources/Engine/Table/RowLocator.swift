/// Where each row of the established SA table stands, for the writer's use only: the cell and the
/// host by the row's number.
///
/// Mapped for the most there can be; only what is used takes memory.
///
/// Invariant: numbers are below `capacity`, which is checked on each access. One thread uses it.
@safe
struct RowLocator: ~Copyable {
  private let memory: MappedMemory
  private let capacity: Int

  // A cell's index + 1, or 0 for none; then the host.
  private static let stride = 8
  private static let hostOffset = 4

  init(capacity: Int) {
    self.capacity = capacity
    memory = MappedMemory(byteCount: capacity * Self.stride)
  }

  /// The index of the row's cell, or nil if there is no such row.
  func cell(of row: UInt32) -> Int? {
    let cell = unsafe place(row).load(as: UInt32.self)
    return cell == 0 ? nil : Int(cell) - 1
  }

  func setCell(_ cell: Int?, of row: UInt32) {
    unsafe place(row).storeBytes(of: cell.map { UInt32($0 + 1) } ?? 0, as: UInt32.self)
  }

  /// The host that the row is, or was last, for.
  func host(of row: UInt32) -> UInt16 {
    unsafe place(row).load(fromByteOffset: Self.hostOffset, as: UInt16.self)
  }

  func setHost(_ host: UInt16, of row: UInt32) {
    unsafe place(row).storeBytes(of: host, toByteOffset: Self.hostOffset, as: UInt16.self)
  }

  private func place(_ row: UInt32) -> UnsafeMutableRawPointer {
    precondition(row < capacity, "the row's number is beyond the table's capacity")
    return unsafe memory.base + Int(row) * Self.stride
  }
}
