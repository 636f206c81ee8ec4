import Testing

@testable import Engine

@Suite("Patience of a worker")
struct PatienceTests {
  /// Asks every microsecond from `start` on; how many microseconds until it is time to sleep.
  private static func span(_ patience: inout Patience, from start: UInt64 = 1_000_000) -> UInt64 {
    var now = start
    while !patience.isExhausted(now: now) { now += 1000 }
    patience.restart()
    return (now - start) / 1000
  }

  /// Packets come just after the first question in vain.
  private static func catchPackets(_ patience: inout Patience, times: Int) {
    for _ in 0..<times where !patience.isExhausted(now: 1) { patience.sawTraffic() }
  }

  @Test("halves when nothing came, down to a least, and doubles when something did, up to a most")
  func adapts() {
    var patience = Patience()
    #expect((0..<7).map { _ in Self.span(&patience) } == [41, 21, 11, 6, 3, 3, 3])
    Self.catchPackets(&patience, times: 3)
    #expect(Self.span(&patience) == 17)
    Self.catchPackets(&patience, times: 9)
    #expect(Self.span(&patience) == 41)
  }

  @Test("packets that came while it slept teach nothing")
  func traffic() {
    var patience = Patience()
    _ = Self.span(&patience)
    for _ in 0..<5 { patience.sawTraffic() }
    #expect(Self.span(&patience) == 21)
  }
}
