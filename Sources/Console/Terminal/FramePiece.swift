/// A stretch of one row that a frame fills with one pen.
struct FramePiece: Equatable {
  var start: Spot
  /// Columns that it fills.
  var width: Int
  /// Columns by which the cursor moves; 0 where text is erased.
  var advance: Int
  var octets: [UInt8]
  var pen: Pen
  /// Whether nothing is seen of it but the background.
  var isBlank: Bool

  /// The column after the last.
  var end: Int { start.x + width }

  /// Whether some cell is filled by both.
  func overlaps(_ other: FramePiece) -> Bool {
    start.y == other.start.y && start.x < other.end && other.start.x < end
  }
}

/// Part of a frame: pieces may change places with each other, but not with anything else.
enum FrameElement: Equatable {
  case piece(FramePiece)
  case fixed(FixedOctets)
}

/// Octets that are more than text: they go to the terminal as they are, after all that stood before
/// them.
struct FixedOctets: Equatable {
  var octets: [UInt8]
  /// Where the cursor must be for them; nil if that is all the same.
  var place: Spot?
  /// The pen with which they fill cells; nil if they fill none.
  var pen: Pen?
  /// Where the cursor is after them; nil if that is not known.
  var after: Spot?
}
