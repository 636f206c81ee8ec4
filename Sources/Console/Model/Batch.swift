internal import PAP

/// Commands that are one action: done together, and each with a row of its own in the audit log.
struct Batch: Equatable, Sendable {
  /// One command, and what its object was when the operator decided.
  struct Item: Equatable, Sendable {
    var command: Command
    /// The router leaves the command out if the object's generation is another one by now; nil where
    /// that does not matter.
    var generation: UInt64?
  }

  var items: [Item]
  var reason: String?
}

extension Batch {
  /// `revoke 12 addresses`; of one command its own words.
  var summary: String {
    guard items.count != 1, let first = items.first else {
      return items.first?.command.summary ?? "nothing"
    }
    return switch first.command {
    case .validate: "validate \(items.count) entries"
    case .invalidate: "invalidate \(items.count) rows"
    case .revoke: "revoke \(items.count) addresses"
    case .lift: "lift \(items.count) revocations"
    case .suspend: "suspend \(items.count) hosts"
    case .resume: "resume \(items.count) hosts"
    case .reload, .batch: "\(items.count) commands"
    }
  }
}

extension Command {
  /// What the command is about; commands about the same object have the same.
  var object: String {
    switch self {
    case .validate(let address, let host, let ipsecProtocol, let spi, _):
      "\(verb) \(address) \(host) \(ipsecProtocol.name) \(spi?.description ?? "")"
    case .invalidate(let address, let host, let spi):
      "\(verb) \(address) \(host ?? "") \(spi?.description ?? "")"
    case .revoke(let target, let host, _, _), .lift(let target, let host):
      "\(verb) \(target) \(host ?? "")"
    case .suspend(let host), .resume(let host): "\(verb) \(host)"
    case .reload: verb
    case .batch(let batch): batch.items.map(\.command.object).joined(separator: ", ")
    }
  }

  /// The command, for so long.
  func with(seconds: Int?) -> Command {
    switch self {
    case .validate(let address, let host, let ipsecProtocol, let spi, _):
      .validate(address, host: host, ipsecProtocol: ipsecProtocol, spi: spi, seconds: seconds)
    case .revoke(let target, let host, _, let reason):
      .revoke(target, host: host, seconds: seconds, reason: reason)
    case .invalidate, .lift, .suspend, .resume, .reload, .batch: self
    }
  }

  /// The command with a reason where it has room for one.
  func with(reason: String?) -> Command {
    switch self {
    case .revoke(let target, let host, let seconds, _):
      .revoke(target, host: host, seconds: seconds, reason: reason)
    case .reload: .reload(reason: reason)
    case .batch(let batch):
      .batch(
        Batch(
          items: batch.items.map {
            .init(command: $0.command.with(reason: reason), generation: $0.generation)
          }, reason: batch.reason))
    case .validate, .invalidate, .lift, .suspend, .resume: self
    }
  }

  /// The command as it is sent: bound to the generation of its object, and with the reason for the
  /// audit log, which single commands have no room for.
  func bound(to generation: UInt64?, reason: String?) -> Command {
    if case .batch(var batch) = self {
      batch.reason = reason
      return .batch(batch)
    }
    if generation == nil, reason == nil || carriesReason { return self }
    return .batch(Batch(items: [.init(command: self, generation: generation)], reason: reason))
  }

  // Revocations show theirs, and a reload is no part of a batch.
  private var carriesReason: Bool {
    switch self {
    case .revoke, .reload: true
    case .validate, .invalidate, .lift, .suspend, .resume, .batch: false
    }
  }
}
