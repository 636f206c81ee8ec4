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

  /// The table of fields has a row for each view, and no other.
  @Test func noOtherViewStandsInTheDocument() throws {
    let lines = Self.document.split(separator: "\n", omittingEmptySubsequences: false)
    let start = try #require(lines.firstIndex(of: "| rows | fields |"))
    let rows = lines[(start + 2)...].prefix { $0.hasPrefix("|") }
    #expect(rows.map { $0.split(separator: "`")[1] } == FilterGuide.fields.map { $0.view[...] })
  }

  @Test func everyWindowIsAmongTheViews() {
    let windows = Set(WindowRequest.View.allCases.map(\.rawValue))
    let views = ViewFields.all.map(\.view)
    #expect(Set(views) == windows.union([ViewFields.auditLog]) && Set(views).count == views.count)
  }

  /// No name of a view stands for two fields.
  @Test func namesAreClear() {
    for view in ViewFields.all {
      let names = view.fields.flatMap { [$0.name] + $0.aliases }.map { $0.lowercased() }
      #expect(Set(names).count == names.count, "\(view.view): \(names)")
    }
  }

  /// A filter is read here as the windows read it.
  @Test(arguments: ViewFields.all.map(\.view))
  func everyFieldIsOneToFilterBy(_ name: String) throws {
    let view = try #require(ViewFields.of(name))
    for field in view.fields.flatMap({ [$0.name] + $0.aliases }) {
      #expect(view.fault(in: "esp \(field)=") == nil)
    }
    #expect(view.fault(in: "esp nosuch=1")?.column == 5)
  }
}
