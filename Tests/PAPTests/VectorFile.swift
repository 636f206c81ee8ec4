import Foundation
import Testing

@testable import PAP

/// The vectors in `Vectors/`, which `make_vectors.py` there writes without the code under test.
enum VectorFile {
  static let pap = read("pap", as: PAPVectors.self)
  static let crypto = read("crypto", as: CryptoVectors.self)

  private static func read<Value: Decodable>(_ name: String, as type: Value.Type) -> Value {
    let url = Bundle.module.url(forResource: name, withExtension: "json", subdirectory: "Vectors")
    guard let url, let data = try? Data(contentsOf: url),
      let value = try? JSONDecoder().decode(type, from: data)
    else { preconditionFailure("Vectors/\(name).json cannot be read") }
    return value
  }
}

struct PAPVectors: Decodable {
  let messages: [MessageVector]
  let refusals: [RefusalVector]
  let tags: [TagVector]
  let sessionKeys: [SessionKeyVector]
  let keyTexts: [KeyTextVector]
}

struct CryptoVectors: Decodable {
  let hmac: [HMACVector]
  let hkdf: [HKDFVector]
  let sha256: [SHA256Vector]
}

/// Octets that stand as hexadecimal text in the file.
struct HexOctets: Decodable, Sendable {
  let octets: [UInt8]

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = Array(try container.decode(String.self).utf8)
    octets = try stride(from: 0, to: text.count, by: 2).map { index in
      let pair = String(decoding: text[index..<min(index + 2, text.count)], as: UTF8.self)
      guard pair.count == 2, let octet = UInt8(pair, radix: 16) else {
        throw DecodingError.dataCorruptedError(in: container, debugDescription: "no hexadecimal")
      }
      return octet
    }
  }
}

struct MessageVector: Decodable, Sendable, CustomTestStringConvertible {
  let name: String
  let hex: HexOctets
  let message: Message
  /// Whether the message is written as it was read.
  let canonical: Bool

  var testDescription: String { name }
}

struct RefusalVector: Decodable, Sendable, CustomTestStringConvertible {
  let rule: String
  let hex: HexOctets
  /// The code to answer with; none where there is no answer.
  let code: ResultCode?
  let offset: Int

  var testDescription: String { rule }
}

struct TagVector: Decodable, Sendable, CustomTestStringConvertible {
  let name: String
  let hex: HexOctets
  let key: HexOctets
  let direction: Authenticator.Direction
  let valid: Bool
  /// What the octets say, for those that can also be made.
  let message: Message?

  var testDescription: String { name }
}

struct SessionKeyVector: Decodable, Sendable, CustomTestStringConvertible {
  let name: String
  let hostKey: HexOctets
  let hostNonce: HexOctets
  let routerNonce: HexOctets
  let sessionKey: HexOctets

  var testDescription: String { name }
}

struct KeyTextVector: Decodable, Sendable, CustomTestStringConvertible {
  let name: String
  let text: String
  /// What the text stands for; none where it must be refused.
  let octets: HexOctets?

  var testDescription: String { name }
}

struct HMACVector: Decodable, Sendable, CustomTestStringConvertible {
  let name: String
  let key: HexOctets
  let message: HexOctets
  let digest: HexOctets

  var testDescription: String { name }
}

struct HKDFVector: Decodable, Sendable, CustomTestStringConvertible {
  let name: String
  let inputKey: HexOctets
  let salt: HexOctets
  let info: HexOctets
  let output: HexOctets

  var testDescription: String { name }
}

struct SHA256Vector: Decodable, Sendable, CustomTestStringConvertible {
  let name: String
  let message: HexOctets
  let digest: HexOctets

  var testDescription: String { name }
}
