import PAP

@testable import Host

/// A router so naive that pap.md can be read off it: one host, no quarantine, no limits.
struct ModelRouter {
  static let key = SecretKey((0..<32).map { UInt8($0) }) ?? .random()
  static let keyID: UInt32 = 7
  static let external = address("198.51.100.1")
  static let endpoint = address("10.0.0.254")

  var epoch: UInt32 = 0x1111_1111
  var slot = Slot(rawValue: 0x1a2b)
  var ports = PortBlock(first: 20_480, count: 1_024)
  var lifetime: UInt32 = 3_600
  /// What the established SA table holds for the host.
  var held: [EntryKeyParts: Entry] = [:]
  /// Whether requests need a tag (pap.md, section 7).
  var demandsProof = true
  /// SPIs that are claimed, and those that somebody else has.
  var claimed: Set<SPI> = []
  var taken: Set<SPI> = []
  /// The parts of a `synchronize` that have come.
  private var parts: [Int: [Entry]] = [:]
  var isSlotLeased = false
  var arePortsLeased = false
  var prohibited: Set<IPv4Address> = []
  /// The code that all requests of a type are refused with.
  var refusals: [MessageType: ResultCode] = [:]
  /// All requests that were proven to be the host's, in order.
  private(set) var requests: [Message] = []
  private(set) var sequences: [UInt32] = []
  private var session: (id: UInt32, key: SecretKey, sequence: UInt32)?
  private var leaseEnds = Moment.never
  private var pending: (id: UInt32, key: SecretKey)?
  private var stored: (request: [UInt8], response: [UInt8])?
  private var sessionsMade: UInt32 = 0x5000

  /// The table's key: host, address, protocol, inbound SPI (pap.md, section 5).
  struct EntryKeyParts: Hashable {
    let address: IPv4Address
    let ipsecProtocol: IPsecProtocol
    let spiIn: SPI?

    init(_ entry: Entry) {
      address = entry.address
      ipsecProtocol = entry.ipsecProtocol
      spiIn = entry.spiIn
    }
  }

  /// Forgets the session, as a router does that restarts with its state.
  mutating func forgetSession() {
    session = nil
    pending = nil
    stored = nil
  }

  /// Loses everything.
  mutating func loseState(newEpoch: UInt32) {
    forgetSession()
    epoch = newEpoch
    isSlotLeased = false
    arePortsLeased = false
    held = [:]
    claimed = []
    parts = [:]
  }

  /// The answer to a datagram; nil where there is none.
  mutating func answer(_ octets: [UInt8], now: Moment) -> [UInt8]? {
    if now >= leaseEnds {
      isSlotLeased = false
      held = held.filter { $0.key.spiIn.map { claimed.contains($0) } ?? false }
    }
    if !demandsProof { return answerPlain(octets, now) }
    guard let message = try? Message(decoding: octets), !message.isResponse,
      let authentication = message.authentication, authentication.keyID == Self.keyID
    else { return nil }
    if message.type == .hello { return answerHello(message, octets) }
    if let stored, stored.request == octets { return stored.response }
    activate(authentication, octets)
    guard let current = session, current.id == authentication.sessionID,
      Authenticator.verify(octets, direction: .fromHost, key: current.key)
    else { return Self.hint(message, .noSession, epoch) }
    requests.append(message)
    sequences.append(authentication.sequence)
    let response = answerRequest(message, now)
    stored = (octets, response)
    return response
  }

  /// As a lab's router without authentication does.
  private mutating func answerPlain(_ octets: [UInt8], _ now: Moment) -> [UInt8]? {
    guard let message = try? Message(decoding: octets), !message.isResponse else { return nil }
    requests.append(message)
    let (code, options) =
      message.type == .hello ? (.success, holdings) : apply(message, now)
    return message.response(code, epoch: epoch, options: options).encoded()
  }

  /// An untagged answer, as anyone could make it.
  static func hint(_ request: Message, _ code: ResultCode, _ epoch: UInt32) -> [UInt8] {
    request.response(code, epoch: epoch).encoded()
  }

  private mutating func answerHello(_ message: Message, _ octets: [UInt8]) -> [UInt8]? {
    guard Authenticator.verify(octets, direction: .fromHost, key: Self.key),
      let given = message.session
    else { return Self.hint(message, .notAuthenticated, epoch) }
    sessionsMade += 1
    let nonce = (0..<16).map { UInt8(truncatingIfNeeded: $0 &+ Int(sessionsMade)) }
    pending = (
      sessionsMade,
      Authenticator.sessionKey(hostKey: Self.key, hostNonce: given.nonce, routerNonce: nonce)
    )
    requests.append(message)
    let options = [.session(id: sessionsMade, nonce: nonce)] + holdings
    let code = refusals[.hello] ?? .success
    return Authenticator.seal(
      message.response(code, epoch: epoch, options: code == .success ? options : []),
      direction: .fromRouter, key: Self.key, keyID: Self.keyID, sessionID: 0, sequence: 0)
  }

  private var holdings: [Message.Option] {
    var options: [Message.Option] = [
      .externalAddress(Self.external), .tunnelEndpoint(Self.endpoint, mtu: 1_480),
    ]
    if isSlotLeased, let slot {
      options += [.spis(first: slot.firstSPI.rawValue, count: Slot.spiCount)]
      options += [.ikeLabel(slot.ikeLabel)]
    }
    if arePortsLeased, let ports { options += [.ports(first: ports.first, count: ports.count)] }
    return options
  }

  private mutating func activate(_ authentication: Authentication, _ octets: [UInt8]) {
    guard let waiting = pending, waiting.id == authentication.sessionID,
      Authenticator.verify(octets, direction: .fromHost, key: waiting.key)
    else { return }
    session = (waiting.id, waiting.key, 0)
    pending = nil
    stored = nil
  }

  private mutating func answerRequest(_ message: Message, _ now: Moment) -> [UInt8] {
    let (code, options) = apply(message, now)
    return seal(message.response(code, epoch: epoch, options: options))
  }

  /// Tags a message in the present session.
  mutating func seal(_ message: Message) -> [UInt8] {
    guard var current = session else { return [] }
    current.sequence += 1
    session = current
    return Authenticator.seal(
      message, direction: .fromRouter, key: current.key, keyID: Self.keyID, sessionID: current.id,
      sequence: current.sequence)
  }

  private mutating func apply(_ message: Message, _ now: Moment) -> (ResultCode, [Message.Option]) {
    if let code = refusals[message.type] { return (code, []) }
    switch message.type {
    case .securityRequest where message.spis?.count == 1: return claim(message)
    case .securityRequest:
      guard let slot else { return (.noResources, []) }
      isSlotLeased = true
      leaseEnds = now.advanced(bySeconds: Double(lifetime))
      return (
        .success,
        [
          .spis(first: slot.firstSPI.rawValue, count: Slot.spiCount), .ikeLabel(slot.ikeLabel),
          .lifetime(lifetime),
        ]
      )
    case .portRequest:
      guard let ports else { return (.noResources, []) }
      arePortsLeased = true
      return (
        .success,
        [
          .ports(first: ports.first, count: ports.count), .externalAddress(Self.external),
          .lifetime(lifetime),
        ]
      )
    case .securityInvalidate:
      if let spis = message.spis, spis.count == 1 {
        let spi = SPI(rawValue: spis.first)
        held = held.filter { $0.key.spiIn != spi }
        return (claimed.remove(spi) == nil ? .notYours : .success, [])
      }
      isSlotLeased = false
      held = held.filter { $0.key.spiIn.map { claimed.contains($0) } ?? false }
      return (.success, [])
    case .synchronize: return synchronize(message)
    case .portInvalidate:
      arePortsLeased = false
      return (.success, [])
    case .addressValidate: return settle(message.validAddresses.map { validate($0) })
    case .addressInvalidate: return settle(message.invalidAddresses.map { invalidate($0) })
    default: return (.unsupportedType, [])
    }
  }

  private mutating func claim(_ message: Message) -> (ResultCode, [Message.Option]) {
    let spi = SPI(rawValue: message.spis?.first ?? 0)
    if taken.contains(spi) || slot?.contains(spi) == true { return (.inUse, []) }
    claimed.insert(spi)
    return (.success, [.spis(first: spi.rawValue, count: 1), .lifetime(lifetime)])
  }

  /// Replaces everything once all parts are there; what is refused is not in the new set.
  private mutating func synchronize(_ message: Message) -> (ResultCode, [Message.Option]) {
    guard let part = message.part else { return (.malformed, []) }
    if part.index == 0 { parts = [:] }
    parts[Int(part.index)] = message.validAddresses
    guard parts.count == Int(part.total) else { return (.success, []) }
    let before = held
    held = [:]
    let codes = message.validAddresses.map { validate($0) }
    for entry in parts.values.flatMap({ $0 }) { _ = validate(entry) }
    parts = [:]
    if codes.isEmpty, !isSlotLeased, claimed.isEmpty {
      held = before
      return (.notYours, [])
    }
    return settle(codes)
  }

  /// Tells the host that something was taken away, tagged in the session.
  mutating func withdraw(_ options: [Message.Option], transactionID: UInt32) -> [UInt8] {
    for case .invalidAddress(let entry) in options { held[EntryKeyParts(entry)] = nil }
    return seal(
      Message(
        type: .withdrawNotice, transactionID: transactionID, epoch: epoch, options: options))
  }

  private func settle(_ codes: [ResultCode]) -> (ResultCode, [Message.Option]) {
    (codes.first { $0 != .success } ?? .success, [.entryResults(codes)])
  }

  private mutating func validate(_ entry: Entry) -> ResultCode {
    let isHeld = entry.spiIn.map { spi in
      isSlotLeased && slot?.contains(spi) == true || claimed.contains(spi)
    }
    guard isHeld ?? (isSlotLeased || !claimed.isEmpty) else { return .notYours }
    guard !prohibited.contains(entry.address) else { return .prohibited }
    held[EntryKeyParts(entry)] = entry
    return .success
  }

  private mutating func invalidate(_ entry: Entry) -> ResultCode {
    if entry.spiIn != nil {
      held[EntryKeyParts(entry)] = nil
    } else {
      held = held.filter { key, _ in
        key.address != entry.address
          || (entry.ipsecProtocol != .any && key.ipsecProtocol != entry.ipsecProtocol)
      }
    }
    return .success
  }
}
