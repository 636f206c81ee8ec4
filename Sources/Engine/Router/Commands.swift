internal import Configuration
internal import PAP

// What operators order. A command is first turned into a plan, which says exactly what it means now;
// a preview stops there, a command carries the plan out.

/// What a command comes to, with everything that it names looked up.
enum CommandPlan: Sendable {
  /// A new row, ending at a monotonic moment or with the host's lease.
  case insert(Entry, host: HostIndex, expires: UInt64?)
  /// A row that exists and gets another end.
  case renew(Validation, expires: UInt64?)
  case invalidate(IPv4Address, rows: [Validation])
  /// With the revocation of the same target and scope that it replaces.
  case revoke(Revocation, former: Revocation?)
  case unrevoke(Revocation)
  /// Nothing where the host is suspended already.
  case suspend(HostIndex)
  case resume(HostIndex)
}

extension RouterState {
  /// What a command would do if it were given now, for a confirmation.
  ///
  /// Throws what it would be refused with.
  package func preview(
    _ command: OperatorCommand, now: Instant
  ) throws(CommandError) -> CommandPreview {
    let plan: CommandPlan
    do throws(CommandError) {
      plan = try self.plan(command, now: now)
    } catch {
      throw hinted(error, for: command)
    }
    let rows = rows(of: plan)
    return CommandPreview(
      message: "this would \(words(for: plan, rows, now: now).will)", entries: rows.map(view),
      hosts: affectedHosts(of: plan, rows: rows), touch: lastTouch(by: command))
  }

  /// Carries out a plan and remembers what it has changed.
  ///
  /// Of a revocation what is left of it: `rows` are cut off already.
  mutating func carryOut(
    _ plan: CommandPlan, _ rows: [Validation], _ run: inout OrderRun, now: Instant
  ) {
    switch plan {
    case .insert(let entry, let host, let expires):
      let id = insert(entry, host: host, origin: .operator, expires: expires, now: now)
      validations[id].map { run.remember(.validated(before: nil, after: $0)) }
    case .renew(let row, let expires):
      renew(row, spiOut: nil, origin: .operator, expires: expires, now: now)
      validations[row.id].map { run.remember(.validated(before: row, after: $0)) }
    case .invalidate:
      for row in rows { withdrawEntry(row, reason: Reason.invalidated, now: now) }
      for row in rows { run.remember(.removed(row)) }
    case .revoke(let revocation, let former):
      let reason = revocation.reason ?? Reason.revoked
      // From the last address on, which is the cheap end of the index.
      for row in rows.reversed() { withdrawEntry(row, reason: reason, now: now) }
      for row in rows { run.remember(.removed(row)) }
      run.remember(.revoked(before: former, after: revocation))
    case .unrevoke(let revocation):
      endRevocation(revocation.key)
      run.remember(.lifted(revocation))
    case .suspend(let host):
      setSuspended(true, host, now: now).map { run.remember($0) }
    case .resume(let host):
      setSuspended(false, host, now: now).map { run.remember($0) }
    }
  }

  /// Suspends a host or lets it go on; nil where it is so already.
  private mutating func setSuspended(
    _ isSuspended: Bool, _ host: HostIndex, now: Instant
  ) -> Change? {
    guard hosts[host].isSuspended != isSuspended else { return nil }
    let before = suspension(of: host)
    if isSuspended { suspend(host, now: now) } else { resume(host, now: now) }
    hosts[host].generation = generations.next()
    return .suspension(host, before: before, after: suspension(of: host))
  }

  /// Whether a host is suspended, with its generation.
  func suspension(of host: HostIndex) -> Change.Suspension {
    Change.Suspension(since: hosts[host].suspendedSince, generation: hosts[host].generation)
  }

  /// Lets nothing through to or from a host.
  mutating func suspend(_ host: HostIndex, now: Instant) {
    guard !hosts[host].isSuspended else { return }
    hosts[host].suspendedSince = now.monotonic
    touchedHosts.add(host)
    slots.pause(host)
    claims.pause(host)
    ports.pause(host)
    validations.pause(host)
    change(hosts[host].tableRow)
    let held =
      [slots.slot(of: host).map(WithdrawnItem.slot), ports.block(of: host).map { .ports($0) }]
      .compactMap { $0 } + claims.spis(of: host).map { .claim($0) }
    for item in held { withdraw(item, from: host, reason: Reason.suspended, now: now) }
  }

  /// Lets a suspended host go on.
  mutating func resume(_ host: HostIndex, now: Instant) {
    guard let since = hosts[host].suspendedSince else { return }
    hosts[host].suspendedSince = nil
    touchedHosts.add(host)
    let pause = now.monotonic - min(since, now.monotonic)
    slots.resume(host, after: pause)
    claims.resume(host, after: pause)
    ports.resume(host, after: pause)
    validations.resume(host, after: pause)
    change(hosts[host].tableRow)
  }
}

// MARK: Plans

extension RouterState {
  /// What a command means now, or why it is refused.
  func plan(_ command: OperatorCommand, now: Instant) throws(CommandError) -> CommandPlan {
    switch command {
    case .validate(let address, let host, let ipsecProtocol, let spi, let seconds):
      let entry = Entry(address: address, ipsecProtocol: ipsecProtocol, spiIn: spi)
      return try planValidate(entry, host: host, seconds: seconds, now: now)
    case .invalidate(let address, let host, let spi):
      return try planInvalidate(address, host: host, spi: spi)
    case .revoke(let target, let host, let seconds, let reason, let by):
      let key = Revocation.Key(target: target, host: try host.map(find)?.index)
      let revocation = Revocation(
        key: key, by: by, reason: reason, created: revocations[key]?.created ?? now,
        expires: try end(after: seconds, now: now), generation: 0)
      return try planRevoke(revocation)
    case .unrevoke(let target, let host):
      return try planUnrevoke(target, host: host)
    case .suspend(let host): return .suspend(try find(host).index)
    case .resume(let host): return .resume(try find(host).index)
    }
  }

  private func planValidate(
    _ entry: Entry, host name: String, seconds: UInt32?, now: Instant
  ) throws(CommandError) -> CommandPlan {
    let host = try find(name)
    let expires = try end(after: seconds, now: now)
    try checkPeer(entry.address, host: host)
    try checkSPI(entry.spiIn, host: host)
    if let row = validations[Validation.Key(host.index, entry)] {
      return .renew(row, expires: expires)
    }
    guard validations.count(of: host.index) < policy.limits.entries, validations.hasRoom else {
      throw CommandError(
        .quotaExceeded,
        "\(name) has \(validations.count(of: host.index)) entries, which is the limit; "
          + "invalidate some, or raise pap.limits.entries")
    }
    return .insert(entry, host: host.index, expires: expires)
  }

  private func checkPeer(_ address: IPv4Address, host: Host) throws(CommandError) {
    guard policy.accepts(address) else {
      throw CommandError(
        .unacceptableAddress,
        "\(address) cannot be a peer: it is the shared address, an inside address, or no "
          + "unicast address")
    }
    guard let revocation = revocations.covering(address, host: host.index) else { return }
    throw CommandError(
      .prohibited,
      "\(address) cannot be validated for \(host.name): \(description(of: revocation)); "
        + "lift that with unrevoke \(arguments(of: revocation.key))")
  }

  private func checkSPI(_ spi: SPI?, host: Host) throws(CommandError) {
    guard holds(host.index, nil) else {
      throw CommandError(
        .notYours,
        "\(host.name) has leased no SPIs, so nothing can be validated for it; "
          + "start dnat-host there first")
    }
    guard let spi, !holds(host.index, spi) else { return }
    let slot = slots.slot(of: host.index).map { "\($0.firstSPI) to \($0.lastSPI)" }
    let claimed = claims.spis(of: host.index).count
    let also = claimed > 0 ? "\(counted(claimed, "SPI", "SPIs")) that it claimed" : nil
    throw CommandError(
      .notYours,
      "SPI \(spi) is not one of \(host.name)'s, which are "
        + [slot, also].compactMap { $0 }.joined(separator: " and "))
  }

  private func planInvalidate(
    _ address: IPv4Address, host name: String?, spi: SPI?
  ) throws(CommandError) -> CommandPlan {
    let host = try name.map(find)?.index
    let candidates = validations.rows(
      coveredBy: Revocation.Key(target: CIDR(address), host: host))
    let rows = candidates.filter { spi == nil || $0.entry.spiIn == spi }
    guard rows.isEmpty else { return .invalidate(address, rows: rows) }
    let scope = name.map { " for \($0)" } ?? ""
    guard let spi, !candidates.isEmpty else {
      throw CommandError(.notFound, "\(address) is not validated\(scope)")
    }
    throw CommandError(
      .notFound,
      "\(address) is validated\(scope), but not with SPI \(spi); "
        + "leave the SPI out to invalidate all \(candidates.count)")
  }

  private func planRevoke(_ revocation: Revocation) throws(CommandError) -> CommandPlan {
    let former = revocations[revocation.key]
    guard former != nil || revocations.count < policy.revocationCapacity else {
      throw CommandError(
        .quotaExceeded,
        "there are \(revocations.count) revocations, which is the limit; revoke a prefix that "
          + "covers several, or lift some")
    }
    return .revoke(revocation, former: former)
  }

  private func planUnrevoke(
    _ target: CIDR, host name: String?
  ) throws(CommandError) -> CommandPlan {
    let host = try name.map(find)?.index
    let key = Revocation.Key(target: target, host: host)
    if let revocation = revocations[key] { return .unrevoke(revocation) }
    let what = "\(named(target)) is not revoked for \(scope(of: host))"
    guard let other = related(to: key) else { throw CommandError(.notFound, what) }
    throw CommandError(
      .notFound,
      "\(what), but \(description(of: other)); lift that with unrevoke \(arguments(of: other.key))")
  }

  /// A revocation that somebody may have meant who named one that does not exist: one that covers
  /// it, or one of the same target for some other scope.
  private func related(to key: Revocation.Key) -> Revocation? {
    revocations.covering(key.target, host: key.host)
      ?? hosts.all.lazy.compactMap { [revocations] in
        revocations[Revocation.Key(target: key.target, host: $0.index)]
      }.first
  }

  private func find(_ name: String) throws(CommandError) -> Host {
    if let host = hosts.named(name) { return host }
    throw CommandError(.notFound, "no host is named \(name); see ctl hosts")
  }

  /// The refusal of a command, with the name of the host that was probably meant.
  ///
  /// For a command by itself: among many hosts looking for the name costs more than the command.
  func hinted(_ error: CommandError, for command: OperatorCommand) -> CommandError {
    guard error.code == .notFound, let name = command.scope, hosts.named(name) == nil,
      let meant = Suggestion.nearest(to: name, among: hosts.all.map(\.name))
    else { return error }
    return CommandError(.notFound, "no host is named \(name); did you mean \(meant)?")
  }

  private func end(after seconds: UInt32?, now: Instant) throws(CommandError) -> UInt64? {
    guard seconds != 0 else {
      throw CommandError(.badArgument, "the duration must be at least one second")
    }
    return seconds.map { now.deadline(after: $0) }
  }
}
