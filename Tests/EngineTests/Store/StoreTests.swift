import GRDB
import Net
import PAP
import Testing

@testable import Engine

/// What a restart finds.
@Suite struct StoreTests {
  @Test func `everything is there again, under the same epoch`() throws {
    let rig = try StoreRig()
    try rig.start()
    try rig.live()
    let before = try rig.snapshot()
    #expect(before.lines.count == 4 + 4 + 2 + rig.hosts.count)
    try rig.start()
    #expect(try rig.snapshot() == before)
    try rig.start()
    #expect(try rig.snapshot() == before)
  }

  @Test func `a state that begins has an epoch of its own`() throws {
    let epochs = try (1...3).map { _ in try StoreRig().start().state.epoch }
    #expect(Set(epochs).count == 3 && !epochs.contains(0))
  }

  @Test func `what a host gave back stays in quarantine for the others`() throws {
    let rig = try StoreRig()
    try rig.start()
    rig.lease("hosta", slot: 0x1111)
    let spis = Message.Option.spis(first: 0x1111_0000, count: Slot.spiCount)
    rig.ask("hosta", .securityInvalidate, [spis])
    rig.clock.advance(seconds: 590)
    try rig.start()
    rig.lease("hostc", slot: 0x1111)
    let slot = rig.core?.state.hostView(named: "hostc")?.slot
    #expect(slot != nil && slot != Slot(rawValue: 0x1111))
    // Its own host gets it back at once.
    rig.lease("hosta", slot: 0)
    #expect(rig.core?.state.hostView(named: "hosta")?.slot == Slot(rawValue: 0x1111))
  }

  @Test func `what has ended meanwhile is gone before the first packet`() throws {
    let rig = try StoreRig()
    try rig.start()
    try rig.live()
    rig.clock.advance(seconds: 301)
    try rig.start()
    #expect(rig.core?.state.entries(for: address("192.0.2.11")).isEmpty == true)
    #expect(rig.core?.state.entryCount == 3)
    rig.clock.advance(seconds: 7000)
    try rig.start()
    #expect(rig.core?.state.revocationViews.map(\.target) == [prefix("203.0.113.0/24")])
    // The time of a suspended host stands still.
    #expect(rig.core?.state.hostView(named: "hostb")?.slot == Slot(rawValue: 0x2222))
    #expect(rig.core?.state.hostView(named: "hosta")?.slot == nil)
  }

  @Test func `a claimed SPI is kept for its host, and in quarantine from others`() throws {
    let rig = try StoreRig()
    try rig.start()
    try rig.live()
    try rig.start()
    for (spi, code): (UInt32, UInt8) in [(0x7777_0001, 11), (0x7777_0002, 11), (0x7777_0003, 0)] {
      #expect(rig.ask("hostc", .securityRequest, [.spis(first: spi, count: 1)]) == [code])
    }
    #expect(rig.ask("hosta", .securityRequest, [.spis(first: 0x7777_0002, count: 1)]) == [0])
  }

  @Test func `a host that is no longer configured leaves a quarantine behind`() throws {
    let rig = try StoreRig()
    try rig.start()
    try rig.live()
    rig.hosts = ["hostc", "hostb"]
    try rig.start()
    #expect(rig.core?.state.entries(for: address("192.0.2.12")).isEmpty == true)
    rig.lease("hostc", slot: 0x1111)
    #expect(rig.core?.state.hostView(named: "hostc")?.slot != Slot(rawValue: 0x1111))
    // Revocations for a host that comes back hold again, whatever its place.
    rig.hosts = ["hosta", "hostc"]
    #expect(try rig.start().state.revocationCount == 1)
    rig.hosts = ["hosta", "hostc", "hostb"]
    #expect(try rig.start().state.revocationCount == 2)
    #expect(rig.core?.state.hostView(named: "hostb")?.state == .suspended)
  }

  @Test func `another external address is another epoch, and orders stand`() throws {
    let rig = try StoreRig()
    try rig.start()
    try rig.live()
    let epoch = rig.core?.state.epoch
    rig.externalAddress = "198.51.100.2"
    let core = try rig.start()
    #expect(core.state.epoch != epoch)
    #expect(core.state.entryCount == 0 && core.state.slotCount == 0)
    #expect(core.state.revocationCount == 2)
    #expect(try core.auditFinding().rows == 4)
  }

  @Test func `two engines never have one state`() throws {
    let rig = try StoreRig()
    try rig.start()
    #expect(throws: StoreError.self) { try Store(rig.opening) }
  }

  struct Unfit: CustomTestStringConvertible, Sendable {
    let testDescription: String
    /// Statements that make the file unfit.
    let change: String
    let says: String
  }

  @Test(
    "a file that is not this version's is refused and left alone",
    arguments: [
      Unfit(testDescription: "newer", change: "PRAGMA user_version = 99", says: "newer version"),
      Unfit(
        testDescription: "another program's", change: "PRAGMA application_id = 7",
        says: "not a state file"),
    ])
  func unfit(_ unfit: Unfit) throws {
    let rig = try StoreRig()
    try rig.start()
    try rig.live()
    try rig.edit { try $0.execute(sql: unfit.change) }
    let error = #expect(throws: StoreError.self) { try Store(rig.opening) }
    #expect(error?.description.contains(unfit.says) == true)
    #expect(try rig.edit { try Int.fetchOne($0, sql: "SELECT count(*) FROM entries") } == 4)
  }

  @Test func `a file that is no database is refused`() throws {
    let rig = try StoreRig()
    try File.create(
      rig.path, with: Array("a letter to my mother, of 100 octets or so".utf8), mode: 0o600)
    let error = #expect(throws: StoreError.self) { try Store(rig.opening) }
    #expect(error?.description.contains("not a state file") == true)
  }

  @Test func `a step to a newer schema happens whole or not at all`() throws {
    let rig = try StoreRig()
    try rig.start()
    try rig.live()
    let before = try rig.snapshot()
    let good = "ALTER TABLE hosts ADD COLUMN note TEXT"
    let bad = "\(good); DELETE FROM entries; SELECT nonsense FROM nowhere"
    _ = try rig.edit { _ in }
    #expect(throws: StoreError.self) {
      try Store(rig.opening, migrations: StoreSchema.migrations + [bad])
    }
    try rig.start()
    #expect(try rig.snapshot() == before)
    _ = try rig.edit { _ in }
    _ = try Store(rig.opening, migrations: StoreSchema.migrations + [good])
    #expect(
      try rig.edit { try Int.fetchOne($0, sql: "PRAGMA user_version") }
        == StoreSchema.migrations.count + 1)
  }

  @Test func `a state of the first schema is carried on`() throws {
    let rig = try StoreRig()
    _ = try Store(rig.opening, migrations: Array(StoreSchema.migrations.prefix(1)))
    let end = rig.clock.now.monotonic + 900_000_000_000
    try rig.edit { database in
      #expect(try Int.fetchOne(database, sql: "PRAGMA user_version") == 1)
      try database.execute(
        sql: """
          INSERT INTO slots VALUES (1, 0x1111, \(end));
          INSERT INTO entries VALUES (7, 1, 0xc000020a, 50, NULL, NULL, 0, 1, 1, NULL);
          """)
    }
    let core = try rig.start()
    #expect(core.state.entries(for: address("192.0.2.10")).map(\.host) == ["hosta"])
    #expect(core.state.hostView(named: "hosta")?.slot == Slot(rawValue: 0x1111))
    #expect(
      try rig.edit { try Int.fetchOne($0, sql: "PRAGMA user_version") }
        == StoreSchema.migrations.count)
  }

  @Test func `a host is told what was taken from it although the router has restarted`() throws {
    let rig = try StoreRig()
    try rig.start()
    try rig.live()
    // Everything that can be taken: entries, slot, claim, ports.
    try rig.order(.revoke(prefix("192.0.2.0/24"), reason: "gone", by: "ana"))
    try rig.order(.suspend(host: "hosta"))
    let before = try rig.snapshot()
    #expect(before.lines.joined().contains("gone"))
    try rig.start()
    #expect(try rig.snapshot() == before)
    rig.notices = []
    rig.clock.advance(seconds: 1)
    rig.ask("hosta", .hello, [])
    let told = rig.notices.filter { $0.0 == "10.0.0.11" }.map(\.1)
    #expect(told.first?.invalidAddresses.count == 3 && told.first?.reason == "gone")
    // What it has confirmed it does not hear again, and not after the next restart either.
    for _ in 0..<4 {
      guard let notice = rig.notices.last(where: { $0.0 == "10.0.0.11" })?.1 else { break }
      let confirmation = Message(
        type: .withdrawNotice, isResponse: true, transactionID: notice.transactionID, epoch: 0)
      rig.notices = []
      rig.send("hosta", confirmation.encoded())
    }
    try rig.start()
    #expect(rig.core?.state.untold.first == [])
    let rows = "SELECT count(*) FROM withdrawals WHERE host = 1"
    #expect(try rig.edit { try Int.fetchOne($0, sql: rows) } == 0)
  }

  @Test func `a host that is no longer configured is to be told nothing`() throws {
    let rig = try StoreRig()
    try rig.start()
    try rig.live()
    try rig.order(.suspend(host: "hosta"))
    rig.hosts = ["hostb", "hostc"]
    try rig.start()
    rig.hosts = ["hosta", "hostb", "hostc"]
    try rig.start()
    #expect(rig.core?.state.untold.first == [])
  }

  @Test(
    "a state that others can change is refused",
    arguments: [(UInt32(0o600), true), (0o644, true), (0o620, false), (0o602, false)])
  func permissions(_ mode: UInt32, _ isFine: Bool) throws {
    let rig = try StoreRig()
    try File.create(rig.path, with: [], mode: mode)
    if isFine {
      try rig.start()
    } else {
      #expect(throws: StoreError.self) { try Store(rig.opening) }
    }
  }

  @Test func `only the last folder of the path is made`() throws {
    let rig = try StoreRig()
    var opening = rig.opening
    opening.path = "\(rig.folder)/one/state.sqlite"
    _ = try Store(opening)
    #expect(try File.status("\(rig.folder)/one").mode == 0o750)
    #expect(try File.status(opening.path).mode == 0o600)
    opening.path = "\(rig.folder)/two/three/state.sqlite"
    #expect(throws: StoreError.self) { try Store(opening) }
  }
}
