import FoundationEssentials
import Testing

@testable import Engine

/// The language as it is documented is the one that is spoken.
struct FilterGuideTests {
  private static let document: String = {
    // This file is Tests/EngineTests/Control/NAME.swift.
    let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    return (try? String(contentsOf: folder.appending(path: "docs/filters.md"), encoding: .utf8))
      ?? ""
  }()

  private static let parts = [
    FilterGuide.grammar, FilterGuide.operators, FilterGuide.values, FilterGuide.shorthands,
  ]

  @Test func everythingStandsInTheDocument() {
    for entry in Self.parts.flatMap({ $0 }) {
      #expect(Self.document.contains("| `\(entry.written)` | \(entry.meaning) |"), "\(entry)")
    }
    for (view, fields) in FilterGuide.fields {
      let line = Self.document.split(separator: "\n").first { $0.hasPrefix("| `\(view)` |") }
      #expect(line?.replacing("`", with: "") == "| \(view) | \(fields.joined(separator: ", ")) |")
    }
  }

  @Test func helpSaysTheSame() {
    let help = FilterGuide.text(for: "sa")
    #expect(Self.parts.flatMap { $0 }.allSatisfy { help.contains($0.written) })
    #expect(help.contains("lastSeen (idle, seen)"))
  }

  /// No name of a view stands for two fields.
  @Test func namesAreClear() {
    func check<Record>(_ columns: [Column<Record>]) {
      let names = columns.flatMap { [$0.name] + $0.aliases }.map { $0.lowercased() }
      #expect(Set(names).count == names.count, "\(names)")
    }
    check(SARecord.columns)
    check(HostRow.columns)
    check(PeerRecord.columns)
    check(DropLogRecord.columns)
    check(RevocationRow.columns)
    check(AuditReportRow.columns)
  }
}
