/// What is different between two configurations of a router, in the words of its file.
///
/// It names key files and holds nothing of what is in them.
package struct ConfigurationDifference: Codable, Hashable, Sendable {
  /// A key with another value.
  package struct Change: Codable, Hashable, Sendable {
    /// With the table around it: `pap.limits.entries`.
    package var key: String
    package var old: String
    package var new: String
  }

  /// A key of a host with another value; the same key file twice if another key is in it.
  package struct HostChange: Codable, Hashable, Sendable {
    package var host: String
    package var key: String
    /// Nil where the key is new.
    package var old: String?
    /// Nil where the key is gone.
    package var new: String?
  }

  package var changed: [Change] = []
  package var hostsAdded: [String] = []
  package var hostsRemoved: [String] = []
  package var hostsChanged: [HostChange] = []

  /// No difference.
  package init() {}

  /// Whether nothing is different.
  package var isEmpty: Bool {
    changed.isEmpty && hostsAdded.isEmpty && hostsRemoved.isEmpty && hostsChanged.isEmpty
  }

  /// The changes that only another run of the engine can make.
  package var fixed: [Change] {
    changed.filter { change in
      RouterSetting.all.contains { $0.key == change.key && !$0.isReloadable }
    }
  }

  /// One line for each change.
  package var lines: [String] {
    changed.map { "\($0.key): \($0.old) -> \($0.new)" }
      + hostsRemoved.map { "host \($0): removed" }
      + hostsChanged.map(\.line) + hostsAdded.map { "host \($0): added" }
  }
}

extension ConfigurationDifference.HostChange {
  fileprivate var line: String {
    if let old, old == new { return "host \(host): \(key) \(old): holds another key" }
    return "host \(host): \(key) \(old ?? "none") -> \(new ?? "none")"
  }
}

extension ConfigurationDifference {
  /// Compares two configurations.
  ///
  /// - Parameters:
  ///   - old: The one in force.
  ///   - new: The one to be.
  ///   - newSecrets: The numbers of keys whose octets are not what they were.
  package init(
    from old: RouterConfiguration, to new: RouterConfiguration, newSecrets: Set<UInt32> = []
  ) {
    changed = RouterSetting.all.compactMap { setting in
      let (before, after) = (setting.text(old), setting.text(new))
      return before == after ? nil : Change(key: setting.key, old: before, new: after)
    }
    let before = Dictionary(old.hosts.map { ($0.name, $0) }) { first, _ in first }
    let names = Set(new.hosts.map(\.name))
    hostsAdded = new.hosts.map(\.name).filter { before[$0] == nil }
    hostsRemoved = old.hosts.map(\.name).filter { !names.contains($0) }
    hostsChanged = new.hosts.flatMap { host in
      before[host.name].map { Self.changes(from: $0, to: host, newSecrets) } ?? []
    }
  }

  private static func changes(
    from old: RouterConfiguration.Host, to new: RouterConfiguration.Host,
    _ newSecrets: Set<UInt32>
  ) -> [HostChange] {
    zip(old.settings, new.settings).compactMap { before, after in
      let isSecret = after.number.map { $0 == before.number && newSecrets.contains($0) } ?? false
      guard before.text != after.text || isSecret else { return nil }
      return HostChange(host: new.name, key: after.key, old: before.text, new: after.text)
    }
  }
}

extension RouterConfiguration.Host {
  /// The keys of a host's table besides its name; key files with the number of the key in them.
  fileprivate var settings: [(key: String, text: String?, number: UInt32?)] {
    [
      ("inside-address", "\(insideAddress)", nil), ("key-id", "\(keyID)", nil),
      ("key-file", keyFile?.path, keyID), ("second-key-id", secondKeyID.map { "\($0)" }, nil),
      ("second-key-file", secondKeyFile?.path, secondKeyID),
    ]
  }
}

/// A key of the router's file outside of its hosts.
private struct RouterSetting: Sendable {
  let key: String
  /// Whether it can change while the engine runs.
  let isReloadable: Bool
  /// The value as people write it.
  let text: @Sendable (RouterConfiguration) -> String

  // What is not reloadable is in hosts' leases and tunnels, in the workers' own memory, or open: a
  // device, a file, a socket.
  static let all: [RouterSetting] = [
    fixed("router.external-address") { "\($0.externalAddress)" },
    fixed("router.tunnel-endpoint") { "\($0.tunnelEndpoint)" },
    fixed("router.tun") { $0.tun },
    fixed("router.queues") { "\($0.queues)" },
    fixed("router.inside-networks") { list($0.insideNetworks) },
    fixed("router.tunnel-mtu") { "\($0.tunnelMTU)" },
    fixed("router.hairpin") { "\($0.hairpin)" },
    fixed("router.ike-responder") { $0.ikeResponder ?? "none" },
    fixed("pap.listen") { list($0.listen) },
    fixed("pap.authentication") { $0.authentication.rawValue },
    reloadable("pap.default-lifetime") { "\($0.defaultLifetime)" },
    reloadable("pap.limits.entries") { "\($0.limits.entries)" },
    reloadable("pap.limits.claimed-spis") { "\($0.limits.claimedSPIs)" },
    reloadable("pap.limits.requests-per-second") { "\($0.limits.requestsPerSecond)" },
    fixed("leases.port-block") { "\($0.portBlock)" },
    reloadable("leases.spi-quarantine") { "\($0.spiQuarantine)" },
    reloadable("leases.port-quarantine") { "\($0.portQuarantine)" },
    fixed("store.path") { $0.storePath },
    fixed("control.socket") { $0.controlSocket },
    reloadable("control.operator-group") { $0.operatorGroup },
    reloadable("control.viewer-group") { $0.viewerGroup },
    reloadable("log.level") { $0.logLevel },
    reloadable("log.drop-sample-per-second") { "\($0.dropSamplePerSecond)" },
  ]

  private static func reloadable(
    _ key: String, _ text: @escaping @Sendable (RouterConfiguration) -> String
  ) -> RouterSetting {
    RouterSetting(key: key, isReloadable: true, text: text)
  }

  private static func fixed(
    _ key: String, _ text: @escaping @Sendable (RouterConfiguration) -> String
  ) -> RouterSetting {
    RouterSetting(key: key, isReloadable: false, text: text)
  }

  private static func list(_ values: [some CustomStringConvertible]) -> String {
    values.map(\.description).joined(separator: ", ")
  }
}
