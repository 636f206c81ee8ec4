internal import Configuration

/// What the user has chosen on the screen, as the console writes it into state.toml.
///
/// It is a file of its own, so that the user's comments in console.toml stay as they are.
enum PreferencesFile {
  /// The text of the file.
  static func text(of preferences: Preferences) -> String {
    var lines = [
      "# Written by dnat-console whenever something is changed on its screen; keys: console.toml.",
      "theme = \(quoted(preferences.theme))", "time = \(quoted(preferences.time.rawValue))",
      "refresh = \(quoted(preferences.refresh.rawValue))",
      "glyphs = \(quoted(preferences.glyphs.rawValue))", "strip = \(preferences.strip)",
      "mouse = \(preferences.mouse)",
    ]
    for (view, table) in preferences.tables.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
      lines += ["", "[table.\(view.name)]"]
      if let sort = table.sort {
        lines += ["sort = \(quoted(sort.field))", "descending = \(sort.descending)"]
      }
      lines += ["wanted = \(list(table.wanted))", "hidden = \(list(table.hidden))"]
    }
    for (name, filter) in preferences.filters.sorted(by: { $0.key < $1.key }) {
      lines += [
        "", "[filter.\(name)]", "view = \(quoted(filter.view.name))",
        "text = \(quoted(filter.text))",
      ]
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Reads the text of the file.
  ///
  /// What is wrong is left as it is by default, and said.
  static func read(
    _ text: String, file: String
  ) -> (preferences: Preferences, problems: [ConfigurationProblem]) {
    do throws(ConfigurationError) {
      let reader = TableReader(try TOMLDocument(text: text, file: file))
      let preferences = preferences(reader)
      return (preferences, reader.problems.all.sorted { ($0.line ?? 0) < ($1.line ?? 0) })
    } catch {
      return (Preferences(), error.problems)
    }
  }

  private static func preferences(_ reader: TableReader) -> Preferences {
    var result = Preferences()
    result.theme = reader.value("theme", .text(atMost: 4096), default: result.theme)
    result.time = word("time", reader) ?? result.time
    result.refresh = word("refresh", reader) ?? result.refresh
    result.glyphs = word("glyphs", reader) ?? result.glyphs
    result.strip = reader.value("strip", .flag, default: result.strip)
    result.mouse = reader.value("mouse", .flag, default: result.mouse)
    let tables = reader.table("table")
    for view in ViewID.tables {
      let own = tables.table(view.name)
      if own.isPresent { result.tables[view] = table(own) }
    }
    tables.refuseOtherKeys()
    result.filters = filters(reader.table("filter"))
    reader.refuseOtherKeys()
    return result
  }

  private static func word<Value: RawRepresentable & CaseIterable>(
    _ key: String, _ reader: TableReader
  ) -> Value? where Value.RawValue == String {
    let words = Value.allCases.map(\.rawValue)
    return reader.optional(key, .oneOf(words)).flatMap { Value(rawValue: $0) }
  }

  private static func table(_ reader: TableReader) -> Preferences.Table {
    var result = Preferences.Table()
    let descending = reader.value("descending", .flag, default: false)
    result.sort = reader.optional("sort", .text(atMost: 64)).map {
      Preferences.Sort(field: $0, descending: descending)
    }
    let titles = ValueKind<String>.text(atMost: 64).list
    result.wanted = Set(reader.value("wanted", titles, default: []))
    result.hidden = Set(reader.value("hidden", titles, default: []))
    reader.refuseOtherKeys()
    return result
  }

  private static func filters(_ reader: TableReader) -> [String: Preferences.SavedFilter] {
    var result: [String: Preferences.SavedFilter] = [:]
    let views = ViewID.tables
    for name in reader.keys {
      let own = reader.table(name)
      let view = own.required("view", .oneOf(views.map(\.name)))
      let text = own.required("text", .text(atMost: 1000))
      own.refuseOtherKeys()
      if !Preferences.isFilterName(name) {
        reader.report(name, "is no name: wants 1 to 32 letters, digits, - and _")
      } else if let text, let view = views.first(where: { $0.name == view }) {
        result[name] = Preferences.SavedFilter(view: view, text: text)
      }
    }
    return result
  }

  private static func list(_ words: Set<String>) -> String {
    "[\(words.sorted().map(quoted).joined(separator: ", "))]"
  }

  // A basic string of TOML 1.0, in which every control character is an escape.
  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\0"..."\u{1f}", "\u{7f}":
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
