import Testing

@testable import PAP

/// Octets that nobody meant to be a message: nothing may trap, and what is read must survive being
/// written and read again.
@Suite("Hostile input")
struct HostileInputTests {
  static let bufferCount = 200_000

  @Test("neither traps nor changes on the way", arguments: [0x7028] as [UInt64])
  func decode(_ seed: UInt64) {
    var generator = BufferGenerator(seed: seed)
    var outcomes: [String: Int] = [:]
    for step in 0..<Self.bufferCount {
      let octets = generator.next()
      guard let outcome = Self.outcome(of: octets) else {
        Issue.record("seed \(seed), step \(step): \(octets)")
        return
      }
      outcomes[outcome, default: 0] += 1
    }
    // The generator is worth something only if it reaches past the first checks.
    #expect(outcomes["read", default: 0] > 1000, "seed \(seed): \(outcomes)")
    #expect(outcomes["unsupported-option", default: 0] > 1000, "seed \(seed): \(outcomes)")
    #expect(outcomes["malformed", default: 0] > 1000, "seed \(seed): \(outcomes)")
  }

  @Test("is never taken for a tagged message")
  func verify() {
    var generator = BufferGenerator(seed: 0x7a6)
    let key = SecretKey.random()
    for step in 0..<10_000 {
      let octets = generator.next()
      if Authenticator.verify(octets, direction: .fromHost, key: key) {
        Issue.record("seed \(generator.seed), step \(step): \(octets)")
        return
      }
    }
  }

  /// What became of the octets, or nil where a rule of this test is broken.
  private static func outcome(of octets: [UInt8]) -> String? {
    do {
      let message = try Message(decoding: octets)
      let written = message.encoded()
      guard written.count <= octets.count, let again = try? Message(decoding: written) else {
        return nil
      }
      return again == message ? "read" : nil
    } catch {
      guard (0...octets.count).contains(error.offset) else { return nil }
      // A refusal must not be answered with more octets than came.
      guard error.resultCode == nil || octets.count >= WireFormat.headerLength else { return nil }
      return error.resultCode?.name ?? "dropped"
    }
  }
}

/// Random octets, random options in a sound frame, and good messages with a few changes.
struct BufferGenerator {
  private static let good = VectorFile.pap.messages.map(\.hex.octets)
  private var random: SeededRandom

  init(seed: UInt64) { random = SeededRandom(seed: seed) }

  var seed: UInt64 { random.seed }

  mutating func next() -> [UInt8] {
    switch random.index(below: 8) {
    case 0: random.octets(random.index(below: 64))
    case 1, 2: framed(optionSoup())
    default: mutated(Self.good[random.index(below: Self.good.count)])
    }
  }

  /// Options of likely kinds and lengths with random values.
  private mutating func optionSoup() -> [UInt8] {
    var body: [UInt8] = []
    for _ in 0..<random.index(below: 6) {
      let kinds = OptionKind.allCases
      let isKnown = random.index(below: 8) > 0
      let kind = kinds[random.index(below: kinds.count)]
      let least = kind.valueLength.lowerBound
      let length = random.index(below: 4) > 0 ? least : random.index(below: 40)
      body += [isKnown ? kind.rawValue : random.octets(1)[0], 0, 0, UInt8(length)]
      body += random.octets(length)
      body += [UInt8](repeating: 0, count: (4 - length % 4) % 4)
    }
    return body
  }

  private mutating func framed(_ body: [UInt8]) -> [UInt8] {
    let type = UInt8(random.index(below: 12)) | (random.index(below: 2) == 0 ? 0x80 : 0)
    return withLength([2, type, 0, 0, 0, 0, 0, 0] + random.octets(8) + body)
  }

  /// One to three changes, and most times a length that fits again.
  private mutating func mutated(_ octets: [UInt8]) -> [UInt8] {
    var octets = octets
    for _ in 0...random.index(below: 3) { change(&octets) }
    return random.index(below: 4) > 0 ? withLength(octets) : octets
  }

  private mutating func change(_ octets: inout [UInt8]) {
    let place = random.index(below: octets.count + 1)
    switch random.index(below: 6) {
    case 0 where place < octets.count: octets[place] ^= 1 << UInt8(random.index(below: 8))
    case 1 where place < octets.count: octets[place] = random.octets(1)[0]
    case 2: octets.removeSubrange(min(place, octets.count - octets.count % 4)...)
    case 3: octets.insert(contentsOf: random.octets(4), at: place)
    case 4 where place + 4 <= octets.count: octets.removeSubrange(place..<place + 4)
    default: octets += optionSoup()
    }
  }

  private func withLength(_ octets: [UInt8]) -> [UInt8] {
    guard octets.count >= 16 else { return octets }
    var octets = octets
    octets[4] = UInt8(truncatingIfNeeded: octets.count >> 8)
    octets[5] = UInt8(truncatingIfNeeded: octets.count)
    return octets
  }
}
