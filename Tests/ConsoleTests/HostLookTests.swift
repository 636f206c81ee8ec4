import Testing

@testable import Console

/// How often the hosts are asked for: many rows, which only the overview shows.
@Suite struct HostLookTests {
  private func hostsAsked(_ player: Player) -> [Int] {
    player.asked.compactMap { asked in
      if case .window(let query) = asked.request, query.view == .hosts { query.count } else { nil }
    }
  }

  @Test func tablesAskForThemNowAndThen() throws {
    var player = try Player.looking()
    player.press("2")
    try player.answerAll(second: 2)
    for _ in 0..<8 {
      player.wait(1)
      player.give(.tick)
      #expect(hostsAsked(player).isEmpty)
      try player.answerAll(second: 3)
    }
    player.wait(2)
    player.give(.tick)
    #expect(hostsAsked(player) == [200])
    try player.answerAll(second: 4)
    // The router says when one has changed.
    player.wait(1)
    player.give(.changed)
    #expect(hostsAsked(player) == [200])
  }

  @Test func theOverviewAsksForThoseThatItShows() throws {
    var player = try Player.looking()
    player.wait(1)
    player.give(.tick)
    #expect(hostsAsked(player) == [40])
  }

  @Test func hostsThatWereNotAskedForStay() throws {
    var player = try Player.looking()
    let names = player.model.hostNames
    #expect(names.count > 1)
    player.wait(1)
    player.give(.tick)
    let id = try #require(
      player.asked.first {
        if case .window(let query) = $0.request { query.view == .hosts } else { false }
      }?.id)
    let first = Array(player.model.hosts.prefix(1))
    player.give(
      .reply(
        id: id,
        .window(
          RowWindow(
            total: names.count, matched: names.count, offset: 0, rows: first.map { .host($0) }))))
    #expect(player.model.hostNames == names)
  }
}
