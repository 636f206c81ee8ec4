internal import Logging
internal import PAP

// What the operator withdrew, and what comes back.
extension SAWatcher {
  /// Ends the associations that rest on what was withdrawn, once a list tells which these are.
  func withdraw(_ withdrawal: Withdrawal) {
    guard isConnected else {
      return logger.error("charon cannot be reached to end what was withdrawn\(withdrawal.reason)")
    }
    withdrawals.append(withdrawal)
    listAnew()
  }

  /// Has charon make an association again, unless a list shows that it does so by itself.
  func revive(_ revival: Revival) {
    revivals.append(revival)
    listAnew()
  }

  private func listAnew() {
    guard isListing else { return list() }
    // The list under way may be older than what it is needed for.
    needsAnotherList = true
  }

  func tearDown() {
    let sections = listed.flatMap(\.sections)
    let teardowns = withdrawals.flatMap { withdrawal in
      sections.compactMap { name, ike in
        Teardown(connection: name, ike: ike, configured: configured, withdrawal)
          .map { ($0, withdrawal.reason) }
      }
    }
    withdrawals = []
    guard !teardowns.isEmpty else { return }
    onTeardown(teardowns.flatMap(\.0.revivals))
    for (teardown, reason) in teardowns { carryOut(teardown, reason) }
  }

  private func carryOut(_ teardown: Teardown, _ reason: String) {
    let what = teardown.isWhole ? "with all its associations" : "in part"
    logger.warning("the operator withdrew a peer\(reason): ending \(teardown.connection) \(what)")
    for command in teardown.commands {
      client?.ask("terminate", command) { [logger] answer in
        guard answer?.text("success") != "yes" else { return }
        let reason = answer?.text("errmsg") ?? "it does not know the command"
        logger.error("charon did not end \(teardown.connection): \(reason)")
      }
    }
  }

  func revive() {
    let waiting = revivals
    revivals = []
    for revival in waiting where !listed.contains(where: revival.isUnderWay) {
      let name = revival.name
      logger.notice("\(revival.peer) is admitted again: charon makes \(name.child) anew")
      let arguments = VICIMessage.values([
        "ike": name.connection, "child": name.child, "timeout": "-1",
      ])
      client?.ask("initiate", arguments) { [logger] answer in
        guard answer?.text("success") != "yes" else { return }
        logger.error("charon cannot make \(name.child): \(answer?.text("errmsg") ?? "no answer")")
      }
    }
  }

  /// Has charon read its settings again, now or once it can be reached: it may have read them before
  /// they were written.
  ///
  /// The range of SPIs counts at once, the IKE label only once it has restarted; `check` says when that
  /// matters.
  func reloadSettings() {
    needsReload = !isConnected
    guard isConnected else { return }
    client?.ask("reload-settings") { [logger] answer in
      if answer?.text("success") == "yes" {
        logger.notice("charon has read its settings again: new SPIs lie in the leased slot")
      } else {
        logger.error("charon did not read its settings again: restart it")
      }
    }
    labelWarned = false
  }
}

extension SAWatcher {
  /// Says once per connection that charon does not use what was leased: then its peers' packets are
  /// nobody's for the router.
  func check(_ ike: VICIMessage) {
    guard !labelWarned else { return }
    let own = ike.text("initiator") == "yes" ? "initiator-spi" : "responder-spi"
    if let label = leases.ikeLabel, let spi = ike.text(own).flatMap({ UInt64($0, radix: 16) }),
      spi != 0, !label.matches(spi)
    {
      warn("an IKE SPI does not carry the leased label")
    } else if let slot = leases.slot,
      SecurityAssociation.read(ike: ike).contains(where: { !slot.contains($0.spiIn) })
    {
      warn("an SPI lies outside of the leased slot \(slot)")
    }
  }

  private func warn(_ what: String) {
    labelWarned = true
    logger.error("\(what): restart charon so that it reads its settings, and renew its connections")
  }
}
