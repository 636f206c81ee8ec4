import Testing

@testable import PAP

@Suite("Messages on the wire")
struct MessageTests {
  @Test("are read as pap.md says", arguments: VectorFile.pap.messages)
  func decode(_ vector: MessageVector) throws {
    #expect(try Message(decoding: vector.hex.octets) == vector.message)
  }

  @Test("are written as pap.md says", arguments: VectorFile.pap.messages.filter(\.canonical))
  func encode(_ vector: MessageVector) {
    #expect(vector.message.encoded() == vector.hex.octets)
  }

  @Test("are refused, with the code and the place", arguments: VectorFile.pap.refusals)
  func refuse(_ vector: RefusalVector) {
    let error = #expect(throws: PAPDecodingError.self) {
      try Message(decoding: vector.hex.octets)
    }
    #expect(error?.resultCode == vector.code)
    #expect(error?.offset == vector.offset)
    #expect(error?.header == Header(reading: vector.hex.octets))
  }

  @Test("are refused when cut anywhere", arguments: VectorFile.pap.messages)
  func cut(_ vector: MessageVector) {
    let octets = vector.hex.octets
    let read = octets.indices.filter { (try? Message(decoding: Array(octets[..<$0]))) != nil }
    #expect(read.isEmpty)
  }

  @Test("cover every type, code and kind of option")
  func coverage() {
    let messages = VectorFile.pap.messages.map(\.message)
    #expect(Set(messages.map(\.type)) == Set(MessageType.allCases))
    #expect(
      Set(messages.filter(\.isResponse).map(\.type))
        == Set(MessageType.allCases).subtracting([.announce]))
    #expect(Set(messages.map(\.code)) == Set(ResultCode.allCases))
    #expect(Set(messages.flatMap(\.options).map(\.kind)) == Set(OptionKind.allCases))
  }

  @Test("the error says what and where, for people")
  func errorText() {
    let error = #expect(throws: PAPDecodingError.self) {
      try Message(decoding: [2, 1, 0, 7, 0, 16] + [UInt8](repeating: 0, count: 10))
    }
    #expect(error.map { "\($0)" } == "flags must be 0, not 7 at octet 3")
  }
}

@Suite("Headers")
struct HeaderTests {
  @Test("can be read where the options are bad")
  func badOptions() throws {
    let octets: [UInt8] = [2, 5, 0, 0, 0, 20, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 99, 0, 0, 0]
    let header = try #require(Header(reading: octets))
    #expect(header.type == .addressValidate)
    #expect(!header.isResponse)
    #expect(header.transactionID == 0x0102_0304)
    #expect(header.epoch == 0x0506_0708)
  }

  @Test("need 16 octets", arguments: [0, 1, 15])
  func short(_ count: Int) {
    #expect(Header(reading: [UInt8](repeating: 2, count: count)) == nil)
  }

  @Test("answer a type that nobody knows")
  func unknownType() throws {
    let request = try #require(
      Header(reading: [2, 11, 0, 0, 0, 16, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8]))
    let answer = request.response(.unsupportedType, epoch: 0x0a0b_0c0d).encoded(options: [])
    #expect(answer == [2, 0x8b, 4, 0, 0, 16, 0, 0, 1, 2, 3, 4, 0x0a, 0x0b, 0x0c, 0x0d])
  }

  @Test("of another version are answered in version 2")
  func unsupportedVersion() {
    let octets: [UInt8] = [9, 8, 0, 0, 0, 16, 0, 0, 1, 2, 3, 4, 0, 0, 0, 0]
    let error = #expect(throws: PAPDecodingError.self) { try Message(decoding: octets) }
    let answer = error?.header?.response(.unsupportedVersion, epoch: 1).encoded(options: [])
    #expect(answer == [2, 0x88, 1, 0, 0, 16, 0, 0, 1, 2, 3, 4, 0, 0, 0, 1])
  }
}

@Suite("Text for people in messages")
struct WireTextTests {
  struct Vector: CustomTestStringConvertible, Sendable {
    let name: String
    let text: String
    let sent: String

    var testDescription: String { name }
  }

  static let vectors = [
    Vector(name: "nothing", text: "", sent: ""),
    Vector(name: "plain", text: "key leaked", sent: "key leaked"),
    Vector(name: "controls", text: "a\u{1b}[2J\nb\u{0}\u{7f}\u{9b}c", sent: "a [2J b   c"),
    Vector(name: "a line end of two characters", text: "a\r\nb", sent: "a  b"),
    Vector(
      name: "127 octets", text: String(repeating: "r", count: 127),
      sent: String(repeating: "r", count: 127)),
    Vector(
      name: "128 octets", text: String(repeating: "r", count: 128),
      sent: String(repeating: "r", count: 127)),
    Vector(
      name: "a character across the limit", text: String(repeating: "r", count: 125) + "日本",
      sent: String(repeating: "r", count: 125)),
  ]

  @Test("is made such that nobody must refuse it", arguments: vectors)
  func clean(_ vector: Vector) throws {
    let message = Message(
      type: .withdrawNotice, transactionID: 1, epoch: 1, options: [.reason(vector.text)])
    #expect(try Message(decoding: message.encoded()).reason == vector.sent)
  }
}
