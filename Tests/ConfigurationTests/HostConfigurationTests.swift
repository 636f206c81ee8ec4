import Testing

@testable import Configuration

private let hostSample = """
  [router]
  address = "10.0.0.1:7028"
  [host]
  name = "hosta"
  inside-address = "10.0.0.11"
  key-id = 1
  key-file = "/etc/dnat-host/hosta.key"
  ports = 1024                      # 0 = none
  [tunnel]
  device = "dnat0"
  kind = "auto"                     # auto, kernel (ipip), tun
  [ike]
  daemon = "strongswan"             # strongswan, xfrm, none
  vici = "/run/charon.vici"
  settings = "/etc/strongswan.d/dnat-host.conf"   # the snippet written for the lease
  [control]
  socket = "/run/dnat-host/control.sock"
  """

struct HostConfigurationTests {
  @Test func theSampleIsRead() throws {
    let read = try HostConfiguration(text: hostSample, file: "h.toml")
    #expect(read.router.description == "10.0.0.1:7028")
    #expect(read.name == "hosta")
    #expect(read.insideAddress.description == "10.0.0.11")
    #expect(read.keyID == 1)
    #expect(read.keyFile?.path == "/etc/dnat-host/hosta.key")
    #expect(read.keyFile?.line == 7)
  }

  @Test func whatTheSampleSpellsOutIsTheDefault() throws {
    let short = hostSample.split(separator: "\n").prefix(7).joined(separator: "\n")
    #expect(
      try HostConfiguration(text: short, file: "h.toml")
        == HostConfiguration(text: hostSample, file: "h.toml"))
  }

  @Test func noPortsCanBeAskedFor() throws {
    let text = try BadFile("ports = 1024", "ports = 0").applied(to: hostSample)
    #expect(try HostConfiguration(text: text, file: "h.toml").ports == 0)
  }

  @Test(arguments: [
    BadFile("address = \"10.0.0.1:7028\"", "", "h.toml:1: key 'router.address': is missing"),
    BadFile("\"10.0.0.1:7028\"", "\"10.0.0.1:x\"", "h.toml:2: key 'router.address': got the text"),
    BadFile(
      "inside-address", "inside-adress", "h.toml:3: key 'host.inside-address': is missing",
      "h.toml:5: key 'host.inside-adress': is unknown; did you mean 'inside-address'?"),
    BadFile("ports = 1024", "ports = 100", "h.toml:8: key 'host.ports': got the number 100"),
    BadFile("kind = \"auto\"", "kind = \"gre\"", "h.toml:11: key 'tunnel.kind': got the text"),
    BadFile("\"strongswan\"", "\"strongsvan\"", "h.toml:13: key 'ike.daemon': got the text"),
    BadFile(
      "[control]", "[kontrol]", "h.toml:16: key 'kontrol': is unknown; did you mean 'control'?"),
  ])
  func aBadFileIsRefusedWithLineAndKey(_ vector: BadFile) throws {
    try vector.check(hostSample) { text throws(ConfigurationError) in
      _ = try HostConfiguration(text: text, file: "h.toml")
    }
  }
}
