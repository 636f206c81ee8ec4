import PAP
import Testing

@testable import Net

@Suite struct NetlinkMessageTests {
  /// `ip link add ipt0 type ipip local 10.0.0.11 remote 10.0.0.1` of iproute2 6.1.0, by strace.
  static let tunnelRequest: [UInt8] = [
    0x9c, 0x00, 0x00, 0x00, 0x10, 0x00, 0x05, 0x06, 0x3f, 0x0d, 0x03, 0x6b, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x09, 0x00, 0x03, 0x00, 0x69, 0x70, 0x74, 0x30, 0x00, 0x00, 0x00, 0x00, 0x70, 0x00, 0x12, 0x00,
    0x08, 0x00, 0x01, 0x00, 0x69, 0x70, 0x69, 0x70, 0x64, 0x00, 0x02, 0x00, 0x05, 0x00, 0x09, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x08, 0x00, 0x02, 0x00, 0x0a, 0x00, 0x00, 0x0b, 0x08, 0x00, 0x03, 0x00,
    0x0a, 0x00, 0x00, 0x01, 0x05, 0x00, 0x0a, 0x00, 0x01, 0x00, 0x00, 0x00, 0x05, 0x00, 0x05, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x05, 0x00, 0x04, 0x00, 0x00, 0x00, 0x00, 0x00, 0x08, 0x00, 0x01, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x08, 0x00, 0x14, 0x00, 0x00, 0x00, 0x00, 0x00, 0x06, 0x00, 0x0f, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x06, 0x00, 0x10, 0x00, 0x00, 0x00, 0x00, 0x00, 0x06, 0x00, 0x11, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x06, 0x00, 0x12, 0x00, 0x00, 0x00, 0x00, 0x00,
  ]

  /// Where they differ, iproute2 only writes out the defaults.
  ///
  /// Most kernels that run the tests have no such devices, so the bytes are what can be compared.
  @Test func tunnelRequestSaysWhatIPSays() throws {
    let ours = Netlink.ipipTunnelRequest(
      "ipt0", local: IPv4Address(rawValue: 0x0a00_000b), remote: IPv4Address(rawValue: 0x0a00_0001))
    let bytes = ours.encoded(sequence: 0x6b03_0d3f)
    let (mine, theirs) = (NetlinkReply.split(bytes), NetlinkReply.split(Self.tunnelRequest))
    #expect(mine.count == 1 && theirs.count == 1)
    // Type, flags, sequence, port, and the fixed body; the length differs.
    #expect(bytes[4..<32] == Self.tunnelRequest[4..<32])
    let (mineData, theirsData) = (tunnelData(mine[0]), tunnelData(theirs[0]))
    #expect(mineData.name == theirsData.name && mineData.kind == theirsData.kind)
    // IFLA_IPTUN_LOCAL and IFLA_IPTUN_REMOTE.
    for type in [2, 3] { #expect(mineData.data[type] == theirsData.data[type]) }
    #expect(theirsData.data[2] == [10, 0, 0, 11])
  }

  private func tunnelData(
    _ message: NetlinkReply
  ) -> (name: [UInt8]?, kind: [UInt8]?, data: [Int: [UInt8]]) {
    // IFLA_IFNAME 3, IFLA_LINKINFO 18, IFLA_INFO_KIND 1, IFLA_INFO_DATA 2 (linux/if_link.h).
    let attributes = message.attributes(after: 16)
    let information = NetlinkReply.attributes((attributes[18] ?? [])[...])
    return (
      attributes[3], information[1], NetlinkReply.attributes((information[2] ?? [])[...])
    )
  }

  /// The beginning of a good message, and lengths that lie.
  @Test(arguments: [0, 3, 8, 15, 16, 31, 155])
  func cutOrFalseMessagesAreDropped(_ length: Int) {
    #expect(NetlinkReply.split(Array(Self.tunnelRequest.prefix(length))).isEmpty)
    var lying = Self.tunnelRequest
    lying[0] = UInt8(length & 15)
    #expect(NetlinkReply.split(lying).isEmpty)
    lying[0] = 0xff
    #expect(NetlinkReply.split(lying).isEmpty)
  }

  @Test func hostileAttributesEndTheList() {
    let good: [UInt8] = [5, 0, 1, 0, 42, 0, 0, 0]
    #expect(NetlinkReply.attributes((good + good)[...]) == [1: [42]])
    for bad: [UInt8] in [[3, 0, 2, 0], [0, 0, 2, 0], [9, 0, 2, 0, 1, 2, 3, 4], [4, 0, 2]] {
      #expect(NetlinkReply.attributes((good + bad)[...]) == [1: [42]])
    }
  }
}
