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
    Vector(testDescription: "a single shift", text: "\u{1b}OPq", keys: [.function(1), "q"]),
    Vector(testDescription: "an unknown single shift", text: "\u{1b}Oyq", keys: ["q"]),
    Vector(testDescription: "arrows", text: "\u{1b}[A\u{1b}OB", keys: [.up, .down]),
    Vector(
      testDescription: "keys of the VT220", text: "\u{1b}[5~\u{1b}[3~\u{1b}[24~",
      keys: [.pageUp, .delete, .function(12)]),
    Vector(testDescription: "a device control string", text: "\u{1b}P1$r0m\u{1b}\\q", keys: ["q"]),
    Vector(
      testDescription: "a sequence cut short by another", text: "\u{1b}[1\u{1b}[Bq",
      keys: [.down, "q"]),
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
    #expect(Self.read([raw]) == vector.keys.map { .key($0) })
    // However it is cut into pieces.
    #expect(Self.read(raw.map { [$0] }) == vector.keys.map { .key($0) })
  }

  private static func read(_ pieces: [[KeyReader.Raw]]) -> [Input] {
    var reader = KeyReader()
    let inputs = pieces.flatMap { reader.read($0) }.filter { $0 != .answer }
    return inputs.filter { if case .mouse = $0 { false } else { true } } + reader.giveUp()
  }

  private static func raw(_ text: String) -> [KeyReader.Raw] {
    text.unicodeScalars.map { .character($0.value) }
  }

  /// Source: xterm's ctlseqs, "Bracketed Paste Mode", "Extended coordinates", and ECMA-48 (DSR).
  @Test(
    arguments: [
      ("a\u{1b}[200~x\r\u{1b}[Ay\u{1b}[201~b", [.key("a"), .paste("x\ry"), .key("b")]),
      ("\u{1b}[201~q", [.key("q")]),
      ("\u{1b}[0n\u{1b}[3n", [.answer]),
      ("\u{1b}[<0;10;20M\u{1b}[<0;10;20m", [.mouse(MouseEvent(.press, x: 9, y: 19))]),
      ("\u{1b}[<64;1;1M", [.mouse(MouseEvent(.wheelUp, x: 0, y: 0))]),
      ("\u{1b}[<69;1;1M", [.mouse(MouseEvent(.wheelDown, x: 0, y: 0))]),
      ("\u{1b}[<2;1;1M\u{1b}[<0;0;1M\u{1b}[<0;1M", []),
    ] as [(String, [Input])])
  func whatIsNoKeyIsTold(_ text: String, _ inputs: [Input]) {
    var reader = KeyReader()
    #expect(reader.read(Self.raw(text)) == inputs)
    #expect(reader.wait == nil)
    var slow = KeyReader()
    #expect(Self.raw(text).flatMap { slow.read([$0]) } == inputs)
  }

  @Test func aPasteWithoutItsEndIsTakenInTheEnd() {
    var reader = KeyReader()
    #expect(reader.read(Self.raw("\u{1b}[200~abc")).isEmpty)
    #expect(reader.wait == KeyReader.pastePatience)
    #expect(reader.giveUp() == [.paste("abc")])
    #expect(reader.read(Self.raw("q")) == [.key("q")])
  }

  @Test func anEscapeThatStaysAloneIsAKey() {
    var reader = KeyReader()
    #expect(reader.read(Self.raw("\u{1b}")).isEmpty)
    #expect(reader.wait == KeyReader.patience)
    #expect(reader.giveUp() == [.key(.escape)])
    #expect(reader.wait == nil)
  }

  @Test func endlessSequencesAreNotKept() {
    var reader = KeyReader()
    #expect(reader.read(Self.raw("\u{1b}]" + String(repeating: "x", count: 10_000))).isEmpty)
    #expect(reader.wait == nil)
    #expect(reader.read(Self.raw("q")) == [.key("q")])
  }

  @Test func noCharacterIsAKeyThatTraps() {
    let raw: [KeyReader.Raw] = [
      .character(0xd800), .character(0x11_0000), .character(.max), .code(-1), .code(.max),
    ]
    #expect(Self.read([raw]).isEmpty)
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
