@testable import PAP

// How the vector files describe messages. The names are pap.md's.

extension ResultCode: Decodable {
  public init(from decoder: any Decoder) throws {
    self = try named(decoder, in: ResultCode.allCases, by: \.name)
  }
}

extension MessageType: Decodable {
  public init(from decoder: any Decoder) throws {
    self = try named(decoder, in: MessageType.allCases, by: \.name)
  }
}

extension Authenticator.Direction: Decodable {
  public init(from decoder: any Decoder) throws {
    self = try named(decoder, in: [.fromHost, .fromRouter]) { $0 == .fromHost ? "host" : "router" }
  }
}

private func named<Value>(
  _ decoder: any Decoder, in values: [Value], by name: (Value) -> String
) throws -> Value {
  let container = try decoder.singleValueContainer()
  let text = try container.decode(String.self)
  guard let found = values.first(where: { name($0) == text }) else {
    throw DecodingError.dataCorruptedError(in: container, debugDescription: "no '\(text)' here")
  }
  return found
}

extension Entry: Decodable {
  enum Key: String, CodingKey {
    case address, spiIn, spiOut
    case ipsecProtocol = "protocol"
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    self.init(
      address: try container.decode(IPv4Address.self, forKey: .address),
      ipsecProtocol: try container.decode(IPsecProtocol.self, forKey: .ipsecProtocol),
      spiIn: try container.decodeIfPresent(UInt32.self, forKey: .spiIn).map(SPI.init(rawValue:)),
      spiOut: try container.decodeIfPresent(UInt32.self, forKey: .spiOut).map(SPI.init(rawValue:)))
  }
}

extension Message: Decodable {
  enum Key: String, CodingKey {
    case type, response, code, transaction, epoch, options
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    self.init(
      type: try container.decode(MessageType.self, forKey: .type),
      isResponse: try container.decode(Bool.self, forKey: .response),
      code: try container.decode(ResultCode.self, forKey: .code),
      transactionID: try container.decode(UInt32.self, forKey: .transaction),
      epoch: try container.decode(UInt32.self, forKey: .epoch),
      options: try container.decode([Option].self, forKey: .options))
  }
}

extension Message.Option: Decodable {
  enum Key: String, CodingKey {
    case option, seconds, first, count, entry, address, mtu, label, mask, index, total, id, nonce
    case text, codes, keyID, sessionID, sequence, tag
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    func value<Value: Decodable>(_ key: Key) throws -> Value {
      try container.decode(Value.self, forKey: key)
    }
    func octets(_ key: Key) throws -> [UInt8] {
      try container.decode(HexOctets.self, forKey: key).octets
    }
    func number(_ key: Key) throws -> UInt64 {
      try octets(key).reduce(0) { $0 << 8 | UInt64($1) }
    }
    let name: String = try value(.option)
    switch name {
    case "lifetime": self = .lifetime(try value(.seconds))
    case "ports": self = .ports(first: try value(.first), count: try value(.count))
    case "spis": self = .spis(first: try value(.first), count: try value(.count))
    case "valid-address": self = .validAddress(try value(.entry))
    case "invalid-address": self = .invalidAddress(try value(.entry))
    case "external-address": self = .externalAddress(try value(.address))
    case "tunnel-endpoint": self = .tunnelEndpoint(try value(.address), mtu: try value(.mtu))
    case "ike-label": self = .ikeLabel(IKELabel(label: try number(.label), mask: try number(.mask)))
    case "prefer-failure": self = .preferFailure
    case "part": self = .part(index: try value(.index), total: try value(.total))
    case "session": self = .session(id: try value(.id), nonce: try octets(.nonce))
    case "host-name": self = .hostName(try value(.text))
    case "reason": self = .reason(try value(.text))
    case "entry-results": self = .entryResults(try value(.codes))
    case "authentication":
      self = .authentication(
        Authentication(
          keyID: try value(.keyID), sessionID: try value(.sessionID),
          sequence: try value(.sequence), tag: try octets(.tag)))
    default:
      throw DecodingError.dataCorruptedError(
        forKey: .option, in: container, debugDescription: "no option '\(name)'")
    }
  }
}
