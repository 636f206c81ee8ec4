/// The table of actions for readers: as text, as the cheat sheet, as a part of the manual page.
///
/// All of them are made from the table, and a test compares what is in the repository with it.
struct KeysDocument {
  var keymap = Keymap.standard

  /// For a terminal: one action a line, in groups, with the name by which it is bound and typed.
  var text: String {
    let labels = Action.all.map { keymap.labels(of: $0.id) }
    let wide = (labels.map(\.count).max() ?? 0) + 2
    let name = (Action.all.map(\.id.rawValue.count).max() ?? 0) + 2
    return groups { group, actions in
      "\(group.rawValue)\n"
        + actions.map { action in
          "  " + Self.padded(keymap.labels(of: action.id), wide)
            + Self.padded(action.id.rawValue, name) + "\(action.title)\n"
        }.joined()
    }
  }

  /// The cheat sheet, in Markdown.
  var markdown: String {
    """
    # Cheat sheet of the console

    Made from the program's own table of actions: `make keys` writes it anew. Keys are bound by the names
    in the second column, in `~/.config/dnat-console/console.toml`; the same names can be typed after
    `:`. Keys of a dialog or a line being typed are said at the bottom of the screen.


    """
      + groups { group, actions in
        "## \(group.rawValue)\n\n| keys | name | does |\n|---|---|---|\n"
          + actions.map { action in
            let keys = keymap.keys(of: action.id).map { Self.code($0.label) }
            return
              "| \(keys.joined(separator: " ")) | `\(action.id.rawValue)` | \(action.title) |\n"
          }.joined()
      } + "\n" + commands
  }

  /// The part of the manual page that lists keys, in mdoc.
  var manual: String {
    let rows = Action.Group.allCases.map { group in
      "\(Self.escaped("\(group.rawValue)"))\n.Pp\n.Bl -tag -width \"PgDn ^D\" -compact\n"
        + actions(of: group).map { action in
          let keys = keymap.keys(of: action.id).map { Self.argument($0.label) }
          return ".It Ic \(keys.joined(separator: " "))\n\(Self.escaped(action.title))\n"
        }.joined() + ".El\n"
    }
    return rows.joined(separator: ".Pp\n")
  }

  private var commands: String {
    "## Command line\n\n| line | does |\n|---|---|\n"
      + CommandVerb.all.map { verb in
        let usage = verb.usage.split(separator: "|").joined(separator: "\\|")
        return "| `:\(usage)` | \(verb.title) |\n"
      }.joined()
  }

  private func groups(_ text: (Action.Group, [Action]) -> String) -> String {
    Action.Group.allCases.map { text($0, actions(of: $0)) }.joined(separator: "\n")
  }

  private func actions(of group: Action.Group) -> [Action] {
    Action.all.filter { $0.group == group }
  }

  private static func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(1, width - text.count))
  }

  private static func code(_ text: String) -> String {
    text == "|" ? "`\\|`" : "`\(text)`"
  }

  // A macro's argument: what mdoc would take for punctuation, a quote or a request is escaped.
  private static func argument(_ text: String) -> String {
    let punctuation = ["[", "]", "(", ")", ".", ",", ":", ";", "?", "!", "|"]
    return punctuation.contains(text) ? "\\&\(text)" : escaped(text)
  }

  private static func escaped(_ text: String) -> String {
    var result = ""
    for character in text {
      switch character {
      case "\\": result += "\\e"
      case "\"": result += "\\(dq"
      case "^": result += "\\(ha"
      case "~": result += "\\(ti"
      case "'": result += "\\(aq"
      default: result.append(character)
      }
    }
    return result
  }
}
