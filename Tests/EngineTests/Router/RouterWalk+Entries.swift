import PAP

@testable import Engine

// Entries: what hosts validate, invalidate and synchronize.

extension RouterWalk {
  func entry(of host: TestHost, address: IPv4Address? = nil) -> Entry {
    let own = model.slots[host.place]?.unit.firstSPI.rawValue ?? 0x0007_0000
    let others = model.slots.values.map(\.unit).sorted().randomElement(using: &random)
    let claimed = model.claims.filter { $0.host == host.place }.randomElement(using: &random)
    let spis: [UInt32?] = [
      nil, nil, nil, own, own, own + 1, own + 1, claimed?.spi.rawValue, others?.lastSPI.rawValue,
      anyClaim, 5,
    ]
    let spi = spis.randomElement(using: &random) ?? nil
    let outbound: [UInt32?] = [nil, nil, 0xbeef, 0xcafe]
    let spiOut = outbound.randomElement(using: &random) ?? nil
    return Entry(
      address: address ?? peer,
      ipsecProtocol: anyProtocol,
      spiIn: spi.map(SPI.init(rawValue:)), spiOut: spiOut.map(SPI.init(rawValue:)))
  }

  private var anyProtocol: IPsecProtocol {
    IPsecProtocol.allCases.randomElement(using: &random) ?? .any
  }

  var peer: IPv4Address {
    let isOdd = Int.random(in: 0..<20, using: &random) == 0
    return (isOdd ? Self.neverPeers : Self.peers).randomElement(using: &random) ?? Self.peers[0]
  }

  func validate(_ host: TestHost) {
    if model.slots[host.place] == nil, Bool.random(using: &random) { requestSlot(host) }
    let wish = lifetime
    let entries = (0..<Int.random(in: 1...4, using: &random)).map { _ in entry(of: host) }
    let asked = ask(host, .addressValidate, option(wish) + entries.map { .validAddress($0) })
    guard let (code, answer) = asked else { return }
    guard model.suspendedSince[host.place] == nil else {
      return check(code == .prohibited, "a suspended host has validated: \(code)")
    }
    let wanted = model.validate(
      entries, host: host.place, wish: wish, now: lab.now.monotonic)
    for code in wanted { note("entry \(code.name)") }
    check(
      answer.entryResults == wanted && code == wanted.first { $0 != .success } ?? .success,
      "\(entries): \(answer.entryResults ?? []), not \(wanted)")
  }

  func invalidate(_ host: TestHost) {
    let entries = (0..<Int.random(in: 1...3, using: &random)).map { _ in entry(of: host) }
    let code = ask(host, .addressInvalidate, entries.map { .invalidAddress($0) })?.code
    check(code == .success, "invalidating: \(String(describing: code))")
    model.invalidate(entries, host: host.place)
  }

  func synchronize(_ host: TestHost) {
    guard let session = host.session else { return }
    let wish = lifetime
    let total = UInt16.random(in: 1...3, using: &random)
    let part = UInt16.random(in: 0..<total, using: &random)
    let entries = (0..<Int.random(in: 0...7, using: &random)).map { _ in
      Bool.random(using: &random)
        ? entry(of: host) : Entry(address: peer, ipsecProtocol: anyProtocol)
    }
    let asked = ask(
      host, .synchronize,
      [.part(index: part, total: total)] + option(wish) + entries.map { .validAddress($0) })
    guard let (code, answer) = asked else { return }
    guard model.suspendedSince[host.place] == nil else {
      return check(code == .prohibited, "a suspended host has synchronized: \(code)")
    }
    let wanted = model.synchronize(
      entries, part: part, of: total, session: session.id, wish: wish, host: host.place,
      now: lab.now.monotonic)
    check(
      code == wanted.code && answer.entryResults == wanted.results
        && answer.part?.index == UInt16(wanted.missing),
      "part \(part) of \(total), \(entries): \(code) \(answer.options), not \(wanted)")
    note(wanted.missing == 0 ? "set whole" : "set unfinished")
  }
}
