import PAP

@testable import Engine

// What operators order.

extension RouterWalk {
  func order(_ command: OperatorCommand, succeeds: Bool) {
    guard let outcome = lab.order(command) else { return check(false, "no answer to \(command)") }
    switch outcome {
    case .success: check(succeeds, "\(command) was obeyed")
    case .failure(let error): check(!succeeds, "\(command): \(error)")
    }
    note("command \(succeeds ? "obeyed" : "refused")")
  }

  func operate() {
    let host = anyHost
    let name = "host\(host.place)"
    let now = lab.now.monotonic
    switch Int.random(in: 0..<8, using: &random) {
    case 0:
      order(.suspend(host: name), succeeds: true)
      if model.suspendedSince[host.place] == nil { model.suspendedSince[host.place] = now }
    case 1, 2, 3:
      order(.resume(host: name), succeeds: true)
      model.resume(host.place, at: now)
    case 4, 5: operatorValidates(host, name)
    default:
      let peer = peer
      let all = Bool.random(using: &random)
      let doomed = model.rows.filter {
        $0.entry.address == peer && (all || $0.host == host.place)
      }
      order(.invalidate(peer, host: all ? nil : name), succeeds: !doomed.isEmpty)
      model.rows.removeAll { doomed.contains($0) }
    }
  }

  func operatorValidates(_ host: TestHost, _ name: String) {
    var entry = entry(of: host)
    entry.spiOut = nil
    let seconds = lifetime
    let refusal = seconds == 0 ? ResultCode.malformed : model.refusal(entry, host: host.place)
    order(
      .validate(
        entry.address, host: name, protocol: entry.ipsecProtocol, spi: entry.spiIn,
        seconds: seconds), succeeds: refusal == nil)
    guard refusal == nil else { return }
    let expires = seconds.map { lab.now.deadline(after: $0) }
    if let place = model.index(host.place, entry) {
      model.rows[place].origin = .operator
      model.rows[place].expires = expires
    } else {
      model.rows.append(
        .init(host: host.place, entry: entry, origin: .operator, expires: expires))
    }
  }

  func revoke() {
    let target = Self.prefixes.randomElement(using: &random) ?? Self.prefixes[0]
    let host: Int? = ([nil] + known.map { $0.place }).randomElement(using: &random) ?? nil
    let name = host.map { "host\($0)" }
    let place = model.revoked.firstIndex { $0.target == target && $0.host == host }
    guard Int.random(in: 0..<3, using: &random) == 0 else {
      order(.unrevoke(target, host: name), succeeds: place != nil)
      if let place { model.revoked.remove(at: place) }
      return
    }
    let seconds: UInt32? = [nil, 60, 500].randomElement(using: &random) ?? nil
    order(
      .revoke(target, host: name, seconds: seconds, by: "root"), succeeds: true)
    let expires = seconds.map { lab.now.deadline(after: $0) }
    if let place { model.revoked.remove(at: place) }
    model.revoked.append(.init(target: target, host: host, expires: expires))
    model.rows.removeAll {
      target.contains($0.entry.address) && (host == nil || $0.host == host)
    }
  }
}
