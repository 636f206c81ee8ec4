import Foundation
import Testing

@testable import Host

/// The vectors in `Vectors/vici.json`, which `make-vici-vectors.py` there writes with strongSwan's own
/// Python package.
struct VICIVectors: Decodable {
  static let all: VICIVectors = {
    let url = Bundle.module.url(forResource: "vici", withExtension: "json", subdirectory: "Vectors")
    guard let url, let data = try? Data(contentsOf: url),
      let vectors = try? JSONDecoder().decode(VICIVectors.self, from: data)
    else { preconditionFailure("Vectors/vici.json cannot be read") }
    return vectors
  }()

  let good: [Good]
  let bad: [Bad]

  struct Good: Decodable, Sendable, CustomTestStringConvertible {
    let name: String
    let source: String
    let octets: String
    let kind: UInt8
    let packet: String?
    let tree: [Row]
    var testDescription: String { "\(name) (\(source))" }

    /// The packet that the vector describes.
    var expected: VICIPacket? {
      let message = VICIMessage(tree.map(\.element))
      let name = packet ?? ""
      switch kind {
      case 0: return .commandRequest(name, message)
      case 1: return .commandResponse(message)
      case 2: return .commandUnknown
      case 3: return .eventRegister(name)
      case 4: return .eventUnregister(name)
      case 5: return .eventConfirm
      case 6: return .eventUnknown
      case 7: return .event(name, message)
      default: return nil
      }
    }
  }

  struct Bad: Decodable, Sendable, CustomTestStringConvertible {
    let name: String
    let octets: String
    let error: String
    var testDescription: String { name }
  }

  /// One element as `[kind, name, content]`.
  struct Row: Decodable, Sendable {
    let element: VICIMessage.Element

    init(from decoder: any Decoder) throws {
      var row = try decoder.unkeyedContainer()
      let kind = try row.decode(String.self)
      let name = try row.decode(String.self)
      switch kind {
      case "value": element = .value(name, octets(try row.decode(String.self)))
      case "list": element = .list(name, try row.decode([String].self).map(octets))
      default: element = .section(name, VICIMessage(try row.decode([Row].self).map(\.element)))
      }
    }
  }
}

/// The octets of a hexadecimal text.
func octets(_ text: String) -> [UInt8] {
  let digits = Array(text.utf8)
  return stride(from: 0, to: digits.count, by: 2).compactMap {
    UInt8(String(decoding: digits[$0..<$0 + 2], as: UTF8.self), radix: 16)
  }
}

extension VICIDecodingError {
  /// The case's name, as vectors give it.
  var caseName: String { String("\(self)".prefix { $0 != "(" }) }
}
