internal import PAP

/// What is wrong with what was filled in.
struct FieldProblem: Error, Equatable, Sendable {
  var field: Field.Name
  var message: String
}

extension Dialog {
  /// The words of a choice of hosts that means every host.
  static let allHosts = "all hosts"
  /// The word of a choice of protocols that means both.
  static let bothProtocols = "any"

  /// The command that the fields make; nil for a dialog that is about none.
  func command() throws(FieldProblem) -> Command? {
    switch purpose {
    case .validate:
      return .validate(
        try address(), host: try host(),
        ipsecProtocol: IPsecProtocol(name: value(.ipsecProtocol)) ?? .any, spi: try spi(),
        seconds: try seconds())
    case .invalidate: return .invalidate(try address(), host: anyHost, spi: try spi())
    case .revoke:
      return .revoke(
        try target(), host: anyHost, seconds: try seconds(), reason: try reason())
    case .lift(let target, let host): return .lift(target, host: host)
    case .suspend(let host): return .suspend(host: host)
    case .resume(let host): return .resume(host: host)
    case .quit: return nil
    }
  }

  private func address() throws(FieldProblem) -> IPv4Address {
    let text = value(.address)
    if let address = IPv4Address(text) { return address }
    throw FieldProblem(
      field: .address,
      message: text.isEmpty ? "an address is needed" : "'\(text)' is not an IPv4 address")
  }

  private func target() throws(FieldProblem) -> CIDR {
    let text = value(.target)
    if let target = CIDR(text) { return target }
    throw FieldProblem(
      field: .target,
      message: text.isEmpty
        ? "an address or prefix is needed" : "'\(text)' is not an IPv4 address or prefix")
  }

  private func host() throws(FieldProblem) -> String {
    let text = value(.host)
    if !text.isEmpty { return text }
    throw FieldProblem(field: .host, message: "a host is needed")
  }

  private var anyHost: String? {
    let text = value(.host)
    return text == Self.allHosts || text.isEmpty ? nil : text
  }

  private func spi() throws(FieldProblem) -> SPI? {
    let text = value(.spi)
    if text.isEmpty { return nil }
    if let spi = SPI(text), !spi.isReserved { return spi }
    throw FieldProblem(field: .spi, message: "'\(text)' is not an SPI of 0x100 or more")
  }

  /// The octets that the router keeps of a reason.
  private static let longestReason = 127

  private func reason() throws(FieldProblem) -> String? {
    let text = value(.reason)
    if text.utf8.count > Self.longestReason {
      throw FieldProblem(
        field: .reason, message: "the reason is longer than \(Self.longestReason) octets")
    }
    return text.isEmpty ? nil : text
  }

  private func seconds() throws(FieldProblem) -> Int? {
    let text = value(.duration)
    if text.isEmpty { return nil }
    if let seconds = Span(argument: text)?.seconds { return Int(seconds) }
    throw FieldProblem(
      field: .duration, message: "'\(text)' is no duration: write 90s, 15m, 2h or 1d")
  }
}
