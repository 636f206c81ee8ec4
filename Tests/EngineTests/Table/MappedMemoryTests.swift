import Testing

@testable import Engine

@Suite("Mapped memory")
struct MappedMemoryTests {
  @Test(
    "is zeroed and aligned, to its last octet",
    arguments: [1, 4096, 5000, (2 << 20) - 1, 2 << 20, (2 << 20) + 1, 7_654_321])
  func mapping(_ byteCount: Int) {
    let memory = MappedMemory(byteCount: byteCount)
    let alignment = byteCount >= 2 << 20 ? 2 << 20 : 4096
    let base = unsafe memory.base
    #expect(Int(bitPattern: base) % alignment == 0)
    for offset in Set([0, byteCount / 2, byteCount - 1]) {
      #expect(unsafe base.load(fromByteOffset: offset, as: UInt8.self) == 0)
      unsafe base.storeBytes(of: 0xa5, toByteOffset: offset, as: UInt8.self)
    }
    // A second mapping neither lies over the first nor goes with it.
    do { _ = MappedMemory(byteCount: byteCount) }
    #expect(unsafe base.load(fromByteOffset: byteCount - 1, as: UInt8.self) == 0xa5)
  }
}
