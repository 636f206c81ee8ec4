public import ArgumentParser
internal import Configuration
internal import Net
public import PAP

/// Where a running agent is.
struct SocketOption: ParsableArguments {
  /// The environment variable that names the socket.
  static let variable = "DNAT_HOST_SOCKET"

  @Option(
    help: "The agent's socket (environment: DNAT_HOST_SOCKET)", completion: .file())
  var socket: String?

  /// What was said, else what the environment says, else the usual place.
  var path: String {
    let named = socket ?? ThisProcess.environment(Self.variable)
    return named.flatMap { $0.isEmpty ? nil : $0 } ?? "/run/dnat-host/control.sock"
  }
}

/// The entry to validate or invalidate.
struct EntryArguments: ParsableArguments {
  @Argument(help: "The peer's IPv4 address")
  var address: IPv4Address

  @Option(name: .customLong("protocol"), help: "Which protocol; both if left out")
  var ipsecProtocol: IPsecProtocol?

  @Option(help: "This host's own SPI; every SPI it holds if left out")
  var spi: SPI?

  @Option(help: "The peer's SPI, so that ICMP errors can be delivered")
  var spiOut: SPI?

  /// The arguments of the request.
  var request: AgentRequest.Arguments {
    AgentRequest.Arguments(
      address: address, protocol: ipsecProtocol, spi: spi, spiOut: spiOut)
  }
}

extension IPv4Address: ExpressibleByArgument {
  /// Reads a dotted quad.
  public init?(argument: String) { self.init(argument) }
}

extension SPI: ExpressibleByArgument {
  /// Reads `0x` and hexadecimal digits, or a decimal number.
  public init?(argument: String) { self.init(argument) }
}

extension IPsecProtocol: ExpressibleByArgument {
  /// Reads `esp` or `ah`, and `any` for both.
  public init?(argument: String) { self.init(name: argument) }
  /// What the option takes.
  public static var allValueStrings: [String] { allCases.map(\.name) }
}
