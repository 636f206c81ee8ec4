/// The value of option 255: who sent the message, in which session, and the proof of it
/// (pap.md, sections 4 and 7).
package struct Authentication: Hashable, Sendable {
  /// Which identity's key; never 0 in a valid message.
  package var keyID: UInt32
  /// The session, or 0 in `hello` and its response.
  package var sessionID: UInt32
  /// The sender's sequence, from 1; 0 in `hello` and its response.
  package var sequence: UInt32
  /// 16 octets.
  package var tag: [UInt8]

  /// Makes the value; `tag` has 16 octets.
  package init(keyID: UInt32, sessionID: UInt32, sequence: UInt32, tag: [UInt8]) {
    self.keyID = keyID
    self.sessionID = sessionID
    self.sequence = sequence
    self.tag = tag
  }

  /// Makes the value with a tag of zeros, as it stands while the tag is computed.
  init(keyID: UInt32, sessionID: UInt32, sequence: UInt32) {
    let tag = [UInt8](repeating: 0, count: WireFormat.tagLength)
    self.init(keyID: keyID, sessionID: sessionID, sequence: sequence, tag: tag)
  }

  /// Reads a value whose length has been checked.
  init(value: ArraySlice<UInt8>) {
    self.init(
      keyID: value.uint32(at: 0), sessionID: value.uint32(at: 4), sequence: value.uint32(at: 8),
      tag: value.octets(at: 12, count: WireFormat.tagLength))
  }
}
