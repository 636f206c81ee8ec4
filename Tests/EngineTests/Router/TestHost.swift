import Net
import PAP

@testable import Engine

/// The host's side of PAP, as small as can be.
final class TestHost {
  private let lab: RouterLab
  let place: Int
  var source: Endpoint
  var key: SecretKey
  private var nonces: UInt8 = 0
  private(set) var session: (id: UInt32, key: SecretKey)?
  /// The keys of all sessions so far.
  private(set) var keys: [UInt32: SecretKey] = [:]
  private(set) var sequence: UInt32 = 0
  /// What was sent last, as it was sent.
  private(set) var lastRequest: [UInt8] = []

  /// The host that comes at this place of the configuration, without a session.
  init?(silent place: Int, in lab: RouterLab) {
    guard let key = RouterLab.key(place) else { return nil }
    self.lab = lab
    self.place = place
    self.key = key
    source = Endpoint(address: RouterLab.insideAddress(place), port: 40_000)
  }

  /// A host that has a session and has spoken in it.
  convenience init?(_ place: Int, in lab: RouterLab) {
    self.init(silent: place, in: lab)
    guard hello() != nil, invalidate("192.0.2.255") == .success else { return nil }
  }

  /// Begins a session.
  func hello(nonce octet: UInt8? = nil) -> Message? {
    nonces &+= 1
    let nonce = [UInt8](repeating: octet ?? nonces, count: 16)
    let request = Message(
      type: .hello, transactionID: UInt32(nonces), epoch: 0,
      options: [.session(id: 0, nonce: nonce)])
    lastRequest = Authenticator.seal(
      request, direction: .fromHost, key: key, keyID: UInt32(place + 1), sessionID: 0, sequence: 0)
    guard let answer = lab.deliver(lastRequest, from: source).first,
      Authenticator.verify(answer, direction: .fromRouter, key: key),
      let message = try? Message(decoding: answer), let session = message.session
    else { return nil }
    let sessionKey = Authenticator.sessionKey(
      hostKey: key, hostNonce: nonce, routerNonce: session.nonce)
    self.session = (session.id, sessionKey)
    keys[session.id] = sessionKey
    sequence = 0
    return message
  }

  /// A request of the host's session, ready to send.
  func sealed(_ type: MessageType, _ options: [Message.Option]) -> [UInt8] {
    guard let session else { return [] }
    sequence += 1
    let request = Message(type: type, transactionID: sequence, epoch: 0, options: options)
    lastRequest = Authenticator.seal(
      request, direction: .fromHost, key: session.key, keyID: UInt32(place + 1),
      sessionID: session.id, sequence: sequence)
    return lastRequest
  }

  /// Sends a request; the answer, if its tag is right.
  func ask(
    _ type: MessageType, _ options: [Message.Option] = []
  ) -> Message? {
    let request = sealed(type, options)
    guard let session, let answer = lab.deliver(request, from: source).first,
      Authenticator.verify(answer, direction: .fromRouter, key: session.key)
    else { return nil }
    return try? Message(decoding: answer)
  }

  /// Confirms a notice; whatever is sent then, which should be no answer.
  func confirm(_ transactionID: UInt32) -> [Effect] {
    lab.step(.datagram(confirmation(transactionID), from: source, to: RouterLab.local))
  }

  /// What confirms a notice, ready to send.
  func confirmation(_ transactionID: UInt32) -> [UInt8] {
    guard let session else { return [] }
    sequence += 1
    let response = Message(
      type: .withdrawNotice, isResponse: true, transactionID: transactionID, epoch: 0)
    lastRequest = Authenticator.seal(
      response, direction: .fromHost, key: session.key, keyID: UInt32(place + 1),
      sessionID: session.id, sequence: sequence)
    return lastRequest
  }

  /// The notices among effects that are for this host and rightly tagged in its session.
  func notices(in effects: [Effect]) -> [Message] {
    guard let session else { return [] }
    return effects.compactMap { effect in
      guard case .send(let bytes, source, RouterLab.local) = effect,
        Authenticator.verify(bytes, direction: .fromRouter, key: session.key),
        let message = try? Message(decoding: bytes), message.type == .withdrawNotice
      else { return nil }
      return message
    }
  }

  /// Leases a slot, this one if it is to be had; the slot.
  func lease(
    slot: UInt16 = 0, seconds: UInt32 = 3600
  ) -> Slot? {
    let wish = Message.Option.spis(first: UInt32(slot) << 16, count: Slot.spiCount)
    let answer = ask(.securityRequest, [.lifetime(seconds), wish])
    return answer?.spis.flatMap { SPI(rawValue: $0.first).slot }
  }

  /// Gives a slot back; the code.
  func giveBack(_ slot: Slot) -> ResultCode? {
    ask(
      .securityInvalidate, [.spis(first: slot.firstSPI.rawValue, count: Slot.spiCount)]
    )?.code
  }

  /// Claims one SPI; the code.
  func claim(_ spi: UInt32, seconds: UInt32? = nil) -> ResultCode? {
    let lifetime = seconds.map { [Message.Option.lifetime($0)] } ?? []
    return ask(.securityRequest, lifetime + [.spis(first: spi, count: 1)])?.code
  }

  /// Gives a claimed SPI back; the code.
  func giveBackClaim(_ spi: UInt32) -> ResultCode? {
    ask(.securityInvalidate, [.spis(first: spi, count: 1)])?.code
  }

  /// Sends one part of a set; the answer.
  func synchronize(
    _ entries: [Entry], part: UInt16 = 0, of total: UInt16 = 1, seconds: UInt32? = nil
  ) -> Message? {
    let lifetime = seconds.map { [Message.Option.lifetime($0)] } ?? []
    return ask(
      .synchronize,
      [.part(index: part, total: total)] + lifetime + entries.map { .validAddress($0) })
  }

  /// Leases ports; the block.
  func leasePorts(
    first: UInt16 = 0, count: UInt16 = 0, strictly: Bool = false,
    seconds: UInt32 = 3600
  ) -> PortBlock? {
    let strict = strictly ? [Message.Option.preferFailure] : []
    let answer = ask(
      .portRequest, [.lifetime(seconds), .ports(first: first, count: count)] + strict)
    return answer?.ports.flatMap { PortBlock(first: $0.first, count: $0.count) }
  }

  /// Gives ports back; the code.
  func giveBack(_ block: PortBlock) -> ResultCode? {
    ask(.portInvalidate, [.ports(first: block.first, count: block.count)])?.code
  }

  /// Validates one entry; the code.
  func validate(
    _ peer: String, _ ipsecProtocol: IPsecProtocol = .esp,
    spi: SPI? = nil, spiOut: SPI? = nil, seconds: UInt32? = nil
  ) -> ResultCode? {
    let entry = Entry(
      address: address(peer), ipsecProtocol: ipsecProtocol, spiIn: spi, spiOut: spiOut)
    let lifetime = seconds.map { [Message.Option.lifetime($0)] } ?? []
    return ask(.addressValidate, lifetime + [.validAddress(entry)])?.code
  }

  /// Invalidates one entry; the code.
  func invalidate(
    _ peer: String, _ ipsecProtocol: IPsecProtocol = .esp,
    spi: SPI? = nil
  ) -> ResultCode? {
    let entry = Entry(address: address(peer), ipsecProtocol: ipsecProtocol, spiIn: spi)
    return ask(.addressInvalidate, [.invalidAddress(entry)])?.code
  }
}
