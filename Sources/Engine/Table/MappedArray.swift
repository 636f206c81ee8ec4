/// So many elements of one plain type in mapped memory: never moved, never shared by copying.
///
/// Invariant: every element was stored before it is loaded, by `init`; indices are checked.
@safe
struct MappedArray<Element: BitwiseCopyable>: ~Copyable {
  private let memory: MappedMemory
  let count: Int

  init(repeating element: Element, count: Int) {
    self.count = count
    memory = MappedMemory(byteCount: count * MemoryLayout<Element>.stride)
    for index in 0..<count { self[index] = element }
  }

  subscript(index: Int) -> Element {
    @inline(__always)
    get { unsafe place(index).load(as: Element.self) }
    @inline(__always)
    nonmutating set { unsafe place(index).storeBytes(of: newValue, as: Element.self) }
  }

  @inline(__always)
  private func place(_ index: Int) -> UnsafeMutableRawPointer {
    precondition(index >= 0 && index < count, "no such element")
    return unsafe memory.base + index &* MemoryLayout<Element>.stride
  }
}
