internal import Configuration
internal import Net
internal import PAP

// What an order would do, for a confirmation.

extension EngineCore {
  /// Rows of entries in `explain`.
  private static let explainedRows = 100

  /// What an order would do if it were given now.
  func explainReport(_ order: Order) throws(CommandError) -> ExplainReport {
    let preview = try preview(order)
    let perSecond = preview.entries.reduce(0.0) { $0 + entryRates.perSecond(of: $1.id) }
    return ExplainReport(
      message: preview.message, hosts: preview.hosts, entries: preview.entries.count,
      rows: preview.entries.prefix(Self.explainedRows).map { SARow(record($0)) },
      packetsPerSecond: perSecond, allEntries: state.entryCount, leftOut: preview.leftOut,
      ownPeer: cutsOff(order, preview.entries), touchedBy: preview.touch?.by,
      touchedAt: preview.touch.map { Timestamp.text($0.at.wallClock) })
  }

  /// What going on under another configuration would do.
  func explainReport(_ difference: ConfigurationDifference) -> ExplainReport {
    // Only a host that is removed loses its entries.
    let entries = difference.hostsRemoved.flatMap { state.entries(ofHost: $0) }
    return ExplainReport(
      message: difference.isEmpty
        ? "nothing would change" : "this would change \(difference.message)",
      hosts: difference.hostsRemoved, entries: entries.count,
      rows: entries.prefix(Self.explainedRows).map { SARow(record($0)) },
      packetsPerSecond: entries.reduce(0.0) { $0 + entryRates.perSecond(of: $1.id) },
      allEntries: state.entryCount)
  }

  /// Whether an order would cut off the address that its operator comes from.
  private func cutsOff(_ order: Order, _ entries: [EntryView]) -> Bool {
    guard let operatorAddress = order.actor.address else { return false }
    let commands = order.items.map(\.command).filter(\.cutsOff)
    return !commands.isEmpty
      && (entries.contains { $0.entry.address == operatorAddress }
        || commands.contains { names(operatorAddress, $0) })
  }

  private func names(_ address: IPv4Address, _ command: OperatorCommand) -> Bool {
    switch command {
    case .revoke(let target, _, _, _, _): target.contains(address)
    case .invalidate(let target, _, _): target == address
    case .suspend(let host): state.hostView(named: host)?.insideAddress == address
    case .validate, .unrevoke, .resume: false
    }
  }
}

extension AuditActor {
  /// The address that the user comes from, if the client has said one.
  fileprivate var address: IPv4Address? {
    // As servers show it that take IPv4 on IPv6 sockets (RFC 4291, section 2.5.5.2).
    let mapped = "::ffff:"
    return source.flatMap {
      IPv4Address($0.hasPrefix(mapped) ? String($0.dropFirst(mapped.count)) : $0)
    }
  }
}
