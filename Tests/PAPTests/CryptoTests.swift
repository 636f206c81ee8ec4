import Testing

@testable import PAP

@Suite("Cryptography")
struct CryptoTests {
  @Test("HMAC-SHA-256", arguments: VectorFile.crypto.hmac)
  func hmac(_ vector: HMACVector) {
    let digest = Crypto.hmacSHA256(key: vector.key.octets, message: vector.message.octets)
    #expect(digest.count == 32)
    #expect(digest.prefix(vector.digest.octets.count) == vector.digest.octets[...])
    let other = Crypto.hmacSHA256(key: vector.key.octets, message: vector.message.octets + [0])
    #expect(other != digest)
  }

  @Test("HMAC-SHA-256 of nothing with no key")
  func emptyHMAC() {
    // python3: hmac.new(b"", b"", "sha256").hexdigest()
    let digest = Crypto.hmacSHA256(key: [], message: [])
    #expect(digest.prefix(4) == [0xb6, 0x13, 0x67, 0x9a])
  }

  @Test("HKDF-SHA-256", arguments: VectorFile.crypto.hkdf)
  func hkdf(_ vector: HKDFVector) {
    let output = Crypto.hkdfSHA256(
      inputKey: vector.inputKey.octets, salt: vector.salt.octets, info: vector.info.octets,
      count: vector.output.octets.count)
    #expect(output == vector.output.octets)
  }

  @Test("SHA-256", arguments: VectorFile.crypto.sha256)
  func sha256(_ vector: SHA256Vector) {
    #expect(Crypto.sha256(vector.message.octets) == vector.digest.octets)
  }

  @Test("comparison")
  func comparison() {
    #expect(Crypto.constantTimeEqual([], []))
    #expect(Crypto.constantTimeEqual([1, 2, 3], [1, 2, 3]))
    #expect(!Crypto.constantTimeEqual([1, 2, 3], [1, 2, 4]))
    #expect(!Crypto.constantTimeEqual([1, 2, 3], [1, 2]))
  }

  @Test("random octets differ", arguments: [16, 32, 100])
  func random(_ count: Int) {
    let first = Crypto.randomBytes(count)
    #expect(first.count == count)
    #expect(first != Crypto.randomBytes(count))
  }
}
