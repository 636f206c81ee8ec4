@testable import Net

// The input is what one read from rtnetlink gave.

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  let octets = octets(start, count)
  let replies = NetlinkReply.split(octets)
  let read = replies.reduce(0) { $0 + NetlinkRequest.headerSize + $1.payload.count }
  require(read <= octets.count, "more read than there is")
  for reply in replies { check(reply) }
  return 0
}

private func check(_ reply: NetlinkReply) {
  _ = Link(reply)
  // The fixed bodies of addresses, neighbours, routes and links.
  for size in [8, 12, 16] {
    let attributes = reply.attributes(after: size)
    checkSize(attributes, reply.payload.count)
    for value in attributes.values {
      checkSize(NetlinkReply.attributes(value[...]), value.count)
    }
    checkWriting(reply, attributes, size)
  }
}

private func checkSize(_ attributes: [Int: [UInt8]], _ limit: Int) {
  require(attributes.values.reduce(0) { $0 + 4 + $1.count } <= limit, "longer than they came")
}

/// What is written as it was read is read the same.
private func checkWriting(_ reply: NetlinkReply, _ attributes: [Int: [UInt8]], _ size: Int) {
  guard reply.payload.count >= size else { return }
  var request = NetlinkRequest(
    Int(reply.type), flags: 0, body: Array(reply.payload.prefix(size)))
  for (type, value) in attributes { request.add(type, value) }
  let written = NetlinkReply.split(request.encoded(sequence: reply.sequence))
  require(written.count == 1 && written[0].attributes(after: size) == attributes, "changed")
  require(written[0].type == reply.type && written[0].sequence == reply.sequence, "another header")
}
