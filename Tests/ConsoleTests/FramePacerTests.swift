import Testing

@testable import Console

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
