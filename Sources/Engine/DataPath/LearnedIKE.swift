/// Whose an IKE SPI is: the host's whose label it carries; else the host's that sent it to the same
/// peer first (design.md, section 3.1; RFC 3104 has the same idea for cookies).
///
/// A label goes before what was learned, also if its slot was leased later. Only packets from hosts
/// teach, so nobody outside can make an owner, or keep one.
extension TableReader {
  /// The host that chose one of the SPIs in a conversation with the peer, or 0.
  func holder(of spis: IKESPIs, peer: UInt32, now: UInt64) -> UInt16 {
    let label = labelHolder(of: spis)
    return label != 0 ? label : learner(of: spis, peer: peer, now: now)
  }

  /// The host whose label one of the SPIs carries, the first's before the second's, or 0.
  private func labelHolder(of spis: IKESPIs) -> UInt16 {
    let host = holder(ofIKESPI: spis.first)
    return host != 0 ? host : holder(ofIKESPI: spis.second)
  }

  private func learner(of spis: IKESPIs, peer: UInt32, now: UInt64) -> UInt16 {
    let host = learner(of: spis.first, peer: peer, now: now)
    return host != 0 ? host : learner(of: spis.second, peer: peer, now: now)
  }

  /// The host that sent the SPI to the peer, or 0; SPI 0 is nobody's.
  private func learner(of spi: UInt64, peer: UInt32, now: UInt64) -> UInt16 {
    guard spi != 0 else { return 0 }
    return learnedIKE.owner(of: LearnedKey(peer: peer, ikeSPI: spi), now: now) { keepsIKE($0) }
  }

  /// Whether the host may send the message to the peer: the SPI of its own side carries its label, or
  /// no label and no other host's claim; then it is the host's from now on.
  func owns(_ message: IKEHeader, host: UInt16, peer: UInt32, now: UInt64) -> Bool {
    let spis = message.senderSPIs
    if holder(ofIKESPI: spis.first) == host || holder(ofIKESPI: spis.second) == host { return true }
    guard labelHolder(of: spis) == 0 else { return false }
    guard spis.second != 0 else { return learn(spis.first, host: host, peer: peer, now: now) }
    // IKEv1, and both cookies: who began has sent the initiator's before. Else the host answers, and
    // the responder's is its own. Had it begun before the router lost what it learned, the
    // responder's tells just as well whose the conversation is.
    switch learner(of: spis.first, peer: peer, now: now) {
    case host: return learn(spis.first, host: host, peer: peer, now: now)
    case 0: return learn(spis.second, host: host, peer: peer, now: now)
    default: return false
    }
  }

  private func learn(_ spi: UInt64, host: UInt16, peer: UInt32, now: UInt64) -> Bool {
    guard spi != 0 else { return false }
    let key = LearnedKey(peer: peer, ikeSPI: spi)
    return learnedIKE.claim(key, for: host, now: now, { keepsIKE($0) }) == host
  }

  /// What was learned holds while the host sends, and while it has rows for the peer; and no longer
  /// than the host is known.
  private func keepsIKE(_ owner: LearnedOwner) -> Bool {
    guard directory.record(of: owner.host).isKnown else { return false }
    guard owner.isIdle else { return true }
    return hasEntry(for: owner.key.peer, host: owner.host, protocols: CellMeta.esp)
      || hasEntry(for: owner.key.peer, host: owner.host, protocols: CellMeta.ah)
  }
}
