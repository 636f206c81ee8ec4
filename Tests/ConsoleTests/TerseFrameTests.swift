import Testing

@testable import Console

@Suite struct TerseFrameTests {
  struct Vector: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let frame: String
    let terse: String
    var switchesOff = true
  }

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
      frame: "\u{1b}[38;5;1m\u{1b}[48;5;233ma\u{1b}(B\u{1b}[m\u{1b}[38;5;2m\u{1b}[48;5;233mb",
      terse: "\u{1b}[38;5;1;48;5;233ma\u{1b}(B\u{1b}[38;5;2mb"),
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
      terse: "\u{1b}[44m\u{1b}[K\u{1b}[m"),
    Vector(
      testDescription: "motions do not", frame: "\u{1b}[44m\u{1b}[5;6H\u{1b}[md",
      terse: "\u{1b}[5;6Hd"),
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
      testDescription: "beyond ASCII", frame: "\u{1b}[31m漢\u{1b}[31m█",
      terse: "\u{1b}[31m漢█"),
  ]

  @Test(arguments: vectors)
  func framesAreShortened(_ vector: Vector) {
    var terse = TerseFrame(switchesOff: vector.switchesOff)
    _ = terse.shorten(Array("\u{1b}[m ".utf8))
    let result = terse.shorten(Array(vector.frame.utf8))
    #expect(String(decoding: result, as: UTF8.self) == vector.terse)
  }

  @Test func theFirstFrameSetsEverythingAnew() {
    var terse = TerseFrame(switchesOff: true)
    #expect(terse.shorten(Array("a".utf8)) == Array("\u{1b}[ma".utf8))
    #expect(terse.shorten(Array("a".utf8)) == Array("a".utf8))
    terse.forget()
    #expect(terse.shorten(Array("a".utf8)) == Array("\u{1b}[ma".utf8))
  }
}

@Suite struct FramePacerTests {
  private let second = Moment.second

  @Test func oneFrameIsOnItsWayAtATime() {
    var pacer = FramePacer(isOn: true)
    #expect(pacer.isClear)
    pacer.frameSent(at: 0, isPeriodic: true)
    pacer.frameSent(at: 10, isPeriodic: false)
    #expect(!pacer.isClear)
    pacer.answered(at: 20)
    #expect(!pacer.isClear)
    pacer.answered(at: 30)
    #expect(pacer.isClear)
    #expect(pacer.roundTrip == 20)
    // An answer to nothing.
    pacer.answered(at: 40)
    #expect(pacer.isClear && pacer.isOn)
  }

  @Test func aTerminalThatDoesNotAnswerIsNotWaitedFor() {
    var pacer = FramePacer(isOn: true)
    pacer.frameSent(at: second, isPeriodic: true)
    pacer.expire(at: 3 * second - 1)
    #expect(pacer.isOn && !pacer.isClear)
    pacer.expire(at: 3 * second)
    #expect(!pacer.isOn && pacer.isClear)
    pacer.frameSent(at: 4 * second, isPeriodic: true)
    #expect(pacer.isClear && pacer.deadline == nil)
    // It was only slow, so it is waited for again, and longer.
    pacer.answered(at: 5 * second)
    #expect(pacer.isOn)
    pacer.frameSent(at: 6 * second, isPeriodic: true)
    #expect(pacer.deadline == 10 * second)
  }

  /// Round trips in milliseconds, and the interval after each.
  @Test(arguments: [
    ([3, 90], [100, 100]), ([101, 499], [500, 500]), ([900, 400], [1000, 1000]),
    ([1001], [5000]), ([9000], [5000]), ([400, 50, 50, 50], [500, 500, 500, 100]),
    ([3000, 10, 10, 10, 10, 10, 10], [5000, 5000, 5000, 1000, 1000, 1000, 500]),
    ([400, 50, 50, 400, 50, 50], [500, 500, 500, 500, 500, 500]),
  ])
  func theLineSetsThePace(_ trips: [UInt64], _ intervals: [UInt64]) {
    var pacer = FramePacer(isOn: true)
    for (trip, interval) in zip(trips, intervals) {
      pacer.frameSent(at: 0, isPeriodic: true)
      pacer.answered(at: trip * Moment.millisecond)
      #expect(pacer.interval == interval * Moment.millisecond)
    }
  }

  @Test func framesThatSomebodyWaitsForDoNot() {
    var pacer = FramePacer(isOn: true)
    pacer.frameSent(at: 0, isPeriodic: false)
    pacer.answered(at: second)
    #expect(pacer.interval == FramePacer.intervals[0])
    #expect(pacer.roundTrip == second)
  }

  @Test func theRoundTripIsShownWithOneDigit() {
    func shown(_ milliseconds: UInt64) -> String? {
      LinePace(roundTrip: milliseconds * Moment.millisecond).shownRoundTrip
    }
    #expect(shown(49) == nil)
    #expect(shown(59) == "50ms")
    #expect(shown(199) == "100ms")
    #expect(shown(2_900) == "2s")
    #expect(LinePace().shownRoundTrip == nil)
  }
}

@Suite struct DrawingNeedTests {
  private let gathering = DrawingNeed.gathering

  private func drawn() -> DrawingNeed {
    var need = DrawingNeed()
    need.drawn()
    return need
  }

  @Test func theFirstFrameAndKeysAreDrawnAtOnce() {
    #expect(DrawingNeed().isDue(isClear: false, isAnswered: false, at: 0))
    var need = drawn()
    #expect(!need.isDue(isClear: true, isAnswered: true, at: 0))
    need.note(.key("j"), asking: [], at: 0)
    #expect(need.isDue(isClear: false, isAnswered: false, at: 0) && !need.isPeriodic)
  }

  @Test func aLookAtTheRouterIsOneFrame() {
    var need = drawn()
    need.note(.tick, asking: [1, 2], at: 0)
    need.note(.reply(id: 1, .done("")), asking: [], at: 1)
    #expect(!need.isDue(isClear: true, isAnswered: false, at: 1) && need.isPeriodic)
    #expect(need.isDue(isClear: true, isAnswered: true, at: 2))
    #expect(!need.isDue(isClear: false, isAnswered: true, at: 2))
    #expect(need.deadline(after: 2) == gathering)
    #expect(need.isDue(isClear: true, isAnswered: false, at: gathering))
    #expect(need.deadline(after: gathering) == nil)
  }

  @Test func answersToAKeyDoNotWaitForTheTerminal() {
    var need = drawn()
    need.note(.key("2"), asking: [1, 2], at: 0)
    need.drawn()
    need.note(.tick, asking: [3], at: 0)
    need.note(.reply(id: 1, .done("")), asking: [], at: 0)
    #expect(!need.isDue(isClear: false, isAnswered: false, at: 0) && !need.isPeriodic)
    #expect(need.isDue(isClear: false, isAnswered: false, at: DrawingNeed.shortGathering))
    need.note(.reply(id: 2, .done("")), asking: [], at: 0)
    #expect(need.isDue(isClear: false, isAnswered: false, at: 0))
    need.drawn()
    need.note(.reply(id: 3, .done("")), asking: [], at: 0)
    #expect(need.isPeriodic)
  }
}
