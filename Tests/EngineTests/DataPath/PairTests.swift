import Testing

@testable import Engine

/// Each check of the data path with a packet that passes it and the nearest one that does not.
@Suite("Pairs")
struct PairTests {
  static let pairs = DecisionPairs.all
  /// The kernel decides this one, about any packet: `WorkerTests.writesThatFail` has it both ways.
  static let decidedByKernel = DropReason.writeFailed.name

  @Test("one passes, its twin is dropped, and one thing differs", arguments: pairs)
  func pair(_ pair: DecisionPair) throws {
    try pair.passes.hold()
    try pair.drops.hold()
    let (passing, dropped) = (try last(of: pair.passes), try last(of: pair.drops))
    #expect((passing.packet == dropped.packet) != Self.haveOneLead(pair))
    #expect(passing.exits?.allSatisfy { $0.reason == nil } == true)
    let exit = try #require(dropped.exits?.last)
    #expect((exit.verdict, exit.reason, exit.direction) == ("drop", pair.reason, pair.direction))
  }

  private func last(of side: Conversation) throws -> Conversation.Step {
    try #require(side.steps.last)
  }

  /// Whether what leads up to both packets is the same.
  private static func haveOneLead(_ pair: DecisionPair) -> Bool {
    let (one, other) = (pair.passes, pair.drops)
    return one.hairpin == other.hairpin && one.responder == other.responder
      && one.steps.dropLast() == other.steps.dropLast()
      && one.steps.last?.changes == other.steps.last?.changes
      && one.steps.last?.wait == other.steps.last?.wait
  }

  @Test("each reason of each row of the document's tables has a pair, and there is no other")
  func rows() throws {
    let checks = try DecisionTable().checks.filter { $0.reason != Self.decidedByKernel }
    let paired = Set(Self.pairs.map { DecisionTable.Check(row: $0.row, reason: $0.reason) })
    #expect(paired.subtracting(checks).sorted() == [], "not in the document")
    #expect(checks.subtracting(paired).sorted() == [], "without a pair")
    #expect(checks.count > 70)
  }

  @Test("each drop reason has a pair for each way that the document names, and there is no other")
  func reasons() throws {
    let occurrences = try DecisionTable().occurrences
    #expect(Set(occurrences.map(\.reason)) == Set(DropReason.allCases.map(\.name)))
    let wanted = occurrences.filter { $0.reason != Self.decidedByKernel }
    let paired = Self.pairs.map {
      DecisionTable.Occurrence(reason: $0.reason, direction: $0.direction)
    }
    #expect(Set(paired).subtracting(wanted).sorted() == [], "not in the document")
    #expect(wanted.subtracting(paired).sorted() == [], "without a pair")
    // Nor does any other vector know one.
    let vectors = DecisionTests.vectors.vectors.compactMap { vector in
      vector.reason.map {
        DecisionTable.Occurrence(reason: $0, direction: vector.direction.name)
      }
    }
    let exits = Conversations.fragments.flatMap(\.steps).flatMap { $0.exits ?? [] }
    let dropped = exits.compactMap { exit in
      exit.reason.map { DecisionTable.Occurrence(reason: $0, direction: exit.direction) }
    }
    #expect(Set(vectors + dropped).subtracting(wanted).sorted() == [])
  }
}
