internal import Engine

/// The stretch of time that graphs show.
enum GraphSpan: Int, CaseIterable, Sendable {
  case minute
  case tenMinutes
  case day

  var next: GraphSpan {
    Self.allCases[(rawValue + 1) % Self.allCases.count]
  }

  /// As headings write it.
  var label: String {
    switch self {
    case .minute: "1 min"
    case .tenMinutes: "10 min"
    case .day: "24 h"
    }
  }

  /// Seconds that one value of the engine's history stands for.
  var resolution: Int {
    switch self {
    case .minute: 1
    case .tenMinutes: 10
    case .day: 600
    }
  }

  /// Nanoseconds after which the values are asked for again.
  var refresh: UInt64 { UInt64(min(resolution, 30)) * Moment.second }
}

/// Rates over one stretch of time, oldest first, as graphs show them.
struct Trend: Equatable, Sendable {
  var inbound: [Double] = []
  var outbound: [Double] = []
  var dropped: [Double] = []
  /// By the reason's name; reasons never seen are missing.
  var reasons: [String: [Double]] = [:]

  init() {}

  /// The last minute, as this console has it.
  init(_ history: RateHistory) {
    inbound = history.inbound.values
    outbound = history.outbound.values
    dropped = history.dropped.values
    reasons = history.reasons.mapValues(\.values)
  }

  /// What the engine has kept.
  init(_ report: HistoryReport) {
    let seconds = Double(max(1, report.resolution))
    func rates(_ counts: [UInt64]) -> [Double] { counts.map { Double($0) / seconds } }
    inbound = rates(report.forwarded.inbound.packets)
    outbound = rates(report.forwarded.outbound.packets)
    dropped = rates(report.dropped)
    reasons = report.drops.filter { $0.value.contains { $0 > 0 } }.mapValues(rates)
  }
}

extension Model {
  /// The rates over the stretch of time that graphs show.
  var trend: Trend { graphSpan == .minute ? Trend(history) : trends[graphSpan] ?? Trend() }
}
