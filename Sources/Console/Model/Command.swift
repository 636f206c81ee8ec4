internal import PAP

/// An operator's command to the router: what `ctl` calls by the same name.
enum Command: Equatable, Sendable {
  case validate(
    IPv4Address, host: String, ipsecProtocol: IPsecProtocol, spi: SPI?, seconds: Int?)
  case invalidate(IPv4Address, host: String?, spi: SPI?)
  case revoke(CIDR, host: String?, seconds: Int?, reason: String?)
  case lift(CIDR, host: String?)
  case suspend(host: String)
  case resume(host: String)
  /// To go on under the configuration file as it is.
  case reload(reason: String?)
  /// Several commands as one action.
  case batch(Batch)

  /// The verb of the control socket.
  var verb: String {
    switch self {
    case .validate: "validate"
    case .invalidate: "invalidate"
    case .revoke: "revoke"
    case .lift: "unrevoke"
    case .suspend: "suspend"
    case .resume: "resume"
    case .reload: "reload"
    case .batch: "batch"
    }
  }

  /// As the line that answers the action names it: `revoke 198.51.100.9 for all hosts`.
  var summary: String {
    switch self {
    case .validate(let address, let host, _, _, _): "validate \(address) for \(host)"
    case .invalidate(let address, let host, _):
      "invalidate \(address) for \(host ?? "all hosts")"
    case .revoke(let target, let host, _, _):
      "revoke \(target.short) for \(host ?? "all hosts")"
    case .lift(let target, let host):
      "lift the revocation of \(target.short) for \(host ?? "all hosts")"
    case .suspend(let host): "suspend \(host)"
    case .resume(let host): "resume \(host)"
    case .reload: "reload the configuration"
    case .batch(let batch): batch.summary
    }
  }
}

extension CIDR {
  /// The prefix, or the bare address where it holds only one.
  var short: String { prefixLength == 32 ? address.description : description }
}
