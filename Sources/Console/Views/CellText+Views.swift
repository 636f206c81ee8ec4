internal import Engine
internal import Net
internal import PAP

// What the views of drops, IKE, ports and audit write alike.

extension CellText {
  /// A counter as it is shown: in all, since it was zeroed, or of the last interval.
  static func counted(
    _ total: UInt64, _ counter: KeyPath<Tally, UInt64>, _ context: CellContext
  ) -> TextRun {
    let shown = context.counts.shown(total, counter)
    return TextRun(Format.count(shown), shown > 0 ? .text : .textDim)
  }

  static func dropRate(_ rate: Double) -> TextRun {
    TextRun(Format.rate(rate), rate > 0 ? .textStrong : .textDim)
  }

  /// A graph of the whole time that graphs show, as wide as the column.
  static func trend(_ values: [Double], _ context: CellContext) -> TextRun {
    let (width, glyphs) = (context.width, context.glyphs)
    let shown = Graph.fitted(values, width: width, glyphs: glyphs)
    return TextRun(Graph.spark(shown, width: width, glyphs: glyphs), .graphMid)
  }

  static func gauge(_ part: UInt64, of whole: UInt64, _ context: CellContext) -> TextRun {
    let share = whole == 0 ? 0 : Double(part) / Double(whole)
    return TextRun(
      Graph.gauge(share, width: context.width, glyphs: context.glyphs).full, .graphMid)
  }

  static func role(ofValidity state: String) -> Role {
    switch state {
    case "valid": .stateOK
    case "revoked": .stateFail
    default: .textDim
    }
  }

  static func mark(ofValidity state: String, _ context: CellContext) -> TextRun {
    switch state {
    case "valid": TextRun(String(context.glyphs[.valid]), .stateOK)
    case "revoked": TextRun(String(context.glyphs[.revoked]), .stateFail)
    default: TextRun("")
    }
  }

  static func role(ofIKE kind: String) -> Role {
    switch kind {
    case "open": .stateOK
    case "half-open": .stateAttention
    case "rate-limited": .stateFail
    default: .textDim
    }
  }

  static func mark(_ row: IKERow, _ context: CellContext) -> TextRun {
    let glyph: Glyphs.Name? =
      switch row.kind {
      case "open": .valid
      case "half-open": .silent
      case "rate-limited": .revoked
      default: nil
      }
    return TextRun(glyph.map { String(context.glyphs[$0]) } ?? "", role(ofIKE: row.kind))
  }

  /// Of a label only what is the host's: the rest is its daemon's choice.
  static func ikeSPI(_ row: IKERow, _ context: CellContext) -> TextRun {
    guard let spi = row.spi else { return TextRun("-", .textDim) }
    return row.kind == "label" ? TextRun("\(spi.prefix(6))*") : TextRun(spi)
  }

  static func glyph(ofPorts state: String) -> Glyphs.Name {
    switch state {
    case "leased": .portsLeased
    case "quarantined": .portsQuarantined
    case "reserved": .portsReserved
    default: .portsFree
    }
  }

  static func role(ofPorts state: String) -> Role {
    switch state {
    case "leased": .stateOK
    case "quarantined": .stateAttention
    case "reserved": .stateOff
    default: .textDim
    }
  }

  static func role(ofAudit row: AuditViewRow) -> Role {
    if row.action == "warning" { return .stateAttention }
    return row.kind == "action" ? .text : .textDim
  }

  static func mark(_ row: AuditViewRow, _ context: CellContext) -> TextRun {
    let age = Timestamp.seconds(row.time).map { context.wall - Double($0) }
    return TextRun(age.map { $0 < newTime } ?? false ? String(context.glyphs[.new]) : "", .rowNew)
  }
}
