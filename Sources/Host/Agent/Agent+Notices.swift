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
    let withdrawal = Withdrawal(entries: message.invalidAddresses, reason: reason(of: message))
    let later = now.advanced(bySeconds: Self.holdOff)
    for entry in withdrawal.entries {
      entries.withdrawn(entry, retryAt: later)
      log(.warning, "the operator withdrew \(entry.text)\(withdrawal.reason)")
    }
    if let spis = message.spis { withdrawSPIs(spis.first, spis.count, withdrawal.reason) }
    if let taken = message.ports, let block = ports.value, block.first == taken.first {
      ports.end()
      log(.error, "the router took ports \(block) back\(withdrawal.reason)")
    }
    if !withdrawal.entries.isEmpty { effects.append(.withdrawn(withdrawal)) }
  }

  /// A lease that is gone is asked for again, at once.
  ///
  /// A host that was suspended for a while gets it back, and its associations go on; one that gets
  /// another slot claims what lies in the old one.
  private mutating func withdrawSPIs(_ first: UInt32, _ count: UInt32, _ reason: String) {
    if count == 1 {
      let spi = SPI(rawValue: first)
      claims.withdrawn(spi)
      entries.forget { $0 == spi }
      log(.error, "the router took SPI \(spi) back\(reason)")
    } else if let held = slot.value?.slot, held.firstSPI.rawValue == first {
      slot.end()
      entries.forget()
      log(.error, "the router took slot \(held) back\(reason)")
    }
    // What the router holds for this host now, only the whole set tells.
    synchronization = nil
    wantsSynchronization = true
  }
}
