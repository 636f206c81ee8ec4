import FoundationEssentials
import GRDB
import Net
import PAP
import Testing

@testable import Engine

/// The audit log: what is in it, and that nobody changes it unnoticed.
@Suite struct AuditTests {
  private func rig() throws -> StoreRig {
    let rig = try StoreRig()
    try rig.start()
    rig.lease("hosta", slot: 0x1111)
    rig.validate("hosta", "192.0.2.10")
    try rig.order(.revoke(prefix("192.0.2.10"), reason: "stolen key", by: "ana"))
    try rig.order(.revoke(prefix("192.0.2.10"), seconds: 60, by: "ana"))
    try rig.order(.suspend(host: "hostx"))
    try rig.order(.suspend(host: "hosta"))
    try rig.order(.resume(host: "hosta"))
    try rig.order(.unrevoke(prefix("192.0.2.10")))
    return rig
  }

  @Test func `every action is there with who, what, before, after and result`() throws {
    let rig = try rig()
    let rows = try #require(rig.core).auditReport(last: 100)
    #expect(rows.map(\.sequence) == [1, 2, 3, 4, 5, 6])
    #expect(
      rows.map(\.action) == ["revoke", "revoke", "suspend", "suspend", "resume", "unrevoke"])
    #expect(rows.map(\.result) == ["done", "done", "not-found", "done", "done", "done"])
    #expect(rows[0].target == "192.0.2.10/32")
    #expect(rows[0].time == "2025-11-22T15:40:01.000Z")
    #expect(rows[0].actor == .init(uid: 1000, name: "ana", source: "192.0.2.5"))
    #expect(rows[0].detail["via"] == "ctl")
    #expect(rows[0].detail["entries"] == 1)
    #expect(rows[0].detail["before"]?.string == "not revoked; valid: hosta 192.0.2.10 esp any SPI")
    #expect(rows[0].detail["after"]?.string?.contains("by ana (stolen key)") == true)
    #expect(rows[1].detail["before"]?.string?.contains("by ana (stolen key)") == true)
    #expect(rows[3].detail["before"] == "active")
    #expect(rows[3].detail["after"] == "suspended")
    #expect(rows[2].detail["before"] == nil)
    #expect(try rig.core?.auditReport(last: 2).map(\.sequence) == [5, 6])
  }

  @Test func `the log goes on over a restart`() throws {
    let rig = try rig()
    try rig.start()
    try rig.order(.suspend(host: "hosta"))
    let check = try #require(rig.core).auditFinding()
    #expect(check.intact && check.rows == 7)
  }

  struct Tampering: CustomTestStringConvertible, Sendable {
    let sql: String
    let firstBroken: UInt64
    var testDescription: String { sql }
  }

  @Test(
    "what was changed, removed or put in is found",
    arguments: [
      Tampering(sql: "UPDATE audit SET name = 'eve' WHERE sequence = 3", firstBroken: 3),
      Tampering(sql: "UPDATE audit SET uid = NULL WHERE sequence = 1", firstBroken: 1),
      Tampering(sql: "UPDATE audit SET source = '' WHERE sequence = 2", firstBroken: 2),
      Tampering(sql: "UPDATE audit SET time = time + 1 WHERE sequence = 6", firstBroken: 6),
      Tampering(
        sql: "UPDATE audit SET action = action || 'd', target = 'hosta' WHERE sequence = 4",
        firstBroken: 4),
      Tampering(sql: "UPDATE audit SET hash = zeroblob(32) WHERE sequence = 5", firstBroken: 5),
      Tampering(sql: "DELETE FROM audit WHERE sequence = 2", firstBroken: 2),
      Tampering(sql: "DELETE FROM audit WHERE sequence = 6", firstBroken: 6),
      Tampering(sql: "DELETE FROM audit", firstBroken: 1),
      Tampering(
        sql: "INSERT INTO audit SELECT 7, time, uid, name, source, action, target, detail, result,"
          + " hash FROM audit WHERE sequence = 6", firstBroken: 7),
    ])
  func tampering(_ tampering: Tampering) throws {
    let rig = try rig()
    #expect(try rig.core?.auditFinding().intact == true)
    try rig.edit { try $0.execute(sql: tampering.sql) }
    let check = try rig.start().auditFinding()
    #expect(!check.intact && check.firstBroken == tampering.firstBroken)
  }

  /// Makes a log of so many rows.
  private func fill(_ rig: StoreRig, rows: Int) throws {
    try rig.edit { database in
      var head = AuditHead.genesis
      for number in 1...rows {
        let record = AuditRecord(
          time: UInt64(number), actor: .unknown, action: "revoke", target: "192.0.2.\(number)",
          detail: "{}", result: "done")
        let row = AuditRow(record, after: head)
        try row.insert(into: database)
        head = AuditHead(row)
      }
      try database.execute(
        sql: "UPDATE router SET audit_sequence = ?, audit_hash = ?",
        arguments: [Int64(head.sequence), Data(head.hash)])
    }
  }

  @Test(arguments: [1, 255, 256, 257, 512, 700])
  func `a log of any length is read whole`(_ rows: Int) throws {
    let rig = try StoreRig()
    try rig.start()
    try fill(rig, rows: rows)
    let core = try rig.start()
    #expect(try core.auditReport(last: 1_000).map(\.sequence) == Array(1...UInt64(rows)))
    let newest = try core.auditReport(last: 257).map(\.sequence)
    #expect(newest == Array(UInt64(max(1, rows - 256))...UInt64(rows)))
    #expect(try core.auditReport(last: 0).isEmpty)
    let finding = try core.auditFinding()
    #expect(finding.intact && finding.rows == UInt64(rows))
  }

  @Test func `a change deep in a long log is found`() throws {
    let rig = try StoreRig()
    try rig.start()
    try fill(rig, rows: 700)
    try rig.edit { try $0.execute(sql: "UPDATE audit SET target = 'x' WHERE sequence = 513") }
    #expect(try rig.start().auditFinding().firstBroken == 513)
  }

  /// A client's end of a connection to a router with a store.
  private func connect(_ server: ControlServer) throws -> UnixStream {
    let (ours, theirs) = try UnixStream.pair()
    try server.adopt(theirs, as: ControlUser(name: "ana", role: .operator))
    return ours
  }

  @Test(arguments: ["audit-verify", "audit"])
  func `nobody waits while somebody looks at a long log`(_ verb: String) throws {
    let rig = try StoreRig()
    try rig.start()
    try fill(rig, rows: 2_000)
    let core = try rig.start()
    let reactor = try Reactor()
    let server = ControlServer(core: core, handler: RequestHandler(core: core), reactor: reactor)
    let (patient, other) = (try connect(server), try connect(server))
    _ = try patient.write("{\"id\":1,\"verb\":\"\(verb)\",\"arguments\":{}}\n".utf8)
    _ = try other.write("{\"id\":2,\"verb\":\"status\"}\n".utf8)
    var finished: [String] = []
    for (name, client) in [("long", patient), ("status", other)] {
      try reactor.watch(client.rawValue, read: true, write: false) { _ in
        let octets = (try? client.read()) ?? []
        if octets.isEmpty || octets.last == 10 { finished.append(name) }
        if finished.count == 2 { reactor.stop() }
      }
    }
    reactor.run()
    #expect(finished == ["status", "long"])
  }

  @Test func `a log that cannot be read is an answer, not an end`() throws {
    let rig = try rig()
    let core = try #require(rig.core)
    try DatabaseQueue(path: rig.path).write { try $0.execute(sql: "DROP TABLE audit") }
    let reactor = try Reactor()
    let server = ControlServer(core: core, handler: RequestHandler(core: core), reactor: reactor)
    let client = try connect(server)
    let verbs = ["audit", "audit-verify", "whoami"]
    for (number, verb) in verbs.enumerated() {
      _ = try client.write("{\"id\":\(number),\"verb\":\"\(verb)\"}\n".utf8)
    }
    var received: [UInt8] = []
    try reactor.watch(client.rawValue, read: true, write: false) { _ in
      received += (try? client.read()) ?? []
      if received.count(where: { $0 == 10 }) == verbs.count { reactor.stop() }
    }
    reactor.run()
    let lines = String(decoding: received, as: UTF8.self).split(separator: "\n")
    #expect(lines.map { $0.contains("store-failed") } == [true, true, false])
    #expect(lines.last?.hasPrefix(#"{"id":2,"result""#) == true)
  }

  /// Made with hashlib of Python: sha256(bytes(32) + ...) as the description of the hash says.
  @Test func `the hash is the one that is described`() {
    let first = AuditRow(
      AuditRecord(
        time: 1_763_826_001_000,
        actor: AuditActor(userID: 1000, name: "ana", source: "192.0.2.5"), action: "revoke",
        target: "192.0.2.10/32", detail: "{\"via\":\"ctl\"}", result: "done"), after: .genesis)
    let second = AuditRow(
      AuditRecord(
        time: 1_763_826_002_000, actor: AuditActor(userID: nil, name: "örs", source: nil),
        action: "stop", target: "engine", detail: "{}", result: "done"), after: AuditHead(first))
    #expect(
      first.hash.hexadecimal == "44d4bb29da987c9c695dc29c122385cc5b286d40c4f940f081b4f2612ed672d0")
    #expect(
      second.hash.hexadecimal == "befdf9a90ff429b71d6aba8c2e55d6cd8f769b1d2b680dec80343948c01d4c35")
  }
}

extension [UInt8] {
  fileprivate var hexadecimal: String {
    map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
  }
}
