internal import Net
internal import PAP

// What the router says of itself: `withdraw-notice` and `announce` (pap.md, section 8).

extension RouterState {
  /// Notes that something was taken from a host, which is to be told.
  mutating func withdraw(
    _ item: WithdrawnItem, from host: HostIndex, reason: String, now: Instant
  ) {
    // As much as a host can have at once: entries, claims, a slot and a block of ports.
    let limit = policy.limits.entries + policy.limits.claimedSPIs + 2
    lastWithdrawal += 1
    hosts[host].withdrawals.add(item, reason: reason, number: lastWithdrawal, limit: limit)
    touchedWithdrawals.add(host)
    scheduleNotice(host, now: now)
  }

  /// Sees to it that a host which is there is told what waits for it.
  mutating func scheduleNotice(_ host: HostIndex, now: Instant) {
    guard !hosts[host].withdrawals.isEmpty, !hosts[host].withdrawals.isScheduled,
      canTell(host)
    else { return }
    hosts[host].withdrawals.isScheduled = true
    notices.set(host, to: now.monotonic)
  }

  /// Whether there is a session in which the host can be told something, where one is needed.
  private func canTell(_ host: HostIndex) -> Bool {
    hosts[host].contact != nil
      && (policy.authentication == .none || hosts[host].sessions.current != nil)
  }

  /// How many messages of the router's own one step sends at most.
  private static let mostAtOnce = 1024

  /// Sends what is due: notices, and announcements.
  mutating func sendDue(_ now: Instant) {
    var left = Self.mostAtOnce
    while left > 0, let host = notices.takeDue(at: now.monotonic) {
      sendNotice(to: host, now: now)
      left -= 1
    }
    while left > 0, let host = announcements.takeDue(at: now.monotonic) {
      announce(to: host, now: now)
      left -= 1
    }
  }

  private mutating func sendNotice(to host: HostIndex, now: Instant) {
    hosts[host].withdrawals.isScheduled = false
    giveUpIfUnanswered(host)
    guard canTell(host), let contact = hosts[host].contact, let notice = nextNotice(host),
      let octets = sealed(notice, for: host)
    else { return }
    counters.noticesSent += 1
    emit(.send(octets, to: contact.remote, from: contact.local))
    hosts[host].withdrawals.isScheduled = true
    let (deadline, isNever) = now.monotonic.addingReportingOverflow(notice.patience)
    notices.set(host, to: isNever ? .max : deadline)
  }

  private mutating func giveUpIfUnanswered(_ host: HostIndex) {
    guard let notice = hosts[host].withdrawals.notice, notice.sends >= Withdrawals.mostSends else {
      return
    }
    hosts[host].withdrawals.giveUp()
    touchedWithdrawals.add(host)
    counters.noticesUnconfirmed += 1
    log(
      .warning,
      "\(hosts[host].name): has not confirmed to know what was taken from it: "
        + "\(counted(notice.things.count, "thing", "things")), \(notice.reason.terminalSafe)")
  }

  /// The message on its way, or else the next one.
  private mutating func nextNotice(_ host: HostIndex) -> Withdrawals.Notice? {
    var withdrawals = hosts[host].withdrawals
    touchedWithdrawals.add(host)
    defer { hosts[host].withdrawals = withdrawals }
    while true {
      if let notice = withdrawals.send(isGone: { isGone($0, from: host) }) { return notice }
      let number = lastTransactionID &+ 1
      guard withdrawals.begin(transactionID: number, isGone: { isGone($0, from: host) }) else {
        return nil
      }
      lastTransactionID = number
    }
  }

  /// Whether what was taken is not the host's again.
  private func isGone(_ item: WithdrawnItem, from host: HostIndex) -> Bool {
    let isSuspended = hosts[host].isSuspended
    return switch item {
    case .entry(let entry): validations[Validation.Key(host, entry)] == nil
    case .slot(let slot): isSuspended || slots.slot(of: host) != slot
    case .claim(let spi): isSuspended || !claims.holds(host, spi)
    case .ports(let block): isSuspended || ports.block(of: host) != block
    }
  }

  /// A notice as octets; nil if the session's sequences are used up.
  private mutating func sealed(_ notice: Withdrawals.Notice, for host: HostIndex) -> [UInt8]? {
    let message = Message(
      type: .withdrawNotice, transactionID: notice.transactionID, epoch: epoch,
      options: notice.things.map(\.item.option) + [.reason(notice.reason)])
    guard policy.authentication == .required else { return message.encoded() }
    guard var session = hosts[host].sessions.current, let sequence = session.nextSequence() else {
      return nil
    }
    hosts[host].sessions.update(session)
    return session.sealed(message.header, message.options, sequence: sequence)
  }

  /// Takes a host's word that it knows of a notice; false if that is no news.
  mutating func confirm(_ transactionID: UInt32, by host: HostIndex) -> Bool {
    guard hosts[host].withdrawals.confirm(transactionID) else { return false }
    touchedWithdrawals.add(host)
    counters.noticesConfirmed += 1
    hosts[host].withdrawals.isScheduled = false
    notices.remove(host)
    return true
  }
}

// MARK: - Announcements

extension RouterState {
  /// How often each host is told that the router has restarted, and how many seconds lie between.
  private static let announcementCount = 3
  private static let announcementInterval: UInt64 = 1

  /// Begins to tell the hosts that the router has restarted, each where it last was.
  ///
  /// Hosts that are not in the configuration any more are told nothing.
  mutating func beginAnnouncing(to contacts: [String: Contact], now: Instant) {
    for host in hosts.all.map(\.index) {
      guard let contact = contacts[hosts[host].name] else { continue }
      hosts[host].contact = contact
      hosts[host].announcementsLeft = Self.announcementCount
      announcements.set(host, to: now.monotonic)
    }
  }

  /// Untagged, and a hint only: the host says hello and learns the epoch from the answer.
  private mutating func announce(to host: HostIndex, now: Instant) {
    guard let contact = hosts[host].contact else { return }
    lastTransactionID &+= 1
    let message = Message(
      type: .announce, transactionID: lastTransactionID, epoch: epoch, options: [])
    counters.announcementsSent += 1
    emit(.send(message.encoded(), to: contact.remote, from: contact.local))
    hosts[host].announcementsLeft -= 1
    guard hosts[host].announcementsLeft > 0 else { return }
    announcements.set(host, to: now.deadline(after: Self.announcementInterval))
  }
}
