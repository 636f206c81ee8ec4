/// Tags messages and checks tags (pap.md, section 7).
package enum Authenticator {
  /// Which way a message goes: part of what is tagged, so that no message can be reflected.
  package enum Direction: UInt8, Hashable, Sendable {
    /// From a host to the router.
    case fromHost = 0
    /// From the router to a host.
    case fromRouter = 1
  }

  /// The length of a whole authentication option, in octets: it is the end of the message.
  private static let optionLength =
    WireFormat.optionHeaderLength + WireFormat.authenticationLength

  /// The message with an authentication option at its end, tagged.
  ///
  /// One that it has already is replaced.
  ///
  /// - Precondition: as for `Message.encoded()`, with 32 octets more.
  package static func seal(
    _ message: Message, direction: Direction, key: SecretKey, keyID: UInt32, sessionID: UInt32,
    sequence: UInt32
  ) -> [UInt8] {
    seal(
      message.header, options: message.options, direction: direction, key: key, keyID: keyID,
      sessionID: sessionID, sequence: sequence)
  }

  /// The same for a header of any type octet: the answer to a request of an unknown type.
  package static func seal(
    _ header: Header, options: [Message.Option], direction: Direction, key: SecretKey,
    keyID: UInt32, sessionID: UInt32, sequence: UInt32
  ) -> [UInt8] {
    let authentication = Authentication(keyID: keyID, sessionID: sessionID, sequence: sequence)
    let others = options.filter { $0.kind != .authentication }
    var bytes = header.encoded(options: others + [.authentication(authentication)])
    let tag = tag(ofZeroed: bytes, direction: direction, key: key)
    bytes.replaceSubrange(bytes.count - tag.count..<bytes.count, with: tag)
    return bytes
  }

  /// Whether the message's last option is authentication and its tag is right.
  ///
  /// It takes the same time for all messages of a length. It needs a sound chain of options, and
  /// does not look at what they say: a message that `Message` refuses can still be known to come
  /// from the host.
  package static func verify(_ bytes: [UInt8], direction: Direction, key: SecretKey) -> Bool {
    guard let authentication = authentication(of: bytes) else { return false }
    var zeroed = bytes
    zeroed.replaceSubrange(
      bytes.count - WireFormat.tagLength..<bytes.count,
      with: repeatElement(0, count: WireFormat.tagLength))
    let wanted = tag(ofZeroed: zeroed, direction: direction, key: key)
    return Crypto.constantTimeEqual(wanted, authentication.tag)
  }

  /// What the message's last option says about its sender, to find the key with.
  ///
  /// Nothing of it is proven. Nil where the last option is another one, or lengths, padding or
  /// order are wrong.
  package static func authentication(of bytes: [UInt8]) -> Authentication? {
    guard bytes.count <= WireFormat.longestMessage, let header = Header(reading: bytes) else {
      return nil
    }
    var last: RawOption?
    var walker = OptionWalker(bytes, header: header)
    do {
      while let option = try walker.next() { last = option }
    } catch {
      return nil
    }
    guard let last, last.kind == OptionKind.authentication.rawValue,
      last.value.count == WireFormat.authenticationLength
    else { return nil }
    return Authentication(value: last.value)
  }

  /// The key of a session (pap.md, section 7, rule 3).
  ///
  /// - Parameters:
  ///   - hostKey: The identity's key.
  ///   - hostNonce: The 16 octets of the host's `hello`.
  ///   - routerNonce: The 16 octets of the response.
  /// - Returns: The key that all later messages of both directions are tagged with.
  package static func sessionKey(
    hostKey: SecretKey, hostNonce: [UInt8], routerNonce: [UInt8]
  ) -> SecretKey {
    Crypto.hkdfSHA256(
      inputKey: hostKey, salt: hostNonce + routerNonce, info: Array("PAP/2 session".utf8))
  }

  private static func tag(
    ofZeroed bytes: [UInt8], direction: Direction, key: SecretKey
  ) -> [UInt8] {
    let digest = Crypto.hmacSHA256(key: key, message: [direction.rawValue] + bytes)
    return Array(digest.prefix(WireFormat.tagLength))
  }
}
