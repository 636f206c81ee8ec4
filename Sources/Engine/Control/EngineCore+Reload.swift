internal import Configuration

// Another configuration while the engine runs.

extension EngineCore {
  /// Goes on under another configuration, or changes nothing and says why.
  ///
  /// It holds for every packet when this returns. That hosts are gone needs no disk: the file that
  /// does not name them is what a restart begins with.
  ///
  /// - Parameters:
  ///   - new: Checked as at the start.
  ///   - keys: The keys of each of its hosts, in their order.
  ///   - request: Who wants it, and why.
  /// - Returns: What has changed.
  /// - Throws: why it is refused; then nothing has changed.
  func reload(
    _ new: RouterConfiguration, keys: [[RouterConfiguration.Key]], for request: ReloadRequest
  ) throws(ControlError) -> ConfigurationDifference {
    let policy = RouterPolicy(new, keys: keys)
    let difference = try difference(to: policy, of: new)
    try enrolNewcomers(of: policy)
    let effects = state.step(.reload(policy), now: routerTime)
    // Who is removed is cut off at once, however long the disk takes.
    applyTable(effects)
    configuration = new
    journal.reset()
    dropLog.rowsPerSecond = new.dropSamplePerSecond
    changes += 1
    writer?.add(request.record(difference.message, result: "done", at: now))
    finish(effects, isDurable: store(effects, isUrgent: true))
    return difference
  }

  /// What another configuration, which has this policy, would change.
  ///
  /// - Throws: what of it only another run of the engine can change.
  func difference(
    to policy: RouterPolicy, of new: RouterConfiguration
  ) throws(ControlError) -> ConfigurationDifference {
    let difference = ConfigurationDifference(
      from: configuration, to: new, newSecrets: state.policy.numbersOfOtherKeys(in: policy))
    try refuseRestart(difference.fixed)
    return difference
  }

  private func refuseRestart(_ changes: [ConfigurationDifference.Change]) throws(ControlError) {
    if changes.isEmpty { return }
    let lines = changes.map {
      "key '\($0.key)': \($0.old) -> \($0.new): restart the engine to change it"
    }
    throw ControlError(.restartNeeded, lines.joined(separator: "\n"))
  }

  /// Sees to it that whatever new hosts will hold can be stored.
  private func enrolNewcomers(of policy: RouterPolicy) throws(ControlError) {
    guard let newcomers = state.newcomers(in: policy) else {
      throw ControlError(
        .restartNeeded,
        "too many hosts have come and gone since the engine started: restart it to add more")
    }
    guard let writer else { return }
    guard writer.hasAuditRoom(for: 1) else {
      throw ControlError(
        .storeFailed, "too many actions wait to be stored (\(writer.waiting)); mend the disk first")
    }
    do throws(StoreError) {
      try writer.store.enrol(newcomers)
    } catch {
      throw ControlError(.storeFailed, "\(error.description): new hosts cannot be stored")
    }
  }
}

extension ConfigurationDifference {
  /// All changes in one line.
  var message: String { isEmpty ? "nothing changed" : lines.joined(separator: "; ") }
}

extension RouterPolicy {
  /// The numbers of keys that have other octets in another policy.
  fileprivate func numbersOfOtherKeys(in other: RouterPolicy) -> Set<UInt32> {
    var secrets: [UInt32: HostIdentity.Key] = [:]
    for key in hosts.flatMap(\.keys) { secrets[key.id] = key }
    let changed = other.hosts.flatMap(\.keys).filter { key in
      secrets[key.id].map { $0.secret != key.secret } ?? false
    }
    return Set(changed.map(\.id))
  }
}
