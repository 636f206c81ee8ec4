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
        try address(), host: try host(), ipsecProtocol: IPsecProtocol(name: value(.ipsecProtocol)) ?? .any,
        spi: try spi(), seconds: try seconds())
    case .invalidate: return .invalidate(try address(), host: anyHost, spi: try spi())
    case .revoke:
      let reason = value(.reason)
      return .revoke(
        try target(), host: anyHost, seconds: try seconds(), reason: reason.isEmpty ? nil : reason)
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

  private func seconds() throws(FieldProblem) -> Int? {
    let text = value(.duration)
    if text.isEmpty { return nil }
    if let seconds = TimeSpan(text)?.seconds { return seconds }
    throw FieldProblem(
      field: .duration, message: "'\(text)' is no duration: write 90s, 15m, 2h, 1d or 1h30m")
  }
}

/// A length of time as people type it.
struct TimeSpan: Equatable, Sendable {
  /// Whole seconds, at least 1.
  var seconds: Int

  /// The longest that is taken: ten years.
  static let longest = 315_360_000

  /// Reads numbers with the units s, m, h, d or w, such as `1h30m`; a bare number is seconds.
  init?(_ text: String) {
    var total = 0
    var number: Int?
    for character in text.utf8 {
      if (48...57).contains(character) {
        let next = (number ?? 0) * 10 + Int(character - 48)
        guard next <= Self.longest else { return nil }
        number = next
      } else {
        guard let value = number, let unit = Self.units[character] else { return nil }
        total += value * unit
        number = nil
      }
    }
    if let number {
      guard total == 0 else { return nil }
      total = number
    }
    guard (1...Self.longest).contains(total) else { return nil }
    seconds = total
  }

  private static let units: [UInt8: Int] = [
    UInt8(ascii: "s"): 1, UInt8(ascii: "m"): 60, UInt8(ascii: "h"): 3600,
    UInt8(ascii: "d"): 86_400, UInt8(ascii: "w"): 604_800,
  ]
}
