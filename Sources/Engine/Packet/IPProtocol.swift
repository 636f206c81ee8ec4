/// The IP protocol numbers that the router knows (IANA, "Assigned Internet Protocol Numbers").
enum IPProtocol {
  static let icmp: UInt8 = 1
  /// IPv4 in IPv4 (RFC 2003): the tunnel to the hosts.
  static let ipv4: UInt8 = 4
  static let tcp: UInt8 = 6
  static let udp: UInt8 = 17
  /// IPv6 in IPv4 (RFC 4213).
  static let ipv6: UInt8 = 41
  static let gre: UInt8 = 47
  static let esp: UInt8 = 50
  static let ah: UInt8 = 51
}
