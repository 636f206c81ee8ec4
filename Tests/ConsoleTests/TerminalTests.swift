import Testing

@testable import Console

@Suite struct KeyReaderTests {
  struct Vector: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let text: String
    let keys: [Key]
  }

  /// Source of the sequences: ECMA-48, section 5.4, and xterm's ctlseqs.
  static let vectors = [
    Vector(testDescription: "letters", text: "aX", keys: ["a", "X"]),
    Vector(
      testDescription: "control keys", text: "\u{1}\u{1a}", keys: [.control("A"), .control("Z")]),
    Vector(
      testDescription: "keys with names", text: "\r\t\u{7f}", keys: [.enter, .tab, .backspace]),
    Vector(testDescription: "Escape alone", text: "\u{1b}", keys: [.escape]),
    Vector(testDescription: "Escape and a letter", text: "\u{1b}x", keys: [.escape, "x"]),
    Vector(testDescription: "two Escapes", text: "\u{1b}\u{1b}", keys: [.escape, .escape]),
    Vector(testDescription: "an unknown function key", text: "\u{1b}[99~x", keys: ["x"]),
    Vector(testDescription: "a mouse report", text: "\u{1b}[<0;10;10Mq", keys: ["q"]),
    Vector(testDescription: "an answer to a status query", text: "\u{1b}[0nq", keys: ["q"]),
    Vector(testDescription: "a single shift", text: "\u{1b}OPq", keys: ["q"]),
    Vector(
      testDescription: "a colour answer ended by BEL", text: "\u{1b}]11;rgb:0000/0000/0000\u{7}q",
      keys: ["q"]),
    Vector(
      testDescription: "a colour answer ended by ST",
      text: "\u{1b}]11;rgb:0000/0000/0000\u{1b}\\q", keys: ["q"]),
    Vector(testDescription: "a sequence that ends too soon", text: "\u{1b}[12;", keys: []),
    Vector(testDescription: "half a single shift", text: "\u{1b}O", keys: []),
    Vector(testDescription: "a command that ends too soon", text: "\u{1b}]11", keys: []),
    Vector(testDescription: "nothing", text: "", keys: []),
    Vector(testDescription: "NUL", text: "\0a", keys: ["a"]),
    Vector(testDescription: "beyond ASCII", text: "é漢", keys: ["é", "漢"]),
  ]

  @Test(arguments: vectors)
  func keysAreTakenFromWhatWasRead(_ vector: Vector) {
    let raw = vector.text.unicodeScalars.map { KeyReader.Raw.character($0.value) }
    #expect(KeyReader.keys(raw) == vector.keys)
  }

  @Test func noCharacterIsAKeyThatTraps() {
    let raw: [KeyReader.Raw] = [
      .character(0xd800), .character(0x11_0000), .character(.max), .code(-1), .code(.max),
    ]
    #expect(KeyReader.keys(raw).isEmpty)
  }
}

@Suite struct FrameTests {
  struct Vector: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let frame: String
    let plain: String
  }

  /// Source: ECMA-48, sections 8.3.147 (SU), 8.3.113 (SD) and 8.3.103 (REP).
  static let vectors = [
    Vector(
      testDescription: "scrolling up", frame: "\u{1b}[15;1H\u{1b}[2Sx",
      plain: "\u{1b}[15;1H\n\nx"),
    Vector(testDescription: "scrolling down", frame: "\u{1b}[3Ta", plain: "\u{1b}M\u{1b}M\u{1b}Ma"),
    Vector(testDescription: "a number left out", frame: "\u{1b}[S", plain: "\n"),
    Vector(testDescription: "repetition", frame: "-\u{1b}[5b|", plain: "------|"),
    Vector(testDescription: "colours stay", frame: "\u{1b}[38;5;252mS", plain: "\u{1b}[38;5;252mS"),
    Vector(testDescription: "erasing stays", frame: "\u{1b}[12Xb", plain: "\u{1b}[12Xb"),
    Vector(testDescription: "an end too soon", frame: "a\u{1b}[3", plain: "a\u{1b}[3"),
    Vector(testDescription: "nothing", frame: "", plain: ""),
  ]

  @Test(arguments: vectors)
  func sequencesThatSomeEmulatorsLackAreSpelledOut(_ vector: Vector) {
    #expect(Frame.plain(Array(vector.frame.utf8)) == Array(vector.plain.utf8))
  }
}

@Suite struct BackgroundTests {
  @Test(arguments: [
    ("\u{1b}[?6c", true), ("2\u{1b}[?64;1;22c3", true),
    ("\u{1b}]11;rgb:0/0/0\u{1b}\\\u{1b}[?1", false), ("c?", false), ("", false),
  ])
  func theLastAnswerIsTold(_ text: String, _ isAnswered: Bool) {
    #expect(BackgroundProbe.isAnswered(Array(text.utf8)) == isAnswered)
  }

  @Test(
    arguments: [
      ("\u{1b}]11;rgb:ffff/ffff/ffff\u{7}", 1.0), ("rgb:00/00/00", 0.0), ("rgb:f/f/f", 1.0),
      ("rgb:ffff/ffff", nil), ("rgb:x/y/z", nil), ("rgb:fffff/0/0", nil), ("", nil),
    ] as [(String, Double?)])
  func luminanceOfTheTerminalsAnswer(_ answer: String, _ luminance: Double?) {
    let got = BackgroundProbe.luminance(in: answer)
    #expect(got.map { ($0 * 1_000).rounded() } == luminance.map { $0 * 1_000 })
  }

  @Test(arguments: [
    ("15;0", Theme.Background.dark), ("0;15", .light), ("0;default;7", .light), ("", .dark),
    ("x", .dark), ("12;8", .dark),
  ])
  func backgroundOfTheEnvironment(_ text: String, _ background: Theme.Background) {
    #expect(BackgroundProbe.background(colors: text) == background)
  }
}

@Suite struct GraphTests {
  @Test func anythingAboveZeroIsSeen() {
    let line = Graph.spark([0, 0.001, 50, 100], width: 6, glyphs: .unicode)
    #expect(line == "   ▁▄█")
    #expect(Graph.spark([0, 1, 2], width: 2, glyphs: .ascii) == "-#")
  }

  @Test func barsOfSeveralLinesStandOnEachOther() {
    #expect(Graph.bars([1, 2], width: 2, height: 2, glyphs: .unicode) == [" █", "██"])
    #expect(Graph.bars([.nan, .infinity, -1], width: 3, height: 1, glyphs: .ascii) == ["   "])
    #expect(Graph.bars([1], width: 0, height: 3, glyphs: .ascii).isEmpty)
  }
}
