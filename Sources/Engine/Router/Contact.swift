package import Net

/// Where a host spoke from last, and which of the router's endpoints it spoke to: where the router
/// can reach it.
package struct Contact: Hashable, Sendable {
  package let remote: Endpoint
  package let local: Endpoint

  /// Makes a contact.
  package init(remote: Endpoint, local: Endpoint) {
    self.remote = remote
    self.local = local
  }
}
