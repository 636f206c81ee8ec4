import Testing

@testable import PAP

@Suite("Secret keys")
struct SecretKeyTests {
  @Test("have a text of 44 characters and no other", arguments: VectorFile.pap.keyTexts)
  func text(_ vector: KeyTextVector) {
    let key = SecretKey(base64: vector.text)
    #expect((key == nil) == (vector.octets == nil))
    #expect(key == vector.octets.flatMap { SecretKey($0.octets) })
    if let key { #expect(key.base64Text == vector.text) }
  }

  @Test("have a text of the standard alphabet and no other character")
  func alphabet() {
    // RFC 4648, table 1.
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    let taken = (0..<0x800).compactMap(Unicode.Scalar.init).filter { scalar in
      let filling = String(repeating: "A", count: scalar.isASCII ? 42 : 41)
      return SecretKey(base64: "\(scalar)\(filling)=") != nil
    }
    #expect(Set(taken) == Set(alphabet.unicodeScalars))
  }

  @Test("have 32 octets", arguments: [0, 1, 31, 33, 64])
  func length(_ count: Int) {
    #expect(SecretKey([UInt8](repeating: 1, count: count)) == nil)
  }

  @Test("cannot be read off a log")
  func printing() throws {
    let key = try #require(SecretKey([UInt8](repeating: 0x41, count: 32)))
    var dumped = ""
    dump(key, to: &dumped)
    #expect("\(key)" == "(secret key)")
    #expect(String(reflecting: key) == "(secret key)")
    #expect(dumped == "- (secret key)\n")
  }

  @Test("made at random differ")
  func random() {
    #expect(SecretKey.random() != SecretKey.random())
  }

  @Test("keep their octets while others come and go")
  func memory() {
    var random = SeededRandom(seed: 0x5ec2e7)
    var keys: [(octets: [UInt8], key: SecretKey)] = []
    var wrong = 0
    for _ in 0..<5000 {
      if keys.count > 300 || (!keys.isEmpty && random.next() % 3 == 0) {
        let (octets, key) = keys.remove(at: random.index(below: keys.count))
        if key != SecretKey(octets) { wrong += 1 }
      } else {
        let octets = random.octets(32)
        if let key = SecretKey(octets) { keys.append((octets, key)) } else { wrong += 1 }
      }
    }
    for (octets, key) in keys where key != SecretKey(octets) { wrong += 1 }
    #expect(wrong == 0, "seed \(random.seed)")
  }

  @Test("are overwritten")
  func wiping() {
    var octets = [UInt8](repeating: 0xff, count: 40)
    unsafe octets.withUnsafeMutableBytes { unsafe Crypto.wipe($0) }
    #expect(octets.allSatisfy { $0 == 0 })
  }
}
