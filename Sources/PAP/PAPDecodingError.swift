/// Why octets are no PAP/2 message, and what to answer.
package struct PAPDecodingError: Error, Hashable, Sendable {
  /// The rule of pap.md that the octets break.
  package enum Fault: Hashable, Sendable {
    /// Fewer octets than a header has.
    case tooShort(octets: Int)
    /// More octets than a message may have.
    case tooLong(octets: Int)
    /// A length that is no multiple of 4.
    case unaligned(octets: Int)
    /// The header states another length than the datagram has.
    case wrongLength(stated: Int, actual: Int)
    /// A version other than 2.
    case unsupportedVersion(UInt8)
    /// A type octet that pap.md does not list.
    case unsupportedType(UInt8)
    /// An option that must be understood and is not.
    case unsupportedOption(UInt8)
    /// A field that must be 0.
    case notZero(Field, got: UInt8)
    /// A field whose value pap.md does not list.
    case unknownValue(Field, got: UInt8)
    /// An option that reaches past the end of the message.
    case optionTooLong(kind: UInt8, length: Int, room: Int)
    /// A value of a length that its kind cannot have.
    case wrongOptionLength(OptionKind, got: Int, wanted: ClosedRange<Int>)
    /// An option that comes more often than it may.
    case repeatedOption(OptionKind)
    /// An option in a type of message that may not carry it.
    case misplacedOption(OptionKind, type: MessageType)
    /// Something after the authentication option.
    case afterAuthentication(kind: UInt8)
    /// Text that is not UTF-8, or has control characters.
    case badText(OptionKind)
    /// A part that is not one of its total.
    case impossiblePart(index: UInt16, total: UInt16)
  }

  /// The fields that `notZero` and `unknownValue` speak of.
  package enum Field: String, Hashable, Sendable {
    /// Octet 3 of the header.
    case flags
    /// Octet 2 of the header.
    case code
    /// The second octet of an option.
    case optionReserved = "the option's reserved octet"
    /// What fills an option up to a multiple of 4.
    case padding = "the option's padding"
    /// Octets 5 to 7 of an entry.
    case entryReserved = "the entry's reserved octets"
    /// Octet 4 of an entry.
    case entryProtocol = "the entry's protocol"
    /// Octet 4 of a tunnel endpoint.
    case tunnelType = "the tunnel type"
    /// An octet of the entry results.
    case entryResult = "an entry's result"
  }

  /// What is wrong.
  package let fault: Fault
  /// Where it is, in octets from the start of the message.
  package let offset: Int
  /// The header, for the answer; nil where the message is shorter than one.
  package let header: Header?

  /// The code to answer with, or nil where the octets are to be dropped, counted and not answered:
  /// shorter than a header, a response, or of another version and a wrong length
  /// (pap.md, section 6).
  package var resultCode: ResultCode? {
    guard let header, !header.isResponse else { return nil }
    switch fault {
    case .tooShort: return nil
    case .wrongLength where header.version != WireFormat.version: return nil
    case .unsupportedVersion: return .unsupportedVersion
    case .unsupportedType: return .unsupportedType
    case .unsupportedOption, .misplacedOption: return .unsupportedOption
    default: return .malformed
    }
  }
}

extension PAPDecodingError: CustomStringConvertible {
  /// What is wrong and where, for people.
  package var description: String { "\(fault) at octet \(offset)" }
}

extension PAPDecodingError.Fault: CustomStringConvertible {
  /// What is wrong, for people.
  package var description: String {
    switch self {
    case .tooShort(let octets): "\(octets) octets are less than a header"
    case .tooLong(let octets): "\(octets) octets are more than a message may have"
    case .unaligned(let octets): "a length of \(octets) octets is no multiple of 4"
    case .wrongLength(let stated, let actual): "the length says \(stated), not \(actual) octets"
    case .unsupportedVersion(let version): "version \(version) is not spoken here"
    case .unsupportedType(let type): "type \(type) is unknown"
    case .unsupportedOption(let kind): "option \(kind) is unknown and must not be"
    case .notZero(let field, let got): "\(field.rawValue) must be 0, not \(got)"
    case .unknownValue(let field, let got): "\(field.rawValue) cannot be \(got)"
    case .optionTooLong(let kind, let length, let room):
      "option \(kind) has \(length) octets where \(room) are left"
    case .wrongOptionLength(let kind, let got, let wanted):
      "option \(kind.rawValue) has \(got) octets, not \(wanted.lowerBound) to \(wanted.upperBound)"
    case .repeatedOption(let kind): "option \(kind.rawValue) comes too often"
    case .misplacedOption(let kind, let type): "option \(kind.rawValue) is not for \(type)"
    case .afterAuthentication(let kind): "option \(kind) follows the authentication"
    case .badText(let kind): "option \(kind.rawValue) is not clean UTF-8"
    case .impossiblePart(let index, let total): "part \(index) of \(total) cannot be"
    }
  }
}
