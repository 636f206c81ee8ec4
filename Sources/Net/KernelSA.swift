internal import CLinux
internal import Glibc
package import PAP

/// An IPsec security association of one direction, as the kernel holds it.
package struct KernelSA: Hashable, Sendable {
  /// What tells it from all others (RFC 4301, section 4.1).
  package struct ID: Hashable, Sendable {
    /// Whose packets it is for.
    package var destination: IPv4Address
    /// `esp` or `ah`; ESP in UDP counts as ESP.
    package var ipsecProtocol: IPsecProtocol
    package var spi: SPI

    /// Makes an identity.
    package init(destination: IPv4Address, ipsecProtocol: IPsecProtocol, spi: SPI) {
      self.destination = destination
      self.ipsecProtocol = ipsecProtocol
      self.spi = spi
    }
  }

  package var id: ID
  /// The sender's address; 0.0.0.0 where anybody may send.
  package var source: IPv4Address
  /// The number that joins it with a policy, and mostly with its other direction; 0 for none.
  package var requestID: UInt32

  /// Makes an association.
  package init(id: ID, source: IPv4Address, requestID: UInt32) {
    self.id = id
    self.source = source
    self.requestID = requestID
  }
}

/// What the kernel tells about its security associations.
package enum KernelSAEvent: Hashable, Sendable {
  case added(KernelSA)
  case removed(KernelSA.ID)
  /// All of a protocol are gone; nil stands for every protocol.
  case flushed(IPsecProtocol?)
  /// Events were lost: only a new list tells what there is.
  case lost
}

/// `xfrm_usersa_info` of linux/xfrm.h: selector 56 octets, identity 24 (address 16, SPI 4, protocol
/// 1), source address 16, limits 64, uses 32, statistics 12, sequence 4, request 4, family 2, and
/// more.
///
/// Addresses and SPIs are in network byte order, all else in the machine's.
private enum SABody {
  static let size = 224
  static let destinationOffset = 56
  static let spiOffset = 72
  static let protocolOffset = 76
  static let sourceOffset = 80
  static let requestOffset = 208
  static let familyOffset = 212
}

/// `xfrm_usersa_id`: address 16 octets, SPI 4, family 2, protocol 1.
private enum SAIdentityBody {
  static let size = 24
  static let spiOffset = 16
  static let familyOffset = 20
  static let protocolOffset = 22
}

extension KernelSA {
  /// Reads a NEWSA or UPDSA message's payload.
  ///
  /// Nil for IPv6, for other protocols than ESP and AH, for what is too short, and for what has no
  /// keys: that is an SPI which a daemon has only reserved.
  init?(payload: [UInt8]) {
    guard payload.count >= SABody.size, let sa = KernelSA(body: payload) else { return nil }
    let attributes = NetlinkReply.attributes(payload.dropFirst(SABody.size))
    guard Self.keyAttributes.contains(where: { attributes[$0] != nil }) else { return nil }
    self = sa
  }

  private static let keyAttributes = [
    Int(XFRMA_ALG_AUTH.rawValue), Int(XFRMA_ALG_CRYPT.rawValue), Int(XFRMA_ALG_AEAD.rawValue),
    Int(XFRMA_ALG_AUTH_TRUNC.rawValue),
  ]

  /// Reads an `xfrm_usersa_info`, with keys behind it or not.
  fileprivate init?(body: [UInt8]) {
    guard let request: UInt32 = body.native(at: SABody.requestOffset),
      let source = Netlink.address(at: SABody.sourceOffset, in: body),
      let id = ID(
        body, family: SABody.familyOffset, destination: SABody.destinationOffset,
        spi: SABody.spiOffset, ipsecProtocol: SABody.protocolOffset)
    else { return nil }
    self.init(id: id, source: source, requestID: request)
  }
}

extension KernelSA.ID {
  fileprivate init?(
    _ body: [UInt8], family: Int, destination: Int, spi: Int, ipsecProtocol: Int
  ) {
    guard let family: UInt16 = body.native(at: family), Int32(family) == AF_INET,
      let destination = Netlink.address(at: destination, in: body),
      let number: UInt32 = body.native(at: spi), let octet: UInt8 = body.native(at: ipsecProtocol),
      let named = IPsecProtocol(rawValue: octet), named != .any
    else { return nil }
    self.init(
      destination: destination, ipsecProtocol: named, spi: SPI(rawValue: UInt32(bigEndian: number)))
  }
}

extension KernelSAEvent {
  /// Reads a message; nil for one that says nothing of use.
  init?(_ message: NetlinkReply) {
    let payload = message.payload
    switch Int(message.type) {
    case XFRM_MSG_NEWSA, XFRM_MSG_UPDSA:
      guard let sa = KernelSA(payload: payload) else { return nil }
      self = .added(sa)
    case XFRM_MSG_DELSA:
      guard payload.count >= SAIdentityBody.size,
        let id = KernelSA.ID(
          payload, family: SAIdentityBody.familyOffset, destination: 0,
          spi: SAIdentityBody.spiOffset, ipsecProtocol: SAIdentityBody.protocolOffset)
      else { return nil }
      self = .removed(id)
    case XFRM_MSG_EXPIRE:
      // Behind the association: whether it is gone (1), or should be replaced soon (0).
      guard let hard: UInt8 = payload.native(at: SABody.size), hard != 0,
        let sa = KernelSA(body: payload)
      else { return nil }
      self = .removed(sa.id)
    case XFRM_MSG_FLUSHSA:
      guard let octet: UInt8 = payload.native(at: 0) else { return nil }
      self.init(flushed: octet)
    default: return nil
    }
  }

  /// The kernel's IPSEC_PROTO_ANY, and 0, stand for every protocol.
  private init?(flushed octet: UInt8) {
    guard octet != 0, octet != 255 else {
      self = .flushed(nil)
      return
    }
    guard let named = IPsecProtocol(rawValue: octet) else { return nil }
    self = .flushed(named)
  }
}

extension Netlink {
  /// The IPv4 address that begins at an offset of a body; nil where it is not all there.
  fileprivate static func address(at offset: Int, in body: [UInt8]) -> IPv4Address? {
    let number: UInt32? = body.native(at: offset)
    return number.map { IPv4Address(rawValue: UInt32(bigEndian: $0)) }
  }
}
