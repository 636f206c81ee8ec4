/// How much the fragments of one direction may take.
struct FragmentLimits {
  /// Packets of which not all has been seen, about 1.1 KB each.
  var packets = 4096
  /// Of those, how many may belong to one source or one host.
  var packetsOfOne = 512
  /// Of those, how many may be remembered only because their first fragment was refused.
  var refusedPackets = 1024
  /// Memory for fragments that wait for their first, in chunks of 2 KiB.
  var chunks = 1024
  /// Of those, how many may be one source's or host's.
  var chunksOfOne = 128
  /// How long a packet is remembered after its first fragment came, nanoseconds: the least that RFC
  /// 1122, section 3.3.2, calls for is 60 s at the receiver, which gives up later than we.
  var lifetime: UInt64 = 15_000_000_000
  /// How long a whole packet is, so that what the network doubled is known: it comes at once.
  var memory: UInt64 = 1_000_000_000
}
