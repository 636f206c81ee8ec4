import Engine
import FoundationEssentials
import Net
import Testing

@testable import Console

/// What a client makes of an engine that the test plays.
struct ControlClientTests {
  private func connected(
    _ body: (ControlClient, UnixStream) throws -> Void
  ) throws {
    let path = "/tmp/dnat-test-\(UInt64.random(in: 0 ... .max)).sock"
    let listener = try UnixListener(path: path)
    let client = try ControlClient(socketPath: path)
    try body(client, try #require(try listener.accept()))
  }

  private func tell(_ engine: UnixStream, _ text: String) throws {
    #expect(try engine.write(text.utf8) == text.utf8.count)
  }

  @Test func requestsAreLinesWithNumbers() throws {
    try connected { client, engine in
      #expect(try client.send("status") == 1)
      #expect(try client.send("sa", ["limit": 5]) == 2)
      let lines = String(decoding: try #require(try engine.read()), as: UTF8.self)
        .split(separator: "\n")
      let requests = try lines.map {
        try JSONDecoder().decode(ControlRequest.self, from: Data($0.utf8))
      }
      #expect(requests.map(\.verb) == ["status", "sa"])
      #expect(requests.map(\.id) == [1, 2])
      #expect(requests.last?.arguments == ["limit": 5])
    }
  }

  @Test func answersAndEventsAreToldApart() throws {
    try connected { client, engine in
      try tell(
        engine, #"{"id":2,"result":[{"result":1}]}"# + "\n" + #"{"event":"changes"}"# + "\n{\"er")
      let first = try client.receive()
      #expect(first.count == 2)
      guard case .reply(2, .success(let data)) = first.first else {
        Issue.record("\(first)")
        return
      }
      #expect(data == Data(#"[{"result":1}]"#.utf8))
      guard case .event("changes", _) = first.last else {
        Issue.record("\(first)")
        return
      }
      try tell(engine, #"ror":{"code":"not-found","message":"no"},"id":3}"# + "\n")
      guard case .reply(3, .failure(let error)) = try client.receive().first else {
        Issue.record("no refusal")
        return
      }
      #expect(error == ControlError(code: "not-found", message: "no"))
    }
  }

  @Test func aCallTakesItsOwnAnswer() throws {
    try connected { client, engine in
      try tell(engine, #"{"id":9,"result":1}"# + "\n" + #"{"id":1,"result":["x"]}"# + "\n")
      let answer: [String] = try client.call("status")
      #expect(answer == ["x"])
    }
  }

  @Test(arguments: ["nonsense\n", "{}\n", "{\"id\":1}\n", "{\"id\":1,\"result\":\"x\"}\n", ""])
  func whatIsNoAnswerIsSaid(_ text: String) throws {
    try connected { client, engine in
      try tell(engine, text)
      try engine.finishWriting()
      #expect(throws: ControlClientError.self) {
        let _: [String] = try client.call("status")
      }
    }
  }

  @Test func whatCameBeforeTheEndCounts() throws {
    try connected { client, engine in
      try tell(engine, #"{"event":"changes"}"# + "\n")
      try engine.finishWriting()
      #expect(try client.receive().count == 1)
      #expect(throws: ControlClientError.self) { try client.receive() }
    }
  }

  @Test func withoutAnEngineTheCodeIsThree() {
    let error = #expect(throws: ControlClientError.self) {
      try ControlClient(socketPath: "/nonexistent/control.sock")
    }
    #expect(error.map(Failure.init)?.code == .noEngine)
  }

  @Test(arguments: [
    ("bad-argument", Failure.Code.usage), ("bad-filter", .usage), ("not-found", .failed),
    ("not-permitted", .failed), ("prohibited", .failed),
  ])
  func refusalsHaveTheCodeOfTheContract(code: String, wanted: Failure.Code) {
    #expect(Failure(.refused(ControlError(code: code, message: "x"))).code == wanted)
  }
}
