internal import PAP

/// The SPIs that associations use although they lie outside of the slot, pure.
///
/// Each is leased by itself (pap.md, section 5, "claim"): the IKE daemon cannot be confined to the
/// slot, or made the association before there was one.
struct ClaimTable: Sendable {
  private struct Claim: Sendable {
    var lease = Lease<SPI>()
    /// The router's last refusal.
    var refusal: ResultCode?
  }

  private var claims: [SPI: Claim] = [:]
  /// Held, and used by no association any more.
  private var unwanted: Set<SPI> = []
  /// Not before this moment are more claimed, as the host has reached its limit.
  private var notBefore = Moment.zero

  /// The SPIs that are held, in order.
  var held: [SPI] { claims.filter { $0.value.lease.value != nil }.keys.sorted() }
  /// Whether an SPI may be validated.
  func holds(_ spi: SPI) -> Bool { claims[spi]?.lease.value != nil }
  /// Why an SPI is not held; nil if it is, or if the router was not asked yet.
  func refusal(of spi: SPI) -> ResultCode? { holds(spi) ? nil : claims[spi]?.refusal }

  /// Associations use these SPIs now and no others.
  mutating func want(_ spis: Set<SPI>) {
    for spi in spis where claims[spi] == nil { claims[spi] = Claim() }
    for (spi, claim) in claims where !spis.contains(spi) {
      claims[spi] = nil
      if claim.lease.value != nil { unwanted.insert(spi) }
    }
    // One that comes back is held still, but since when, and until when, is asked once more.
    unwanted.subtract(spis)
  }

  /// When there is something to claim or renew; nil if never.
  var nextDue: Moment? {
    claims.values.map { due($0) }.min()
  }

  /// When the first of them ends.
  var nextEnd: Moment? { claims.values.map(\.lease.expires).min() }

  /// The SPI to claim or renew now: what is held first.
  func toClaim(now: Moment) -> SPI? {
    claims.filter { due($0.value) <= now }.min { left, right in
      (left.value.lease.value == nil ? 1 : 0, left.key.rawValue)
        < (right.value.lease.value == nil ? 1 : 0, right.key.rawValue)
    }?.key
  }

  /// An SPI to give back.
  var toGiveBack: SPI? { unwanted.min() }

  private func due(_ claim: Claim) -> Moment {
    claim.lease.value == nil ? max(claim.lease.due, notBefore) : claim.lease.due
  }
}

extension ClaimTable {
  /// The router granted a claim.
  mutating func granted(_ spi: SPI, lifetime: UInt32?, now: Moment) {
    guard claims[spi] != nil else {
      unwanted.insert(spi)
      return
    }
    claims[spi]?.lease.grant(spi, lifetime: lifetime, now: now)
    claims[spi]?.refusal = nil
  }

  /// The router refused a claim until some moment; whether that is news.
  mutating func refused(_ spi: SPI, _ code: ResultCode, until moment: Moment) -> Bool {
    if code == .quotaExceeded || code == .noResources { notBefore = moment }
    guard var claim = claims[spi] else { return false }
    let isNews = claim.refusal != code
    claim.refusal = code
    // What is somebody else's is not ours; everything else may pass before the claim ends.
    if code == .inUse || code == .notYours { claim.lease.end() }
    claim.lease.refuse(until: moment)
    claims[spi] = claim
    return isNews
  }

  /// The router took an SPI back.
  mutating func givenBack(_ spi: SPI) {
    unwanted.remove(spi)
  }

  /// The router took an SPI away.
  mutating func withdrawn(_ spi: SPI) {
    unwanted.remove(spi)
    claims[spi]?.lease.end()
  }

  /// Ends what nobody renewed in time, and says what that was.
  mutating func expire(now: Moment) -> [SPI] {
    var ended: [SPI] = []
    for spi in claims.keys where claims[spi]?.lease.expire(now: now) == true { ended.append(spi) }
    return ended.sorted()
  }

  /// The router lost its state: everything is claimed anew, as soon as possible.
  mutating func askAgain() {
    for spi in claims.keys { claims[spi]?.lease.askAgain() }
    unwanted = []
    notBefore = .zero
  }
}
