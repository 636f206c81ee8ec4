import Testing

@testable import PAP

@Suite("The replay window")
struct ReplayWindowTests {
  struct Vector: CustomTestStringConvertible, Sendable {
    let name: String
    let sequences: [UInt32]
    let accepted: [Bool]

    var testDescription: String { name }
  }

  static let vectors = [
    Vector(name: "0 never", sequences: [0, 1, 0], accepted: [false, true, false]),
    Vector(name: "in order", sequences: [1, 2, 3], accepted: [true, true, true]),
    Vector(
      name: "once each", sequences: [1, 1, 2, 2, 1], accepted: [true, false, true, false, false]),
    Vector(name: "out of order", sequences: [5, 3, 4, 3], accepted: [true, true, true, false]),
    Vector(name: "63 back", sequences: [100, 37, 37], accepted: [true, true, false]),
    Vector(name: "64 back", sequences: [100, 36], accepted: [true, false]),
    Vector(
      name: "a step of 63 keeps one", sequences: [1, 64, 1, 2],
      accepted: [true, true, false, true]),
    Vector(
      name: "a step of 64 keeps none", sequences: [1, 65, 1, 2],
      accepted: [true, true, false, true]),
    Vector(
      name: "the largest step", sequences: [1, .max, .max, .max - 63, .max - 64, 1],
      accepted: [true, true, false, true, false, false]),
  ]

  @Test("accepts what is new and not too old", arguments: vectors)
  func table(_ vector: Vector) {
    var window = ReplayWindow()
    #expect(vector.sequences.map { window.accept($0) } == vector.accepted)
  }

  @Test("does as a set of all sequences does", arguments: [1, 2, 3] as [UInt64])
  func model(_ seed: UInt64) {
    var random = SeededRandom(seed: seed)
    var window = ReplayWindow()
    var seen: Set<UInt32> = []
    var highest: UInt32 = 0
    for step in 0..<20_000 {
      let low = highest > 80 ? highest - 80 : 0
      let sequence = low + UInt32(random.index(below: step % 50 == 0 ? 400 : 90))
      let isNew = sequence != 0 && !seen.contains(sequence) && sequence + 64 > highest
      guard window.accept(sequence) == isNew else {
        Issue.record("seed \(seed), step \(step): \(sequence) after \(highest)")
        return
      }
      if isNew { seen.insert(sequence) }
      highest = max(highest, isNew ? sequence : 0)
    }
  }
}
