import Testing

@testable import PAP

/// A text and what it stands for; nil where it must be refused.
struct TextVector<Value: Sendable>: CustomTestStringConvertible, Sendable {
  let text: String
  let value: Value?

  init(_ text: String, _ value: Value?) {
    self.text = text
    self.value = value
  }

  var testDescription: String { value == nil ? "not '\(text)'" : "'\(text)'" }
}

@Suite("IPv4 addresses")
struct IPv4AddressTests {
  // The refused forms are those that inet_aton(3) takes and inet_pton(3) does not, and white space.
  static let vectors: [TextVector<UInt32>] = [
    .init("0.0.0.0", 0), .init("255.255.255.255", 0xffff_ffff), .init("192.0.2.1", 0xc000_0201),
    .init("10.0.0.254", 0x0a00_00fe),
    .init("", nil), .init("1", nil), .init("1.2.3", nil), .init("1.2.3.4.5", nil),
    .init("1.2.3.", nil), .init(".1.2.3", nil), .init("1..2.3", nil), .init("256.0.0.1", nil),
    .init("1.2.3.999", nil), .init("01.2.3.4", nil), .init("1.2.3.00", nil),
    .init("0x1.2.3.4", nil),
    .init("1.2.3.4 ", nil), .init(" 1.2.3.4", nil), .init("1.2.3.4\n", nil), .init("+1.2.3.4", nil),
    .init("-1.2.3.4", nil), .init("1.2.3.0004", nil), .init("a.b.c.d", nil),
    .init("١.٢.٣.٤", nil), .init("1.2.3.4/32", nil),
  ]

  @Test("are dotted quads and nothing else", arguments: vectors)
  func text(_ vector: TextVector<UInt32>) {
    let address = IPv4Address(vector.text)
    #expect(address?.rawValue == vector.value)
    if let address { #expect(address.description == vector.text) }
  }

  @Test("stand in the order of their numbers")
  func order() throws {
    let low = try #require(IPv4Address("9.255.255.255"))
    let high = try #require(IPv4Address("192.0.2.1"))
    #expect(low < high)
    #expect(!(high < low))
  }
}

@Suite("IPv4 prefixes")
struct CIDRTests {
  static let vectors: [TextVector<String>] = [
    .init("192.0.2.0/24", "192.0.2.0/24"), .init("192.0.2.1", "192.0.2.1/32"),
    .init("0.0.0.0/0", "0.0.0.0/0"), .init("128.0.0.0/1", "128.0.0.0/1"),
    .init("192.0.2.1/32", "192.0.2.1/32"), .init("192.0.2.2/31", "192.0.2.2/31"),
    .init("192.0.2.1/24", nil), .init("192.0.2.1/0", nil), .init("192.0.2.0/33", nil),
    .init("192.0.2.0/", nil), .init("/24", nil), .init("", nil), .init("192.0.2.0/24/8", nil),
    .init("192.0.2.0/-1", nil), .init("192.0.2.0/+8", nil), .init("192.0.2.0/024", nil),
    .init("192.0.2.0/ 24", nil), .init("192.0.2.0/0x18", nil), .init("192.0.2/24", nil),
    .init("192.0.2.0/99999999999999999999", nil), .init("192.0.2.0/255.255.255.0", nil),
  ]

  @Test("are an address and a length", arguments: vectors)
  func text(_ vector: TextVector<String>) {
    #expect(CIDR(vector.text)?.description == vector.value)
  }

  struct Membership: CustomTestStringConvertible, Sendable {
    let prefix: String
    let inside: [String]
    let outside: [String]

    var testDescription: String { prefix }
  }

  static let memberships = [
    Membership(
      prefix: "192.0.2.0/24", inside: ["192.0.2.0", "192.0.2.255", "192.0.2.128/25"],
      outside: ["192.0.1.255", "192.0.3.0", "192.0.0.0/16", "0.0.0.0/0"]),
    Membership(
      prefix: "0.0.0.0/0", inside: ["0.0.0.0", "255.255.255.255", "0.0.0.0/0"], outside: []),
    Membership(
      prefix: "198.51.100.1", inside: ["198.51.100.1"], outside: ["198.51.100.0", "198.51.100.2"]),
    Membership(
      prefix: "224.0.0.0/3", inside: ["224.0.0.0", "255.255.255.255", "240.0.0.0/4"],
      outside: ["223.255.255.255", "192.0.0.0/2"]),
  ]

  @Test("hold what lies in them", arguments: memberships)
  func contains(_ vector: Membership) throws {
    let prefix = try #require(CIDR(vector.prefix))
    for text in vector.inside {
      let other = try #require(CIDR(text))
      #expect(prefix.contains(other) && prefix.contains(other.address), "\(text)")
    }
    for text in vector.outside {
      let other = try #require(CIDR(text))
      #expect(!prefix.contains(other), "\(text)")
      #expect(other.prefixLength < 32 || !prefix.contains(other.address), "\(text)")
    }
  }

  @Test("lose the bits beyond their length")
  func masked() throws {
    let address = try #require(IPv4Address("192.0.2.129"))
    #expect(CIDR(address, prefixLength: 25).description == "192.0.2.128/25")
    #expect(CIDR(address, prefixLength: 0).description == "0.0.0.0/0")
    #expect(CIDR(address, prefixLength: 0).mask == 0)
    #expect(CIDR(address).mask == 0xffff_ffff)
  }
}
