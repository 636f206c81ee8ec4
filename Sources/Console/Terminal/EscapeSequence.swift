/// A sequence that begins with Escape, at the beginning of what was read (ECMA-48, section 5.4;
/// xterm's ctlseqs).
///
/// Those that the terminal's description knows have become key codes before; this knows what is the
/// same on all terminals of that family, whatever their descriptions leave out.
struct EscapeSequence {
  enum Meaning: Equatable {
    case input(Input)
    case pasteBegins
    case pasteEnds
    /// It is no key, and no answer to anything that was asked.
    case nothing
  }

  /// How much of what was read it takes.
  let length: Int
  let meaning: Meaning

  /// Reads the sequence; nil if its end has not come yet.
  init?(_ raw: ArraySlice<KeyReader.Raw>) {
    guard raw.count > 1, let second = raw.dropFirst().first else { return nil }
    switch second {
    case .character(0x5b): self.init(controlSequence: raw.dropFirst(2))
    case .character(0x4f): self.init(singleShift: raw.dropFirst(2))
    // Operating system commands, device control strings and their like.
    case .character(0x5d), .character(0x50), .character(0x5f), .character(0x5e):
      self.init(string: raw.dropFirst(2))
    default: self.init(length: 1, meaning: .input(.key(.escape)))
    }
  }

  private init(length: Int, meaning: Meaning) {
    self.length = length
    self.meaning = meaning
  }

  private init?(controlSequence rest: ArraySlice<KeyReader.Raw>) {
    var body = ""
    for raw in rest {
      guard case .character(let value) = raw, value >= 0x20, let scalar = Unicode.Scalar(value)
      else {
        // Cut short by something else, which stands for itself.
        self.init(length: body.unicodeScalars.count + 2, meaning: .nothing)
        return
      }
      guard value < 0x40 else {
        let length = body.unicodeScalars.count + 3
        self.init(length: length, meaning: Self.meaning(body, scalar))
        return
      }
      body.unicodeScalars.append(scalar)
    }
    return nil
  }

  private init?(singleShift rest: ArraySlice<KeyReader.Raw>) {
    guard let raw = rest.first else { return nil }
    guard case .character(let value) = raw, let scalar = Unicode.Scalar(value) else {
      self.init(length: 2, meaning: .nothing)
      return
    }
    self.init(length: 3, meaning: Self.shifted[scalar].map { .input(.key($0)) } ?? .nothing)
  }

  // Ends with BEL, or with Escape and a backslash.
  private init?(string rest: ArraySlice<KeyReader.Raw>) {
    guard let end = rest.firstIndex(where: { $0 == .character(0x07) || $0 == .character(0x1b) })
    else { return nil }
    let length = end - rest.startIndex + 3
    guard rest[end] == .character(0x1b) else {
      self.init(length: length, meaning: .nothing)
      return
    }
    guard end + 1 < rest.endIndex else { return nil }
    let isWhole = rest[end + 1] == .character(0x5c)
    self.init(length: isWhole ? length + 1 : length - 1, meaning: .nothing)
  }

  private static func meaning(_ body: String, _ final: Unicode.Scalar) -> Meaning {
    if body.first == "<" {
      let event = MouseEvent(report: String(body.dropFirst()), final: final)
      return event.map { .input(.mouse($0)) } ?? .nothing
    }
    switch (body, final) {
    case ("0", "n"): return .input(.answer)
    case ("200", "~"): return .pasteBegins
    case ("201", "~"): return .pasteEnds
    case ("", _): return letters[final].map { .input(.key($0)) } ?? .nothing
    case (_, "~"): return Int(body).flatMap { numbers[$0] }.map { .input(.key($0)) } ?? .nothing
    default: return .nothing
    }
  }

  private static let letters: [Unicode.Scalar: Key] = [
    "A": .up, "B": .down, "C": .right, "D": .left, "H": .home, "F": .end, "Z": .backTab,
  ]

  private static let shifted: [Unicode.Scalar: Key] = [
    "A": .up, "B": .down, "C": .right, "D": .left, "H": .home, "F": .end, "M": .enter,
    "P": .function(1), "Q": .function(2), "R": .function(3), "S": .function(4),
  ]

  private static let numbers: [Int: Key] = [
    1: .home, 2: .insert, 3: .delete, 4: .end, 5: .pageUp, 6: .pageDown, 7: .home, 8: .end,
    11: .function(1), 12: .function(2), 13: .function(3), 14: .function(4), 15: .function(5),
    17: .function(6), 18: .function(7), 19: .function(8), 20: .function(9), 21: .function(10),
    23: .function(11), 24: .function(12),
  ]
}
