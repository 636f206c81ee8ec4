/// What becomes of one packet: exactly one of these.
enum Verdict: Equatable {
  /// It goes on, the way that the decision's direction says.
  case forward(Output)
  /// It goes on in pieces: this is the first; `PacketProcessor.nextPiece` makes the others once it
  /// has been written.
  case forwardPieces(Output, PieceRest)
  /// It waits for the first fragment of its packet, as a copy.
  case hold
  /// The router answers it itself.
  case answer(Output)
  /// It has done its work by arriving: a keepalive.
  case consume
  /// It ends here, and its sender may be told so.
  case drop(DropReason, notice: Output?)
}

/// What the pieces after the first have in common.
struct PieceRest: Equatable {
  /// Where the tunnel goes.
  let insideAddress: UInt32
  /// Whether the last piece is a fragment with more to come as well.
  let endsOpen: Bool
}

/// Octets to be written to the TUN device, in the buffer of the packet that was decided.
struct Output: Equatable {
  // Small, since a worker keeps a decision for each packet of a batch.
  private let start: Int32
  private let length: Int32

  /// Where they begin, counted from the packet's first octet as it was read; below 0 in the headroom.
  var offset: Int { Int(start) }
  var count: Int { Int(length) }

  init(offset: Int, count: Int) {
    start = Int32(truncatingIfNeeded: offset)
    length = Int32(truncatingIfNeeded: count)
  }
}

extension Verdict {
  /// The same, of a packet that begins `distance` octets after the first that was read.
  func moved(by distance: Int) -> Verdict {
    switch self {
    case .forward(let output): .forward(output.moved(by: distance))
    case .forwardPieces(let output, let rest): .forwardPieces(output.moved(by: distance), rest)
    case .answer(let output): .answer(output.moved(by: distance))
    case .drop(let reason, let notice): .drop(reason, notice: notice?.moved(by: distance))
    case .consume, .hold: self
    }
  }
}

extension Output {
  fileprivate func moved(by distance: Int) -> Output {
    Output(offset: offset &+ distance, count: count)
  }
}

/// The decision about one packet, and whom it concerns.
struct Decision: Equatable {
  var verdict = Verdict.drop(.malformed, notice: nil)
  var direction = Direction.inbound
  /// The host that the packet is for or from; 0 if none is known.
  var host: UInt16 = 0
  /// The row of the SA table that admitted the packet, if it needed one.
  var entry: UInt32?
  /// Where the packet itself begins: after the tunnel's header, if it came through the tunnel.
  var packetOffset: UInt16 = 0
  /// Octets of the packet itself, the tunnel's header excluded.
  var packetLength: UInt16 = 0

  init() {}
}

// The checks of the data path end by throwing the reason: a number, no allocation.
extension DropReason: Error {}
