internal import Logging
internal import PAP

/// The host's end of PAP as a pure state machine: events in, effects out, no I/O, no clock.
///
/// One request is on its way at a time, so that the router can answer a repeat from its stored copy
/// (pap.md, section 2). What to send next follows from the state: a session, then leases, then what
/// somebody asked for by hand, then entries. So nothing is queued that could go stale.
struct Agent {
  /// Who the host is, for the router.
  struct Identity: Sendable {
    var name: String
    /// Not 0.
    var keyID: UInt32
    /// Nil for a router that asks for no proof, as in a lab (pap.md, section 7, mode `none`).
    var key: SecretKey?
    /// Ports to ask for; 0 for none.
    var ports: UInt16
  }

  /// How far the agent is.
  enum Phase: Equatable, Sendable {
    case idle
    case running
    /// Gives back until this moment at most.
    case stopping(until: Moment)
    case finished
  }

  /// A session with the router (pap.md, section 7).
  struct Session {
    let id: UInt32
    /// Nil where there is no authentication, and so no session on the wire.
    let key: SecretKey?
    /// The sequence that was last sent.
    var sequence: UInt32 = 0
    var received = ReplayWindow()
  }

  /// A hello that waits for its answer.
  struct Hello {
    /// Empty where there is no authentication.
    let nonce: [UInt8]
    let transactionID: UInt32
    let octets: [UInt8]
    var retransmission: Retransmission
  }

  /// A request that waits for its answer.
  struct Request {
    let kind: RequestKind
    let transactionID: UInt32
    let octets: [UInt8]
    var retransmission: Retransmission
  }

  /// Seconds for which a refused request stays away, unless the router says how long.
  static let holdOff = 30.0
  /// Seconds between two hellos (pap.md, section 7, rule 6).
  static let helloInterval = 1.0
  /// Seconds without a word of the router after which it is asked whether it still knows this host.
  ///
  /// PAP has no message for that: asking for the slot once more does no harm, and its answer, or the
  /// lack of one, tells that the router has restarted, lost its state, or is gone.
  static let probeInterval = 30.0
  /// The most seconds between two validations of an entry that the router holds.
  ///
  /// The operator may have removed it: revoked the address and lifted that again, say. While the
  /// security association lives the peer is to be heard, and nobody should have to log in to say so.
  static let confirmInterval = 30.0
  /// Seconds that giving back may take.
  static let stopTime = 1.0

  let identity: Identity
  let randomness: Randomness

  var phase = Phase.idle
  /// The router's epoch as last seen; 0 before that.
  var epoch: UInt32 = 0
  var session: Session?
  var hello: Hello?
  var request: Request?
  /// Somebody told that the session may be gone.
  var wantsHello = false
  /// Not before this moment is another hello sent.
  var nextHello = Moment.zero
  var path = PathInformation()
  var slot = Lease<SlotLease>()
  var ports = Lease<PortBlock>()
  var entries = EntryTable()
  /// SPIs outside of the slot that associations use, each claimed by itself.
  var claims = ClaimTable()
  /// The entries that a `synchronize` under way names; nil while there is none.
  var synchronization: Synchronization?
  /// The router may hold entries of this host that the agent does not know of.
  var wantsSynchronization = true
  /// Whether `entries.desired` names everything: before that nothing of an earlier run is removed.
  var isDesireWhole = false
  /// The notices acknowledged last, since the router repeats one whose acknowledgement was lost.
  var notices: [Notice] = []
  /// Not before this moment are entries sent, as the router refused a whole message.
  var nextEntries = Moment.zero
  var commands: [AgentCommand] = []
  /// Since when the router answers, or since when it does not.
  var contact = Contact()
  var effects: [AgentEffect] = []

  /// What the router tells about the way out, once per session.
  struct PathInformation: Equatable, Sendable {
    var externalAddress: IPv4Address?
    var tunnelEndpoint: IPv4Address?
    var tunnelMTU: UInt16 = 0
  }

  /// A slot and the IKE label that goes with it.
  struct SlotLease: Equatable, Sendable {
    var slot: Slot
    var label: IKELabel
  }

  /// Whether the router answers.
  struct Contact: Equatable, Sendable {
    var isAnswering = false
    /// When that began; nil before the first try.
    var since: Moment?
    var lastAnswer: Moment?
  }

  /// Makes an agent that does nothing before `AgentEvent.start`.
  init(identity: Identity, randomness: Randomness) {
    self.identity = identity
    self.randomness = randomness
  }

  /// What is leased now.
  var leases: Leases {
    Leases(
      externalAddress: path.externalAddress, tunnelEndpoint: path.tunnelEndpoint,
      tunnelMTU: path.tunnelMTU, slot: slot.value?.slot, ikeLabel: slot.value?.label,
      ports: ports.value)
  }

  /// Takes an event in and returns what is to be done, in order.
  mutating func step(_ event: AgentEvent, now: Moment) -> [AgentEffect] {
    let before = leases
    switch event {
    case .start: start(now: now)
    // Who has given everything back has nothing to say any more.
    case .datagram(let octets): if phase != .finished { receive(octets, now: now) }
    case .timer: break
    case .desire(let wanted, let isWhole): desire(wanted, isWhole: isWhole)
    case .resynchronize: wantsSynchronization = true
    case .command(let command): take(command)
    case .stop: stop(now: now)
    }
    advance(now: now)
    if leases != before { effects.append(.leases(leases)) }
    defer { effects = [] }
    return effects
  }

  private mutating func start(now: Moment) {
    guard phase == .idle else { return }
    phase = .running
    contact.since = now
  }

  private mutating func desire(_ wanted: [EntryKey: Entry], isWhole: Bool) {
    entries.desire(wanted)
    isDesireWhole = isDesireWhole || isWhole
    updateClaims()
  }

  private mutating func take(_ command: AgentCommand) {
    if phase == .running {
      commands.append(command)
    } else {
      effects.append(.outcome(token: command.token, nil))
    }
  }

  mutating func log(_ level: Logger.Level, _ text: String) {
    effects.append(.log(level, text))
  }
}
