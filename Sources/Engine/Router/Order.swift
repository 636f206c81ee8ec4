/// What an operator orders in one request: one command or several, which are done together and can be
/// undone together.
package struct Order: Sendable {
  /// A command with what its operator knew.
  package struct Item: Hashable, Sendable {
    package var command: OperatorCommand
    /// The generation of the object as the operator has seen it; nil for whatever there is.
    package var generation: UInt64?

    /// Makes an item.
    package init(_ command: OperatorCommand, generation: UInt64? = nil) {
      self.command = command
      self.generation = generation
    }
  }

  /// How long something holds that nobody has said yet to keep.
  package struct Provision: Hashable, Sendable {
    package var seconds: UInt32
    /// The connection whose end ends it, too.
    package var connection: UInt64?

    /// Makes a provision.
    package init(seconds: UInt32, connection: UInt64? = nil) {
      self.seconds = seconds
      self.connection = connection
    }
  }

  package var items: [Item]
  /// Who orders it: only the same user may undo or keep it.
  package var actor: AuditActor
  /// Nil for what holds until somebody ends it.
  package var provision: Provision?

  /// Makes an order.
  package init(_ items: [Item], by actor: AuditActor = .unknown, provision: Provision? = nil) {
    self.items = items
    self.actor = actor
    self.provision = provision
  }

  /// Makes an order of one command.
  package init(_ command: OperatorCommand, by actor: AuditActor = .unknown) {
    self.init([Item(command)], by: actor)
  }

  /// Whether all of it only takes something away: then it is to hold even if it cannot be stored.
  package var cutsOff: Bool { items.allSatisfy(\.command.cutsOff) }

  /// The order for people: `revoke 192.0.2.10/32`, `12 commands`.
  var title: String {
    guard items.count == 1, let command = items.first?.command else {
      return counted(items.count, "command", "commands")
    }
    return "\(command.action) \(command.target)"
  }
}

/// The number of something that can be undone, never that of something else.
package struct ActionNumber: Hashable, Sendable {
  package let rawValue: UInt64

  package init(rawValue: UInt64) {
    self.rawValue = rawValue
  }
}

extension AuditActor {
  /// The name with the place: `ana@192.0.2.5`.
  var signature: String { source.map { "\(name)@\($0)" } ?? name }

  /// Whether it is the same user, wherever it sits.
  func isSameUser(as other: AuditActor) -> Bool { userID == other.userID && name == other.name }
}
