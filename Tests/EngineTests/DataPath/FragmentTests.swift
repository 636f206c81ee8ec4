import Testing

@testable import Engine

@Suite("Fragments, hairpin and the tunnel")
struct FragmentTests {
  @Test("a conversation, packet by packet, to the octet", arguments: Conversations.fragments)
  func conversation(_ conversation: Conversation) throws { try conversation.hold() }

  /// All orders in which the fragments of a packet can come.
  @Test("whatever the order, the host gets what was sent", arguments: ["esp", "copies"])
  func permutations(_ kind: String) throws {
    let packet = Self.espPacket(payload: 5 * 64)
    var parts = stride(from: 0, to: 5, by: 1).map {
      Self.part(packet, $0 * 64..<($0 + 1) * 64, isLast: $0 == 4)
    }
    if kind == "copies" { parts.append(parts[1]) }
    for order in Self.orders(Array(parts.indices)) {
      let bench = try DecisionBench(.shared)
      let accounts = ExitAccounts()
      var reassembler = NaiveReassembler()
      for index in order {
        for exit in bench.exits(of: parts[index], accounts) {
          for output in exit.outputs { reassembler.add(Array(output.bytes[20...])) }
        }
      }
      if reassembler.payload != Array(packet[20...]) { Issue.record("order \(order)") }
      if !accounts.totals.isBalanced || accounts.totals.held != 0 {
        Issue.record("order \(order): \(accounts.totals)")
      }
    }
  }

  @Test("a later fragment waits only if its protocol may pass")
  func protocols() throws {
    for (number, isUsed) in [(50, true), (6, true), (132, false), (89, false)] as [(UInt8, Bool)] {
      let bench = try DecisionBench(.shared)
      var part = Self.part(Self.espPacket(payload: 128), 64..<128, isLast: true)
      part[9] = number
      #expect(bench.decide(part).verdict.reason == (isUsed ? nil : .unsupportedProtocol))
      let verdict = bench.decide(Self.tunnelled(part, from: 11, to: [192, 0, 2, 10])).verdict
      #expect(verdict == (isUsed ? .hold : .drop(.unsupportedProtocol, notice: nil)))
    }
  }

  @Test("a later fragment goes back inside only while the first one's slot is its host's")
  func hairpin() throws {
    let bench = try DecisionBench(
      .shared, changes: ["entry 6 1 198.51.100.1 esp any"], hairpin: true)
    let packet = Self.espPacket(payload: 192)
    func send(_ range: Range<Int>, isLast: Bool) -> Verdict {
      let part = Self.part(packet, range, isLast: isLast)
      return bench.decide(Self.tunnelled(part, from: 12, to: [198, 51, 100, 1])).verdict
    }
    #expect(send(0..<64, isLast: false).name == "forward")
    #expect(send(64..<128, isLast: false).name == "forward")
    bench.table.apply(try ChangeLine.read("slot 0x1001 0"))
    bench.table.synchronize()
    #expect(send(128..<192, isLast: true).reason == .spiNotLeased)
  }

  @Test("an ICMP error in parts is invalid, whatever it is about")
  func errors() throws {
    for name in ["a port of nobody, tcp", "from another address"] {
      let vector = try #require(DecisionVectors.shared.vectors.first { $0.name == name })
      let bench = try DecisionBench(for: vector)
      var packet = vector.packet.bytes
      #expect(bench.decide(packet).verdict.reason == .icmpNoOwner)
      packet[6] |= 0x20
      packet.mendHeaderChecksum(at: 0)
      #expect(bench.decide(packet).verdict.reason == .fragmentInvalid)
    }
  }

  @Test("errors about the tunnel are told at a limited rate, and only to who is one host")
  func tunnelErrors() throws {
    let conversation = try #require(
      Conversations.fragments.first { $0.name == "a quote of udp to a leased port, cut" })
    var packet = try #require(conversation.steps.first?.packet).bytes
    let bench = try DecisionBench(.shared)
    let verdicts = (0..<60).map { _ in bench.decide(packet).verdict }
    #expect(verdicts.filter { $0.name == "answer" }.count == 50)
    #expect(verdicts.last == .drop(.icmpRateLimited, notice: nil))
    bench.now += 1_000_000_000
    #expect(bench.decide(packet).verdict.name == "answer")
    // The quoted source becomes 224.0.2.10, and the quoted identification keeps the sum as it was.
    packet[60] += 0x20
    packet[52] -= 0x20
    #expect(bench.decide(packet).verdict.reason == .icmpNoOwner)
  }

  @Test("random fragments: no octet passes twice, every packet leaves by one exit")
  func random() throws {
    let seed = UInt64.random(in: .min ... .max)
    var random = QuickRandom(seed: seed)
    // Nothing is forgotten before all is; there are places for all numbers, but not for all at once
    // of one source.
    let limits = FragmentLimits(
      packets: 128, packetsOfOne: 24, refusedPackets: 16, chunks: 48, memory: 15_000_000_000)
    let bench = try DecisionBench(.shared, limits: limits)
    let accounts = ExitAccounts()
    var passed: Set<Int> = []
    for round in 0..<30_000 {
      let packet = Self.randomFragment(&random)
      for exit in bench.exits(of: packet, accounts) {
        for output in exit.outputs.map(\.bytes) where exit.direction == "inbound" {
          let identification = Int(output[24]) << 8 | Int(output[25])
          let start = Int(output[26] & 0x1f) << 8 | Int(output[27])
          for unit in start..<start + (output.count - 40 + 7) / 8 {
            if !passed.insert(identification << 16 | unit).inserted {
              Issue.record("seed \(seed): unit \(unit) of \(identification) passed twice")
              return
            }
          }
        }
      }
      bench.now += random.next() & 0xff_ffff
      if round % 1024 == 1023 {
        bench.now += 16_000_000_000
        passed = []
      }
      guard accounts.totals.isBalanced else {
        Issue.record("seed \(seed): \(accounts.totals)")
        return
      }
    }
    bench.now += 16_000_000_000
    _ = bench.exits(of: nil, accounts)
    #expect(accounts.totals.held == 0, "seed \(seed)")
    #expect(accounts.totals.isBalanced, "seed \(seed)")
    for reason in [DropReason.fragmentInvalid, .fragmentOverflow, .fragmentTimeout] {
      #expect(accounts.totals.drops[Int(reason.rawValue)] > 100, "seed \(seed): \(reason)")
    }
    #expect(accounts.totals.forwardedInbound > 1000, "seed \(seed)")
  }
}

// MARK: - Packets

extension FragmentTests {
  /// An ESP packet from a validated peer to the first host, with a payload that tells its place.
  static func espPacket(payload: Int, identification: UInt16 = 0x4242) -> [UInt8] {
    let id = [UInt8(identification >> 8), UInt8(identification & 0xff)]
    let header: [UInt8] =
      [0x45, 0, 0, 0] + id + [0, 0, 57, 50, 0, 0, 192, 0, 2, 10, 198, 51, 100, 1]
    let spi: [UInt8] = [0x10, 0x01, 0, 0x42, 0, 0, 0, 9]
    return header + spi + (8..<payload).map { UInt8(truncatingIfNeeded: $0 &* 7) }
  }

  /// Some of a packet's payload, as a fragment.
  static func part(_ packet: [UInt8], _ range: Range<Int>, isLast: Bool) -> [UInt8] {
    var part = Array(packet[..<20]) + packet[(20 + range.lowerBound)..<(20 + range.upperBound)]
    part[2] = UInt8(part.count >> 8)
    part[3] = UInt8(part.count & 0xff)
    let word = range.lowerBound / 8 | (isLast ? 0 : 0x2000)
    part[6] = UInt8(word >> 8)
    part[7] = UInt8(word & 0xff)
    return part
  }

  /// A packet as a host sends it through the tunnel.
  private static func tunnelled(
    _ packet: [UInt8], from host: UInt8, to destination: [UInt8]
  ) -> [UInt8] {
    var inner = packet
    inner.replaceSubrange(12..<20, with: [198, 51, 100, 1] + destination)
    inner.mendHeaderChecksum(at: 0)
    let length = inner.count + 20
    let outer: [UInt8] = [0x45, 0, UInt8(length >> 8), UInt8(length & 0xff), 0, 1, 0, 0, 64, 4]
    return outer + [0, 0, 10, 0, 0, host, 10, 0, 0, 254] + inner
  }

  private static func orders(_ rest: [Int]) -> [[Int]] {
    guard rest.count > 1 else { return [rest] }
    return rest.indices.flatMap { index in
      var others = rest
      let first = others.remove(at: index)
      return orders(others).map { [first] + $0 }
    }
  }

  private static func randomFragment(_ random: inout QuickRandom) -> [UInt8] {
    let packet = espPacket(payload: 512, identification: UInt16(random.below(40)))
    let start = random.below(4) == 0 ? 0 : random.below(64) * 8
    // All of it would be no fragment.
    let isLast = start > 0 && random.below(4) == 0
    let end = isLast ? 512 : min(512, start + 8 * (1 + random.below(12)))
    var part = part(packet, start..<max(end, start), isLast: isLast)
    // Some from a peer that is not validated, some through the tunnel.
    switch random.below(6) {
    case 0: part[15] = 77
    case 1: return tunnelled(part, from: 11, to: [192, 0, 2, 10])
    default: break
    }
    return part
  }
}

/// Puts a packet together, as plainly as can be.
struct NaiveReassembler {
  private var octets: [Int: UInt8] = [:]
  private var end: Int?

  mutating func add(_ fragment: [UInt8]) {
    let start = (Int(fragment[6] & 0x1f) << 8 | Int(fragment[7])) * 8
    for (index, octet) in fragment[20...].enumerated() { octets[start + index] = octet }
    if fragment[6] & 0x20 == 0 { end = start + fragment.count - 20 }
  }

  var payload: [UInt8]? {
    guard let end else { return nil }
    let all = (0..<end).compactMap { octets[$0] }
    return all.count == end ? all : nil
  }
}
