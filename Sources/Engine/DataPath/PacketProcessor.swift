internal import PAP

/// Decides what becomes of each packet, and makes what is written in its place: no system call, no
/// clock, no allocation.
///
/// One for each worker.
///
/// The forwarding table that it reads must outlive it, and `decide` is called only between `enter`
/// and `leave` of the table's barrier.
struct PacketProcessor: ~Copyable {
  let external: UInt32
  let endpoint: UInt32
  let tunnelMTU: Int
  let responder: UInt16
  let forbidden: ForbiddenNetworks
  let table: TableReader
  let fragments: SharedFragments
  let hairpin: Bool

  private var identification: UInt16
  private let identificationStep: UInt16
  var answers = EventLimiter(Limits.answers)
  var errors = EventLimiter(Limits.errors)
  var unsolicitedIKE: SourceLimiter
  var errorsInward: SourceLimiter
  var errorsOutward: SourceLimiter

  /// How often each worker speaks for itself, or lets strangers speak to a host.
  enum Limits {
    /// Echo replies.
    static let answers = EventRate(perSecond: 1000, burst: 100)
    /// ICMP errors (RFC 1812, section 4.3.2.8); the numbers are Linux's.
    static let errors = EventRate(perSecond: 1000, burst: 50)
    /// IKE that begins a conversation, for each source.
    ///
    /// An exchange takes up to three such messages (cookie, other group), and a few repeats.
    static let unsolicitedIKE = EventRate(perSecond: 1, burst: 10)
    /// ICMP errors of others, for each source outside and each host.
    static let passedErrors = EventRate(perSecond: 100, burst: 100)
  }

  /// Makes the processor of one worker.
  ///
  /// Its number among `workers` keeps any two from giving packets the same identification. The seed
  /// is secret; it is for the limiter's hash.
  init(
    configuration: DataPathConfiguration, table: TableReader, fragments: SharedFragments,
    worker: Int, workers: Int, seed: UInt64
  ) {
    external = configuration.externalAddress.rawValue
    endpoint = configuration.tunnelEndpoint.rawValue
    // With its outer header a packet must still be one; and every router takes 68 octets (RFC 791).
    tunnelMTU = max(IPv4Header.leastMTU, min(configuration.tunnelMTU, 65_535 - IPv4Header.length))
    responder = configuration.ikeResponder?.rawValue ?? 0
    forbidden = ForbiddenNetworks(configuration.insideNetworks)
    self.table = table
    self.fragments = fragments
    hairpin = configuration.hairpin
    identification = UInt16(truncatingIfNeeded: worker)
    identificationStep = UInt16(truncatingIfNeeded: workers)
    unsolicitedIKE = SourceLimiter(Limits.unsolicitedIKE, seed: seed)
    errorsInward = SourceLimiter(Limits.passedErrors, seed: seed)
    errorsOutward = SourceLimiter(Limits.passedErrors, seed: seed)
  }

  /// Fetches what `decide` will look at, while other packets of the batch are looked at.
  @inline(__always)
  func prefetch(_ received: PacketBytes) {
    guard let packet = try? IPv4Header(received), packet.destination == external else { return }
    let payload = packet.payload
    switch packet.protocolNumber {
    case IPProtocol.esp where payload.count >= 4:
      table.prefetchEntry(from: packet.source, spi: payload.word32(at: 0))
    case IPProtocol.ah, IPProtocol.udp:
      // Where the SPI is in AH; in UDP it comes after the header.
      let offset = packet.protocolNumber == IPProtocol.ah ? 4 : UDPHeader.length
      guard payload.count >= offset + 4 else { return }
      table.prefetchEntry(from: packet.source, spi: payload.word32(at: offset))
    default: return
    }
  }

  /// Decides about one packet as it came from the TUN device.
  ///
  /// What is to be written is made in the packet's place and in its headroom, which is to be
  /// `PacketBytes.headroomOfBuffers`. `now` is in monotonic nanoseconds.
  mutating func decide(_ received: PacketBytes, now: UInt64) -> Decision {
    decide(received, now: now, following: nil)
  }

  /// Decides about one packet; `ruling` is what a fragment waited for, if it did.
  mutating func decide(
    _ received: PacketBytes, now: UInt64, following ruling: FragmentRuling?
  ) -> Decision {
    var decision = Decision()
    decision.packetLength = UInt16(clamping: received.count)
    do throws(DropReason) {
      let packet = try parse(received, &decision)
      decision.packetLength = UInt16(clamping: packet.totalLength)
      switch packet.destination {
      case external:
        decision.verdict = try decideInbound(packet, now, &decision, following: ruling)
      case endpoint:
        decision.direction = .outbound
        decision.verdict = try decideOutbound(packet, now, &decision, following: ruling)
      default:
        throw .destinationForbidden
      }
    } catch {
      decision.verdict = .drop(error, notice: nil)
    }
    return decision
  }

  /// The packet's header; if there is none, the decision still says whose packet it was.
  @inline(__always)
  private func parse(
    _ received: PacketBytes, _ decision: inout Decision
  ) throws(DropReason) -> IPv4Header {
    do throws(DropReason) {
      return try IPv4Header(received)
    } catch {
      attribute(received, &decision)
      throw error
    }
  }

  /// Says of a packet that cannot be parsed whether it came through the tunnel, and from whom.
  private func attribute(_ received: PacketBytes, _ decision: inout Decision) {
    guard let addresses = IPv4Header.addresses(of: received), addresses.destination == endpoint
    else { return }
    decision.direction = .outbound
    decision.host = table.host(insideAddress: addresses.source)
  }

  /// A number that no packet of this worker had for a while, and none of another has now.
  @inline(__always)
  mutating func nextIdentification() -> UInt16 {
    identification &+= identificationStep
    return identification
  }
}
