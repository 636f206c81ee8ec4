import PAP

@testable import Host

// The input is how many octets come at once, and what charon sends: packets with their lengths.

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  var input = Input(start, count)
  let step = Int(input.octet()) + 1
  var frames = VICIFrames()
  do throws(VICIDecodingError) {
    while !input.isEmpty {
      frames.append(input.take(step))
      while let octets = try frames.next() { try check(octets) }
    }
  } catch {
    // The client ends the connection.
  }
  return 0
}

private func check(_ octets: [UInt8]) throws(VICIDecodingError) {
  let packet = try VICIPacket(decoding: octets)
  require(packet.encoded() == octets, "changed on the way")
  switch packet {
  case .event("list-sa", let message):
    for association in SecurityAssociation.readList(message) {
      let gone = Withdrawal(entries: [
        Entry(address: association.peer, ipsecProtocol: .any, spiIn: association.spiIn)
      ])
      for (name, ike) in message.sections {
        _ =
          Teardown(
            connection: name, ike: ike, configured: [association.peer], gone)?.commands
      }
    }
  case .event("list-conn", let message): _ = ConfiguredPeers.read(message)
  case .event(let name, let message): _ = SAEvent.read(name, message)
  default: break
  }
}
