package import PAP

/// An IKE SA as its host's messages show it.
///
/// For people: who reaches whom is decided by labels and `LearnedIKE` alone.
package struct IKESighting: Hashable, Sendable {
  package let host: HostIndex
  package let peer: IPv4Address
  /// The initiator's IKE SPI, or IKEv1 cookie.
  package let initiatorSPI: UInt64
  /// Whether the host has gone past the first exchange: IKE_SA_INIT, main or aggressive mode.
  ///
  /// Until then the IKE SA is half-open.
  package let isOpen: Bool
  /// Whether the host's own SPI carries its label; else the router has learned whose it is.
  package let isLabelled: Bool
  /// Whether the host began the IKE SA.
  package let isInitiator: Bool
  /// When the host's first and last message passed, monotonic nanoseconds.
  package let since, lastSeen: UInt64
}

/// What the note of a sighting says.
private enum IKENote {
  static let open: UInt32 = 1
  static let labelled: UInt32 = 2
  static let initiator: UInt32 = 4
}

extension IKEHeader {
  /// Exchanges of which no peer has proved anything yet: identity protection, aggressive and
  /// informational (RFC 2408, section 3.1), IKE_SA_INIT (RFC 7296), IKE_SESSION_RESUME (RFC 5723),
  /// IKE_INTERMEDIATE (RFC 9242).
  fileprivate var isOpening: Bool {
    switch exchangeType {
    case 2, 4, 5, 34, 38, 43: true
    default: false
    }
  }
}

extension TableReader {
  /// Remembers that the host has sent a message that it may send.
  ///
  /// Only hosts' messages are looked at, so nobody outside can fill the memory.
  func see(_ message: IKEHeader, host: UInt16, peer: UInt32, now: UInt64) {
    let key = LearnedKey(peer: peer, ikeSPI: message.initiatorSPI)
    guard seenIKE.claim(key, for: host, now: now, { isRemembered($0) }) == host else { return }
    let isLabelled = holder(ofIKESPI: message.initiatorSPI) == host
    let began = message.majorVersion == 2 ? message.isFromInitiator : message.responderSPI == 0
    let ownsLabel = isLabelled || holder(ofIKESPI: message.responderSPI) == host
    seenIKE.note(
      (message.isOpening ? 0 : IKENote.open) | (ownsLabel ? IKENote.labelled : 0)
        | (began ? IKENote.initiator : 0), on: key, of: host)
  }

  private func isRemembered(_ owner: LearnedOwner) -> Bool {
    !owner.isIdle && directory.record(of: owner.host).isKnown
  }

  /// The IKE SAs in which hosts have sent of late.
  func ikeSightings(now: UInt64) -> [IKESighting] {
    var sightings: [IKESighting] = []
    seenIKE.forEach(now: now) { sighting in
      guard sighting.owner.host != 0, isRemembered(sighting.owner) else { return }
      sightings.append(
        IKESighting(
          host: HostIndex(rawValue: sighting.owner.host),
          peer: IPv4Address(rawValue: sighting.owner.key.peer),
          initiatorSPI: sighting.owner.key.number, isOpen: sighting.note & IKENote.open != 0,
          isLabelled: sighting.note & IKENote.labelled != 0,
          isInitiator: sighting.note & IKENote.initiator != 0, since: sighting.since,
          lastSeen: sighting.lastSeen))
    }
    return sightings
  }
}
