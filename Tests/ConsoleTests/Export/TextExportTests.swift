import Engine
import Testing

@testable import Console

/// A table as text: what the screen shows, as it shows it.
@Suite struct TextExportTests {
  private func player(_ view: Key) throws -> Player {
    var player = try Player.looking(Size(width: 200, height: 50))
    player.press(view)
    try player.answerAll(second: 2)
    return player
  }

  /// The lines of the file for what the player looks at, each cut at its columns.
  private func lines(
    _ player: inout Player, of rows: [Row]? = nil, _ rates: RateBook? = nil
  ) throws -> [[String]] {
    player.press("e")
    let text = try #require(ExportFormat.of(player.model.view).firstIndex(of: .text))
    player.press(.tab, .tab)
    for _ in 0..<text { player.press(.right) }
    player.press(.tab, .tab, .tab, .enter)
    let jobs = player.effects.compactMap { effect in
      if case .export(let job) = effect { job } else { nil }
    }
    let job = try #require(jobs.last)
    #expect(job.format == .text)
    let octets = job.text(rows ?? player.model.table.rows, rates ?? job.shown.rates)
    return String(decoding: octets, as: UTF8.self).split(separator: "\n").map { line in
      line.split(separator: " ").map(String.init)
    }
  }

  @Test func theColumnsAreThoseOfTheScreenInTheirOrder() throws {
    var player = try player("2")
    player.model.preferences.tables[.associations] = .init(hidden: ["BIT/S", "AGE"])
    let found = try lines(&player)
    #expect(
      found[0].joined(separator: " ")
        == "HOST PEER PROTO SPI IN SPI OUT PPS PACKETS SEEN EXPIRES DROPS BY")
    #expect(found[1].prefix(5) == ["hosta", "198.51.100.7", "esp", "0x10010007", "0x77c0e1aa"])
    #expect(found[1][5] == "12.4k")
  }

  @Test func whatTheConsoleMeasuredItselfIsInTheFile() throws {
    var player = try player("2")
    let unmeasured = player.model.table.rows.map { row in
      guard case .association(var row) = row else { return row }
      row.packetsPerSecond = 0
      row.bitsPerSecond = 0
      return .association(row)
    }
    var rates = RateBook()
    for second in 0...1 as ClosedRange<UInt64> {
      let rows = try Fixture.associations(more: second).map { Row.association($0) }
      rates.update(rows, at: second * Moment.second)
    }
    #expect(try lines(&player, of: unmeasured, rates)[1][5] == "12.4k")
    #expect(try lines(&player, of: unmeasured, RateBook())[1][5] == "0")
  }

  @Test func countersThatWereZeroedAreInTheFileAsTheyAreShown() throws {
    var player = try player("6")
    #expect(try lines(&player)[1][1] != "0")
    player.press("Z")
    let found = try lines(&player)
    #expect(found[1].first == "spi-not-leased" && found[1][1] == "0")
    #expect(player.model.countingNote.hasSuffix(", by totals"))
    player.press("s", "g", .enter)
    #expect(player.model.table.sort == "reason")
    #expect(
      player.model.countingNote.hasPrefix("  since ") && !player.model.countingNote.contains(","))
  }

  @Test func sharesAndTrendsAreInTheFile() throws {
    var player = try player("6")
    let found = try lines(&player)
    #expect(found[1].contains { $0.hasSuffix("%") })
    #expect(found[1].joined().contains("#"))
  }
}
