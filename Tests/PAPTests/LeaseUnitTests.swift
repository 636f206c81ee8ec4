import Foundation
import Testing

@testable import PAP

@Suite("SPIs")
struct SPITests {
  static let vectors: [TextVector<UInt32>] = [
    .init("0x1a2b0001", 0x1a2b_0001), .init("0xDEADBEEF", 0xdead_beef),
    .init("0XdeadBEEF", 0xdead_beef),
    .init("0x0", 0), .init("0x100", 256), .init("256", 256), .init("0", 0),
    .init("4294967295", 0xffff_ffff), .init("0xffffffff", 0xffff_ffff),
    .init("", nil), .init("0x", nil), .init("x1", nil), .init("deadbeef", nil), .init("-1", nil),
    .init("-0", nil), .init("+1", nil), .init("0x+1", nil), .init("0x-0", nil), .init(" 1", nil),
    .init("1 ", nil), .init("0x100000000", nil), .init("0x000000001", nil),
    .init("4294967296", nil),
    .init("99999999999999999999", nil), .init("0xg", nil), .init("1_000", nil), .init("٢٥٦", nil),
  ]

  @Test("are read as hexadecimal or decimal", arguments: vectors)
  func text(_ vector: TextVector<UInt32>) {
    #expect(SPI(vector.text)?.rawValue == vector.value)
  }

  struct Property: CustomTestStringConvertible, Sendable {
    let number: UInt32
    let text: String
    let isReserved: Bool
    let slot: UInt16?

    var testDescription: String { text }
  }

  // RFC 4303, section 2.1: 0 is local, 1 to 255 are reserved. pap.md, section 5: slot 0 is none.
  static let properties = [
    Property(number: 0, text: "0x00000000", isReserved: true, slot: nil),
    Property(number: 255, text: "0x000000ff", isReserved: true, slot: nil),
    Property(number: 256, text: "0x00000100", isReserved: false, slot: nil),
    Property(number: 0xffff, text: "0x0000ffff", isReserved: false, slot: nil),
    Property(number: 0x1_0000, text: "0x00010000", isReserved: false, slot: 1),
    Property(number: 0x1a2b_ffff, text: "0x1a2bffff", isReserved: false, slot: 0x1a2b),
    Property(number: .max, text: "0xffffffff", isReserved: false, slot: 0xffff),
  ]

  @Test("know their text, their slot and whether they are reserved", arguments: properties)
  func property(_ vector: Property) {
    let spi = SPI(rawValue: vector.number)
    #expect(spi.description == vector.text)
    #expect(spi.isReserved == vector.isReserved)
    #expect(spi.slot == vector.slot.flatMap(Slot.init(rawValue:)))
  }
}

@Suite("Slots")
struct SlotTests {
  static let vectors: [TextVector<UInt16>] = [
    .init("0x0001", 1), .init("0x1a2b", 0x1a2b), .init("0xFFFF", 0xffff), .init("0x1", 1),
    .init("0x0000", nil), .init("0x", nil), .init("", nil), .init("1a2b", nil),
    .init("0x10000", nil),
    .init("0x00001", nil), .init("0x+1", nil), .init("0x-1", nil), .init("0x1 ", nil),
    .init("42", nil),
  ]

  @Test("are read as hexadecimal, and 0 is none", arguments: vectors)
  func text(_ vector: TextVector<UInt16>) {
    #expect(Slot(vector.text)?.rawValue == vector.value)
  }

  @Test("stand for 65,536 SPIs and an IKE label")
  func range() throws {
    let slot = try #require(Slot(rawValue: 0x1a2b))
    #expect(slot.description == "0x1a2b")
    #expect(slot.firstSPI.rawValue == 0x1a2b_0000)
    #expect(slot.lastSPI.rawValue == 0x1a2b_ffff)
    #expect(slot.contains(slot.firstSPI) && slot.contains(slot.lastSPI))
    #expect(!slot.contains(SPI(rawValue: 0x1a2a_ffff)))
    #expect(!slot.contains(SPI(rawValue: 0x1a2c_0000)))
    #expect(slot.ikeLabel == IKELabel(label: 0x1a2b_0000_0000_0000, mask: 0xffff_0000_0000_0000))
    #expect(slot.ikeLabel.matches(0x1a2b_0123_4567_89ab))
    #expect(!slot.ikeLabel.matches(0x1a2c_0123_4567_89ab))
    #expect(Slot(rawValue: 0) == nil)
  }
}

@Suite("Port blocks")
struct PortBlockTests {
  struct Vector: CustomTestStringConvertible, Sendable {
    let first: UInt16
    let count: UInt16
    /// The highest port; nil where there is no such block.
    let last: UInt16?

    var testDescription: String { "\(count) from \(first)" }
  }

  static let vectors = [
    Vector(first: 1024, count: 1024, last: 2047), Vector(first: 64512, count: 1024, last: 65535),
    Vector(first: 32768, count: 32768, last: 65535), Vector(first: 0, count: 1024, last: 1023),
    Vector(first: 40960, count: 8192, last: 49151),
    Vector(first: 1024, count: 0, last: nil), Vector(first: 1024, count: 1, last: nil),
    Vector(first: 1024, count: 512, last: nil), Vector(first: 3072, count: 1536, last: nil),
    Vector(first: 1025, count: 1024, last: nil), Vector(first: 1024, count: 2048, last: nil),
    Vector(first: 65535, count: 65535, last: nil),
  ]

  @Test("are aligned powers of two from 1,024", arguments: vectors)
  func block(_ vector: Vector) {
    let block = PortBlock(first: vector.first, count: vector.count)
    #expect(block?.last == vector.last)
    guard let block else { return }
    #expect(block.description == "\(block.first)-\(block.last)")
    #expect(block.contains(block.first) && block.contains(block.last))
    #expect(block.first == 0 || !block.contains(block.first - 1))
    #expect(block.last == .max || !block.contains(block.last + 1))
  }
}

@Suite("Values as JSON")
struct ValueCodingTests {
  struct Vector: CustomTestStringConvertible, Sendable {
    let json: String
    let reread: @Sendable (Data) throws -> Data
    let isValue: Bool

    init<Value: Codable & Sendable>(_ type: Value.Type, _ json: String, _ isValue: Bool) {
      self.json = json
      self.isValue = isValue
      reread = { data in
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        return try encoder.encode(JSONDecoder().decode([Value].self, from: data))
      }
    }

    var testDescription: String { json }
  }

  static let vectors = [
    Vector(IPv4Address.self, #"["192.0.2.1"]"#, true),
    Vector(IPv4Address.self, #"["192.0.2"]"#, false),
    Vector(IPv4Address.self, "[3221225985]", false),
    Vector(CIDR.self, #"["192.0.2.0/24"]"#, true), Vector(CIDR.self, #"["192.0.2.1/24"]"#, false),
    Vector(SPI.self, #"["0x1a2b0001"]"#, true), Vector(SPI.self, #"["0x1a2b00010"]"#, false),
    Vector(Slot.self, #"["0x1a2b"]"#, true), Vector(Slot.self, #"["0x0000"]"#, false),
    Vector(IPsecProtocol.self, #"["esp","ah","any"]"#, true),
    Vector(IPsecProtocol.self, #"["ESP"]"#, false), Vector(IPsecProtocol.self, "[50]", false),
  ]

  @Test("are their text", arguments: vectors)
  func coding(_ vector: Vector) {
    let reread = try? vector.reread(Data(vector.json.utf8))
    #expect(
      reread.map { String(decoding: $0, as: UTF8.self) } == (vector.isValue ? vector.json : nil))
  }
}
