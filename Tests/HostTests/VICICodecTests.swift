import Testing

@testable import Host

@Suite struct VICICodecTests {
  @Test(arguments: VICIVectors.all.good)
  func `packets are read and written as strongSwan does`(vector: VICIVectors.Good) throws {
    let wire = octets(vector.octets)
    let packet = try VICIPacket(decoding: wire)
    #expect(packet == vector.expected)
    #expect(packet.encoded() == wire)
  }

  @Test(arguments: VICIVectors.all.bad)
  func `what is no packet is refused for its reason`(vector: VICIVectors.Bad) {
    let error = #expect(throws: VICIDecodingError.self) {
      try VICIPacket(decoding: octets(vector.octets))
    }
    #expect(error?.caseName == vector.error)
  }

  /// A packet cut anywhere is either refused or, where an element ends, a shorter packet.
  @Test func `a packet cut anywhere does no harm`() {
    for vector in VICIVectors.all.good {
      let wire = octets(vector.octets)
      // Every length of the short ones, some of the long ones: it costs their square.
      for length in stride(from: 0, to: wire.count, by: 1 + wire.count / 100) {
        let cut = Array(wire[..<length])
        if let packet = try? VICIPacket(decoding: cut), packet.encoded() != cut {
          Issue.record("\(vector.name), cut to \(length)")
        }
      }
    }
  }

  @Test func `octets changed at random do no harm`() {
    var random = SeededRandom(seed: 0x1c1c)
    let packets = VICIVectors.all.good.map { octets($0.octets) }
    for _ in 0..<5_000 {
      var wire = packets[random.index(below: packets.count)]
      for _ in 0...random.index(below: 3) {
        wire[random.index(below: wire.count)] = UInt8(truncatingIfNeeded: random.next())
      }
      if let packet = try? VICIPacket(decoding: wire), packet.encoded() != wire {
        Issue.record("seed \(random.seed): \(wire)")
      }
    }
  }

  @Test(arguments: [1, 2, 3, 4, 5, 7, 1_000, 100_000])
  func `a stream is cut into its packets however it comes`(step: Int) throws {
    let packets = VICIVectors.all.good.map { octets($0.octets) } + [[]]
    let stream = packets.flatMap(VICIFrames.frame)
    var frames = VICIFrames()
    var found: [[UInt8]] = []
    for start in stride(from: 0, to: stream.count, by: step) {
      frames.append(Array(stream[start..<min(start + step, stream.count)]))
      while let packet = try frames.next() { found.append(packet) }
    }
    #expect(found == packets)
  }

  @Test func `the longest packet is taken and a longer one is not`() throws {
    var frames = VICIFrames()
    frames.append([0, 8, 0, 0])
    #expect(try frames.next() == nil)
    frames.append([UInt8](repeating: 5, count: 0x80000))
    #expect(try frames.next()?.count == 0x80000)
    frames.append([0, 8, 0, 1])
    #expect(throws: VICIDecodingError.tooLong(0x80001)) { try frames.next() }
  }
}
