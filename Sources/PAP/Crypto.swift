internal import CSodium

/// The primitives that PAP rests on, from libsodium, which nothing else imports.
package enum Crypto {
  /// The length of a digest, a tag before it is cut, and a key, in octets.
  package static let digestLength = 32

  /// HMAC-SHA-256 (RFC 2104, FIPS 180-4): 32 octets.
  package static func hmacSHA256(key: [UInt8], message: [UInt8]) -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: digestLength)
    unsafe key.withUnsafeBytes { key in
      unsafe message.withUnsafeBytes { message in
        unsafe digest.withUnsafeMutableBytes { unsafe hmac(key: key, message: message, into: $0) }
      }
    }
    return digest
  }

  /// HMAC-SHA-256 with a secret key: 32 octets.
  package static func hmacSHA256(key: SecretKey, message: [UInt8]) -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: digestLength)
    unsafe key.withOctets { key in
      unsafe message.withUnsafeBytes { message in
        unsafe digest.withUnsafeMutableBytes { unsafe hmac(key: key, message: message, into: $0) }
      }
    }
    return digest
  }

  /// HKDF with SHA-256 (RFC 5869): `count` octets.
  ///
  /// - Precondition: `count` is at most 255 * 32, the limit of RFC 5869 section 2.3.
  package static func hkdfSHA256(
    inputKey: [UInt8], salt: [UInt8], info: [UInt8], count: Int
  ) -> [UInt8] {
    precondition((0...255 * digestLength).contains(count), "HKDF gives at most 8160 octets")
    let key = unsafe inputKey.withUnsafeBytes { unsafe extractedKey(inputKey: $0, salt: salt) }
    var output: [UInt8] = []
    var block: [UInt8] = []
    var counter: UInt8 = 0
    while output.count < count {
      counter &+= 1
      block = hmacSHA256(key: key, message: block + info + [counter])
      output += block
    }
    return Array(output.prefix(count))
  }

  /// HKDF with SHA-256 for one secret key out of another: the first 32 octets (RFC 5869).
  static func hkdfSHA256(inputKey: SecretKey, salt: [UInt8], info: [UInt8]) -> SecretKey {
    let key = unsafe inputKey.withOctets { unsafe extractedKey(inputKey: $0, salt: salt) }
    let message = info + [1]
    return unsafe SecretKey(filledBy: { octets in
      unsafe key.withOctets { key in
        unsafe message.withUnsafeBytes { unsafe hmac(key: key, message: $0, into: octets) }
      }
    })
  }

  /// SHA-256 (FIPS 180-4): 32 octets.
  package static func sha256(_ message: [UInt8]) -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: digestLength)
    _ = unsafe crypto_hash_sha256(&digest, message, UInt64(message.count))
    return digest
  }

  /// `count` octets that nobody can foresee.
  package static func randomBytes(_ count: Int) -> [UInt8] {
    _ = isReady
    var octets = [UInt8](repeating: 0, count: count)
    unsafe randombytes_buf(&octets, count)
    return octets
  }

  /// Whether the two are the same; the time depends on their lengths only.
  package static func constantTimeEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    guard left.count == right.count else { return false }
    return unsafe sodium_memcmp(left, right, left.count) == 0
  }
}

// What secret keys are made of.
extension Crypto {
  /// Runs once, before anything that allocates or needs randomness.
  ///
  /// It fails only where the system has no source of randomness, and then nothing here may go on.
  private static let isReady: Bool = {
    precondition(sodium_init() >= 0, "libsodium finds no source of randomness")
    return true
  }()

  /// Memory that is locked, left out of core dumps, and between pages that trap; nil where there
  /// is none.
  ///
  /// A lock that the system refuses is not an error: the memory could then be swapped.
  static func lockedMemory(_ count: Int) -> UnsafeMutableRawPointer? {
    _ = isReady
    return unsafe sodium_malloc(count)
  }

  /// Overwrites with zeros, in a way that no compiler leaves out.
  static func wipe(_ octets: UnsafeMutableRawBufferPointer) {
    guard let base = octets.baseAddress else { return }
    unsafe sodium_memzero(base, octets.count)
  }

  /// Fills with octets that nobody can foresee.
  static func randomize(_ octets: UnsafeMutableRawBufferPointer) {
    guard let base = octets.baseAddress else { return }
    unsafe randombytes_buf(base, octets.count)
  }

  /// Whether 32 octets and 32 octets are the same, in constant time.
  static func constantTimeEqual(
    _ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer
  ) -> Bool {
    guard left.count == right.count, let first = left.baseAddress, let second = right.baseAddress
    else { return false }
    return unsafe sodium_memcmp(first, second, left.count) == 0
  }

  /// Reads the standard base64 of exactly as many octets as fit; whether that is what it was.
  static func readBase64(
    _ characters: [UInt8], into octets: UnsafeMutableRawBufferPointer
  ) -> Bool {
    let output = unsafe octets.bindMemory(to: UInt8.self)
    // libsodium 1.0.18 takes some octets from 128 for letters of the alphabet.
    guard let base = output.baseAddress, characters.allSatisfy({ $0 < 128 }) else { return false }
    var count = 0
    let result = unsafe characters.withUnsafeBytes { characters in
      let text = unsafe characters.bindMemory(to: CChar.self)
      return unsafe sodium_base642bin(
        base, output.count, text.baseAddress, text.count, nil, &count, nil,
        sodium_base64_VARIANT_ORIGINAL)
    }
    return result == 0 && count == output.count
  }

  /// The standard base64, with padding.
  static func base64Text(of octets: UnsafeRawBufferPointer) -> String {
    // Three octets make four characters; one more for the zero at the end.
    let capacity = (octets.count + 2) / 3 * 4 + 1
    let input = unsafe octets.bindMemory(to: UInt8.self)
    return unsafe String(unsafeUninitializedCapacity: capacity) { output in
      unsafe output.withMemoryRebound(to: CChar.self) { text in
        guard let base = text.baseAddress else { return 0 }
        _ = unsafe sodium_bin2base64(
          base, capacity, input.baseAddress, input.count, sodium_base64_VARIANT_ORIGINAL)
        return capacity - 1
      }
    }
  }

  private static func extractedKey(
    inputKey: UnsafeRawBufferPointer, salt: [UInt8]
  ) -> SecretKey {
    unsafe SecretKey(filledBy: { octets in
      unsafe salt.withUnsafeBytes { unsafe hmac(key: $0, message: inputKey, into: octets) }
    })
  }

  private static func hmac(
    key: UnsafeRawBufferPointer, message: UnsafeRawBufferPointer,
    into digest: UnsafeMutableRawBufferPointer
  ) {
    var state = crypto_auth_hmacsha256_state()
    let keyOctets = unsafe key.bindMemory(to: UInt8.self)
    let octets = unsafe message.bindMemory(to: UInt8.self)
    guard let output = unsafe digest.bindMemory(to: UInt8.self).baseAddress else { return }
    // An empty key may have no address, and libsodium wants one; it reads nothing there.
    let keyBase = unsafe keyOctets.baseAddress ?? UnsafePointer(output)
    _ = unsafe crypto_auth_hmacsha256_init(&state, keyBase, key.count)
    _ = unsafe crypto_auth_hmacsha256_update(&state, octets.baseAddress, UInt64(octets.count))
    _ = unsafe crypto_auth_hmacsha256_final(&state, output)
    // The state holds the key's inner and outer pads.
    unsafe withUnsafeMutableBytes(of: &state) { unsafe wipe($0) }
  }
}
