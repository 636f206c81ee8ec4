import Net
import PAP
import Testing

@testable import Engine

/// Datagrams over the loopback interface.
@Suite struct PAPServerTests {
  @Test func `datagrams come as events in bounded rounds, and answers go back`() throws {
    let anywhere = Endpoint(address: address("127.0.0.1"), port: 0)
    let reactor = try Reactor()
    let host = try UDPSocket(boundTo: anywhere)
    var rounds: [Int] = []
    var answer: ([UInt8], Endpoint, Endpoint)?
    let server = try PAPServer(listeningOn: [anywhere], reactor: reactor) { events in
      rounds.append(events.count)
      if case .datagram(let bytes, let source, let local) = events.first {
        answer = (bytes, source, local)
      }
      if rounds.reduce(0, +) == 100 { reactor.stop() }
    }
    let endpoint = try #require(server.endpoints.first)
    for number in 0..<100 { try host.send([UInt8(number)], to: endpoint) }
    reactor.run()
    #expect(rounds == [64, 36])
    let (bytes, source, local) = try #require(answer)
    #expect(bytes == [64] && source == host.local && local == endpoint)
    server.send([7], to: source, from: local)
    #expect(try host.receive()?.bytes == [7])
    // Not from an endpoint that is not the server's.
    server.send([8], to: source, from: source)
    #expect(try host.receive() == nil)
    server.stop()
  }

  @Test func `an endpoint that is taken is an error that names it`() throws {
    let reactor = try Reactor()
    let taken = try UDPSocket(boundTo: Endpoint(address: address("127.0.0.1"), port: 0))
    let error = #expect(throws: SystemError.self) {
      _ = try PAPServer(listeningOn: [taken.local], reactor: reactor) { _ in }
    }
    #expect(error?.description.contains("\(taken.local)") == true)
  }
}
