import Testing

@testable import PAP

@Suite("Authentication")
struct AuthenticatorTests {
  @Test("tells true tags from all others", arguments: VectorFile.pap.tags)
  func verify(_ vector: TagVector) throws {
    let key = try #require(SecretKey(vector.key.octets))
    let isValid = Authenticator.verify(vector.hex.octets, direction: vector.direction, key: key)
    #expect(isValid == vector.valid)
  }

  @Test("makes the tag", arguments: VectorFile.pap.tags.filter { $0.message != nil })
  func seal(_ vector: TagVector) throws {
    let key = try #require(SecretKey(vector.key.octets))
    let message = try #require(vector.message)
    let value = try #require(message.authentication)
    let sealed = Authenticator.seal(
      message, direction: vector.direction, key: key, keyID: value.keyID,
      sessionID: value.sessionID, sequence: value.sequence)
    #expect(sealed == vector.hex.octets)
    #expect(Authenticator.authentication(of: sealed) == value)
  }

  @Test("derives the session's key", arguments: VectorFile.pap.sessionKeys)
  func sessionKey(_ vector: SessionKeyVector) throws {
    let hostKey = try #require(SecretKey(vector.hostKey.octets))
    let key = Authenticator.sessionKey(
      hostKey: hostKey, hostNonce: vector.hostNonce.octets, routerNonce: vector.routerNonce.octets)
    #expect(key == SecretKey(vector.sessionKey.octets))
    let exchanged = Authenticator.sessionKey(
      hostKey: hostKey, hostNonce: vector.routerNonce.octets, routerNonce: vector.hostNonce.octets)
    #expect(key != exchanged)
  }

  @Test("finds nobody in a message without it", arguments: VectorFile.pap.messages)
  func sender(_ vector: MessageVector) {
    #expect(
      Authenticator.authentication(of: vector.hex.octets) == vector.message.authentication)
  }
}
