internal import Logging
internal import PAP

// SPIs that lie outside of the slot (pap.md, section 5, "claim").

extension Agent {
  /// Whether an entry rests on something that the host holds.
  ///
  /// Any other is `not-yours`.
  func isPossible(_ entry: Entry) -> Bool {
    guard let spi = entry.spiIn else { return slot.value != nil || !claims.held.isEmpty }
    return slot.value?.slot.contains(spi) == true || claims.holds(spi)
  }

  /// Has the SPIs of associations claimed that lie outside of the slot.
  ///
  /// Before there is a slot nobody knows which these are.
  mutating func updateClaims() {
    guard let slot = slot.value?.slot else { return }
    let used = entries.desired.keys.compactMap(\.spiIn)
    claims.want(Set(used.filter { !slot.contains($0) && !$0.isReserved }))
  }

  mutating func claimAnswered(_ spi: SPI, _ message: Message, now: Moment) {
    guard message.code == .success, message.spis?.first == spi.rawValue, message.spis?.count == 1
    else {
      if claims.refused(spi, message.code, until: retryMoment(message, now: now)) {
        log(.warning, "SPI \(spi) cannot be claimed: \(message.code)\(reason(of: message))")
      }
      if !claims.holds(spi) { entries.forget { $0 == spi } }
      return
    }
    if !claims.holds(spi) { log(.info, "claimed SPI \(spi), which lies outside of the slot") }
    claims.granted(spi, lifetime: message.lifetime, now: now)
  }

  mutating func expireClaims(now: Moment) {
    for spi in claims.expire(now: now) {
      entries.forget { $0 == spi }
      log(.error, "the claim of SPI \(spi) has ended: the router did not renew it")
    }
  }
}
