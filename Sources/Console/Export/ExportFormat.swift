/// What a table can be written to a file as.
enum ExportFormat: String, CaseIterable, Sendable {
  /// Comma-separated values (RFC 4180), a line with the names first.
  case csv
  /// One JSON object a line, with the keys of `ctl --json`.
  case jsonLines = "json lines"
  /// The columns of the screen, aligned, for people.
  case text
  /// The drop log as a capture file, for Wireshark and tshark.
  case pcapng

  /// What a file of the format is called by, without the dot.
  var fileExtension: String {
    switch self {
    case .csv: "csv"
    case .jsonLines: "jsonl"
    case .text: "txt"
    case .pcapng: "pcapng"
    }
  }

  /// The formats that a view can be written as, the usual one first.
  static func of(_ view: ViewID) -> [ExportFormat] {
    allCases.filter { $0 != .pcapng || view == .log }
  }
}
