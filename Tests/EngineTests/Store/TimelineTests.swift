import Net
import PAP
import Testing

@testable import Engine

/// Deadlines over restarts, reboots and clocks that are set.
@Suite struct TimelineTests {
  struct Vector: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let stored: Timeline?
    let boot: String
    let monotonic: UInt64
    /// The moment of the line at that reading of the clock.
    let moment: UInt64
  }

  @Test(
    "the line goes on",
    arguments: [
      Vector(
        testDescription: "begins", stored: nil, boot: "a", monotonic: 500, moment: 500),
      Vector(
        testDescription: "over a restart, with the time between",
        stored: Timeline(boot: "a", offset: 0, reached: 500), boot: "a", monotonic: 900,
        moment: 900),
      Vector(
        testDescription: "over a reboot, without it",
        stored: Timeline(boot: "a", offset: 0, reached: 500), boot: "b", monotonic: 20,
        moment: 500),
      Vector(
        testDescription: "over a reboot of a machine that has been up for longer than the line",
        stored: Timeline(boot: "a", offset: 0, reached: 500), boot: "b", monotonic: 900,
        moment: 500),
      Vector(
        testDescription: "over a restart after a reboot",
        stored: Timeline(boot: "b", offset: 480, reached: 510), boot: "b", monotonic: 50,
        moment: 530),
      Vector(
        testDescription: "over a clock that has gone back",
        stored: Timeline(boot: "b", offset: 480, reached: 600), boot: "b", monotonic: 50,
        moment: 600),
    ])
  func resuming(_ vector: Vector) {
    let line = Timeline(resuming: vector.stored, boot: vector.boot, monotonic: vector.monotonic)
    #expect(line.moment(at: vector.monotonic) == vector.moment)
    #expect(line.moment(at: vector.monotonic + 7) == vector.moment + 7)
    #expect(line.reached == vector.moment)
  }

  private static let year: Int64 = 365 * 86_400

  @Test(
    "a wall clock that is set ends nothing early or late",
    arguments: [1, -1, 3600, -3600, 10 * year, -10 * year], [false, true])
  func jump(_ seconds: Int64, _ restarts: Bool) throws {
    let rig = try StoreRig()
    try rig.start()
    try rig.live()
    let before = try rig.snapshot()
    rig.clock.advance(seconds: 100)
    let jumped = Int64(rig.clock.now.wallClock) + seconds * 1_000_000_000
    rig.clock.now.wallClock = UInt64(jumped)
    if restarts { try rig.start() }
    let core = try #require(rig.core)
    core.tick()
    #expect(try rig.snapshot() == before)
    // What people are shown goes by the clock that people have.
    let row = try #require(core.revocations.map(core.row).first { $0.expires != nil })
    #expect(row.expires == Timestamp.text(rig.clock.now.wallClock + 7100 * 1_000_000_000))
    rig.clock.advance(seconds: 199)
    core.tick()
    #expect(core.state.entries(for: address("192.0.2.11")).count == 1)
    rig.clock.advance(seconds: 2)
    core.tick()
    #expect(core.state.entries(for: address("192.0.2.11")).isEmpty)
  }

  @Test func `a reboot stops the time, and deadlines keep what was left`() throws {
    let rig = try StoreRig()
    try rig.start()
    try rig.live()
    rig.clock.advance(seconds: 100)
    rig.core?.keepTime()
    rig.boot = "boot 2"
    rig.clock.now.monotonic = 3_000_000_000
    rig.clock.now.wallClock += 86_400_000_000_000
    let core = try rig.start()
    #expect(core.state.entries(for: address("192.0.2.11")).count == 1)
    rig.clock.advance(seconds: 199)
    core.tick()
    #expect(core.state.entries(for: address("192.0.2.11")).count == 1)
    rig.clock.advance(seconds: 2)
    core.tick()
    #expect(core.state.entries(for: address("192.0.2.11")).isEmpty)
    #expect(core.state.revocationCount == 2)
  }
}
