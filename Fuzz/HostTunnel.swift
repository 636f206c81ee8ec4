import PAP

@testable import Net

// The input is a packet that an inside host got through its tunnel, or is to send through it. The
// addresses are those of ipip.json.

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  let packet = octets(start, count)
  let maySend = packet.withUnsafeBytes { rules.maySend($0) }
  require(!maySend || packet[12..<16] == shared, "sent from another address")
  var changed = packet
  let inner = changed.withUnsafeMutableBytes { rules.received($0) }
  if let inner { check(packet, changed, inner) }
  return 0
}

private let rules = IPIPPacket(
  remote: IPv4Address(rawValue: 0x0a00_00fe), inner: IPv4Address(rawValue: 0xc633_6401))
private let shared: ArraySlice<UInt8> = [198, 51, 100, 1]

private func check(_ outer: [UInt8], _ changed: [UInt8], _ place: Range<Int>) {
  require(place.lowerBound >= 20 && place.upperBound <= outer.count, "beyond the packet")
  require(outer[9] == 4 && outer[12..<16] == [10, 0, 0, 254], "not from the tunnel")
  let (before, after) = (Array(outer[place]), Array(changed[place]))
  require(before.count == Int(before[2]) << 8 | Int(before[3]), "another length")
  require(after[16..<20] == shared, "to another address")
  var expected = before
  expected[1] = before[1] & ~3 | after[1] & 3
  expected[10...11] = after[10...11]
  require(expected == after, "octets changed")
  require(sum(before) == sum(after), "checksum")
}

/// The folded sum of a header's words; 0 and 0xffff are one number.
private func sum(_ packet: [UInt8]) -> UInt32 {
  var sum: UInt32 = 0
  for (index, octet) in packet.prefix(Int(packet[0] & 15) * 4).enumerated() {
    sum += index % 2 == 0 ? UInt32(octet) << 8 : UInt32(octet)
  }
  while sum > 0xffff { sum = sum >> 16 + sum & 0xffff }
  return sum == 0 ? 0xffff : sum
}
