import Foundation
import Net
import PAP
import Testing

@testable import Engine

/// The conversations in `Vectors/pap-sessions.json`, which `make_pap_sessions.py` there writes from
/// pap.md without the code under test.
struct PAPSessionVectors: Decodable {
  struct Key: Decodable {
    let id: UInt32
    let octets: String
  }
  struct Host: Decodable {
    let name: String
    let address: IPv4Address
    let keys: [Key]
  }
  struct Step: Decodable, Sendable {
    let name: String
    /// Milliseconds since the first step.
    let at: UInt64
    let source: String
    let send: String
    let want: String?
    /// What an operator orders instead of what a host sends, or `tick`.
    let order: String?

    /// What happens to the router.
    func event(from source: Endpoint, to local: Endpoint) throws -> Event {
      guard let words = order?.split(separator: " ", maxSplits: 2).map(String.init) else {
        return .datagram(octets(hex: send), from: source, to: local)
      }
      switch words[0] {
      case "tick": return .tick
      case "invalidate": return .command(.invalidate(EngineTests.address(words[1])))
      case "revoke":
        let reason = words.count > 2 ? words[2] : nil
        return .command(.revoke(prefix(words[1]), reason: reason, by: "root"))
      case "suspend": return .command(.suspend(host: words[1]))
      case "resume": return .command(.resume(host: words[1]))
      default: throw UnknownOrder(order: words[0])
      }
    }
  }
  struct UnknownOrder: Error { let order: String }
  struct Talk: Decodable, Sendable, CustomTestStringConvertible {
    let name: String
    let seed: UInt64
    let authentication: String
    let rate: Int
    let steps: [Step]
    /// The established SA table at the end.
    let entries: [Row]

    var testDescription: String { name }
  }
  /// Host, address, protocol, inbound SPI, outbound SPI.
  struct Row: Decodable, Hashable, Sendable {
    let host: String
    let address: String
    let ipsecProtocol: String
    let spiIn: UInt32
    let spiOut: UInt32

    init(from decoder: any Decoder) throws {
      var list = try decoder.unkeyedContainer()
      host = try list.decode(String.self)
      address = try list.decode(String.self)
      ipsecProtocol = try list.decode(String.self)
      spiIn = try list.decode(UInt32.self)
      spiOut = try list.decode(UInt32.self)
    }

    init(_ view: EntryView) {
      host = view.host
      address = "\(view.entry.address)"
      ipsecProtocol = view.entry.ipsecProtocol.name
      spiIn = view.entry.spiIn?.rawValue ?? 0
      spiOut = view.entry.spiOut?.rawValue ?? 0
    }
  }

  let epoch: UInt32
  let external: IPv4Address
  let endpoint: IPv4Address
  let mtu: UInt16
  let router: String
  let hosts: [Host]
  let talks: [Talk]
  /// The first octets that a generator of seed 1 gives.
  let firstDraws: String

  static let all: PAPSessionVectors = {
    let url = Bundle.module.url(
      forResource: "pap-sessions", withExtension: "json", subdirectory: "Vectors")
    guard let url, let data = try? Data(contentsOf: url),
      let vectors = try? JSONDecoder().decode(PAPSessionVectors.self, from: data)
    else { preconditionFailure("Vectors/pap-sessions.json cannot be read") }
    return vectors
  }()

  /// A router for a conversation.
  func state(for talk: Talk) -> RouterState {
    let identities = hosts.map { host in
      HostIdentity(
        name: host.name,
        keys: host.keys.compactMap { key in
          SecretKey(octets(hex: key.octets)).map { HostIdentity.Key(id: key.id, secret: $0) }
        }, insideAddress: host.address)
    }
    var policy = RouterPolicy(
      externalAddress: external, tunnelEndpoint: endpoint,
      insideNetworks: [CIDR(endpoint, prefixLength: 24)], hosts: identities)
    policy.tunnelMTU = mtu
    policy.authentication = talk.authentication == "none" ? .none : .required
    policy.limits.requestsPerSecond = talk.rate
    return RouterState(policy: policy, epoch: epoch, random: SeededRandom(seed: talk.seed))
  }
}

/// The octets of a text of pairs of hexadecimal digits.
func octets(hex: String) -> [UInt8] {
  let digits = Array(hex)
  return stride(from: 0, to: digits.count - 1, by: 2).compactMap {
    UInt8(String(digits[$0...$0 + 1]), radix: 16)
  }
}

/// Pairs of hexadecimal digits.
func hex(_ octets: [UInt8]) -> String {
  octets.map { String(UInt16($0) | 0x100, radix: 16).dropFirst() }.joined()
}
