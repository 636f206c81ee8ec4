import Testing

@testable import Configuration

struct ConfigurationDifferenceTests {
  /// Each key of the file with another value, and whether it needs another run of the engine.
  static let keys: [(key: String, line: String, old: String, new: String, isFixed: Bool)] = [
    (
      "router.external-address", "external-address = \"198.51.100.9\"", "198.51.100.1",
      "198.51.100.9", true
    ),
    (
      "router.tunnel-endpoint", "tunnel-endpoint = \"10.0.0.253\"", "10.0.0.254", "10.0.0.253", true
    ),
    ("router.tun", "tun = \"x\"", "dnat0", "x", true),
    ("router.queues", "queues = 3", "0", "3", true),
    (
      "router.inside-networks", "inside-networks = [\"10.0.0.0/24\", \"10.1.0.0/24\"]",
      "10.0.0.0/24", "10.0.0.0/24, 10.1.0.0/24", true
    ),
    ("router.tunnel-mtu", "tunnel-mtu = 1400", "1480", "1400", true),
    ("router.hairpin", "hairpin = true", "false", "true", true),
    ("router.ike-responder", "ike-responder = \"hostb\"", "hosta", "hostb", true),
    ("pap.listen", "listen = [\"10.0.0.2:7028\"]", "10.0.0.1:7028", "10.0.0.2:7028", true),
    ("pap.authentication", "authentication = \"none\"", "required", "none", true),
    ("pap.default-lifetime", "default-lifetime = 600", "3600", "600", false),
    ("pap.limits.entries", "entries = 7", "1024", "7", false),
    ("pap.limits.claimed-spis", "claimed-spis = 7", "64", "7", false),
    ("pap.limits.requests-per-second", "requests-per-second = 7", "50", "7", false),
    ("leases.port-block", "port-block = 2048", "1024", "2048", true),
    ("leases.spi-quarantine", "spi-quarantine = 7", "600", "7", false),
    ("leases.port-quarantine", "port-quarantine = 7", "120", "7", false),
    ("store.path", "path = \"/x\"", "/var/lib/dnat-console/state.sqlite", "/x", true),
    ("control.socket", "socket = \"/x\"", "/run/dnat-console/control.sock", "/x", true),
    ("control.operator-group", "operator-group = \"x\"", "dnat-operators", "x", false),
    ("control.viewer-group", "viewer-group = \"x\"", "dnat-viewers", "x", false),
    ("log.level", "level = \"debug\"", "info", "debug", false),
    ("log.drop-sample-per-second", "drop-sample-per-second = 7", "100", "7", false),
  ]

  private func sample(_ adjust: (String) -> String = { $0 }) throws -> RouterConfiguration {
    let second = """

      [[host]]
      name = "hostb"
      inside-address = "10.0.0.12"
      key-id = 2
      key-file = "hostb.key"
      """
    return try RouterConfiguration(text: adjust(routerSample) + second, file: "r.toml")
  }

  /// The sample with another line for a key.
  private func replace(_ key: String, _ line: String, in text: String) -> String {
    let name = key.split(separator: ".").last.map(String.init) ?? key
    return text.split(separator: "\n", omittingEmptySubsequences: false).map { old in
      old.split(separator: " ").first == name[...] ? line : String(old)
    }.joined(separator: "\n")
  }

  @Test(arguments: keys.indices)
  func aKeyIsNamedWithBothValues(_ place: Int) throws {
    let vector = Self.keys[place]
    let new = try sample { replace(vector.key, vector.line, in: $0) }
    let difference = ConfigurationDifference(from: try sample(), to: new)
    let change = ConfigurationDifference.Change(key: vector.key, old: vector.old, new: vector.new)
    #expect(difference.changed == [change])
    #expect(difference.fixed == (vector.isFixed ? [change] : []))
    #expect(difference.lines == ["\(vector.key): \(vector.old) -> \(vector.new)"])
    #expect(!difference.isEmpty)
  }

  @Test func theSameIsNoDifference() throws {
    let new = try sample { "# a remark\n\n" + $0 }
    #expect(ConfigurationDifference(from: try sample(), to: new).isEmpty)
  }

  @Test func hostsAreComparedByName() throws {
    let old = try sample()
    var new = old
    new.hosts.reverse()
    #expect(ConfigurationDifference(from: old, to: new).isEmpty)
    let first = try #require(old.hosts.first)
    new = old
    new.hosts[0].name = "hostz"
    let difference = ConfigurationDifference(from: old, to: new)
    #expect(difference.hostsAdded == ["hostz"] && difference.hostsRemoved == [first.name])
    #expect(difference.lines == ["host \(first.name): removed", "host hostz: added"])
  }

  @Test func aHostsKeysAreNamed() throws {
    let old = try sample()
    var new = old
    let host = old.hosts[0]
    new.hosts[0].keyID = 77
    new.hosts[0].keyFile?.path = "/k/new.key"
    new.hosts[0].secondKeyID = 78
    let lines = ConfigurationDifference(from: old, to: new).lines
    #expect(
      lines == [
        "host \(host.name): key-id \(host.keyID) -> 77",
        "host \(host.name): key-file \(host.keyFile?.path ?? "") -> /k/new.key",
        "host \(host.name): second-key-id none -> 78",
      ])
  }

  @Test func anotherKeyInTheSameFileIsADifference() throws {
    let old = try sample()
    let host = old.hosts[0]
    let path = try #require(host.keyFile?.path)
    let difference = ConfigurationDifference(from: old, to: old, newSecrets: [host.keyID])
    #expect(
      difference.hostsChanged
        == [.init(host: host.name, key: "key-file", old: path, new: path)])
    #expect(difference.lines == ["host \(host.name): key-file \(path): holds another key"])
    #expect(ConfigurationDifference(from: old, to: old, newSecrets: [999]).isEmpty)
  }
}
