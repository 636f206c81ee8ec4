import FoundationEssentials
import Net
import Testing

@testable import Engine

@Suite(.timeLimit(.minutes(1)))
struct ControlServerTests {
  @Test(arguments: [
    (
      #"{"id":5,"verb":"whoami"}"#,
      #"{"id":5,"result":{"consoles":0,"others":[],"role":"operator","user":"ana"}}"#
    ),
    (#"{"id":"x\"y","verb":"whoami"}"#, #"{"id":"x\"y","result":{"con"#),
    (#"{"verb":"whoami"}"#, #"{"id":null,"result":{"#),
    (#"{"id":1,"verb":"dance"}"#, #"{"error":{"code":"unknown-verb","message":"#),
    (#"{"id":1}"#, #"{"error":{"code":"bad-request","#),
    ("hello", #"{"error":{"code":"bad-request","#),
    ("", #"{"error":{"code":"bad-request","#),
    ("[1,2]", #"{"error":{"code":"bad-request","#),
    ("{\"verb\":\"\u{1b}[2J\"}", #"{"error":{"code":"bad-request","#),
    (
      #"{"verb":"stat\u001b[2J"}"#,
      #"{"error":{"code":"unknown-verb","message":"there is no verb 'stat\u001b[2J'"#
    ),
    (
      #"{"id":2,"verb":"window","arguments":{"view":"sa","filter":"a b=1"}}"#,
      #"{"error":{"code":"bad-filter","column":3,"message":"#
    ),
  ])
  func everyLineHasOneAnswer(line: String, answer: String) throws {
    let rig = try ControlRig()
    let client = try rig.connect()
    _ = try client.write((line + "\n").utf8)
    let lines = try rig.lines(1, from: client)
    #expect(lines.count == 1)
    #expect(lines.first?.hasPrefix(answer) == true, "\(lines)")
  }

  @Test func deepNestingIsRefused() throws {
    let rig = try ControlRig()
    let client = try rig.connect()
    let depth = 30_000
    let nest = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    _ = try client.write(#"{"verb":"sa","arguments":{"x":\#(nest)}}"#.utf8 + [10])
    #expect(try rig.lines(1, from: client).first?.contains("bad-request") == true)
  }

  @Test func requestsInOnePieceAreAnsweredInOrder() throws {
    let rig = try ControlRig()
    let client = try rig.connect()
    let requests = (0..<200).map { #"{"id":\#($0),"verb":"whoami"}"# + "\n" }.joined()
    _ = try client.write(requests.utf8)
    let lines = try rig.lines(200, from: client)
    #expect(lines.count == 200)
    let inOrder = lines.enumerated().allSatisfy { $1.hasPrefix(#"{"id":\#($0),"#) }
    #expect(inOrder)
  }

  @Test func nobodyWaitsUntilAnothersRequestsAreAllAnswered() throws {
    let rig = try ControlRig()
    let greedy = try rig.connect(.viewer)
    let other = try rig.connect(.viewer)
    let requests = String(repeating: #"{"verb":"stats"}"# + "\n", count: 3_000)
    _ = try greedy.write(requests.utf8)
    _ = try other.write(#"{"id":1,"verb":"whoami"}"#.utf8 + [10])
    #expect(try rig.lines(1, from: other).count == 1)
    var answered = 0
    while let octets = try greedy.read(), !octets.isEmpty { answered += octets.count { $0 == 10 } }
    #expect(answered < 3_000)
  }

  @Test func aLargeTableComesWholeAndEventsWaitForItsEnd() throws {
    let rig = try ControlRig()
    try rig.lease()
    for number in 0..<700 {
      let address = "20.0.\(number >> 8).\(number & 255)"
      _ = try rig.ask("validate", ["address": .string(address), "host": "hosta"])
    }
    let client = try rig.connect()
    let requests = [
      #"{"id":1,"verb":"subscribe","arguments":{"events":["changes"]}}"#,
      #"{"id":2,"verb":"sa"}"#, #"{"id":3,"verb":"whoami"}"#,
    ]
    _ = try client.write((requests.joined(separator: "\n") + "\n").utf8)
    // After the first piece, in the middle of the line.
    rig.reactor.after(0) { rig.reactor.after(0) { rig.server.publish([]) } }
    let lines = try rig.lines(4, from: client)
    try #require(lines.count == 4)
    // On a slow machine the event may come before the answer; never in the middle of it.
    let line = try #require(lines.first { $0.hasPrefix(#"{"id":2,"result""#) })
    let answer = try JSONDecoder().decode(JSONValue.self, from: Data(line.utf8))
    guard case .array(let rows) = answer["result"] else {
      Issue.record("no rows")
      return
    }
    #expect(rows.count == 700)
    #expect(Set(rows.compactMap { $0["address"]?.string }).count == 700)
    #expect(lines.contains(#"{"event":"changes"}"#))
    #expect(lines.contains { $0.hasPrefix(#"{"id":3,"result""#) })
  }

  @Test(arguments: [0, 1, 255, 256, 257, 512, 1_000])
  func rowsInPiecesAreOneArray(count: Int) throws {
    let numbers = Array(0..<count)
    let octets = try ControlAnswer.rows(RowStream(numbers) { $0 }).octets()
    #expect(try JSONDecoder().decode([Int].self, from: Data(octets)) == numbers)
  }

  @Test func aRequestInPiecesIsOneRequest() throws {
    let rig = try ControlRig()
    let client = try rig.connect()
    _ = try client.write(#"{"id":1,"ve"#.utf8)
    rig.reactor.after(0) { _ = try? client.write("rb\":\"whoami\"}\n".utf8) }
    #expect(try rig.lines(1, from: client).first?.hasPrefix(#"{"id":1,"result""#) == true)
  }

  @Test func aClientThatHasSaidAllGetsItsAnswerAndTheEnd() throws {
    let rig = try ControlRig()
    let client = try rig.connect()
    _ = try client.write(#"{"id":1,"verb":"status"}"#.utf8 + [10])
    try client.finishWriting()
    let lines = try rig.lines(2, from: client)
    #expect(lines.count == 1)
    #expect(rig.server.clientCount == 0)
  }

  @Test func aLineWithoutEndIsRefusedAndTheClientDropped() throws {
    let rig = try ControlRig()
    let client = try rig.connect(.viewer)
    let piece = [UInt8](repeating: UInt8(ascii: "x"), count: 60_000)
    _ = try client.write(piece)
    rig.reactor.after(0) { _ = try? client.write(piece) }
    let lines = try rig.lines(2, from: client)
    #expect(lines.count == 1)
    #expect(lines.first?.contains("at most 65536 octets") == true)
    #expect(rig.server.clientCount == 0)
  }

  @Test func aClientThatDoesNotReadIsDropped() throws {
    let rig = try ControlRig()
    let client = try rig.connect()
    // Answers of some 2 kB each, more than the kernel keeps for a reader.
    let requests = String(repeating: #"{"id":1,"verb":"status"}"# + "\n", count: 4_000)
    var rest = Array(requests.utf8)[...]
    while let count = try client.write(rest), count > 0 { rest = rest.dropFirst(count) }
    rig.reactor.every(0.001) {
      if rig.server.waitingOctets > ControlConnection.patience { rig.reactor.stop() }
    }
    rig.reactor.run()
    rig.server.dropStalled()
    #expect(rig.server.clientCount == 1)
    rig.clock.advance(seconds: 11)
    rig.server.dropStalled()
    #expect(rig.server.clientCount == 0)
  }

  @Test func subscribersAreTold() throws {
    let rig = try ControlRig()
    let client = try rig.connect(.viewer)
    let other = try rig.connect(.viewer)
    let request =
      #"{"id":1,"verb":"subscribe","arguments":{"events":["drops","changes"],"reason":"too-big"}}"#
    _ = try client.write((request + "\n").utf8)
    #expect(
      try rig.lines(1, from: client) == [#"{"id":1,"result":{"subscribed":["drops","changes"]}}"#])
    var record = DropRecord()
    let rows = [DropReason.tooBig, .malformed].enumerated().map { number, reason in
      record.reason = reason
      return DropLog.Row(sequence: UInt64(number), record: record, count: 2)
    }
    _ = try rig.ask("revoke", ["target": "192.0.2.1"])
    rig.server.publish(rows)
    rig.server.publish([])
    let lines = try rig.lines(2, from: client)
    #expect(lines.count == 2)
    #expect(lines.first?.hasPrefix(#"{"event":"drops","row":{"count":2,"#) == true)
    #expect(lines.last == #"{"event":"changes"}"#)
    #expect(try other.read() == nil)
  }

  @Test func aSubscriberThatDoesNotReadIsDropped() throws {
    let rig = try ControlRig()
    let client = try rig.connect()
    _ = try client.write(#"{"verb":"subscribe","arguments":{"events":["drops"]}}"#.utf8 + [10])
    _ = try rig.lines(1, from: client)
    let rows = (0..<1_000).map { DropLog.Row(sequence: $0, record: DropRecord(), count: 1) }
    for _ in 0..<40 where rig.server.clientCount > 0 { rig.server.publish(rows) }
    #expect(rig.server.clientCount == 0)
  }

  @Test(arguments: [
    #"{"verb":"subscribe"}"#, #"{"verb":"subscribe","arguments":{"events":["rain"]}}"#,
    #"{"verb":"subscribe","arguments":{"events":["drops"],"x":1}}"#,
  ])
  func aWrongSubscriptionIsRefused(_ line: String) throws {
    let rig = try ControlRig()
    let client = try rig.connect()
    _ = try client.write((line + "\n").utf8)
    #expect(try rig.lines(1, from: client).first?.contains("bad-argument") == true)
  }
}

struct LineBufferTests {
  @Test func linesComeOutAsTheyWent() throws {
    let seed = UInt64.random(in: 0 ... .max)
    var random = SeededRandom(seed: seed)
    let lines = (0..<500).map { _ in
      [UInt8](repeating: 120, count: Int.random(in: 0...50, using: &random))
    }
    var stream = Array(lines.map { $0 + [10] }.joined())[...]
    var buffer = LineBuffer(limit: 50)
    var found: [[UInt8]] = []
    while !stream.isEmpty {
      let count = min(stream.count, Int.random(in: 1...90, using: &random))
      buffer.append(Array(stream.prefix(count)))
      stream = stream.dropFirst(count)
      while Bool.random(using: &random), let line = try buffer.next() { found.append(line) }
    }
    while let line = try buffer.next() { found.append(line) }
    #expect(found == lines, "seed \(seed)")
  }

  @Test(arguments: [(4, true), (5, false)])
  func theLimitHoldsWithAndWithoutAnEnd(limit: Int, refused: Bool) {
    for end in ["", "\n"] {
      var buffer = LineBuffer(limit: limit)
      buffer.append(Array("abcde\(end)".utf8))
      let outcome = Result { try buffer.next() }
      #expect((try? outcome.get()) == nil || !refused)
      if !refused { #expect(throws: Never.self) { _ = try outcome.get() } }
    }
  }
}
