import PAP

@testable import Host

// The input is what happens to a host's agent: for each event one octet says which, then comes what
// belongs to it. The router at the other end is the tests' model.

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  var input = Input(start, count)
  let talk = AgentTalk()
  for _ in 0..<64 where !input.isEmpty { talk.step(&input) }
  return 0
}

/// An agent, its router, and what is on its way between them.
private final class AgentTalk {
  private var agent: Agent
  private var router = ModelRouter()
  private var now = Moment(nanoseconds: 1_000_000_000_000)
  private var answers: [[UInt8]] = []
  private var lastSent: (session: UInt32, sequence: UInt32)?
  /// Everything sent in this session: the agent may repeat it.
  private var sent: Set<[UInt8]> = []
  private var hasFinished = false
  private var token: UInt64 = 0

  init() {
    var number: UInt8 = 0
    agent = Agent(
      identity: Agent.Identity(
        name: "hosta", keyID: ModelRouter.keyID, key: ModelRouter.key, ports: 1_024),
      randomness: Randomness { count in
        number &+= 1
        return [UInt8](repeating: number, count: count)
      })
    feed(.start)
  }

  func step(_ input: inout Input) {
    switch input.octet() & 7 {
    case 0: if let answer = nextAnswer() { feed(.datagram(answer)) }
    case 1: feedChangedAnswer(&input)
    case 2: feedTagged(input.take(input.word()))
    case 3: feedUntrusted(input.take(input.word()))
    case 4: pass(milliseconds: input.word(), times: input.octet())
    case 5: desire(&input)
    case 6: command(&input)
    default: disturb(&input)
    }
  }

  private func nextAnswer() -> [UInt8]? { answers.isEmpty ? nil : answers.removeFirst() }

  /// An answer of the router with other octets here and there, and a right tag.
  private func feedChangedAnswer(_ input: inout Input) {
    let count = input.octet() & 7
    guard var answer = nextAnswer(), !answer.isEmpty else { return }
    for _ in 0..<count { answer[input.word() % answer.count] = input.octet() }
    feedTagged(answer)
  }

  private func feedTagged(_ octets: [UInt8]) {
    var octets = octets
    tag(&octets, direction: 1, keys: key)
    feed(.datagram(octets))
  }

  private func key(_ said: Authentication) -> SecretKey? {
    if said.sessionID == 0 { return ModelRouter.key }
    return agent.session.flatMap { $0.id == said.sessionID ? $0.key : nil }
  }

  /// Octets that anybody can send change nothing that the router has given.
  private func feedUntrusted(_ octets: [UInt8]) {
    let key = Authenticator.authentication(of: octets).flatMap(key)
    let isTagged = key.map {
      Authenticator.verify(octets, direction: .fromRouter, key: $0)
    }
    let (leases, session, epoch) = (agent.leases, agent.session?.id, agent.epoch)
    feed(.datagram(octets))
    guard isTagged != true else { return }
    require(agent.leases == leases, "leases changed by who is not the router")
    require(agent.session?.id == session && agent.epoch == epoch, "session changed by a stranger")
  }

  /// Lets time pass, and the agent's timer go off when it is due.
  private func pass(milliseconds: Int, times: UInt8) {
    let seconds = Double(milliseconds) / 1_000 * Double(times)
    let end = now.advanced(bySeconds: seconds)
    var steps = 0
    while let due = agent.deadline, due <= end, steps < 200 {
      let isLate = due <= now
      now = max(now, due)
      feed(.timer)
      if isLate, agent.deadline == due { require(false, "the agent spins") }
      steps += 1
    }
    if steps < 200 { now = max(now, end) }
  }

  private func desire(_ input: inout Input) {
    var wanted: [EntryKey: Entry] = [:]
    for _ in 0..<input.octet() & 63 {
      let entry = entry(&input)
      wanted[EntryKey(entry)] = entry
    }
    feed(.desire(wanted))
  }

  private func command(_ input: inout Input) {
    token += 1
    let action = input.octet() & 1 == 0 ? AgentCommand.Action.validate : .invalidate
    feed(.command(AgentCommand(action: action, entry: entry(&input), token: token)))
  }

  /// The router takes something back, and says so as often as it likes.
  private func notice(_ input: inout Input) {
    let options: [Message.Option] =
      switch input.octet() & 3 {
      case 0: [.spis(first: 0x1a2b_0000, count: Slot.spiCount)]
      case 1: [.spis(first: UInt32(input.word()) << 16, count: UInt32(input.octet()))]
      default: [.invalidAddress(entry(&input))]
      }
    let octets = router.withdraw(options, transactionID: UInt32(input.octet() & 3))
    for _ in 0...input.octet() & 3 { feed(.datagram(octets)) }
  }

  private func entry(_ input: inout Input) -> Entry {
    let kind = input.octet()
    let spi = UInt32(kind >> 4)
    return Entry(
      address: IPv4Address(rawValue: 0xc000_0200 + UInt32(input.octet() & 15)),
      ipsecProtocol: [.any, .esp, .ah][Int(kind & 3) % 3],
      // Some lie outside of the slot.
      spiIn: kind & 4 == 0 ? nil : SPI(rawValue: (spi < 12 ? 0x1a2b_0000 : 0x1698_0000) + spi),
      spiOut: kind & 8 == 0 ? nil : SPI(rawValue: 0xc000 + spi))
  }

  private func disturb(_ input: inout Input) {
    switch input.octet() & 7 {
    case 0: router.forgetSession()
    case 1: router.loseState(newEpoch: UInt32(input.word()) | 1)
    case 2: router.lifetime = UInt32(input.word())
    case 3: router.prohibited = [IPv4Address(rawValue: 0xc000_0200 + UInt32(input.octet() & 15))]
    case 4:
      guard let type = MessageType(rawValue: input.octet()) else { return }
      router.refusals[type] = ResultCode(rawValue: input.octet())
    case 5: router.refusals = [:]
    case 6: notice(&input)
    default: feed(.stop)
    }
  }
}

extension AgentTalk {
  private func feed(_ event: AgentEvent) {
    for effect in agent.step(event, now: now) {
      switch effect {
      case .send(let octets): take(octets)
      case .finished:
        require(!hasFinished, "finished twice")
        hasFinished = true
      case .leases, .withdrawn, .outcome, .log: break
      }
    }
    require(!hasFinished || agent.deadline == nil, "something to do after the end")
  }

  /// What the agent sends is a request, or the answer to a notice, that the router can verify, and the
  /// sequences rise.
  private func take(_ octets: [UInt8]) {
    require(!hasFinished && octets.count <= 1_400, "sent what it may not")
    guard let message = try? Message(decoding: octets),
      message.isResponse == (message.type == .withdrawNotice),
      let said = message.authentication, let key = key(said)
    else { return require(false, "sent no request") }
    require(Authenticator.verify(octets, direction: .fromHost, key: key), "sent a wrong tag")
    if let lastSent, said.sessionID != 0, lastSent.session == said.sessionID {
      let isRepeat = sent.contains(octets)
      require(isRepeat || said.sequence > lastSent.sequence, "a sequence was used twice")
      if isRepeat { return answer(octets) }
    }
    if said.sessionID != 0 {
      if lastSent?.session != said.sessionID { sent = [] }
      lastSent = (said.sessionID, said.sequence)
      sent.insert(octets)
    }
    answer(octets)
  }

  private func answer(_ octets: [UInt8]) {
    if let answer = router.answer(octets, now: now), answers.count < 16 { answers.append(answer) }
  }
}

/// An address of the model router.
func address(_ text: String) -> IPv4Address {
  IPv4Address(text) ?? IPv4Address(rawValue: 0)
}
