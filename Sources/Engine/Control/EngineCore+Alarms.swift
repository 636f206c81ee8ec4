internal import Configuration
internal import Net

// What an operator must know before anything else.

extension EngineCore {
  /// Drops a second for too much IKE, or IKE for nobody, that make a flood.
  private static let ikeFlood = 20.0
  /// Limits that an alarm names.
  private static let namedLimits = 2

  /// Looks for what is wrong.
  ///
  /// To be called once a second.
  func watchAlarms() {
    if alarms.update(wrongs, at: routerTime) { changes += 1 }
  }

  /// The alarms in the words of the contract.
  var alarmReports: [StatusReport.Alarm] {
    alarms.alarms.map { alarm in
      StatusReport.Alarm(
        code: alarm.code.rawValue, text: alarm.text,
        since: Timestamp.text(wallClock(of: alarm.since)))
    }
  }

  private var wrongs: [Alarm.Code: String] {
    var wrongs: [Alarm.Code: String] = [:]
    if let problem = writer?.problem {
      wrongs[.storeNotDurable] = "NOT DURABLE, hosts get no answers: \(problem)"
    }
    let limits = state.reachedLimits
    if !limits.isEmpty {
      let named = limits.prefix(Self.namedLimits).joined(separator: "; ")
      let more = limits.count - Self.namedLimits
      wrongs[.limitReached] = named + (more > 0 ? "; and \(more) more" : "")
    }
    let ike = ikeDropsPerSecond
    if ike >= Self.ikeFlood {
      wrongs[.ikeFlood] = "IKE flood: \(Int(ike.rounded())) messages a second dropped"
    }
    if rates.perSecond(\.unloggedDrops) > 0 {
      wrongs[.dropRingOverflow] =
        "more drops than can be logged: the log has gaps, counters are exact"
    }
    if configuration.authentication == .none {
      wrongs[.authenticationOff] = "authentication is off: hosts need not prove who they are"
    }
    return wrongs
  }

  private var ikeDropsPerSecond: Double {
    let reasons: [DropReason] = [.ikeRateLimited, .ikeNoOwner]
    return reasons.reduce(0) { sum, reason in
      sum + rates.perSecond { $0.drops[Int(reason.rawValue)] }
    }
  }
}
