/// Who the client is, what it may do, and who else looks: the verb `whoami`.
package struct IdentityReport: Codable, Hashable, Sendable {
  /// Another console.
  package struct Other: Codable, Hashable, Sendable {
    package var name: String
    /// Where it sits, by its own word, or null.
    @Nullable package var source: String?
    /// `operator` or `viewer`.
    package var role: String
    package var since: String

    package init(name: String, source: String?, role: String, since: String) {
      self.name = name
      _source = Nullable(wrappedValue: source)
      self.role = role
      self.since = since
    }
  }

  package var user: String
  /// `operator` or `viewer`.
  package var role: String
  /// Clients with a subscription, this one included: consoles and followers.
  package var consoles: Int
  /// Clients that are told of changes, without this one, those longest there first.
  package var others: [Other]

  package init(user: String, role: String, consoles: Int, others: [Other]) {
    self.user = user
    self.role = role
    self.consoles = consoles
    self.others = others
  }
}
