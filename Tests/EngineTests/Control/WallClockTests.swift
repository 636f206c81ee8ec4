import Net
import Testing

@testable import Engine

/// What is shown when somebody sets the wall clock.
@Suite(.timeLimit(.minutes(1)))
struct WallClockTests {
  private static let year: Int64 = 31_536_000

  /// A router with an entry, a revocation and a drop, each 5 s old.
  private static func rig() throws -> ControlRig {
    let rig = try ControlRig()
    try rig.lease()
    rig.clock.advance(seconds: 5)
    _ = try rig.ask("validate", ["address": "192.0.2.10", "host": "hosta", "for": 600])
    _ = try rig.ask("revoke", ["target": "192.0.2.20", "for": 600])
    var record = DropRecord()
    record.time = rig.clock.now.monotonic
    rig.core.dropLog.add(record)
    rig.clock.advance(seconds: 5)
    return rig
  }

  /// Every time that the router shows, in seconds since 1970.
  private static func shown(_ rig: ControlRig) throws -> [Int64] {
    let entry = try rig.ask("sa")[0]
    let revocation = try rig.ask("revocations")[0]
    let host = try rig.ask("hosts")[0]
    let times = [
      entry?["created"], entry?["expires"], revocation?["created"], revocation?["expires"],
      host?["lastSeen"], host?["leaseExpires"], try rig.ask("drops")[0]?["time"],
      try rig.ask("stats")["since"],
    ]
    return try times.map { try #require($0?.string.flatMap(Timestamp.seconds)) }
  }

  private static func set(_ rig: ControlRig, by nanoseconds: Int64) {
    rig.clock.now.wallClock = UInt64(Int64(rig.clock.now.wallClock) + nanoseconds)
    rig.core.tick()
  }

  @Test(arguments: [1, -1, 3_600, -3_600, 86_400, -86_400, 10 * year, -10 * year])
  func everyTimeMovesWithIt(seconds: Int64) throws {
    let rig = try Self.rig()
    let before = try Self.shown(rig)
    Self.set(rig, by: seconds * 1_000_000_000)
    #expect(try Self.shown(rig) == before.map { $0 + seconds })
    #expect(rig.core.state.revocationCount == 1)
  }

  /// Else a deadline would be shown as another second each time.
  @Test(arguments: [400_000_000, -400_000_000] as [Int64])
  func whatItStraysMovesNothing(nanoseconds: Int64) throws {
    let rig = try Self.rig()
    let before = try Self.shown(rig)
    Self.set(rig, by: nanoseconds)
    #expect(try Self.shown(rig) == before)
  }
}
