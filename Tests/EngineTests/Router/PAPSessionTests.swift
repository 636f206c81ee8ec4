import Net
import PAP
import Testing

@testable import Engine

/// Whole conversations, octet for octet, against answers that were made from pap.md elsewhere.
@Suite struct PAPSessionTests {
  @Test("a conversation goes as pap.md says", arguments: PAPSessionVectors.all.talks)
  func conversation(_ talk: PAPSessionVectors.Talk) throws {
    var state = PAPSessionVectors.all.state(for: talk)
    let local = try #require(Endpoint(PAPSessionVectors.all.router))
    for step in talk.steps {
      let source = try #require(Endpoint(step.source))
      let now = Instant.after(step.at)
      var effects = state.step(try step.event(from: source, to: local), now: now)
      while state.isUnfinished { effects += state.finish(now: now) }
      let wanted = step.want.map { [Effect.send(octets(hex: $0), to: source, from: local)] } ?? []
      let sent = effects.filter { if case .send = $0 { true } else { false } }
      if sent != wanted {
        Issue.record("\(step.name): sent \(sent.map(shown)), wanted \(wanted.map(shown))")
        return
      }
    }
    #expect(Set(state.entries.map(PAPSessionVectors.Row.init)) == Set(talk.entries))
  }

  @Test func `every code of pap.md comes in them`() {
    let answers = PAPSessionVectors.all.talks.flatMap(\.steps).compactMap(\.want)
    let codes = Set(answers.map { octets(hex: $0)[2] })
    #expect(codes == Set(ResultCode.allCases.map(\.rawValue)))
  }

  @Test func `what is drawn follows from the seed`() {
    var random = SeededRandom(seed: 1)
    let drawn = random.octets(3) + random.octets(40) + random.octets(37)
    #expect(hex(drawn) == PAPSessionVectors.all.firstDraws)
    var other = SeededRandom(seed: 2)
    #expect(other.octets(80) != drawn)
  }

  private func shown(_ effect: Effect) -> String {
    guard case .send(let bytes, _, _) = effect else { return "\(effect)" }
    let message = try? Message(decoding: bytes)
    return message.map { "\($0.code) \($0.options)" } ?? hex(bytes)
  }
}

extension Instant {
  /// Some moment and so many milliseconds.
  static func after(_ milliseconds: UInt64) -> Instant {
    Instant(
      monotonic: 1_000_000_000_000 + milliseconds * 1_000_000,
      wallClock: 1_700_000_000_000_000_000 + milliseconds * 1_000_000)
  }
}
