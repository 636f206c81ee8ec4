// Verbs that only look.

extension RequestHandler {
  /// The result of a verb that looks.
  func look(
    _ verb: Verb, _ arguments: ControlArguments, _ user: ControlUser, _ connection: UInt64?
  ) throws(ControlError) -> ControlAnswer {
    switch verb {
    case .status: try alone(arguments) { core.statusReport(isStopping: isStopping) }
    case .hosts: try hosts(arguments)
    case .host: try host(arguments)
    case .stats: try alone(arguments) { core.statsReport }
    case .revocations: try revocations(arguments)
    case .whoami: try alone(arguments) { identity(of: user, on: connection) }
    case .audit: try audit(arguments)
    case .auditVerify: try auditVerify(arguments)
    case .sa: try sa(arguments)
    case .drops: try drops(arguments)
    case .history: try history(arguments)
    case .window: try WindowRequest(arguments).answer(core, orders)
    case .explain: try explain(arguments, user)
    case .subscribe, .validate, .invalidate, .revoke, .unrevoke, .suspend, .resume, .batch, .undo,
      .keep, .reload, .stop:
      throw ControlError(.badRequest, "\(verb.rawValue) cannot be asked for here")
    }
  }

  private func alone(
    _ arguments: ControlArguments, _ report: () -> some Encodable
  ) throws(ControlError) -> ControlAnswer {
    try arguments.refuseOthers()
    return .whole(try ControlJSON.encode(report()))
  }

  private func identity(of user: ControlUser, on connection: UInt64?) -> IdentityReport {
    let all = subscribers()
    let others = all.filter { $0.isConsole && $0.connection != connection }
    return IdentityReport(
      user: user.name, role: user.role.rawValue, consoles: all.count, others: others.map(\.report))
  }

  /// Rows of the audit log in an answer that was not told how many.
  private static let auditRows = 1_000

  private func audit(_ arguments: ControlArguments) throws(ControlError) -> ControlAnswer {
    var arguments = arguments
    let limit = try arguments.number("limit", in: 0...Int64(UInt32.max)) ?? Self.auditRows
    let filter = try filter(&arguments, AuditReportRow.columns)
    try arguments.refuseOthers()
    return .rows(core.auditRows(last: limit, where: filter.matches))
  }

  private func filter<Record>(
    _ arguments: inout ControlArguments, _ columns: [Column<Record>]
  ) throws(ControlError) -> Filter<Record> {
    try arguments.filter(columns, now: core.now.wallClock)
  }

  private func auditVerify(_ arguments: ControlArguments) throws(ControlError) -> ControlAnswer {
    try arguments.refuseOthers()
    return .later(core.auditCheck())
  }

  private func hosts(_ arguments: ControlArguments) throws(ControlError) -> ControlAnswer {
    var arguments = arguments
    let filter = try filter(&arguments, HostRow.columns)
    try arguments.refuseOthers()
    return .rows(stream(core.hostSource, filter))
  }

  private func revocations(_ arguments: ControlArguments) throws(ControlError) -> ControlAnswer {
    var arguments = arguments
    let filter = try filter(&arguments, RevocationRow.columns)
    try arguments.refuseOthers()
    return .rows(stream(core.revocationSource, filter))
  }

  /// The rows of a table that pass, each as it is when its turn comes.
  private func stream<Record: Encodable>(
    _ source: RowSource<Record>, _ filter: Filter<Record>
  ) -> RowStream {
    RowStream(among: source.total) { place in
      source.record(place).flatMap { filter.matches($0) ? $0 : nil }
    }
  }

  private func host(_ arguments: ControlArguments) throws(ControlError) -> ControlAnswer {
    var arguments = arguments
    let name = try arguments.host()
    try arguments.refuseOthers()
    guard let report = core.hostReport(name) else {
      throw ControlError(CommandError(.notFound, "there is no host '\(name)'"))
    }
    return .whole(try ControlJSON.encode(report))
  }

  private func sa(_ arguments: ControlArguments) throws(ControlError) -> ControlAnswer {
    var arguments = arguments
    let host = try arguments.optionalHost()
    let address = try arguments.optionalAddress("address")
    let limit = try arguments.number("limit", in: 0...Int64(UInt32.max)) ?? .max
    let filter = try filter(&arguments, SARecord.columns)
    try arguments.refuseOthers()
    let chosen =
      if let address {
        core.state.entries(for: address).filter { host == nil || $0.host == host }
      } else {
        host.map { core.state.entries(ofHost: $0) }
      }
    // All of a large table is looked at a few rows at a time, each as it is then.
    let source = core.entrySource
    return .rows(
      RowStream(ofAtMost: limit, among: chosen?.count ?? core.state.entryNumberLimit) { number in
        let record = chosen.map { self.core.record($0[number]) } ?? source.record(number)
        return record.flatMap { filter.matches($0) ? SARow($0) : nil }
      })
  }

  private func drops(_ arguments: ControlArguments) throws(ControlError) -> ControlAnswer {
    var arguments = arguments
    let last = try arguments.number("last", in: 0...Int64(UInt32.max)) ?? .max
    let reason = try arguments.reason("reason")
    let filter = try filter(&arguments, DropLogRecord.columns)
    try arguments.refuseOthers()
    let source = core.dropSource
    let newest = NewestRows(last, among: Array(core.dropLog.sequences)) { number in
      guard let record = source.record(number) else { return false }
      return (reason == nil || record.record.reason == reason) && filter.matches(record)
    }
    return .rows(RowStream(newest) { source.record($0).map(DropRow.init) })
  }

  private func history(_ arguments: ControlArguments) throws(ControlError) -> ControlAnswer {
    var arguments = arguments
    let resolution = try arguments.resolution() ?? .second
    let longest = resolution.spans * resolution.seconds
    let shortest = Int64(resolution.seconds)
    let seconds = try arguments.number("seconds", in: shortest...Int64(longest)) ?? longest
    try arguments.refuseOthers()
    return .whole(
      try ControlJSON.encode(
        core.historyReport(spans: seconds / resolution.seconds, resolution)))
  }

  private func explain(
    _ arguments: ControlArguments, _ user: ControlUser
  ) throws(ControlError) -> ControlAnswer {
    var arguments = arguments
    let verb = try arguments.required("verb", "a verb that acts") { value in
      value.string.flatMap(Verb.init(rawValue:)).flatMap {
        $0.isOrder || $0 == .reload ? $0 : nil
      }
    }
    let inner = ControlArguments(try arguments.object("arguments"))
    try arguments.refuseOthers()
    if verb == .reload {
      _ = try ReloadRequest(inner, user)
      return .whole(try ControlJSON.encode(core.explainReport(try reloadDifference())))
    }
    let order = try OrderRequest(verb, inner, user).order
    let report = Result { () throws(CommandError) in try core.explainReport(order) }
    switch report {
    case .success(let report): return .whole(try ControlJSON.encode(report))
    case .failure(let error): throw ControlError(error)
    }
  }
}
