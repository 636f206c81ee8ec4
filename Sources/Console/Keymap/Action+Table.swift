extension Action {
  /// What is done with tables, beside the filter and the order.
  static let table: [Action] = [
    Action(.find, [.function(3)], "find a text in all rows", .find, .tables),
    Action(.findNext, ["n"], "the next row with the text", .find, .tables),
    Action(.findPrevious, ["N"], "the row before with the text", .find, .tables),
    Action(.filterByCell, ["="], "filter by a cell of the row", .find, .tables),
    Action(.sortMenu, ["s"], "choose the column to sort by", hint: "sort", .find, .tables),
    Action(.columns, ["C"], "choose the columns", .find, .tables),
    Action(.follow, ["F"], "follow the log: the newest drop stays in sight", .find, .views([.log])),
  ]

  /// Where the operator has been.
  static let history: [Action] = [
    Action(.command, [":"], "command line; Tab completes", hint: "command", .go),
    Action(.historyBack, ["["], "the place before, with its filter", .go),
    Action(.historyForward, ["]"], "forward again", .go),
  ]

  /// How the console looks and how often.
  static let settings: [Action] = [
    Action(.timeFormat, ["T"], "times as ages, in UTC, local, or in full", .application),
    Action(.slower, ["{"], "refresh more rarely", .application),
    Action(.faster, ["}"], "refresh more often", .application),
    Action(.settings, [.function(2)], "settings", .application),
  ]
}
