internal import PAP

/// What a request is answered with.
struct Answer: Sendable {
  let code: ResultCode
  var options: [Message.Option] = []

  init(_ code: ResultCode, _ options: [Message.Option] = []) {
    self.code = code
    self.options = options
  }
}

/// Why a request, or one entry of it, is not granted.
struct Refusal: Error {
  let code: ResultCode

  init(_ code: ResultCode) {
    self.code = code
  }
}

// What requests do, once it is known whose they are.

extension RouterState {
  /// Acts on a request of a host.
  ///
  /// `session` is the session that it came in, 0 where there are none.
  mutating func answer(
    to bytes: [UInt8], host: HostIndex, session: UInt32, now: Instant
  ) -> Answer {
    do {
      return answer(try Message(decoding: bytes), host: host, session: session, now: now)
    } catch {
      return Answer(error.resultCode ?? .malformed)
    }
  }

  private mutating func answer(
    _ request: Message, host: HostIndex, session: UInt32, now: Instant
  ) -> Answer {
    if let unfit = request.unfitOption { return Answer(unfit) }
    do {
      return try grant(request, host: host, session: session, now: now)
    } catch {
      return Answer(error.code)
    }
  }

  private mutating func grant(
    _ request: Message, host: HostIndex, session: UInt32, now: Instant
  ) throws(Refusal) -> Answer {
    switch request.type {
    case .portRequest: try portRequest(request, host: host, now: now)
    case .portInvalidate: try portInvalidate(request, host: host, now: now)
    case .securityRequest: try securityRequest(request, host: host, now: now)
    case .securityInvalidate: try securityInvalidate(request, host: host, now: now)
    case .addressValidate: try addressValidate(request, host: host, now: now)
    case .addressInvalidate: try addressInvalidate(request, host: host)
    case .hello: try lateHello(host)
    case .synchronize: try synchronize(request, host: host, session: session, now: now)
    case .announce, .withdrawNotice: throw Refusal(.unsupportedType)
    }
  }

  /// A `hello` begins a session and so does not come in one; where there are no sessions it only
  /// asks.
  private func lateHello(_ host: HostIndex) throws(Refusal) -> Answer {
    guard policy.authentication == .none else { throw Refusal(.malformed) }
    return Answer(.success, holdings(of: host))
  }

  /// Refuses what would give a suspended host something.
  ///
  /// What gives something back is never refused.
  func checkNotSuspended(_ host: HostIndex) throws(Refusal) {
    if hosts[host].isSuspended { throw Refusal(.prohibited) }
  }
}

extension Message {
  /// The code for a message with an option that must be understood and means nothing in this type of
  /// message (as RFC 6887, section 7.3, does); nil if all fit.
  var unfitOption: ResultCode? {
    let fitting = type.fittingOptions
    let unfit = options.contains {
      $0.kind.rawValue < OptionKind.hostName.rawValue && !fitting.contains($0.kind)
    }
    return unfit ? .unsupportedOption : nil
  }
}

extension MessageType {
  /// The options below 128 that mean something in a request of this type.
  ///
  /// A lifetime is allowed where it means nothing: it asks for nothing that success would deny.
  fileprivate var fittingOptions: Set<OptionKind> {
    switch self {
    case .portRequest: [.lifetime, .ports, .preferFailure]
    case .portInvalidate: [.lifetime, .ports]
    case .securityRequest: [.lifetime, .spis, .preferFailure]
    case .securityInvalidate: [.lifetime, .spis]
    case .addressValidate: [.lifetime, .validAddress]
    case .addressInvalidate: [.lifetime, .invalidAddress]
    case .synchronize: [.lifetime, .validAddress, .part]
    case .hello: [.lifetime, .session]
    // Refused for their type, whatever they carry.
    case .announce, .withdrawNotice: Set(OptionKind.allCases)
    }
  }
}
