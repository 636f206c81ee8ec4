/// What a cell of the forwarding table says.
enum CellKind: UInt32 {
  /// A peer may send to one SPI. Qualifier: the SPI.
  case association = 0
  /// A peer may send to every SPI of a host. Qualifier: the host's index.
  case anyAssociation = 1
  /// Nothing from a prefix reaches a host. Address: the prefix; qualifier: `revocation(_:_:)`.
  case revocation = 2
  /// A host has this inside address, or in the array of claims this SPI. Qualifier 0; the number is
  /// the host's index.
  case host = 3
  /// A host has rows that admit ESP from a peer. Qualifier: the host's index; number: how many,
  /// less one.
  case peerESP = 4
  /// The same for AH.
  case peerAH = 5
  /// A host said that it sends ESP to a peer under this SPI. Qualifier: the SPI; inside address: the
  /// host's index instead; number: how many rows say so, less one.
  case outboundESP = 6
  /// The same for AH.
  case outboundAH = 7
}

/// What a cell is found by.
struct CellKey: Hashable {
  var kind: CellKind
  /// Host byte order.
  var address: UInt32
  var qualifier: UInt32

  static func association(_ address: UInt32, spi: UInt32) -> CellKey {
    CellKey(kind: .association, address: address, qualifier: spi)
  }

  static func anyAssociation(_ address: UInt32, host: UInt16) -> CellKey {
    CellKey(kind: .anyAssociation, address: address, qualifier: UInt32(host))
  }

  /// A revoked prefix; `host` 0 stands for all hosts.
  ///
  /// `prefix` is masked to `length` bits.
  static func revocation(_ prefix: UInt32, length: UInt32, host: UInt16) -> CellKey {
    CellKey(kind: .revocation, address: prefix, qualifier: length << 16 | UInt32(host))
  }

  /// That a host has rows which admit a protocol (`CellMeta.esp` or `.ah`) from a peer.
  static func peer(_ address: UInt32, host: UInt16, protocols: UInt32) -> CellKey {
    CellKey(
      kind: protocols == CellMeta.esp ? .peerESP : .peerAH, address: address,
      qualifier: UInt32(host))
  }

  /// Who sends to a peer by a protocol (`CellMeta.esp` or `.ah`) under an SPI.
  static func outbound(_ address: UInt32, spi: UInt32, protocols: UInt32) -> CellKey {
    CellKey(
      kind: protocols == CellMeta.esp ? .outboundESP : .outboundAH, address: address,
      qualifier: spi)
  }

  static func host(insideAddress: UInt32) -> CellKey {
    CellKey(kind: .host, address: insideAddress, qualifier: 0)
  }

  /// An SPI in the array of claims.
  static func claim(_ spi: UInt32) -> CellKey {
    CellKey(kind: .host, address: spi, qualifier: 0)
  }
}

/// The last word of a cell: its number and its flags.
///
///      31  30  29   27   26   25   24   23                     0
///     +---+---+------+----+----+----+-------------------------+
///     | O | R | kind | AH |ESP | V  |         number          |
///     +---+---+------+----+----+----+-------------------------+
///
/// V: the cell counts. R: it counted, and may not be rewritten before every worker is past its
/// removal. Neither: free. O, in the first cell of a bucket only: the bucket was full once, and what
/// belongs in it may stand in the next. ESP, AH: what an association admits.
struct CellMeta: Equatable {
  var rawValue: UInt32

  static let numberMask: UInt32 = 0x00ff_ffff
  static let valid: UInt32 = 1 << 24
  static let esp: UInt32 = 1 << 25
  static let ah: UInt32 = 1 << 26
  static let protocolShift: UInt32 = 25
  static let kindShift: UInt32 = 27
  static let kindMask: UInt32 = 7 << kindShift
  static let retired: UInt32 = 1 << 30
  static let overflow: UInt32 = 1 << 31

  /// The number of an association's row, the index of a host, or rows less one.
  var number: UInt32 { rawValue & Self.numberMask }
  var isValid: Bool { rawValue & Self.valid != 0 }
  var isFree: Bool { rawValue & (Self.valid | Self.retired) == 0 }
  var kind: CellKind? { CellKind(rawValue: (rawValue & Self.kindMask) >> Self.kindShift) }
}

/// Which cells a look-up takes: those whose flags under `mask` are `flags`.
struct CellFilter {
  let mask: UInt32
  let flags: UInt32

  /// Valid cells of one kind that have all of `protocols` (`CellMeta.esp`, `.ah`; 0 for any).
  @inline(__always)
  init(_ kind: CellKind, protocols: UInt32 = 0) {
    mask = CellMeta.valid | CellMeta.kindMask | protocols
    flags = CellMeta.valid | kind.rawValue << CellMeta.kindShift | protocols
  }
}
