internal import Logging
internal import PAP

/// A notice of the router, and how it was acknowledged.
struct Notice: Equatable, Sendable {
  let transactionID: UInt32
  let octets: [UInt8]
  let acknowledgement: [UInt8]
}

// What the operator took away (pap.md, section 8, `withdraw-notice`).

extension Agent {
  /// Acknowledgements that are kept: the router sends a notice at most five times.
  private static let keptNotices = 16

  /// Takes a notice whose tag is right, and which may have come before.
  mutating func receiveNotice(_ message: Message, _ octets: [UInt8], now: Moment) {
    if let known = notices.first(where: { $0.octets == octets }) {
      return effects.append(.send(known.acknowledgement))
    }
    if let sequence = message.authentication?.sequence {
      guard session?.received.accept(sequence) == true else { return }
    }
    let isNew = !notices.contains { $0.transactionID == message.transactionID }
    acknowledge(message, octets)
    noteAnswer(now: now)
    noteEpoch(message.epoch)
    if isNew { withdraw(message, now: now) }
  }

  private mutating func acknowledge(_ message: Message, _ octets: [UInt8]) {
    guard let answer = sealed(message.response(.success, epoch: epoch)) else { return }
    effects.append(.send(answer))
    notices.append(
      Notice(transactionID: message.transactionID, octets: octets, acknowledgement: answer))
    if notices.count > Self.keptNotices { notices.removeFirst() }
  }

  private mutating func withdraw(_ message: Message, now: Moment) {
    let later = now.advanced(bySeconds: Self.holdOff)
    var withdrawal = Withdrawal(entries: message.invalidAddresses)
    withdrawal.reason = reason(of: message)
    for entry in withdrawal.entries {
      entries.withdrawn(entry, retryAt: later)
      log(.warning, "the operator withdrew \(entry.text)\(withdrawal.reason)")
    }
    if let spis = message.spis, spis.count > 0 {
      let (last, overflow) = spis.first.addingReportingOverflow(spis.count - 1)
      withdrawal.spis = spis.first...(overflow ? .max : last)
      withdrawSPIs(spis.first, spis.count, withdrawal.reason, later)
    }
    if let taken = message.ports, let block = ports.value, block.first == taken.first {
      ports.end()
      ports.refuse(until: later)
      log(.error, "the operator withdrew ports \(block)\(withdrawal.reason)")
    }
    effects.append(.withdrawn(withdrawal))
  }

  private mutating func withdrawSPIs(
    _ first: UInt32, _ count: UInt32, _ reason: String, _ later: Moment
  ) {
    if count == 1 {
      let spi = SPI(rawValue: first)
      claims.withdrawn(spi, retryAt: later)
      entries.forget { $0 == spi }
      log(.error, "the operator withdrew SPI \(spi)\(reason)")
    } else if let held = slot.value?.slot, held.firstSPI.rawValue == first {
      slot.end()
      slot.refuse(until: later)
      entries.forget()
      log(.error, "the operator withdrew slot \(held)\(reason)")
    }
  }
}
