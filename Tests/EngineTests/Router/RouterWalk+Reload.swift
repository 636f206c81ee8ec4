import Net
import PAP

@testable import Engine

// Configurations that change while the router runs.

extension RouterWalk {
  func reload() {
    switch Int.random(in: 0..<6, using: &random) {
    case 0, 1: removeHost()
    case 2, 3: addHost()
    case 4: changeNumbers()
    default: changeIdentities()
    }
  }

  /// Puts another policy to the router, its hosts in any order; no other host notices.
  private func reload(_ kind: String, _ adjust: (inout RouterPolicy) -> Void) {
    adjust(&model.policy)
    model.policy.hosts.shuffle(using: &random)
    lab.reload { $0 = model.policy }
    note("reload \(kind)")
  }

  private func removeHost() {
    guard known.count > 1 else { return }
    let host = anyHost
    model.dismiss(host.place, at: lab.now.monotonic)
    unconfirmed.removeAll { $0.place == host.place }
    reload("removes") { $0.hosts.removeAll { $0.name == "host\(host.place)" } }
  }

  private func addHost() {
    guard let place = model.departed.min() else { return }
    model.departed.remove(place)
    reload("adds") { $0.hosts.append(identity(of: hosts[place])) }
    greet(hosts[place])
  }

  private func identity(of host: TestHost) -> HostIdentity {
    HostIdentity(
      name: "host\(host.place)",
      keys: [HostIdentity.Key(id: UInt32(host.place + 1), secret: host.key)],
      insideAddress: host.source.address)
  }

  private func changeNumbers() {
    let entries = Int.random(in: 3...Self.mostEntries, using: &random)
    let claims = Int.random(in: 1...Self.mostClaims, using: &random)
    let quarantines: [UInt32] = [0, 100, 600]
    let spis = quarantines.randomElement(using: &random) ?? 0
    let ports = quarantines.randomElement(using: &random) ?? 0
    reload("changes numbers") {
      $0.limits.entries = entries
      $0.limits.claimedSPIs = claims
      $0.spiQuarantine = spis
      $0.portQuarantine = ports
    }
  }

  /// A host gets another key, or two hosts swap their addresses.
  private func changeIdentities() {
    let (one, other) = (anyHost, anyHost)
    if Bool.random(using: &random) {
      guard let key = SecretKey(random.octets(32)) else { return }
      one.key = key
    } else {
      (one.source, other.source) = (other.source, one.source)
    }
    reload("changes identities") { policy in
      for place in policy.hosts.indices {
        for host in [one, other] where policy.hosts[place].name == "host\(host.place)" {
          policy.hosts[place] = identity(of: host)
        }
      }
    }
    check(
      lab.state.hosts[number(one.place)].sessions.current == nil || one === other,
      "a session goes on")
    for host in Set([one.place, other.place]).sorted() { greet(hosts[host]) }
  }

  /// A host that is not configured tries everything.
  func speakUnknown() {
    guard let host = hosts.first(where: { model.departed.contains($0.place) }) else { return }
    note("unknown speaks")
    check(host.hello() == nil, "a host that is gone has begun a session")
    check(host.ask(.securityRequest) == nil, "a host that is gone was answered")
    check(host.validate("192.0.2.1") == nil, "a host that is gone was answered")
  }
}
