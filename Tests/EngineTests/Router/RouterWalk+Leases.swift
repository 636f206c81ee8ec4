import PAP

@testable import Engine

// Sessions and leases: what hosts ask for and give back.

extension RouterWalk {
  func ask(
    _ host: TestHost, _ type: MessageType, _ options: [Message.Option]
  ) -> (code: ResultCode, message: Message)? {
    let answer = host.ask(type, options)
    overheard.append((host.lastRequest, host.source))
    if overheard.count > 200 { overheard.removeFirst() }
    guard let answer else {
      check(false, "no valid answer to \(type) \(options)")
      return nil
    }
    if Int.random(in: 0..<8, using: &random) == 0 { repeatLast(of: host, answer) }
    note("\(type.name) \(answer.code.name)")
    return (answer.code, answer)
  }

  /// The same octets once more: the same answer, and nothing happens.
  private func repeatLast(of host: TestHost, _ answer: Message) {
    // What was granted for less than a second is over already.
    lab.step(.tick)
    let before = Snapshot(lab.state)
    let again = lab.deliver(host.lastRequest, from: host.source)
    check(
      again.count == 1 && (try? Message(decoding: again[0])) == answer
        && Snapshot(lab.state) == before,
      "a repeat was not answered from the store")
  }

  func greet(_ host: TestHost) {
    check(host.hello() != nil, "no answer to hello")
    overheard.append((host.lastRequest, host.source))
    _ = ask(
      host, .addressInvalidate, [.invalidAddress(entry(of: host, address: address("192.0.2.200")))])
  }

  var lifetime: UInt32? {
    [nil, 0, 120, 200, 1000, 5000].randomElement(using: &random) ?? nil
  }

  func option(_ lifetime: UInt32?) -> [Message.Option] {
    lifetime.map { [.lifetime($0)] } ?? []
  }

  func end(_ wish: UInt32?) -> UInt64 {
    lab.now.deadline(after: min(max(wish ?? 3600, 120), 86_400))
  }

  func requestSlot(_ host: TestHost) {
    let wish = lifetime
    // Few slots, so that hosts wish for each other's.
    let slot = [0, 0, 7, 8, 9].randomElement(using: &random) ?? 0
    let spis = Message.Option.spis(first: UInt32(slot) << 16, count: Slot.spiCount)
    guard let (code, answer) = ask(host, .securityRequest, option(wish) + [spis]) else { return }
    guard model.suspendedSince[host.place] == nil else {
      return check(code == .prohibited, "a suspended host has got \(code)")
    }
    guard let first = answer.spis?.first, let granted = SPI(rawValue: first).slot else {
      return check(false, "no slot but \(code)")
    }
    if let held = model.slots[host.place] {
      check(held.unit == granted, "slot \(held.unit) has become \(granted)")
    }
    check(
      model.allows(granted, for: host.place, at: lab.now.monotonic),
      "slot \(granted) was not to be had by host \(host.place)")
    model.slots[host.place] = .init(unit: granted, end: end(wish))
  }

  func giveBackSlot(_ host: TestHost) {
    let held = model.slots.values.map(\.unit).sorted().randomElement(using: &random)
    guard let slot = held ?? Slot(rawValue: 7) else { return }
    let isOwn = model.slots[host.place]?.unit == slot
    let spis = Message.Option.spis(first: slot.firstSPI.rawValue, count: Slot.spiCount)
    let code = ask(host, .securityInvalidate, [spis])?.code
    check(
      code == (isOwn ? .success : .notYours), "gave back slot \(slot): \(String(describing: code))")
    if isOwn { model.endSlot(host.place, at: lab.now.monotonic) }
  }

  func requestPorts(_ host: TestHost) {
    let wish = lifetime
    let first: UInt16 = [0, 0, 1024, 2048, 8192].randomElement(using: &random) ?? 0
    let count: UInt16 = [0, 1, 1024, 1025, 4096].randomElement(using: &random) ?? 0
    guard
      let (code, answer) = ask(
        host, .portRequest, option(wish) + [.ports(first: first, count: count)])
    else { return }
    guard model.suspendedSince[host.place] == nil else {
      return check(code == .prohibited, "a suspended host has got \(code)")
    }
    guard let ports = answer.ports, let block = PortBlock(first: ports.first, count: ports.count)
    else { return check(false, "no ports but \(code)") }
    if let held = model.ports[host.place] {
      check(held.unit == block, "ports \(held.unit) have become \(block)")
    }
    check(
      model.allows(block, for: host.place, at: lab.now.monotonic),
      "ports \(block) were not to be had by host \(host.place)")
    check(!block.contains(500) && !block.contains(4500), "IKE's ports were leased")
    model.ports[host.place] = .init(unit: block, end: end(wish))
  }

  func giveBackPorts(_ host: TestHost) {
    let blocks = model.ports.values.map(\.unit).sorted { $0.first < $1.first }
    guard let block = blocks.randomElement(using: &random) else { return }
    let isOwn = model.ports[host.place]?.unit == block
    let code = ask(host, .portInvalidate, [.ports(first: block.first, count: block.count)])?.code
    check(code == (isOwn ? .success : .notYours), "gave back \(block): \(String(describing: code))")
    if isOwn { model.endPorts(host.place, at: lab.now.monotonic) }
  }

  /// SPIs in the slots that hosts wish for, and in none.
  var anyClaim: UInt32 {
    [0x7_0000, 0x7_0001, 0x8_0005, 0x4444_0001, 0x4444_0002, 0x4444_0003, 0x5555_0001, 300, 77]
      .randomElement(using: &random) ?? 300
  }

  func claim(_ host: TestHost) {
    let wish = lifetime
    let spi = SPI(rawValue: anyClaim)
    let asked = ask(host, .securityRequest, option(wish) + [.spis(first: spi.rawValue, count: 1)])
    guard let (code, answer) = asked else { return }
    guard model.suspendedSince[host.place] == nil else {
      return check(code == .prohibited, "a suspended host has claimed: \(code)")
    }
    let now = lab.now.monotonic
    let refusal = model.refusal(ofClaim: spi, host: host.place, at: now)
    check(code == refusal ?? .success, "claiming \(spi): \(code), not \(refusal ?? .success)")
    guard refusal == nil else { return }
    check(answer.spis?.first == spi.rawValue && answer.spis?.count == 1, "not what was claimed")
    model.claims.removeAll { $0.spi == spi }
    model.claims.append(.init(host: host.place, spi: spi, end: end(wish)))
  }

  func giveBackClaim(_ host: TestHost) {
    let spi = model.claims.map(\.spi).randomElement(using: &random) ?? SPI(rawValue: anyClaim)
    let isOwn = model.claims.contains { $0.spi == spi && $0.host == host.place }
    let code = ask(host, .securityInvalidate, [.spis(first: spi.rawValue, count: 1)])?.code
    check(code == (isOwn ? .success : .notYours), "gave back claim \(spi)")
    if isOwn { model.endClaim(spi, at: lab.now.monotonic) }
  }
}
