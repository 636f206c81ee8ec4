import PAP

// The input is one datagram.

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  let octets = octets(start, count)
  let isTagged = Authenticator.authentication(of: octets) != nil
  do {
    let message = try Message(decoding: octets)
    let isNamed = message.options.contains { if case .authentication = $0 { true } else { false } }
    require(isTagged == isNamed, "one reader sees a tag and the other does not")
    checkWriting(message, octets)
    checkTag(message)
  } catch {
    require((0...octets.count).contains(error.offset), "the fault is elsewhere")
    // A refusal has a header of its own, so a shorter message must not get one.
    require(error.resultCode == nil || octets.count >= 16, "more said than was heard")
  }
  for direction in [Authenticator.Direction.fromHost, .fromRouter] {
    let isRight = key.map { Authenticator.verify(octets, direction: direction, key: $0) }
    require(isRight == false, "a tag was forged")
  }
  return 0
}

/// Nobody tags with this key but the check below, whose octets the fuzzer never sees.
private let key = SecretKey([UInt8](repeating: 0x5a, count: 32))

private func checkWriting(_ message: Message, _ octets: [UInt8]) {
  let written = message.encoded()
  require(written.count <= octets.count, "longer than it came")
  require((try? Message(decoding: written)) == message, "changed on the way")
}

/// What is tagged is known to be, in its own direction only, and not after a change.
private func checkTag(_ message: Message) {
  guard let key, message.encoded().count + 32 <= 1400 else { return }
  var sealed = Authenticator.seal(
    message, direction: .fromHost, key: key, keyID: 1, sessionID: 2, sequence: 3)
  require(Authenticator.verify(sealed, direction: .fromHost, key: key), "tag not known")
  require(!Authenticator.verify(sealed, direction: .fromRouter, key: key), "reflected")
  sealed[Int(message.transactionID) % sealed.count] ^= 1
  require(!Authenticator.verify(sealed, direction: .fromHost, key: key), "change unseen")
}
