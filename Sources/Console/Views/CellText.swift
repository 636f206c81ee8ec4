internal import Engine
internal import Net
internal import PAP

/// What several columns and the details write alike.
enum CellText {
  static func rate(_ value: Double?) -> TextRun {
    guard let value else { return TextRun("-", .textDim) }
    return TextRun(Format.rate(value), value > 0 ? .text : .textDim)
  }

  static func bits(_ value: Double?) -> TextRun {
    guard let value else { return TextRun("-", .textDim) }
    return TextRun(Format.bits(value), value > 0 ? .text : .textDim)
  }

  static func spi(_ spi: SPI?) -> TextRun {
    spi.map { TextRun($0.description) } ?? TextRun("any", .textDim)
  }

  static func drops(_ total: UInt64, _ context: CellContext) -> TextRun {
    let count = context.counts.shown(total, \.drops)
    return TextRun(Format.count(count), count > 0 ? .stateAttention : .textDim)
  }

  static func violations(_ total: UInt64, _ context: CellContext) -> TextRun {
    let count = context.counts.shown(total, \.violations)
    return TextRun(Format.count(count), count > 0 ? .stateFail : .textDim)
  }

  /// How long ago something was, in one unit and a half.
  static func ago(_ time: String?, _ context: CellContext) -> TextRun {
    guard let seconds = time.flatMap(Timestamp.seconds) else { return TextRun("-", .textDim) }
    return TextRun(
      context.times.showsAges
        ? Format.age(Format.calm(context.wall - Double(seconds)))
        : context.times.clock(seconds, now: context.wall))
  }

  /// When something was logged: by the clock, unless ages are wanted everywhere.
  static func time(_ time: String, _ context: CellContext) -> TextRun {
    let isUsual = context.times.format == .usual
    return isUsual ? TextRun(clock(time), .textDim) : TextRun(ago(time, context).text, .textDim)
  }

  /// How long it is until something.
  static func until(_ time: String?, _ context: CellContext, never: String) -> TextRun {
    guard let time else { return TextRun(never, .textDim) }
    guard let seconds = Timestamp.seconds(time) else { return TextRun("?", .textDim) }
    let left = Double(seconds) - context.wall
    let text =
      context.times.showsAges
      ? Format.age(left) : context.times.clock(seconds, now: context.wall)
    return TextRun(text, left < endingSoon ? .stateAttention : .text)
  }

  /// Seconds before its end from which something is shown to be ending.
  static let endingSoon = 60.0
  /// Seconds for which a row is shown to be new.
  static let newTime = 5.0

  /// The time of day in what the router dates, in UTC.
  static func clock(_ time: String) -> String {
    let octets = time.utf8
    guard octets.count >= 19 else { return "?" }
    return String(time.prefix(19).suffix(8))
  }

  /// The time of day, in UTC, of seconds since 1970.
  static func clock(wall: Double) -> String {
    clock(Timestamp.text(UInt64(max(0, min(wall, 1e10))) * 1_000_000_000))
  }

  static func range(of host: HostRow) -> TextRun {
    guard let first = host.firstSPI, host.spiCount > 0 else { return TextRun("-", .textDim) }
    let last = SPI(rawValue: first.rawValue &+ (host.spiCount - 1))
    return TextRun("\(first)-\(last.description.dropFirst(2))")
  }

  static func ports(_ ports: HostRow.Ports?) -> TextRun {
    guard let ports, ports.count > 0 else { return TextRun("-", .textDim) }
    return TextRun("\(ports.first)-\(UInt32(ports.first) + UInt32(ports.count) - 1)")
  }

  static func hosts(_ peer: PeerRow) -> TextRun {
    if peer.hosts.isEmpty { return TextRun(peer.state == "revoked" ? "all hosts" : "-", .textDim) }
    return TextRun(peer.hosts.joined(separator: " "))
  }

  static func spiOrPorts(_ row: DropRow) -> TextRun {
    if let spi = row.spi { return TextRun(spi.description) }
    guard let source = row.sourcePort, let destination = row.destinationPort else {
      return TextRun("-", .textDim)
    }
    return TextRun("\(source)>\(destination)")
  }

  static func mark(_ row: SARow, _ context: CellContext) -> TextRun {
    let expires = row.expires.flatMap(Timestamp.seconds).map { Double($0) - context.wall }
    let isEnding = expires.map { $0 < endingSoon } ?? false
    return TextRun(isEnding ? String(context.glyphs[.ending]) : "", .rowChanged)
  }

  static func mark(_ row: DropRow, _ context: CellContext) -> TextRun {
    let age = Timestamp.seconds(row.time).map { context.wall - Double($0) }
    return TextRun(age.map { $0 < newTime } ?? false ? String(context.glyphs[.new]) : "", .rowNew)
  }

  static func mark(_ row: HostRow, _ context: CellContext) -> TextRun {
    let glyph: Glyphs.Name =
      switch row.state {
      case "active": .valid
      case "suspended": .suspended
      default: .silent
      }
    return TextRun(String(context.glyphs[glyph]), role(ofHostState: row.state))
  }

  static func mark(_ row: PeerRow, _ context: CellContext) -> TextRun {
    row.state == "revoked"
      ? TextRun(String(context.glyphs[.revoked]), .stateFail)
      : TextRun(String(context.glyphs[.valid]), .stateOK)
  }

  static func role(ofHostState state: String) -> Role {
    switch state {
    case "active": .stateOK
    case "suspended": .stateFail
    default: .stateOff
    }
  }

  /// The two checks of the router and the operator's own stand out.
  static func role(ofReason name: String) -> Role {
    switch DropReason(name: name) {
    case .spiNotLeased, .addressNotValidated: .stateAttention
    case .addressRevoked, .hostSuspended: .stateFail
    default: .text
    }
  }
}

extension Format {
  /// An age rounded down to steps that grow with it, so that a table of ages is not in motion all the
  /// time: 5 s below 20 s, then 10 s up to a minute, then 30 s.
  static func calm(_ seconds: Double) -> Double {
    guard seconds.isFinite, seconds >= 5, seconds < 600 else { return seconds }
    let step = seconds < 20 ? 5.0 : seconds < 60 ? 10 : 30
    return (seconds / step).rounded(.down) * step
  }

  /// A length of time in at most six columns: `12s`, `41m`, `9h12m`, `2d03h`.
  static func age(_ seconds: Double) -> String {
    guard seconds.isFinite else { return "?" }
    let whole = max(0, seconds)
    return whole < 600 || whole >= 3600
      ? duration(whole) : String(duration(whole).prefix { $0 != "m" }) + "m"
  }
}
