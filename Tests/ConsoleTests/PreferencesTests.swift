import Configuration
import Net
import Testing

@testable import Console

@Suite struct PreferencesTests {
  static let some: Preferences = {
    var preferences = Preferences()
    preferences.theme = "/home/a \"b\"\\c.toml"
    preferences.time = .local
    preferences.refresh = .fiveTimes
    preferences.glyphs = .braille
    preferences.strip = false
    preferences.mouse = true
    preferences.tables[.associations] = .init(
      sort: .init(field: "packets", descending: true), wanted: ["SPI OUT"], hidden: ["AGE", "BY"])
    preferences.tables[.log] = .init(hidden: ["DIR"])
    preferences.filters = [
      "ours": .init(view: .peers, text: "state=revoked by=\"ana b\""),
      "x-1": .init(view: .log, text: "\u{1}\u{7f}"),
    ]
    return preferences
  }()

  @Test(arguments: [Preferences(), some])
  func whatIsWrittenIsRead(_ preferences: Preferences) {
    let (read, problems) = PreferencesFile.read(
      PreferencesFile.text(of: preferences), file: "state.toml")
    #expect(read == preferences)
    #expect(problems.isEmpty)
  }

  static let mistakes: [(text: String, says: String)] = [
    ("thme = \"mono\"", "state.toml:1: key 'thme': is unknown; did you mean 'theme'?"),
    ("time = \"noon\"", "wants one of"),
    ("refresh = 3", "got the number 3"),
    ("glyphs = \"dots\"", "wants one of"),
    ("strip = \"no\"", "wants true or false"),
    ("[table.so]\nhidden = []", "did you mean"),
    ("[table.sa]\nhidden = \"AGE\"", "wants an array"),
    ("[filter.\"9 lives\"]\nview = \"sa\"\ntext = \"esp\"", "is no name"),
    ("[filter.a]\nview = \"sa\"", "is missing"),
    ("theme = ", "state.toml:1"),
  ]

  @Test(arguments: mistakes.indices)
  func whatIsWrongIsSaidAndTheRestCounts(_ index: Int) {
    let mistake = Self.mistakes[index]
    let (read, problems) = PreferencesFile.read(mistake.text + "\n", file: "state.toml")
    #expect(read == Preferences() || read.tables == [.associations: .init()])
    #expect(problems.count == 1)
    #expect(problems.first?.description.contains(mistake.says) == true, "\(problems)")
  }

  @Test func settingsAreKeptInAFileThatOthersCannotWrite() throws {
    let folder = "/tmp/dnat-settings-\(ThisProcess.processID)"
    try File.makeDirectory(folder, mode: 0o700)
    let store = SettingsStore(folder: "\(folder)/dnat-console")
    #expect(store.load().preferences == Preferences())
    #expect(store.load().warnings.isEmpty)
    try store.save(Self.some, since: Preferences())
    let path = "\(folder)/dnat-console/state.toml"
    #expect(try File.status(path).mode == 0o600)
    #expect(store.load().preferences == Self.some)
    // One that others could have written is not believed.
    try File.remove(path)
    try File.create(path, with: PreferencesFile.text(of: Self.some).utf8, mode: 0o666)
    let loaded = store.load()
    #expect(loaded.preferences == Preferences())
    #expect(loaded.warnings.count == 1)
    #expect(loaded.warnings.first?.contains("others can write it") == true)
    try File.remove(path)
  }

  /// Two consoles of one user, each with changes of its own: both stay.
  @Test func whatAnotherConsoleHasKeptStays() {
    let base = Self.some
    var (mine, theirs) = (base, base)
    mine.theme = "mono"
    mine.filters["ours"] = nil
    mine.tables[.log] = .init(hidden: ["LEN"])
    theirs.refresh = .tenTimes
    theirs.filters["new"] = .init(view: .log, text: "esp")
    theirs.tables[.hosts] = .init(wanted: ["SLOT"])
    let merged = mine.merged(since: base, into: theirs)
    #expect(merged.theme == "mono" && merged.refresh == .tenTimes)
    #expect(merged.filters.keys.sorted() == ["new", "x-1"])
    #expect(merged.tables[.log] == .init(hidden: ["LEN"]))
    #expect(merged.tables[.hosts] == .init(wanted: ["SLOT"]))
    #expect(merged.tables[.associations] == base.tables[.associations])
    #expect(base.merged(since: base, into: theirs) == theirs)
  }

  @Test func aFolderThatCannotBeMadeIsAnError() {
    let store = SettingsStore(folder: "/proc/nowhere/dnat-console")
    #expect(throws: SystemError.self) { try store.save(Preferences(), since: Preferences()) }
  }

  @Test(
    arguments: [
      ("ours", true), ("A-1_b", true), ("", false), ("1a", false), ("a b", false), ("é", false),
      (String(repeating: "a", count: 32), true), (String(repeating: "a", count: 33), false),
    ])
  func filtersHavePlainNames(_ name: String, _ isOne: Bool) {
    #expect(Preferences.isFilterName(name) == isOne)
  }
}
