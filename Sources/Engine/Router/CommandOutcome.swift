internal import PAP

/// How an operator's command ended.
package enum CommandOutcome: Hashable, Sendable {
  /// It is done, and every effect of it comes before this one.
  case success(CommandResult)
  /// Nothing was changed.
  case failure(CommandError)
}

/// What a command did.
package struct CommandResult: Hashable, Sendable {
  /// One sentence for people, such as `revoked 192.0.2.10 for every host: 2 entries removed`.
  package let message: String
  /// Entries that were added, refreshed or removed.
  package let entries: Int
  /// How things were, for the audit log.
  package let before: String
  /// How they are now.
  package let after: String
  /// What undoes it, and everything else of the same order; nil if there is nothing to undo.
  package internal(set) var action: ActionNumber?
  /// Whether the command survives a restart by now.
  package internal(set) var isDurable = true
}

/// Why a command was refused.
package struct CommandError: Error, Hashable, Sendable {
  /// The kinds of refusal.
  package enum Code: String, Sendable {
    /// The thing that the command names does not exist.
    case notFound = "not-found"
    /// The operator, or another one, has forbidden this.
    case prohibited
    /// No peer can have this address.
    case unacceptableAddress = "unacceptable-address"
    /// The host does not hold the SPI, or none at all.
    case notYours = "not-yours"
    /// A limit is reached.
    case quotaExceeded = "quota-exceeded"
    /// The state cannot be stored, so what is done would be undone by a restart.
    case notDurable = "not-durable"
    /// A value is out of its range.
    case badArgument = "bad-argument"
    /// The object is not any more what the operator has seen.
    case leftOut = "left-out"
    /// Only somebody else may do this.
    case notPermitted = "not-permitted"
  }

  package let code: Code
  /// What was refused, and what to do about it, for people.
  package let message: String

  init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }
}

extension CommandError: CustomStringConvertible {
  package var description: String { message }
}

/// What a command would do if it were given now.
package struct CommandPreview: Sendable {
  /// One sentence for people in the form "this would ...".
  package let message: String
  /// The entries that would go, or that would be refreshed; for `suspend` and `resume`, those whose
  /// traffic would stop or go on.
  package let entries: [EntryView]
  /// The names of the hosts concerned, in the order of the configuration.
  ///
  /// For a revocation those that lose entries.
  package let hosts: [String]
  /// Commands that would be left out, because their object has changed meanwhile.
  package var leftOut = 0
  /// Who acted last on what is concerned, if that is known.
  package var touch: Touch?
}

/// Something provisional that was undone because nobody has kept it.
package struct RollBack: Hashable, Sendable {
  package let action: ActionNumber
  /// Who had ordered it.
  package let actor: AuditActor
  /// The order for people.
  package let title: String
  package let result: CommandResult
}

/// Writes a prefix the way people name it: one address without `/32`.
func named(_ target: CIDR) -> String {
  target.prefixLength == 32 ? "\(target.address)" : "\(target)"
}

/// `1 entry`, `2 entries`.
func counted(_ number: Int, _ one: String, _ many: String) -> String {
  "\(number) \(number == 1 ? one : many)"
}
