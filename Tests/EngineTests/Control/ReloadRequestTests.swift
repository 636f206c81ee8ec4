import Configuration
import FoundationEssentials
import Net
import PAP
import Testing

@testable import Engine

/// Another configuration for the whole engine core.
struct ReloadRequestTests {
  private let actor = AuditActor(userID: 1000, name: "ana", source: nil)

  private func configuration(_ text: String) throws -> RouterConfiguration {
    try RouterConfiguration(text: text, file: "r.toml")
  }

  private func reload(_ core: EngineCore, _ text: String) throws -> ConfigurationDifference {
    let new = try configuration(text)
    return try core.reload(
      new, keys: new.hosts.map { _ in [] }, for: ReloadRequest(by: actor, via: "test"))
  }

  @Test func nothingChangesWithoutADifference() throws {
    let rig = try ControlRig()
    let difference = try reload(rig.core, ControlRig.configuration + "\n# a remark\n")
    #expect(difference.isEmpty && difference.message == "nothing changed")
  }

  @Test func aRemovedHostIsGoneAndTheOtherStays() throws {
    let rig = try ControlRig()
    try rig.lease()
    let changes = rig.core.changes
    let start = try #require(ControlRig.configuration.range(of: "[[host]]\nname = \"hostb\""))
    let text = String(ControlRig.configuration[..<start.lowerBound])
    let difference = try reload(rig.core, text + "[log]\ndrop-sample-per-second = 0\n")
    #expect(difference.hostsRemoved == ["hostb"] && difference.hostsAdded == [])
    #expect(difference.changed.map(\.key) == ["log.drop-sample-per-second"])
    #expect(rig.core.hostRows.map(\.name) == ["hosta"] && rig.core.state.slotCount == 1)
    #expect(rig.core.dropLog.rowsPerSecond == 0 && rig.core.changes > changes)
  }

  @Test func whatNeedsARestartIsRefusedWhole() throws {
    let rig = try ControlRig()
    let text = ControlRig.configuration.replacing(
      "[pap]", with: "tun = \"other\"\nhairpin = true\n[pap]"
    )
    .replacing("\"hostb\"", with: "\"hostc\"")
    let error = try #require(throws: ControlError.self) { try reload(rig.core, text) }
    #expect(error.code == "restart-needed")
    #expect(
      error.message == """
        key 'router.tun': dnat0 -> other: restart the engine to change it
        key 'router.hairpin': false -> true: restart the engine to change it
        """)
    #expect(rig.core.hostRows.map(\.name) == ["hosta", "hostb"])
    #expect(rig.core.configuration.tun == "dnat0")
  }

  @Test func viewersMayNotReload() throws {
    let rig = try ControlRig()
    let error = try #require(throws: ControlError.self) { try rig.ask("reload", role: .viewer) }
    #expect(error.code == "not-permitted")
  }

  @Test func theAnswerHasTheKeysOfTheContract() throws {
    let rig = try ControlRig()
    var asked: AuditActor?
    rig.handler.reload = { request throws(ControlError) in
      asked = request.actor
      var difference = ConfigurationDifference()
      difference.hostsAdded = ["hostc"]
      return difference
    }
    let answer = try rig.ask("reload", ["source": .string("192.0.2.5"), "via": .string("ctl")])
    #expect(answer.keys == ["changed", "hostsAdded", "hostsChanged", "hostsRemoved"])
    #expect(asked?.signature == "ana@192.0.2.5")
    #expect(throws: ControlError.self) { try rig.ask("reload", ["file": .string("/etc/passwd")]) }
  }

  @Test func whatAReloadWouldChangeIsSaidAndNothingChanges() throws {
    let rig = try ControlRig()
    try rig.lease()
    for address in ["192.0.2.10", "192.0.2.11"] {
      _ = try rig.ask("validate", ["address": .string(address), "host": "hostb"])
    }
    let start = try #require(ControlRig.configuration.range(of: "[[host]]\nname = \"hostb\""))
    let new = try configuration(String(ControlRig.configuration[..<start.lowerBound]))
    let core = rig.core
    rig.handler.reloadDifference = { () throws(ControlError) in
      try core.difference(to: RouterPolicy(new, keys: [[]]), of: new)
    }
    let before = core.changes
    let plan: [String: JSONValue] = [
      "verb": "reload", "arguments": .object(["source": "192.0.2.5", "via": "console"]),
    ]
    let report = try rig.ask("explain", plan)
    #expect(report["message"] == "this would change host hostb: removed")
    #expect(report["hosts"] == .array(["hostb"]))
    #expect(report["entries"] == 2 && report["allEntries"] == 2)
    #expect(report["rows"]?[1]?["address"] == "192.0.2.11")
    #expect(core.changes == before && core.hostRows.count == 2)
    // Whoever may only look has no file read.
    let error = #expect(throws: ControlError.self) {
      try rig.ask("explain", plan, role: .viewer)
    }
    #expect(error?.code == "not-permitted")
    #expect(throws: ControlError.self) {
      try rig.ask("explain", ["verb": "reload", "arguments": .object(["host": "hosta"])])
    }
  }

  @Test func theReasonOfAReloadIsForTheAuditLog() throws {
    let rig = try ControlRig()
    var asked: ReloadRequest?
    rig.handler.reload = { request throws(ControlError) in
      asked = request
      return ConfigurationDifference()
    }
    _ = try rig.ask("reload", ["reason": "hostc moves"])
    let record = try #require(asked).record("nothing changed", result: "done", at: rig.core.now)
    #expect(record.detail.contains(#""reason":"hostc moves""#))
    #expect(throws: ControlError.self) { try rig.ask("reload", ["reason": "\u{1b}"]) }
  }

  @Test func whoMayNotLookAnyMoreIsDroppedAfterItsAnswers() throws {
    let rig = try ControlRig()
    let client = try rig.connect()
    rig.server.admit(
      by: AccessRules(
        ownUser: ThisProcess.userID == 0 ? 1 : ThisProcess.userID, operatorGroup: nil,
        viewerGroup: nil))
    _ = try client.write(Array("{\"id\":1,\"verb\":\"whoami\"}\n".utf8))
    // Root and the engine's own user may always act.
    #expect(try rig.lines(1, from: client).first?.contains("operator") == true)
  }

  @Test func removedHostsAreGoneFromTheStoreAndNewOnesAreIn() throws {
    let rig = try StoreRig()
    try rig.start()
    try rig.live()
    rig.hosts = ["hostd", "hosta"]
    let new = try rig.configuration()
    let difference = try rig.core?.reload(
      new, keys: [[], []], for: ReloadRequest(by: actor, via: "test"))
    #expect(difference?.hostsAdded == ["hostd"] && difference?.hostsRemoved == ["hostb", "hostc"])
    rig.lease("hostd", slot: 0x4444)
    rig.validate("hostd", "192.0.2.40")
    let before = try rig.snapshot()
    #expect(before.lines.contains { $0.contains("192.0.2.40") })
    let restarted = try rig.start()
    #expect(restarted.state.hostViews.map(\.name) == ["hostd", "hosta"])
    #expect(
      restarted.state.entries(ofHost: "hostd").map(\.entry.address) == [address("192.0.2.40")])
    #expect(restarted.state.entries(ofHost: "hosta").count == 3)
    let row = try #require(try restarted.auditReport(last: 1).first)
    #expect(row.action == "reload" && row.actor.name == "ana" && row.result == "done")
    // What the removed one held rests, and is not the new host's.
    #expect(
      rig.ask("hosta", .securityRequest, [.spis(first: 0x2222_0001, count: 1)]) == [
        ResultCode.inUse.rawValue
      ])
  }
}
