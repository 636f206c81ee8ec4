package import Net
package import PAP

/// The inside host's configuration: `/etc/dnat-host/host.toml` as values, all checked.
package struct HostConfiguration: Equatable, Sendable {
  /// Where the file is unless somebody says otherwise.
  package static let defaultPath = "/etc/dnat-host/host.toml"

  /// How the tunnel is made.
  package enum TunnelKind: String, Sendable, CaseIterable {
    /// The kernel's if it has one, else our own.
    case auto
    /// The kernel's `ipip` device.
    case kernel
    /// A TUN device and a raw socket.
    case tun
  }

  /// Who makes the security associations.
  package enum IKEDaemon: String, Sendable, CaseIterable {
    /// strongSwan, watched over VICI.
    case strongswan
    /// Anything that puts them into the kernel, watched over XFRM.
    case xfrm
    /// Nobody that we watch: the operator validates by hand.
    case none
  }

  /// The router's PAP server.
  package var router: Endpoint
  package var name: String
  package var insideAddress: IPv4Address
  package var keyID: UInt32
  /// Nil only where the file names none, which suits a router that requires no authentication.
  package var keyFile: KeyFileReference?
  /// Ports to ask for; 0 for none.
  package var ports: UInt16
  /// How many ports of the block the kernel gives to nobody that does not choose one.
  package var reservedPorts: UInt16
  /// The name of the tunnel's device.
  package var tunnelDevice: String
  package var tunnelKind: TunnelKind
  package var ikeDaemon: IKEDaemon
  /// The path of strongSwan's VICI socket.
  package var viciSocket: String
  /// Where the strongSwan snippet for the lease is written.
  package var ikeSettings: String
  /// Whether peers are validated as soon as strongSwan's configuration names them.
  package var preValidate: Bool
  package var controlSocket: String
}

extension HostConfiguration {
  /// The largest file that is read, octets.
  package static let fileLimit = 256 * 1_024

  /// Reads and checks a file.
  ///
  /// The key file that it names is not opened: `keyFile?.read()` does that.
  package static func load(_ path: String) throws(ConfigurationError) -> HostConfiguration {
    let octets = try ConfigurationFile.read(path, limit: fileLimit)
    return try HostConfiguration(TOMLDocument(octets: octets, file: path))
  }

  /// Checks a text.
  package init(text: String, file: String) throws(ConfigurationError) {
    try self.init(TOMLDocument(text: text, file: file))
  }

  private init(_ document: TOMLDocument) throws(ConfigurationError) {
    let root = TableReader(document)
    let router = Self.readRouter(root)
    self = Self.readHost(root, router: router, file: document.file)
    Self.readTunnel(root, into: &self)
    Self.readIKE(root, into: &self)
    let control = root.table("control")
    controlSocket = control.value("socket", .socketPath, default: controlSocket)
    control.refuseOtherKeys()
    root.refuseOtherKeys()
    try root.problems.throwIfAny()
  }

  private static func readRouter(_ root: TableReader) -> Endpoint? {
    let table = root.table("router")
    defer { table.refuseOtherKeys() }
    return table.required("address", .endpoint)
  }

  // Placeholders stand for what is missing; the problem is recorded, so nobody sees them.
  private static func readHost(
    _ root: TableReader, router: Endpoint?, file: String
  ) -> HostConfiguration {
    let table = root.table("host")
    let nowhere = IPv4Address(rawValue: 0)
    let result = HostConfiguration(
      router: router ?? Endpoint(address: nowhere, port: 0),
      name: table.required("name", .hostName) ?? "",
      insideAddress: table.required("inside-address", .unicastAddress) ?? nowhere,
      keyID: table.required("key-id", .number(1...UInt32.max)) ?? 0,
      keyFile: table.keyFile(isRequired: false), ports: readPorts(table),
      reservedPorts: table.value("reserved-ports", .number(0...32_767), default: 0),
      tunnelDevice: "dnat0", tunnelKind: .auto, ikeDaemon: .strongswan,
      viciSocket: "/run/charon.vici", ikeSettings: "/etc/strongswan.d/dnat-host.conf",
      preValidate: false, controlSocket: "/run/dnat-host/control.sock")
    table.refuseOtherKeys()
    return result
  }

  private static func readPorts(_ table: TableReader) -> UInt16 {
    let words = "0, or a power of two from \(PortBlock.leastCount) to 32768"
    let kind = ValueKind<UInt16>(words) { node in
      node.integer.flatMap { UInt16(exactly: $0) }.flatMap { count in
        count == 0 || PortBlock(first: 0, count: count) != nil ? count : nil
      }
    }
    return table.value("ports", kind, default: PortBlock.leastCount)
  }

  private static func readTunnel(_ root: TableReader, into result: inout HostConfiguration) {
    let table = root.table("tunnel")
    result.tunnelDevice = table.value("device", .interfaceName, default: result.tunnelDevice)
    let kind = table.optional("kind", .oneOf(TunnelKind.allCases.map(\.rawValue)))
    result.tunnelKind = kind.flatMap { TunnelKind(rawValue: $0) } ?? result.tunnelKind
    table.refuseOtherKeys()
  }

  private static func readIKE(_ root: TableReader, into result: inout HostConfiguration) {
    let table = root.table("ike")
    let daemon = table.optional("daemon", .oneOf(IKEDaemon.allCases.map(\.rawValue)))
    result.ikeDaemon = daemon.flatMap { IKEDaemon(rawValue: $0) } ?? result.ikeDaemon
    result.viciSocket = table.value("vici", .socketPath, default: result.viciSocket)
    result.ikeSettings = table.value("settings", .absolutePath, default: result.ikeSettings)
    result.preValidate = table.value("pre-validate", .flag, default: result.preValidate)
    table.refuseOtherKeys()
  }
}
