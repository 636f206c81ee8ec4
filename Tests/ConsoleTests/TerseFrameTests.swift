import Testing

@testable import Console

@Suite struct TerseFrameTests {
  struct Vector: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let frame: String
    let terse: String
    var switchesOff = true
  }

  /// Each begins and ends with the cursor in the upper left corner of a screen of 20 columns and four
  /// rows, and with a plain pen.
  ///
  /// Source of what the sequences mean: ECMA-48, section 8.3.117 (SGR), and xterm's ctlseqs.
  static let vectors = [
    Vector(testDescription: "nothing", frame: "", terse: ""),
    Vector(
      testDescription: "a style that changes nothing", frame: "\u{1b}[0m\u{1b}[38;5;252mab",
      terse: "\u{1b}[38;5;252mab"),
    Vector(
      testDescription: "the same style again", frame: "\u{1b}[1ma\u{1b}(B\u{1b}[0;1mb",
      terse: "\u{1b}[1ma\u{1b}(Bb"),
    Vector(
      testDescription: "only what differs",
      frame: "\u{1b}[38;5;1m\u{1b}[48;5;233ma\u{1b}[m\u{1b}[38;5;2m\u{1b}[48;5;233mb",
      terse: "\u{1b}[38;5;1;48;5;233ma\u{1b}[38;5;2mb"),
    Vector(
      testDescription: "blanks do not show the colour of text",
      frame: "\u{1b}[31ma\u{1b}[32m \u{1b}[31mb", terse: "\u{1b}[31ma b"),
    Vector(
      testDescription: "blanks show the background", frame: "\u{1b}[41m \u{1b}[42m ",
      terse: "\u{1b}[41m \u{1b}[42m "),
    Vector(
      testDescription: "blanks show underlines", frame: "\u{1b}[4ma \u{1b}[m ",
      terse: "\u{1b}[4ma \u{1b}[m "),
    Vector(
      testDescription: "erasing takes the background", frame: "\u{1b}[44m\u{1b}[K\u{1b}[m",
      terse: "\u{1b}[44m\u{1b}[K"),
    Vector(
      testDescription: "motions do not", frame: "\u{1b}[44m\u{1b}[3;6H\u{1b}[md",
      terse: "\u{1b}[3;6Hd"),
    Vector(
      testDescription: "bold goes alone", frame: "\u{1b}[1;31ma\u{1b}[0;31mb",
      terse: "\u{1b}[1;31ma\u{1b}[22mb"),
    Vector(
      testDescription: "where single attributes cannot go", frame: "\u{1b}[1;31ma\u{1b}[0;31mb",
      terse: "\u{1b}[1;31ma\u{1b}[0;31mb", switchesOff: false),
    Vector(
      testDescription: "dim stays when bold goes", frame: "\u{1b}[1;2;31;42ma\u{1b}[0;2;31;42mb",
      terse: "\u{1b}[1;2;31;42ma\u{1b}[22;2mb"),
    Vector(
      testDescription: "shifts are not repeated", frame: "\u{f}a\u{1b}[m\u{f}b",
      terse: "\u{f}ab"),
    Vector(
      testDescription: "direct colours", frame: "\u{1b}[38;2;1;2;3ma",
      terse: "\u{1b}[38;2;1;2;3ma"),
    Vector(
      testDescription: "what is not known stays as it is",
      frame: "\u{1b}[1m\u{1b}[38:2::1:2:3ma\u{1b}[m", terse: "\u{1b}[1m\u{1b}[38:2::1:2:3ma\u{1b}[m"
    ),
    Vector(testDescription: "an end too soon", frame: "a\u{1b}[3", terse: "a\u{1b}[3"),
    Vector(
      testDescription: "letters that are lines stay", frame: "\u{1b}(0q\u{1b}(B",
      terse: "\u{1b}(0q\u{1b}(B"),
    Vector(
      testDescription: "beyond ASCII", frame: "\u{1b}[31m\u{6f22}\u{1b}[31m\u{2588}",
      terse: "\u{1b}[31m\u{6f22}\u{2588}"),
    Vector(
      testDescription: "one colour after the other",
      frame: "\u{1b}[31ma\u{1b}[32mb\r\n\u{1b}[31mc\u{1b}[32md",
      terse: "\u{1b}[31ma\n\u{8}c\u{1b}[32md\u{1b}[A\u{8}b"),
    Vector(
      testDescription: "down by line feeds", frame: "a\u{1b}[2;2Hb\u{1b}[3;3Hc",
      terse: "a\nb\nc"),
    Vector(
      testDescription: "as far as they are shorter", frame: "a\u{1b}[4;2Hb", terse: "a\n\n\nb"),
    Vector(
      testDescription: "the end of a row is known to nobody",
      frame: "\u{1b}[1;20Ha\u{1b}[2;20Hb", terse: "\u{1b}[19Ca\u{1b}[2;20Hb"),
    Vector(
      testDescription: "what scrolls keeps its place",
      frame: "a\u{1b}[4;1H\nb", terse: "a\u{1b}[4H\nb"),
    Vector(
      testDescription: "what is put in as well", frame: "\u{1b}[31ma\u{1b}[m\u{1b}[@b\u{1b}[31mc",
      terse: "\u{1b}[31ma\u{1b}[@\u{1b}[mb\u{1b}[31mc"),
    Vector(
      testDescription: "what is written over what was erased", frame: "ab\u{1b}[D\u{1b}[Kc",
      terse: "ab\u{8}\u{1b}[Kc"),
    Vector(
      testDescription: "rows that scroll apart are left to ncurses", frame: "\u{1b}[2;3rab",
      terse: "\u{1b}[2;3rab"),
    Vector(
      testDescription: "a cursor that is shown", frame: "\u{1b}[?25hab", terse: "\u{1b}[?25hab"),
    Vector(
      testDescription: "some rows scroll",
      frame: "a\u{1b}[2;3r\u{1b}[3H\n\u{1b}[1;4r\u{1b}[3H\u{1b}[31mb",
      terse: "a\u{1b}[2;3r\u{1b}[3H\n\u{1b}[1;4r\u{1b}[3H\u{1b}[31mb"),
  ]

  private static func terse(switchesOff: Bool = true) -> TerseFrame {
    var terse = TerseFrame(size: Size(width: 20, height: 4), switchesOff: switchesOff)
    _ = terse.shorten(Array("\u{1b}[m\u{1b}[H \u{1b}[H".utf8), settles: true)
    return terse
  }

  @Test(arguments: vectors)
  func framesAreShortened(_ vector: Vector) {
    var terse = Self.terse(switchesOff: vector.switchesOff)
    let result = terse.shorten(Array(vector.frame.utf8))
    #expect(String(decoding: result, as: UTF8.self) == vector.terse)
  }

  @Test func cellsThatLookAsBeforeAreLeftOut() {
    var terse = Self.terse()
    let frame = "abcdefghijklm"
    let result = terse.shorten(Array(frame.utf8)) { [0, 2, 4, 5, 6, 7, 8, 12].contains($0.x) }
    #expect(String(decoding: result, as: UTF8.self) == "\u{1b}[Cbcd\u{1b}[5Cjkl")
    // But not where something was moved before.
    let moved = terse.shorten(Array("\u{1b}[2H\u{1b}[@ab".utf8)) { _ in true }
    #expect(String(decoding: moved, as: UTF8.self) == "\n\r\u{1b}[@ab")
  }

  @Test func aCombiningCharacterStaysWithItsBase() {
    var terse = Self.terse()
    let result = terse.shorten(Array("e\u{301}e\u{301}e\u{301}".utf8)) { $0.x == 0 || $0.x == 2 }
    #expect(String(decoding: result, as: UTF8.self) == "\u{1b}[Ce\u{301}")
  }

  @Test func cursorAndPenSettleWhereTheyAreSeen() {
    var terse = Self.terse()
    let frame = Array("\u{1b}[31ma\u{1b}[m\u{1b}[3;3H".utf8)
    var other = terse
    #expect(String(decoding: terse.shorten(frame), as: UTF8.self) == "\u{1b}[31ma")
    #expect(
      String(decoding: other.shorten(frame, settles: true), as: UTF8.self)
        == "\u{1b}[31ma\n\n\u{1b}[C\u{1b}[m")
    // What is not known finds both where ncurses believes them to be.
    #expect(
      String(decoding: terse.shorten(Array("b\u{1b}[5i".utf8)), as: UTF8.self)
        == "\n\n\u{1b}[C\u{1b}[mb\u{1b}[5i")
  }

  @Test func theFirstFrameSetsEverythingAnew() {
    var terse = TerseFrame(size: Size(width: 20, height: 4), switchesOff: true)
    // Whatever scrolled before, all rows do.
    #expect(
      terse.shorten(Array("\u{1b}[Ha".utf8))
        == Array("\u{1b}7\u{1b}[r\u{1b}8\u{1b}[H\u{1b}[ma".utf8))
    #expect(terse.shorten(Array("a".utf8)) == Array("a".utf8))
    terse.forget()
    #expect(terse.shorten(Array("a".utf8)) == Array("\u{1b}[;3H\u{1b}[ma".utf8))
  }
}
