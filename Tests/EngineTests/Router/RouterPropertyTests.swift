import Testing

@testable import Engine

@Suite struct RouterPropertyTests {
  @Test("the router agrees with a naive model, whatever happens", arguments: 1...12)
  func agreement(_ number: Int) throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    let walk = try #require(RouterWalk(seed: seed))
    walk.walk(steps: 2500)
    if let failure = walk.failure { Issue.record("\(failure) (seed \(seed))") }
  }

  @Test func `a walk comes everywhere`() throws {
    let walk = try #require(RouterWalk(seed: 1))
    walk.walk(steps: 3000)
    let kinds = [
      "entry success", "entry not-yours", "entry prohibited", "entry unacceptable-address",
      "entry quota-exceeded", "security-request success", "security-request prohibited",
      "security-invalidate success", "security-invalidate not-yours", "port-request success",
      "port-request prohibited", "port-invalidate success", "port-invalidate not-yours",
      "address-validate prohibited", "address-invalidate success", "command obeyed",
      "command refused", "attack", "security-request in-use", "security-request no-resources",
      "security-request quota-exceeded", "synchronize success", "synchronize prohibited",
      "synchronize quota-exceeded", "set whole", "set unfinished", "late accepted", "late refused",
      "notice", "packet passes", "reload removes", "reload adds", "reload changes numbers",
      "reload changes identities", "unknown speaks", "undone", "rolled back",
      "rolled back by a restart",
    ]
    #expect(walk.failure == nil)
    #expect(kinds.filter { walk.tally[$0, default: 0] < 3 } == [])
  }

  @Test func `the same seed gives the same walk`() throws {
    let walks = [RouterWalk(seed: 7), RouterWalk(seed: 7)].compactMap { $0 }
    for walk in walks { walk.walk(steps: 300) }
    let traces = walks.map(\.trace)
    #expect(traces.count == 2 && traces[0] == traces[1] && !traces[0].isEmpty)
  }
}
