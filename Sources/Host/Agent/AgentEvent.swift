internal import Logging
internal import PAP

/// What happens to the agent.
enum AgentEvent {
  /// Begin: say hello and lease.
  case start
  /// Octets came from the router's address and port.
  case datagram([UInt8])
  /// `Agent.deadline` has come.
  case timer
  /// What the router should hold for this host now.
  ///
  /// Not whole is what is known before the IKE daemon has told about its associations: then nothing
  /// is taken from the router that an earlier run may have put there.
  case desire([EntryKey: Entry], isWhole: Bool = true)
  /// Events of associations were lost: tell the router the whole set once more.
  case resynchronize
  /// Do as somebody says, and tell the outcome under the command's token.
  case command(AgentCommand)
  /// Give everything back.
  case stop
}

/// One validation or invalidation by hand.
struct AgentCommand: Equatable, Sendable {
  /// What to do with the entry.
  enum Action: Equatable, Sendable {
    case validate
    case invalidate
  }

  var action: Action
  var entry: Entry
  /// Names the command in its outcome.
  var token: UInt64
}

/// What the agent wants done.
enum AgentEffect {
  /// Send this to the router.
  case send([UInt8])
  /// What is leased has changed.
  case leases(Leases)
  /// The operator took entries away: tear the associations down that rested on them.
  case withdrawn(Withdrawal)
  /// The router's answer to a command; nil where the agent stops before there is one.
  case outcome(token: UInt64, ResultCode?)
  case log(Logger.Level, String)
  /// Everything was given back, or the time for that is over.
  case finished
}

/// The entries that a `withdraw-notice` names (pap.md, section 8).
struct Withdrawal: Equatable, Sendable {
  /// What is gone.
  var entries: [Entry] = []
  /// The operator's words for people; empty where there are none.
  var reason = ""
}

/// What the router has given the host.
struct Leases: Equatable, Sendable {
  /// The address that the hosts share.
  var externalAddress: IPv4Address?
  /// Where IP-in-IP packets go.
  var tunnelEndpoint: IPv4Address?
  /// The longest inner packet, octets.
  var tunnelMTU: UInt16 = 0
  var slot: Slot?
  /// What the IKE daemon's own SPIs must begin with.
  var ikeLabel: IKELabel?
  var ports: PortBlock?
}
