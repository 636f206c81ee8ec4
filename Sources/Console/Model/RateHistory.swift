internal import Engine

/// The last sixty values of something measured each second, oldest first.
struct Series: Equatable, Sendable {
  /// How many values are kept.
  static let length = 60

  private(set) var values: [Double] = []

  init(_ values: [Double] = []) { self.values = Array(values.suffix(Self.length)) }

  /// Adds a value, `times` over where seconds were missed.
  mutating func append(_ value: Double, times: Int = 1) {
    values.append(contentsOf: repeatElement(value, count: min(max(1, times), Self.length)))
    if values.count > Self.length { values.removeFirst(values.count - Self.length) }
  }

  var last: Double { values.last ?? 0 }
  var greatest: Double { values.max() ?? 0 }
}

/// Rates over the last minute, in all and for each drop reason; made from counters seen a second or
/// so apart.
struct RateHistory: Equatable, Sendable {
  var inbound = Series()
  var outbound = Series()
  var dropped = Series()
  /// By the reason's name; reasons never seen have no series.
  var reasons: [String: Series] = [:]
  /// Bits a second at the last reading.
  var inboundBits = 0.0
  var outboundBits = 0.0

  private var previous: Reading?

  private struct Reading: Equatable, Sendable {
    var time: UInt64
    var epoch: UInt32
    var packets: StatusReport.Packets
    var bytes: StatusReport.Bytes
    var drops: [String: UInt64]
  }

  /// Takes the router's counters in, read at `time` (monotonic nanoseconds).
  mutating func add(_ status: StatusReport, at time: UInt64) {
    let reading = Reading(
      time: time, epoch: status.epoch, packets: status.packets, bytes: status.bytes,
      drops: status.drops)
    guard let previous, previous.epoch == reading.epoch, time > previous.time,
      reading.packets.received >= previous.packets.received
    else {
      self.previous = reading
      return
    }
    // Two readings close together would make a wild rate of a single packet.
    guard time - previous.time > Moment.second * 9 / 10 else { return }
    append(from: previous, to: reading)
    self.previous = reading
  }

  private mutating func append(from old: Reading, to new: Reading) {
    let seconds = Double(new.time - old.time) / Double(Moment.second)
    let times = Int(seconds.rounded())
    func rate(_ old: UInt64, _ new: UInt64) -> Double {
      Double(new > old ? new - old : 0) / seconds
    }
    inbound.append(rate(old.packets.forwardedInbound, new.packets.forwardedInbound), times: times)
    outbound.append(
      rate(old.packets.forwardedOutbound, new.packets.forwardedOutbound), times: times)
    dropped.append(rate(old.packets.dropped, new.packets.dropped), times: times)
    inboundBits = 8 * rate(old.bytes.forwardedInbound, new.bytes.forwardedInbound)
    outboundBits = 8 * rate(old.bytes.forwardedOutbound, new.bytes.forwardedOutbound)
    for (name, count) in new.drops {
      let value = rate(old.drops[name] ?? count, count)
      guard value > 0 || reasons[name] != nil else { continue }
      var series = reasons[name] ?? Series(Array(repeating: 0, count: dropped.values.count - times))
      series.append(value, times: times)
      reasons[name] = series
    }
  }
}
