import Testing

@testable import Console

@Suite struct TextTests {
  struct Width: CustomTestStringConvertible, Sendable {
    let scalar: UInt32
    let columns: Int
    let name: String
    var testDescription: String { name }
  }

  /// Source: wcwidth of glibc 2.36 in C.UTF-8.
  static let widths = [
    Width(scalar: 0x41, columns: 1, name: "Latin letter"),
    Width(scalar: 0xe9, columns: 1, name: "accented letter"),
    Width(scalar: 0x416, columns: 1, name: "Cyrillic letter"),
    Width(scalar: 0x5d0, columns: 1, name: "Hebrew letter"),
    Width(scalar: 0x301, columns: 0, name: "combining acute"),
    Width(scalar: 0x20dd, columns: 0, name: "enclosing circle"),
    Width(scalar: 0x1160, columns: 0, name: "Hangul vowel filler"),
    Width(scalar: 0x11a8, columns: 0, name: "Hangul final"),
    Width(scalar: 0x1100, columns: 2, name: "Hangul initial"),
    Width(scalar: 0x3000, columns: 2, name: "ideographic space"),
    Width(scalar: 0x303f, columns: 1, name: "ideographic half fill space"),
    Width(scalar: 0x3042, columns: 2, name: "Hiragana"),
    Width(scalar: 0x65e5, columns: 2, name: "ideograph"),
    Width(scalar: 0xac00, columns: 2, name: "Hangul syllable"),
    Width(scalar: 0xff21, columns: 2, name: "full-width letter"),
    Width(scalar: 0xff61, columns: 1, name: "half-width stop"),
    Width(scalar: 0x2500, columns: 1, name: "box drawing"),
    Width(scalar: 0x2588, columns: 1, name: "full block"),
    Width(scalar: 0x25cf, columns: 1, name: "black circle"),
    Width(scalar: 0x231a, columns: 2, name: "watch"),
    Width(scalar: 0x1f600, columns: 2, name: "face"),
    Width(scalar: 0x1f1e6, columns: 1, name: "regional indicator"),
    Width(scalar: 0x20000, columns: 2, name: "ideograph, plane 2"),
  ]

  @Test(arguments: widths)
  func widthIsTheTerminals(_ width: Width) throws {
    let scalar = try #require(Unicode.Scalar(width.scalar))
    #expect(TextWidth.columns(of: scalar) == width.columns)
  }

  struct Shown: CustomTestStringConvertible, Sendable {
    let text: String
    let shown: String
    /// What a terminal without UTF-8 is shown.
    let ascii: String
    let testDescription: String
  }

  static let shown = [
    Shown(text: "plain ~", shown: "plain ~", ascii: "plain ~", testDescription: "ASCII"),
    Shown(
      text: "\u{1b}[2J", shown: "\\x1b[2J", ascii: "\\x1b[2J", testDescription: "escape sequence"),
    Shown(
      text: "a\tb\nc\0", shown: "a\\x09b\\x0ac\\x00", ascii: "a\\x09b\\x0ac\\x00",
      testDescription: "C0"),
    Shown(text: "\u{7f}", shown: "\\x7f", ascii: "\\x7f", testDescription: "delete"),
    Shown(text: "\u{9b}31m", shown: "\\x9b31m", ascii: "\\x9b31m", testDescription: "C1"),
    Shown(
      text: "a\u{202e}b", shown: "a\\u{202e}b", ascii: "a\\u{202e}b",
      testDescription: "right-to-left override"),
    Shown(
      text: "\u{2066}x\u{2069}", shown: "\\u{2066}x\\u{2069}", ascii: "\\u{2066}x\\u{2069}",
      testDescription: "isolates"),
    Shown(
      text: "a\u{200b}b\u{feff}", shown: "a\\u{200b}b\\u{feff}", ascii: "a\\u{200b}b\\u{feff}",
      testDescription: "zero width"),
    Shown(text: "a\u{ad}b", shown: "a\\xadb", ascii: "a\\xadb", testDescription: "soft hyphen"),
    Shown(
      text: "\u{2028}\u{2029}", shown: "\\u{2028}\\u{2029}", ascii: "\\u{2028}\\u{2029}",
      testDescription: "separators"),
    Shown(text: "\u{a0}", shown: "\\xa0", ascii: "\\xa0", testDescription: "no-break space"),
    Shown(
      text: "\u{3164}", shown: "\\u{3164}", ascii: "\\u{3164}",
      testDescription: "Hangul filler, which shows as nothing"),
    Shown(text: "\u{e000}", shown: "\\u{e000}", ascii: "\\u{e000}", testDescription: "private use"),
    Shown(
      text: "\u{301}a", shown: "\\u{301}a", ascii: "\\u{301}a",
      testDescription: "combining character with nothing to combine with"),
    Shown(
      text: "e\u{301}", shown: "e\u{301}", ascii: "e\\u{301}",
      testDescription: "combining character on a letter"),
    Shown(text: "日本", shown: "日本", ascii: "\\u{65e5}\\u{672c}", testDescription: "wide"),
    Shown(
      text: "👩\u{200d}👧", shown: "👩\\u{200d}👧", ascii: "\\u{1f469}\\u{200d}\\u{1f467}",
      testDescription: "joined pictographs"),
  ]

  private func text(_ clusters: [SafeText.Cluster]) -> String {
    var text = ""
    for cluster in clusters {
      text.unicodeScalars.append(cluster.base)
      text.unicodeScalars.append(contentsOf: cluster.marks)
    }
    return text
  }

  @Test(arguments: shown)
  func hostileTextIsShownAsEscapes(_ vector: Shown) {
    #expect(text(SafeText.clusters(vector.text, ascii: false)) == vector.shown)
    #expect(text(SafeText.clusters(vector.text, ascii: true)) == vector.ascii)
  }

  @Test func whatIsTakenElsewhereIsAsItIsShown() {
    let harm = "a\u{1b}]0;x\u{7}\u{9b}\u{202e}\n\u{200b}b"
    #expect(SafeText.shown(harm) == "a\\x1b]0;x\\x07\\x9b\\u{202e}\\x0a\\u{200b}b")
    #expect(SafeText.shown("漢e\u{301} b") == "漢e\u{301} b")
  }

  @Test func aHeapOfMarksDoesNotClimb() {
    let clusters = SafeText.clusters(
      "a" + String(repeating: "\u{301}", count: 40), ascii: false)
    #expect(clusters.allSatisfy { $0.marks.count <= Cell.mostMarks })
    #expect(clusters.count > 40)
  }

  @Test func textIsCutByColumns() {
    var grid = Grid(Size(width: 6, height: 1), ascii: false)
    grid.put("日本語日", 0, 0, limit: 5, role: .text)
    #expect(grid.text == "日本")
    grid.put("abcdef", 1, 0, limit: 3, role: .text, ellipsis: true)
    // The half of the wide character that was cut is blank.
    #expect(grid.text == " ab…")
    grid.put("語", 1, 0, role: .text)
    #expect(grid.text == " 語…")
    grid.put("x", 2, 0, role: .text)
    #expect(grid.text == "  x…")
  }

  /// Random texts at random places: every wide character has both its halves, or neither.
  @Test func gridStaysWholeWhateverIsDrawn() {
    let seed: UInt64 = 7
    var random = SeededRandom(seed: seed)
    let alphabet: [Character] = ["a", "日", "e\u{301}", "\u{1b}", "語", "🙂", " ", "\u{202e}"]
    for round in 0..<400 {
      let size = Size(width: Int(random.next() % 12), height: Int(random.next() % 4))
      var grid = Grid(size, ascii: round % 5 == 0)
      for _ in 0..<20 {
        let text = String((0..<random.next() % 9).map { _ in alphabet[Int(random.next() % 8)] })
        let x = Int(random.next() % 20) - 4
        let y = Int(random.next() % 7) - 2
        grid.put(
          text, x, y, limit: Int(random.next() % 9), role: .text, ellipsis: random.next() % 2 == 0)
        grid.fill(
          Rect(x: x, y: y, width: Int(random.next() % 3), height: 1), role: .border)
      }
      if let place = Self.brokenPlace(grid) {
        Issue.record("round \(round) of seed \(seed): \(place)")
        return
      }
    }
  }

  /// Where a wide character has lost its other half; nil if nowhere.
  static func brokenPlace(_ grid: Grid) -> (x: Int, y: Int)? {
    for y in 0..<grid.height {
      for x in 0..<grid.width {
        guard let cell = grid[x, y] else { return (x, y) }
        let isWide = !cell.isContinuation && TextWidth.columns(of: cell.base) == 2
        let next = grid[x + 1, y]
        if isWide != (next?.isContinuation ?? false), !cell.isContinuation { return (x, y) }
        if cell.isContinuation, x == 0 || grid[x - 1, y]?.isContinuation == true { return (x, y) }
      }
    }
    return nil
  }

  struct Written: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let got: String
    let want: String
  }

  static let written = [
    Written(testDescription: "a count", got: Format.count(9_999), want: "9999"),
    Written(testDescription: "thousands", got: Format.count(12_400), want: "12.4k"),
    Written(testDescription: "just below a unit", got: Format.count(999_600), want: "1.00M"),
    Written(testDescription: "millions", got: Format.count(3_214_000), want: "3.21M"),
    Written(testDescription: "the greatest count", got: Format.count(.max), want: "18E"),
    Written(testDescription: "no rate", got: Format.rate(0), want: "0"),
    Written(testDescription: "a small rate", got: Format.rate(0.3), want: "0.3"),
    Written(testDescription: "a rate that rounds up", got: Format.rate(9.96), want: "10"),
    Written(testDescription: "no number", got: Format.rate(.nan), want: "0"),
    Written(testDescription: "infinite", got: Format.bits(.infinity), want: "0"),
    Written(testDescription: "bits", got: Format.bits(98_100_000), want: "98.1M"),
    Written(testDescription: "groups", got: Format.grouped(1_234_567), want: "1,234,567"),
    Written(testDescription: "a small group", got: Format.grouped(12), want: "12"),
    Written(testDescription: "seconds", got: Format.duration(12.9), want: "12s"),
    Written(testDescription: "minutes", got: Format.duration(61), want: "1m01s"),
    Written(testDescription: "hours", got: Format.duration(33_120), want: "9h12m"),
    Written(testDescription: "days", got: Format.duration(183_600), want: "2d03h"),
    Written(testDescription: "the past", got: Format.duration(-5), want: "0s"),
    Written(testDescription: "an age in minutes", got: Format.age(2_472), want: "41m"),
    Written(testDescription: "a share", got: Format.share(1, of: 3), want: "33%"),
    Written(testDescription: "a small share", got: Format.share(1, of: 1_000), want: "<1%"),
    Written(testDescription: "no share of nothing", got: Format.share(0, of: 0), want: ""),
  ]

  @Test(arguments: written)
  func numbersAreShort(_ vector: Written) {
    #expect(vector.got == vector.want)
  }

  @Test func linesBreakAtBlanks() {
    #expect(Wrap.lines("one two three", width: 7) == ["one two", "three"])
    #expect(Wrap.lines("abcdefgh", width: 3) == ["abc", "def", "gh"])
    #expect(Wrap.lines("", width: 3) == [""])
    #expect(Wrap.lines("abc", width: 0).isEmpty)
  }
}
