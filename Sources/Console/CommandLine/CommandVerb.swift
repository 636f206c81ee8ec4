internal import PAP

/// A verb of the command line: its name, and what it takes.
///
/// Those that `ctl` has too are written as there.
struct CommandVerb: Sendable {
  /// What a word must be.
  enum Kind: Sendable {
    case address
    case target
    case host
    case ipsecProtocol
    case spi
    case duration
    case reason
    case text
    /// The number of an action.
    case number
    /// A filter for the view that the verb goes to.
    case filterText
    case theme
    case filter
    case newFilter
    case column
    case refresh
    case time
    /// All of the line that is left, as it stands.
    case rest
    /// No value: the option alone says it.
    case flag
  }

  /// A word that stands for itself, by its place.
  struct Argument: Sendable {
    let name: String
    let kind: Kind
    var isRequired = true
  }

  /// A word that begins with `--`, and its value.
  struct Option: Sendable {
    let name: String
    let kind: Kind
    var isRequired = false
  }

  let name: String
  /// What it does, in a few words.
  let title: String
  var arguments: [Argument] = []
  var options: [Option] = []
  /// Whether it changes the router.
  var acts = false
  /// Whether `ctl` has it too.
  var isOfCtl = true
  /// The options of `ctl` that say how much of a list is printed, which a table on the screen has not.
  var lengths: [String] = []

  /// The verb of that name.
  static func named(_ name: String) -> CommandVerb? { all.first { $0.name == name } }

  /// All verbs.
  static let all: [CommandVerb] = looking + acting + own

  // Verbs of `ctl` that look: they go to the view that shows it.
  private static let looking: [CommandVerb] = [
    CommandVerb(name: "status", title: "the overview"),
    CommandVerb(
      name: "sa", title: "the established SA table",
      options: [
        Option(name: "host", kind: .host), Option(name: "address", kind: .address), filter,
      ], lengths: ["limit"]),
    CommandVerb(name: "hosts", title: "the hosts", options: [filter]),
    CommandVerb(
      name: "drops", title: "the drop log",
      options: [
        Option(name: "reason", kind: .reason), Option(name: "follow", kind: .flag), filter,
      ],
      lengths: ["last"]),
    CommandVerb(name: "stats", title: "drop statistics"),
    CommandVerb(name: "revocations", title: "what is revoked", options: [filter]),
    CommandVerb(
      name: "audit", title: "the audit log, or whether nobody has changed it",
      options: [filter, Option(name: "verify", kind: .flag)], lengths: ["limit"]),
  ]

  private static let filter = Option(name: "filter", kind: .filterText)

  private static let acting: [CommandVerb] = [
    CommandVerb(
      name: "validate", title: "let an address reach a host",
      arguments: [Argument(name: "ADDRESS", kind: .address)],
      options: [
        Option(name: "host", kind: .host, isRequired: true),
        Option(name: "protocol", kind: .ipsecProtocol), Option(name: "spi", kind: .spi),
        Option(name: "for", kind: .duration),
      ], acts: true),
    CommandVerb(
      name: "invalidate", title: "remove the entries of an address",
      arguments: [Argument(name: "ADDRESS", kind: .address)],
      options: [Option(name: "host", kind: .host), Option(name: "spi", kind: .spi)], acts: true),
    CommandVerb(
      name: "revoke", title: "cut an address or prefix off",
      arguments: [Argument(name: "TARGET", kind: .target)],
      options: [
        Option(name: "host", kind: .host), Option(name: "for", kind: .duration),
        Option(name: "reason", kind: .text),
      ], acts: true),
    CommandVerb(
      name: "unrevoke", title: "lift a revocation",
      arguments: [Argument(name: "TARGET", kind: .target)],
      options: [Option(name: "host", kind: .host)], acts: true),
    CommandVerb(
      name: "suspend", title: "let nothing through to or from a host",
      arguments: [Argument(name: "HOST", kind: .host)], acts: true),
    CommandVerb(
      name: "resume", title: "let a suspended host go on",
      arguments: [Argument(name: "HOST", kind: .host)], acts: true),
    CommandVerb(name: "reload", title: "go on under the configuration file as it is", acts: true),
    CommandVerb(
      name: "undo", title: "take an order back: the last one, or that of a number",
      arguments: [Argument(name: "NUMBER", kind: .number, isRequired: false)], acts: true),
    CommandVerb(
      name: "keep", title: "let a provisional order hold: the last one, or that of a number",
      arguments: [Argument(name: "NUMBER", kind: .number, isRequired: false)], acts: true),
  ]

  private static let own: [CommandVerb] = [
    CommandVerb(
      name: "filter", title: "filter the rows",
      arguments: [Argument(name: "FILTER", kind: .rest, isRequired: false)], isOfCtl: false),
    CommandVerb(
      name: "find", title: "find a text in all rows",
      arguments: [Argument(name: "TEXT", kind: .rest, isRequired: false)], isOfCtl: false),
    CommandVerb(
      name: "save", title: "save the filter under a name",
      arguments: [Argument(name: "NAME", kind: .newFilter)], isOfCtl: false),
    CommandVerb(
      name: "forget", title: "remove a saved filter",
      arguments: [Argument(name: "NAME", kind: .filter)], isOfCtl: false),
    CommandVerb(
      name: "sort", title: "sort by a column",
      arguments: [Argument(name: "COLUMN", kind: .column, isRequired: false)],
      options: [Option(name: "descending", kind: .flag)], isOfCtl: false),
    CommandVerb(
      name: "theme", title: "other colours", arguments: [Argument(name: "THEME", kind: .theme)],
      isOfCtl: false),
    CommandVerb(
      name: "refresh", title: "how often a second",
      arguments: [Argument(name: "RATE", kind: .refresh)], isOfCtl: false),
    CommandVerb(
      name: "time", title: "how times are written",
      arguments: [Argument(name: "FORMAT", kind: .time)], isOfCtl: false),
  ]
}

extension CommandVerb {
  /// The action whose key does the same to the row under the cursor; nil if there is none.
  var action: ActionID? {
    switch name {
    case "unrevoke": .lift
    case "resume": .suspend
    case "sort": .sortMenu
    default: ActionID(rawValue: name)
    }
  }

  /// Why an option of `ctl` has no meaning here; nil if it is none of those.
  func reason(against option: String) -> String? {
    if option == "help" || option == "h" { return "\(usage): \(title)" }
    guard isOfCtl else { return nil }
    if lengths.contains(option) {
      return "--\(option) is for a shell: the table here has all rows, --filter chooses among them"
    }
    return switch option {
    case "json": "--json is for programs, from a shell; :export writes the rows of a table"
    case "socket": "--socket is for a shell: this console has its router"
    case "version": "--version is for a shell: dnat-console --version"
    default: nil
    }
  }

  /// How it is written.
  var usage: String {
    let parts =
      arguments.map { $0.isRequired ? $0.name : "[\($0.name)]" }
      + options.map { option in
        let value = option.kind == .flag ? "" : " \(option.name.uppercased())"
        return option.isRequired ? "--\(option.name)\(value)" : "[--\(option.name)\(value)]"
      }
    return ([name] + parts).joined(separator: " ")
  }
}
