/// Which units of 8 octets of each packet have been seen: one bit for each, 1 KiB for a packet.
///
/// Exact, of one size whatever an attacker sends, and asked in a few words; a list of ranges is none
/// of that.
@safe
struct FragmentCoverage: ~Copyable {
  private let memory: MappedMemory
  private let packets: Int
  private static let size = FragmentRange.greatestUnitCount / 8

  /// How a range lies to what was seen.
  enum Overlap {
    case none, part, whole
  }

  init(packets: Int) {
    self.packets = packets
    memory = MappedMemory(byteCount: packets * Self.size)
  }

  /// Forgets what was seen of a packet below the unit `end`.
  func clear(_ packet: Int, below end: Int) {
    guard end > 0 else { return }
    for word in 0...(end - 1) / 64 { set(packet, word, 0) }
  }

  /// Compares a range, which is not empty, to what was seen.
  func overlap(_ packet: Int, _ units: Range<Int>) -> Overlap {
    var seen = 0
    for word in units.lowerBound / 64...(units.upperBound - 1) / 64 {
      seen += (self.word(packet, word) & Self.mask(of: units, in: word)).nonzeroBitCount
    }
    return seen == 0 ? .none : seen == units.count ? .whole : .part
  }

  func insert(_ packet: Int, _ units: Range<Int>) {
    for word in units.lowerBound / 64...(units.upperBound - 1) / 64 {
      set(packet, word, self.word(packet, word) | Self.mask(of: units, in: word))
    }
  }

  /// The bits of a word that stand for units of the range, which touches the word.
  private static func mask(of units: Range<Int>, in word: Int) -> UInt64 {
    let low = max(units.lowerBound - word * 64, 0)
    let high = min(units.upperBound - word * 64, 64)
    return (UInt64.max >> UInt64(64 - (high - low))) << UInt64(low)
  }

  private func word(_ packet: Int, _ word: Int) -> UInt64 {
    unsafe memory.base.relaxed64(offset(packet, word))
  }

  private func set(_ packet: Int, _ word: Int, _ bits: UInt64) {
    unsafe memory.base.setRelaxed64(offset(packet, word), bits)
  }

  private func offset(_ packet: Int, _ word: Int) -> Int {
    precondition(packet >= 0 && packet < packets && word >= 0 && word < Self.size / 8)
    return packet * Self.size + word * 8
  }
}
