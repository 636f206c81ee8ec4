/// Packets of which fragments came, in the order of their age.
struct FragmentAges {
  private(set) var oldest = FragmentedPacket.none
  private var newest = FragmentedPacket.none

  mutating func append(_ index: UInt16, in packets: borrowing MappedArray<FragmentedPacket>) {
    packets[Int(index)].older = newest
    packets[Int(index)].newer = FragmentedPacket.none
    if newest == FragmentedPacket.none {
      oldest = index
    } else {
      packets[Int(newest)].newer = index
    }
    newest = index
  }

  mutating func remove(_ index: UInt16, in packets: borrowing MappedArray<FragmentedPacket>) {
    let (older, newer) = (packets[Int(index)].older, packets[Int(index)].newer)
    if older == FragmentedPacket.none {
      oldest = newer
    } else {
      packets[Int(older)].newer = newer
    }
    if newer == FragmentedPacket.none {
      newest = older
    } else {
      packets[Int(newer)].older = older
    }
  }
}
