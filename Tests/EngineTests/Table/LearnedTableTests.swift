import Glibc
import Net
import Synchronization
import Testing

@testable import Engine

/// What workers learn: first come, first served, within limits.
@Suite("Learned table")
struct LearnedTableTests {
  private static let second: UInt64 = 1_000_000_000
  private static let start = 77 * second

  private static func table(
    keys: UInt32 = 256, keysPerHost: UInt32 = 256, seed: UInt64 = 7
  ) -> LearnedTable {
    var random = QuickRandom(seed: seed)
    let limits = LearnedTable.Limits(
      keys: keys, keysPerHost: keysPerHost, idle: 600 * second)
    return LearnedTable(limits, using: &random)
  }

  private static func key(_ number: Int, peer: UInt32 = 0xc000_020a) -> LearnedKey {
    LearnedKey(peer: peer, ikeSPI: UInt64(number) &* 0x9e37_79b9_7f4a_7c15 | 1)
  }

  private static func whileUsed(_ owner: LearnedOwner) -> Bool { !owner.isIdle }

  @Test("the first has it, a second does not, until the first is idle")
  func firstOwner() {
    let table = Self.table()
    let (view, key) = (table.view, Self.key(1))
    var now = Self.start
    #expect(view.owner(of: key, now: now, Self.whileUsed) == 0)
    #expect(view.claim(key, for: 1, now: now, Self.whileUsed) == 1)
    #expect(view.claim(key, for: 2, now: now, Self.whileUsed) == 1)
    #expect(view.owner(of: key, now: now, Self.whileUsed) == 1)
    #expect(view.owner(of: Self.key(2), now: now, Self.whileUsed) == 0)
    #expect(view.owner(of: Self.key(1, peer: 5), now: now, Self.whileUsed) == 0)
    // Use by its owner keeps it; that of others, or a look, does not.
    now += 500 * Self.second
    #expect(view.claim(key, for: 1, now: now, Self.whileUsed) == 1)
    now += 590 * Self.second
    #expect(view.claim(key, for: 2, now: now, Self.whileUsed) == 1)
    #expect(view.owner(of: key, now: now, Self.whileUsed) == 1)
    now += 20 * Self.second
    #expect(view.owner(of: key, now: now, Self.whileUsed) == 0)
    #expect(view.claim(key, for: 2, now: now, Self.whileUsed) == 2)
    #expect(view.claim(key, for: 1, now: now, Self.whileUsed) == 2)
    #expect(view.count == 1)
  }

  @Test("an idle owner that still counts as one keeps it, and one that does not loses it at once")
  func keeping() {
    let table = Self.table()
    let (view, key) = (table.view, Self.key(1))
    let later = Self.start + 6000 * Self.second
    #expect(view.claim(key, for: 1, now: Self.start) { _ in true } == 1)
    #expect(view.claim(key, for: 2, now: later) { $0.host == 1 && $0.isIdle } == 1)
    #expect(view.claim(key, for: 2, now: Self.start) { $0.host != 1 } == 2)
    #expect(view.count == 1)
  }

  @Test("a host at its limit learns nothing more, others do, and what it has stays")
  func hostLimit() {
    let table = Self.table(keys: 256, keysPerHost: 64)
    let view = table.view
    let owners = (0..<1000).map { view.claim(Self.key($0), for: 1, now: Self.start) { _ in true } }
    #expect(owners[..<64].allSatisfy { $0 == 1 })
    #expect(owners[64...].allSatisfy { $0 == 0 })
    let kept = (0..<64).map { view.owner(of: Self.key($0), now: Self.start) { _ in true } }
    #expect(kept.allSatisfy { $0 == 1 })
    #expect(view.claim(Self.key(5000), for: 2, now: Self.start) { _ in true } == 2)
    #expect(view.count == 65)
  }

  @Test("a full table refuses newcomers and keeps what lives; what is idle makes room")
  func full() {
    let table = Self.table(keys: 256, keysPerHost: 64)
    let view = table.view
    var now = Self.start
    for number in 0..<10_000 {
      _ = view.claim(Self.key(number), for: UInt16(1 + number % 9), now: now, Self.whileUsed)
    }
    #expect(view.count == 256)
    // A refused newcomer gives back what it was counted for.
    #expect(view.claim(Self.key(99_999), for: 77, now: now, Self.whileUsed) == 0)
    let living = (0..<10_000).filter {
      view.owner(of: Self.key($0), now: now, Self.whileUsed) != 0
    }
    #expect(living.count == 256)
    now += 601 * Self.second
    let owners = (20_000..<20_100).map {
      view.claim(Self.key($0), for: 77, now: now, Self.whileUsed)
    }
    #expect(owners.filter { $0 == 77 }.count >= 60)
    #expect(living.allSatisfy { view.owner(of: Self.key($0), now: now, Self.whileUsed) == 0 })
    #expect(view.count <= 256)
  }

  @Test("answers as a dictionary does, whatever was asked before")
  func model() {
    let seed = UInt64.random(in: .min ... .max)
    var random = QuickRandom(seed: seed)
    let table = Self.table(keys: 1024, keysPerHost: 1024, seed: seed)
    var model: [Int: (host: UInt16, seen: UInt64)] = [:]
    var now = Self.start
    for step in 0..<60_000 {
      now += UInt64(random.below(3)) * Self.second * UInt64(random.below(4000) == 0 ? 300 : 1)
      let (number, host) = (random.below(300), UInt16(1 + random.below(5)))
      if let known = model[number], now - known.seen > 600 * Self.second { model[number] = nil }
      // Where a second more or less decides, nothing is said.
      if let known = model[number], now - known.seen > 597 * Self.second { continue }
      let expected = model[number]?.host
      if random.below(4) == 0 {
        let owner = table.view.owner(of: Self.key(number), now: now, Self.whileUsed)
        if owner != expected ?? 0 { Issue.record("seed \(seed), step \(step): owner"); return }
      } else {
        let owner = table.view.claim(Self.key(number), for: host, now: now, Self.whileUsed)
        if owner != expected ?? host { Issue.record("seed \(seed), step \(step): claim"); return }
        if owner == host { model[number] = (host, now) }
      }
    }
  }

  /// What two threads may do, step by step: `a` has the cell before that of `b`.
  struct Race: CustomTestStringConvertible, Sendable {
    let testDescription: String
    /// Each step a letter for the thread and one for the step: announce, look, confirm.
    let steps: [String]
    /// Who is the owner in the end.
    let owner: UInt16
  }

  static let races = [
    Race(
      testDescription: "one after the other", steps: ["aa", "al", "ac", "ba", "bl", "bc"],
      owner: 1),
    Race(
      testDescription: "the later one first", steps: ["ba", "bl", "bc", "aa", "al", "ac"],
      owner: 2),
    Race(
      testDescription: "both are seen by both", steps: ["aa", "ba", "al", "bl", "ac", "bc"],
      owner: 1),
    Race(
      testDescription: "both are seen by both, b looks first",
      steps: ["aa", "ba", "bl", "al", "bc", "ac"], owner: 1),
    Race(
      testDescription: "b saw nobody, and is slow", steps: ["ba", "bl", "aa", "al", "bc", "ac"],
      owner: 1),
    Race(
      testDescription: "b saw nobody, and is slower still",
      steps: ["ba", "bl", "aa", "al", "ac", "bc"], owner: 1),
    Race(
      testDescription: "b saw nobody, and is quick", steps: ["ba", "bl", "aa", "bc", "al", "ac"],
      owner: 2),
    Race(
      testDescription: "a saw nobody, and is slow", steps: ["aa", "al", "ba", "bl", "bc", "ac"],
      owner: 1),
  ]

  @Test("of two at once one gets it, whatever the order of their steps", arguments: races)
  func steps(_ race: Race) throws {
    let stage = try #require(Self.stage())
    let view = stage.table.view
    var owners: Set<UInt16> = []
    var own: [Character: LearnedTable.View.Announcement] = [:]
    for step in race.steps {
      let (name, what) = (step.first ?? "a", step.last)
      let host: UInt16 = name == "a" ? 1 : 2
      switch what {
      case "a":
        guard let announced = stage.announce(host) else {
          Issue.record("no room")
          return
        }
        own[name] = announced
      case "l":
        guard let mine = own[name] else { continue }
        if view.rival(of: mine, now: Self.start, Self.whileUsed) != nil {
          view.withdraw(mine)
          own[name] = nil
        }
      default:
        guard let mine = own[name] else { continue }
        if view.confirm(mine) {
          owners.insert(host)
        } else {
          view.withdraw(mine)
        }
      }
    }
    #expect(owners == [race.owner])
    #expect(view.owner(of: stage.key, now: Self.start, Self.whileUsed) == race.owner)
    #expect(view.count == 1)
  }

  private static func stage() -> Stage? {
    (0..<1000).lazy.compactMap { Stage(key: key($0), blocker: key(70_001)) }.first
  }

  /// A table whose first free cell for the key is held while `b` looks for one.
  private final class Stage {
    let table = LearnedTableTests.table(keys: 16)
    let key: LearnedKey
    private let blocker: LearnedKey

    /// Nil if the blocker's cell is not the key's first.
    init?(key: LearnedKey, blocker: LearnedKey) {
      (self.key, self.blocker) = (key, blocker)
      guard let held = announce(blocker, 9), let free = announce(key, 1) else { return nil }
      table.view.withdraw(held)
      table.view.withdraw(free)
      guard let again = announce(key, 1) else { return nil }
      table.view.withdraw(again)
      guard again.cell == held.cell, free.cell > held.cell else { return nil }
    }

    func announce(_ host: UInt16) -> LearnedTable.View.Announcement? {
      guard host == 2, let held = announce(blocker, 9) else { return announce(key, host) }
      defer { table.view.withdraw(held) }
      return announce(key, 2)
    }

    private func announce(
      _ key: LearnedKey, _ host: UInt16
    ) -> LearnedTable.View.Announcement? {
      table.view.announce(key, for: host, now: start, whileUsed)
    }
  }

  // MARK: - Several writers

  /// Who was told that a key is its own, in each round.
  private final class Findings: Sendable {
    let faults = Mutex<[String]>([])
    let round = Atomic<Int>(0)
    let ready = Atomic<Int>(0)
    let granted: [Atomic64]

    init(_ count: Int) { granted = (0..<count).map { _ in Atomic64() } }

    final class Atomic64: Sendable { let value = Atomic<UInt64>(0) }
  }

  // Invariant for `Sendable`: the table outlives the threads; its view is for any of them.
  private struct Shared: @unchecked Sendable {
    let view: LearnedTable.View
  }

  // Each thread is a host. All claim the same keys at once; keys come and go, for the time makes
  // leaps, so that cells are taken back and used again all the while.
  @Test(
    "of hosts that claim a key at once one gets it", .timeLimit(.minutes(2)), arguments: [2, 4])
  func race(_ threads: Int) throws {
    let (rounds, keys) = (1500, 48)
    let seed = UInt64.random(in: .min ... .max)
    // Few cells, so that the keys' ways cross; and room for less than all, so that some are refused.
    let table = Self.table(keys: 64, keysPerHost: 40, seed: seed)
    let shared = Shared(view: table.view)
    let findings = Findings(rounds * keys)
    let handles = try (1...threads).map { host in
      try startThread(name: "host-\(host)") {
        var random = QuickRandom(seed: seed &+ UInt64(host))
        for round in 0..<rounds {
          Self.await(round, threads, findings)
          let now = Self.start + UInt64(round) * 601 * Self.second
          Self.claimAll(UInt16(host), round, keys, now, shared.view, findings, &random)
        }
      }
    }
    for handle in handles { handle.join() }
    #expect(findings.faults.withLock { $0 } == [], "seed \(seed)")
    let owned = findings.granted.filter { $0.value.load(ordering: .relaxed) != 0 }.count
    #expect(owned > rounds * keys / 2, "seed \(seed)")
    #expect(table.view.count <= 64, "seed \(seed)")
    // Nothing was lost on the way: when all is idle, the table is as good as new.
    let later = Self.start + UInt64(rounds + 2) * 601 * Self.second
    let owners = (0..<200).map {
      table.view.claim(Self.key(1_000_000 + $0), for: 9, now: later, Self.whileUsed)
    }
    #expect(owners.filter { $0 == 9 }.count == 40, "seed \(seed)")
  }

  /// Waits until all threads are at the round.
  private static func await(_ round: Int, _ threads: Int, _ findings: Findings) {
    if findings.ready.add(1, ordering: .acquiringAndReleasing).newValue == threads * (round + 1) {
      findings.round.store(round + 1, ordering: .releasing)
    }
    while findings.round.load(ordering: .acquiring) <= round { sched_yield() }
  }

  private static func claimAll(
    _ host: UInt16, _ round: Int, _ keys: Int, _ now: UInt64, _ view: LearnedTable.View,
    _ findings: Findings, _ random: inout QuickRandom
  ) {
    let first = random.below(keys)
    for step in 0..<keys {
      let number = (first + step) % keys
      let key = Self.key(round % 3 * keys + number)
      let owner = view.claim(key, for: host, now: now, whileUsed)
      guard owner == host else { continue }
      // Nobody's clock leaps before the round is over: what is owned stays so.
      let place = findings.granted[round * keys + number]
      let (_, before) = place.value.compareExchange(
        expected: 0, desired: UInt64(host), ordering: .acquiringAndReleasing)
      if before != 0, before != UInt64(host) {
        findings.faults.withLock { $0.append("round \(round), key \(number): \(before), \(host)") }
      }
      if view.owner(of: key, now: now, whileUsed) != host {
        findings.faults.withLock { $0.append("round \(round), key \(number): lost by \(host)") }
      }
    }
  }
}
