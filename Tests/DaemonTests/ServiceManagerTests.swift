import Testing

@testable import Daemon

/// What the environment says, by sd_notify(3) and sd_watchdog_enabled(3).
@Suite struct ServiceManagerTests {
  @Test(arguments: [nil, "", "run/notify", "vsock:2:1"])
  func withoutASocketThereIsNoManager(path: String?) {
    #expect(ServiceManager(environment: path.map { ["NOTIFY_SOCKET": $0] } ?? [:]) == nil)
  }

  @Test(arguments: [
    (["WATCHDOG_USEC": "20000000"], 20.0),
    (["WATCHDOG_USEC": "1500000", "WATCHDOG_PID": "7"], 1.5),
    (["WATCHDOG_USEC": "1500000", "WATCHDOG_PID": "8"], nil), (["WATCHDOG_USEC": "0"], nil),
    (["WATCHDOG_USEC": "-1"], nil), ([:], nil),
  ])
  func theWatchdogIsMeantForOneProcess(environment: [String: String], seconds: Double?) throws {
    let all = environment.merging(["NOTIFY_SOCKET": "@nobody"]) { own, _ in own }
    let manager = try #require(ServiceManager(environment: all, processID: 7))
    #expect(manager.watchdogInterval == seconds)
  }
}
