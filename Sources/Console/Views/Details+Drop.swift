internal import Engine
internal import PAP

// A dropped packet: why, what its headers say, and what can be done about it.

extension Details {
  static func drop(_ row: DropRow, _ context: CellContext) -> [Line] {
    let words = DropExplanation.of(row.reason)
    return [
      pair("Reason", row.reason, CellText.role(ofReason: row.reason)),
      .text(words?.meaning ?? "This console does not know the reason."), .text(words?.advice ?? ""),
      .heading("The packet"),
      pair("Time", moment(row.time, context)),
      pair("Direction", row.direction == "inbound" ? "from outside to a host" : "from a host out"),
      pair("Length", row.length.map { "\($0) octets, IPv4 header included" } ?? "not known"),
      pair("Protocol", protocolName(row.protocol)),
      pair("Source", endpoint(row.source, row.sourcePort), .textStrong),
      pair("Destination", endpoint(row.destination, row.destinationPort)),
    ] + payload(row) + [
      pair("Host", row.host ?? "none known"),
      pair("Alike", row.count == 1 ? "this one only" : "\(row.count) folded into this line"),
    ]
  }

  // What the header after that of IP says, as far as it was read.
  private static func payload(_ row: DropRow) -> [Line] {
    var lines: [Line] = []
    if let source = row.sourcePort, let destination = row.destinationPort {
      lines.append(pair("Ports", "\(service(source)) to \(service(destination))"))
    }
    if row.spi != nil || ["esp", "ah"].contains(row.protocol) {
      lines.append(pair("SPI", row.spi == nil ? "not readable" : spi(row.spi)))
    }
    if row.protocol == "udp", row.spi != nil {
      lines.append(pair("Inside", "ESP in UDP (RFC 3948)"))
    } else if row.protocol == "udp", [row.sourcePort, row.destinationPort].contains(where: isIKE) {
      lines.append(pair("Inside", "IKE"))
    }
    return lines
  }

  private static func isIKE(_ port: UInt16?) -> Bool { port == 500 || port == 4500 }

  private static func service(_ port: UInt16) -> String {
    switch port {
    case 500: "500 (IKE)"
    case 4500: "4500 (IKE and ESP in UDP)"
    default: "\(port)"
    }
  }
}

extension Details {
  /// What can be done about a drop: the actions with their keys, and why those cannot be done that now
  /// cannot.
  static func offers(for row: Row, reason: String, _ model: Model) -> [Line] {
    let actions = DropExplanation.offers(for: reason).compactMap(Action.named)
    let offered = actions.filter { $0.applies(in: model.view) }
    guard !offered.isEmpty else { return [] }
    return [.heading("What can be done")]
      + offered.map { action in
        let text = sentence(action, row) ?? action.title
        let key = model.settings.keymap.hint(of: action.id)
        switch model.availability(of: action) {
        case .enabled: return .pair(key, [TextRun(text)])
        case .disabled(let why): return .pair(key, [TextRun("\(text): \(why)", .textDim)])
        }
      }
  }

  private static func sentence(_ action: Action, _ row: Row) -> String? {
    let subject = row.subject
    let target = subject.target?.short ?? "an address"
    let host = subject.host
    switch action.id {
    case .validate: return "validate \(target)" + (host.map { " for \($0)" } ?? " for a host")
    case .revoke: return "revoke \(target): nothing from there gets through, whoever accepts it"
    case .lift: return "lift the revocation that covers \(target)"
    case .suspend: return host.map { "suspend \($0), or resume it" }
    case .showEntries: return "the entries of \(host ?? target)"
    case .showInLog: return "all its drops in the log"
    default: return nil
    }
  }
}

extension DropExplanation {
  /// The actions that help against drops for a reason, the first first.
  static func offers(for name: String) -> [ActionID] {
    guard let reason = DropReason(name: name) else { return [] }
    switch reason {
    case .addressNotValidated: return [.validate, .revoke, .showEntries]
    case .spiNotLeased, .spiReserved, .portNotLeased, .unsupportedProtocol, .malformed, .ipOptions,
      .fragmentInvalid, .fragmentTimeout, .fragmentOverflow, .icmpRateLimited:
      return [.revoke, .showEntries]
    case .ikeNoOwner, .ikeRateLimited, .icmpNoOwner: return [.revoke, .validate, .showEntries]
    case .addressRevoked: return [.lift, .showEntries]
    case .hostSuspended: return [.suspend, .showEntries]
    case .tunnelNested, .sourceNotExternal, .destinationForbidden, .portNotOwned, .ikeSPINotOwned,
      .ecnInvalid, .hairpinDisabled:
      return [.suspend, .showEntries]
    case .ttlExpired, .tooBig, .tunnelUnknownHost, .writeFailed: return [.showEntries]
    }
  }
}
