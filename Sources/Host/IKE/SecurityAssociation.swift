internal import PAP

/// A pair of IPsec security associations (an IKE daemon's CHILD_SA) with an IPv4 peer.
struct SecurityAssociation: Hashable, Sendable {
  /// The daemon's number for the pair: `uniqueid` of the CHILD_SA.
  var child: UInt32
  /// The daemon's number for the IKE_SA over which the pair was made.
  var ike: UInt32
  /// The peer's address.
  var peer: IPv4Address
  /// `esp` or `ah`.
  ///
  /// ESP in UDP counts as ESP.
  var ipsecProtocol: IPsecProtocol
  /// The host's own SPI.
  var spiIn: SPI
  /// The peer's SPI.
  var spiOut: SPI
}

/// What an IKE daemon tells about its security associations.
enum SAEvent: Hashable, Sendable {
  case childUp([SecurityAssociation])
  /// The numbers of CHILD_SAs that are gone.
  case childDown([UInt32])
  case childRekeyed(old: [SecurityAssociation], new: [SecurityAssociation])
  /// The peer has another address now; nil where it is none of IPv4.
  case ikeMoved(ike: UInt32, to: IPv4Address?)
  /// The CHILD_SAs of one IKE_SA belong to another one now.
  case ikeRekeyed(old: UInt32, new: UInt32)
  case ikeDown(UInt32)
}
