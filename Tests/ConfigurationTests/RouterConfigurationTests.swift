import PAP
import Testing

@testable import Configuration

/// The router's file as the design shows it, every key present.
let routerSample = """
  [router]
  external-address = "198.51.100.1"
  tunnel-endpoint  = "10.0.0.254"
  tun              = "dnat0"        # made if missing and allowed; used as it is if it exists
  queues           = 0              # 0 = one per core
  inside-networks  = ["10.0.0.0/24"]
  tunnel-mtu       = 1480
  hairpin          = false
  ike-responder    = "hosta"        # optional: gets unsolicited IKE

  [pap]
  listen           = ["10.0.0.1:7028"]
  authentication   = "required"     # or "none", for a lab
  default-lifetime = 3600
  [pap.limits]                      # per host
  entries = 1024
  claimed-spis = 64
  requests-per-second = 50

  [leases]
  port-block = 1024
  spi-quarantine = 600
  port-quarantine = 120

  [store]
  path = "/var/lib/dnat-console/state.sqlite"

  [control]
  socket = "/run/dnat-console/control.sock"
  operator-group = "dnat-operators"
  viewer-group = "dnat-viewers"

  [log]
  level = "info"
  drop-sample-per-second = 100

  [[host]]
  name = "hosta"                    # [a-z0-9.-], 1 to 63
  inside-address = "10.0.0.11"
  key-id = 1
  key-file = "/etc/dnat-console/keys/hosta.key"   # 0600, base64 of 32 octets
  """

/// A sample with one part exchanged, and the beginning of every problem that must be found, in order.
struct BadFile: CustomTestStringConvertible, Sendable {
  var old: String
  var new: String
  /// What each problem must begin with.
  var problems: [String]

  init(_ old: String, _ new: String, _ problems: String...) {
    self.old = old
    self.new = new
    self.problems = problems
  }

  var testDescription: String { "\(old.debugDescription) -> \(new.debugDescription)" }

  /// Replaces the one place where `old` stands.
  func applied(to sample: String) throws -> String {
    let parts = sample.split(separator: old, omittingEmptySubsequences: false)
    try #require(parts.count == 2, "'\(old)' must stand in the sample once")
    return parts.joined(separator: new)
  }

  func check(_ sample: String, _ read: (String) throws(ConfigurationError) -> Void) throws {
    let text = try applied(to: sample)
    do {
      try read(text)
      Issue.record("accepted")
    } catch {
      let found = error.problems.map(\.description)
      let fits =
        found.count == problems.count && zip(found, problems).allSatisfy { $0.hasPrefix($1) }
      if !fits { Issue.record("found \(found)") }
    }
  }
}

struct RouterConfigurationTests {
  @Test func everyKeyOfTheSampleIsRead() throws {
    let read = try RouterConfiguration(text: routerSample, file: "r.toml")
    #expect(read.externalAddress == IPv4Address("198.51.100.1"))
    #expect(read.tunnelEndpoint == IPv4Address("10.0.0.254"))
    #expect(read.insideNetworks == [CIDR("10.0.0.0/24")])
    #expect(read.listen.map(\.description) == ["10.0.0.1:7028"])
    #expect(read.ikeResponder == "hosta")
    #expect(
      read.hosts == [
        RouterConfiguration.Host(
          name: "hosta", insideAddress: IPv4Address(rawValue: 0x0a00_000b), keyID: 1,
          keyFile: KeyFileReference(
            path: "/etc/dnat-console/keys/hosta.key", file: "r.toml", line: 41,
            key: "host.key-file"))
      ])
  }

  // The sample spells out the defaults, so a file with the required keys alone must read the same.
  @Test func whatTheSampleSpellsOutIsTheDefault() throws {
    let short = """
      [router]
      external-address = "198.51.100.1"
      tunnel-endpoint  = "10.0.0.254"
      inside-networks  = ["10.0.0.0/24"]
      ike-responder    = "hosta"
      [pap]
      listen = ["10.0.0.1:7028"]
      [[host]]
      name = "hosta"
      inside-address = "10.0.0.11"
      key-id = 1
      key-file = "/etc/dnat-console/keys/hosta.key"
      """
    var read = try RouterConfiguration(text: short, file: "r.toml")
    read.hosts[0].keyFile?.line = 41
    #expect(try read == RouterConfiguration(text: routerSample, file: "r.toml"))
  }

  @Test func keyFilesAreFoundBesideTheConfiguration() throws {
    let text = try BadFile("/etc/dnat-console/keys/hosta.key", "keys/a.key").applied(
      to: routerSample)
    let read = try RouterConfiguration(text: text, file: "/srv/lab/r.toml")
    #expect(read.hosts[0].keyFile?.path == "/srv/lab/keys/a.key")
  }

  @Test func aSecondKeyIsForAChangeOfKeys() throws {
    let text = try BadFile("key-id = 1", "key-id = 1\nsecond-key-id = 7\nsecond-key-file = \"b\"")
      .applied(to: routerSample)
    let host = try RouterConfiguration(text: text, file: "/srv/lab/r.toml").hosts[0]
    #expect(host.secondKeyID == 7)
    #expect(host.secondKeyFile?.path == "/srv/lab/b" && host.secondKeyFile?.line == 42)
  }

  @Test func keysAreOptionalWithoutAuthentication() throws {
    let vector = BadFile("authentication   = \"required\"", "authentication = \"none\"")
    let text = try vector.applied(to: routerSample).split(separator: "\n")
      .filter { !$0.hasPrefix("key-file") }.joined(separator: "\n")
    #expect(try RouterConfiguration(text: text, file: "r.toml").hosts[0].keyFile == nil)
  }

  private static let bad: [BadFile] = [
    // Names of keys.
    BadFile(
      "external-address", "external-adress",
      "r.toml:1: key 'router.external-address': is missing, wants the IPv4 address",
      "r.toml:2: key 'router.external-adress': is unknown; did you mean 'external-address'?"),
    BadFile("[leases]", "[lease]", "r.toml:20: key 'lease': is unknown; did you mean 'leases'?"),
    BadFile(
      "entries = 1024", "entires = 1024",
      "r.toml:16: key 'pap.limits.entires': is unknown; did you mean 'entries'?"),
    BadFile(
      "key-id = 1", "key-id = 1\n\"a\\u001bb\" = 1",
      "r.toml:41: key 'host.a\\u{1b}b': is unknown; known here: name, inside-address"),
    // Kinds of values.
    BadFile(
      "\"198.51.100.1\"", "\"198.51.100.300\"",
      "r.toml:2: key 'router.external-address': got the text \"198.51.100.300\", wants the IPv4"),
    BadFile(
      "\"198.51.100.1\"", "\"127.0.0.1\"", "r.toml:2: key 'router.external-address': got the text"),
    BadFile("\"10.0.0.254\"", "10", "r.toml:3: key 'router.tunnel-endpoint': got the number 10"),
    BadFile("\"dnat0\"", "\"../dnat0\"", "r.toml:4: key 'router.tun': got the text"),
    BadFile("\"dnat0\"", "\"a234567890123456\"", "r.toml:4: key 'router.tun': got the text"),
    BadFile(
      "queues           = 0", "queues = \"many\"",
      "r.toml:5: key 'router.queues': got the text \"many\", wants a number from 0 to 256"),
    BadFile(
      "queues           = 0", "queues = 257", "r.toml:5: key 'router.queues': got the number"),
    BadFile(
      "[\"10.0.0.0/24\"]", "[\n\"10.0.0.0/24\",\n\"10.0.0.1/24\"]",
      "r.toml:8: key 'router.inside-networks': got the text \"10.0.0.1/24\", wants an IPv4 network"),
    BadFile(
      "[\"10.0.0.0/24\"]", "\"10.0.0.0/24\"",
      "r.toml:6: key 'router.inside-networks': got the text \"10.0.0.0/24\", wants an array"),
    BadFile("[\"10.0.0.0/24\"]", "[]", "r.toml:6: key 'router.inside-networks': is empty"),
    BadFile("1480", "575", "r.toml:7: key 'router.tunnel-mtu': got the number 575"),
    BadFile("1480", "65516", "r.toml:7: key 'router.tunnel-mtu': got the number 65516"),
    BadFile("1480", "1480.0", "r.toml:7: key 'router.tunnel-mtu': got the number 1480.0"),
    BadFile("hairpin          = false", "hairpin = 0", "r.toml:8: key 'router.hairpin': got the n"),
    BadFile("\"10.0.0.1:7028\"", "\"10.0.0.1\"", "r.toml:12: key 'pap.listen': got the text"),
    BadFile("\"10.0.0.1:7028\"", "\"10.0.0.1:0\"", "r.toml:12: key 'pap.listen': got the text"),
    BadFile("\"10.0.0.1:7028\"", "\"0.0.0.0:7028\"", "r.toml:12: key 'pap.listen': got the text"),
    BadFile("[\"10.0.0.1:7028\"]", "[]", "r.toml:12: key 'pap.listen': is empty"),
    BadFile("\"required\"", "\"maybe\"", "r.toml:13: key 'pap.authentication': got the text"),
    BadFile("3600", "119", "r.toml:14: key 'pap.default-lifetime': got the number 119"),
    BadFile(
      "[pap.limits]", "[pap]\nlimits = 5\n[x]",
      "r.toml:15: Error while parsing table header: cannot redefine"),
    BadFile(
      "claimed-spis = 64", "claimed-spis = -1", "r.toml:17: key 'pap.limits.claimed-spis': g"),
    BadFile(
      "port-block = 1024", "port-block = 1000", "r.toml:21: key 'leases.port-block': got the"),
    BadFile("port-block = 1024", "port-block = 512", "r.toml:21: key 'leases.port-block': got the"),
    BadFile("\"/var/lib", "\"var/lib", "r.toml:26: key 'store.path': got the text"),
    BadFile(
      "\"info\"", "\"loud\"", "r.toml:34: key 'log.level': got the text \"loud\", wants one of"),
    BadFile("[[host]]", "[host]", "r.toml:37: key 'host': got a table, wants tables"),
    BadFile(
      "\"hosta\"                    #", "\"Host A\" #",
      "r.toml:38: key 'host.name': got the text \"Host A\", wants a name of 1 to 63"),
    BadFile("key-id = 1", "key-id = 0", "r.toml:40: key 'host.key-id': got the number 0"),
    BadFile("key-id = 1", "key-id = 4294967296", "r.toml:40: key 'host.key-id': got the number"),
    BadFile("key-id = 1", "", "r.toml:37: key 'host.key-id': is missing"),
    BadFile("key-file", "# key-file", "r.toml:37: key 'host.key-file': is missing"),
    // Rules between keys.
    BadFile(
      "\"10.0.0.254\"", "\"198.51.100.1\"", "r.toml:3: key 'router.tunnel-endpoint': is the e"),
    BadFile("\"198.51.100.1\"", "\"10.0.0.5\"", "r.toml:2: key 'router.external-address': lies in"),
    BadFile(
      "\"10.0.0.1:7028\"", "\"198.51.100.1:7028\"",
      "r.toml:12: key 'pap.listen': names the external"),
    BadFile(
      "\"10.0.0.1:7028\"", "\"10.0.0.254:7028\"", "r.toml:12: key 'pap.listen': names the tunnel"),
    BadFile(
      "\"10.0.0.1:7028\"", "\"10.0.0.1:7028\", \"10.0.0.1:7028\"",
      "r.toml:12: key 'pap.listen': names 10.0.0.1:7028 2 times"),
    BadFile(
      "\"10.0.0.11\"", "\"10.0.1.11\"", "r.toml:39: key 'host.inside-address': 10.0.1.11 is in"),
    BadFile(
      "\"10.0.0.11\"", "\"10.0.0.254\"", "r.toml:39: key 'host.inside-address': 10.0.0.254 is"),
    BadFile(
      "\"10.0.0.11\"", "\"10.0.0.1\"", "r.toml:39: key 'host.inside-address': 10.0.0.1 is the"),
    BadFile(
      "= \"hosta\"        #", "= \"hots\" #",
      "r.toml:9: key 'router.ike-responder': names no host"),
    // Everything wrong is told at once.
    BadFile(
      "[[host]]",
      """
      [[host]]
      name = "hosta"
      inside-address = "10.0.0.11"
      key-id = 1
      key-file = "a.key"
      [[host]]
      """,
      "r.toml:43: key 'host.name': hosta is already the name of the host at line 38",
      "r.toml:44: key 'host.inside-address': 10.0.0.11 is already",
      "r.toml:45: key 'host.key-id': 1 is already the key-id of the host at line 40"),
    BadFile(
      "key-id = 1", "key-id = 1\nsecond-key-id = 1\nsecond-key-file = \"b.key\"",
      "r.toml:41: key 'host.second-key-id': 1 is already the key-id of the host at line 40"),
    BadFile(
      "key-id = 1", "key-id = 1\nsecond-key-id = 2",
      "r.toml:41: key 'host.second-key-id': needs second-key-file with it"),
    BadFile(
      "key-id = 1", "key-id = 1\nsecond-key-file = \"b.key\"",
      "r.toml:41: key 'host.second-key-file': needs second-key-id with it"),
    // Not TOML at all.
    BadFile("tun              = \"dnat0\"", "tun = dnat0", "r.toml:4: "),
    BadFile(
      "[router]", "[router]\nhairpin = true",
      "r.toml:9: Error while parsing key-value pair: cannot redefine"),
    BadFile("[router]", "# \0\n[router]", "r.toml:1: contains a NUL character"),
  ]

  @Test(arguments: bad)
  func aBadFileIsRefusedWithLineAndKey(_ vector: BadFile) throws {
    try vector.check(routerSample) { text throws(ConfigurationError) in
      _ = try RouterConfiguration(text: text, file: "r.toml")
    }
  }

  @Test func octetsThatAreNotTextAreRefused() {
    #expect(throws: ConfigurationError.self) {
      try RouterConfiguration(octets: [0x23, 0xff, 0xfe], file: "r.toml")
    }
  }
}
