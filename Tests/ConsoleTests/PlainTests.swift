import Engine
import Testing

@testable import Console

@Suite struct PlainWordsTests {
  @Test(
    arguments: [
      ("", []), ("  \t", []), ("revoke 192.0.2.1", ["revoke", "192.0.2.1"]),
      ("a 'b c' \"d 'e\"\r", ["a", "b c", "d 'e"]), ("a''b \"\"", ["ab", ""]),
      ("'not closed", ["not closed"]),
    ] as [(String, [String])])
  func linesAreCutIntoWords(_ line: String, _ words: [String]) {
    #expect(PlainWords.words(line) == words)
  }

  @Test func whatChangesIsSaidInSentences() throws {
    let old = try Fixture.status(packets: 1_000, drops: 10)
    #expect(PlainWords.changes(from: old, to: old, seconds: 10).isEmpty)
    var new = old
    new.saEntries += 1
    new.drops["spi-not-leased", default: 0] += 3
    new.drops["address-revoked", default: 0] += 40
    new.storeProblem = "no space"
    let sentences = PlainWords.changes(from: old, to: new, seconds: 10)
    #expect(sentences.count == 3)
    #expect(sentences.first?.hasPrefix("Now \(new.saEntries) entries") == true)
    #expect(
      sentences.contains(
        "Dropped in the last 10 s: 43, as address-revoked 40, spi-not-leased 3."))
    #expect(sentences.last?.contains("no space") == true)
    #expect(
      PlainWords.changes(from: new, to: old, seconds: 10).last == "Changes are durable again.")
  }

  @Test func aRestartIsSaid() throws {
    let old = try Fixture.status(packets: 1_000, drops: 10)
    var new = old
    new.epoch += 1
    #expect(
      PlainWords.changes(from: old, to: new, seconds: 10).first == "The router has started anew.")
  }
}

@Suite struct PlainCommandTests {
  private func outcome(_ line: String, readOnly: Bool = false) throws -> PlainCommands.Outcome {
    try PlainCommands(socketPath: "/nonexistent/socket", readOnly: readOnly, mayStop: false)
      .carryOut(line)
  }

  @Test func whatMeansNothingDoesNothing() throws {
    #expect(try outcome("") == .goOn)
    #expect(try outcome("quit") == .leave)
    guard case .say(let text) = try outcome("nosuchverb") else {
      Issue.record("nothing was said")
      return
    }
    #expect(text.contains("nosuchverb"))
  }

  @Test(arguments: ["revoke 192.0.2.1", "suspend hosta", "reload"])
  func whoMayOnlyLookDoesNotAct(_ line: String) throws {
    #expect(try outcome(line, readOnly: true) == .say("This console may only look."))
    #expect(try outcome(line) != .say("This console may only look."))
  }

  @Test func theHelpListsAllVerbs() throws {
    guard case .say(let text) = try outcome("help") else {
      Issue.record("nothing was said")
      return
    }
    for verb in ["status", "sa", "revoke", "unrevoke", "suspend", "quit"] {
      #expect(text.contains("\(verb): "))
    }
    #expect(try outcome("stop") != .leave)
  }
}
