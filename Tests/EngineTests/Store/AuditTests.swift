import GRDB
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
    let rows = try #require(rig.core).auditRows(last: 100)
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
    #expect(try rig.core?.auditRows(last: 2).map(\.sequence) == [5, 6])
  }

  @Test func `the log goes on over a restart`() throws {
    let rig = try rig()
    try rig.start()
    try rig.order(.suspend(host: "hosta"))
    let check = try #require(rig.core).auditCheck()
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
    #expect(try rig.core?.auditCheck().intact == true)
    try rig.edit { try $0.execute(sql: tampering.sql) }
    let check = try rig.start().auditCheck()
    #expect(!check.intact && check.firstBroken == tampering.firstBroken)
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
