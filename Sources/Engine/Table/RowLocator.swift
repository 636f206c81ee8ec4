/// Where each row of the established SA table stands, for the writer's use only: the cell, the host
/// and what was declared with it, by the row's number.
///
/// Mapped for the most there can be; only what is used takes memory.
///
/// Invariant: numbers are below `capacity`, which is checked on each access. One thread uses it.
@safe
struct RowLocator: ~Copyable {
  private let memory: MappedMemory
  private let capacity: Int

  // A cell's index + 1, or 0 for none; then the host, what counts the row, the outbound SPI.
  private static let stride = 16
  private static let hostOffset = 4
  private static let countedOffset = 6
  private static let outboundSPIOffset = 8

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

  /// The SPI under which the row's host sends, 0 if it did not say.
  func outboundSPI(of row: UInt32) -> UInt32 {
    unsafe place(row).load(fromByteOffset: Self.outboundSPIOffset, as: UInt32.self)
  }

  /// Which cells for outbound SPIs count the row: `CellMeta.esp`, `.ah`, both or none.
  func counted(of row: UInt32) -> UInt32 {
    UInt32(unsafe place(row).load(fromByteOffset: Self.countedOffset, as: UInt8.self))
      << CellMeta.protocolShift
  }

  func setOutboundSPI(_ spi: UInt32, counted: UInt32, of row: UInt32) {
    let flags = UInt8(truncatingIfNeeded: counted >> CellMeta.protocolShift)
    unsafe place(row).storeBytes(of: spi, toByteOffset: Self.outboundSPIOffset, as: UInt32.self)
    unsafe place(row).storeBytes(of: flags, toByteOffset: Self.countedOffset, as: UInt8.self)
  }

  private func place(_ row: UInt32) -> UnsafeMutableRawPointer {
    precondition(row < capacity, "the row's number is beyond the table's capacity")
    return unsafe memory.base + Int(row) * Self.stride
  }
}
