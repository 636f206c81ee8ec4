import Foundation

@testable import Engine

/// The decision tables as `docs/data-path.md` tells them to people.
struct DecisionTable {
  /// A reason by which one of the tables' checks drops.
  struct Check: Hashable, Comparable, CustomStringConvertible {
    let row: String
    let reason: String

    var description: String { "\(row) \(reason)" }
    static func < (a: Self, b: Self) -> Bool { (a.row, a.reason) < (b.row, b.reason) }
  }

  /// A reason, and a way that a packet goes which it drops.
  struct Occurrence: Hashable, Comparable, CustomStringConvertible {
    let reason: String
    let direction: String

    var description: String { "\(reason) \(direction)" }
    static func < (a: Self, b: Self) -> Bool {
      (a.reason, a.direction) < (b.reason, b.direction)
    }
  }

  var checks: Set<Check> = []
  var occurrences: Set<Occurrence> = []

  init() throws {
    let file = URL(filePath: #filePath).appending(path: "../../../../docs/data-path.md")
    let document = try String(contentsOf: file.standardized, encoding: .utf8)
    for line in document.split(separator: "\n") where line.hasPrefix("| ") {
      add(line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) })
    }
  }

  private mutating func add(_ cells: [String]) {
    guard let first = cells.first, let last = cells.last else { return }
    if first.wholeMatch(of: /[A-Z][0-9]+/) != nil {
      for reason in Self.reasons(in: last) { checks.insert(Check(row: first, reason: reason)) }
    } else if let reason = Self.reasons(in: first).first {
      for way in cells[1].split(separator: ", ") {
        let direction = way == "in" ? "inbound" : "outbound"
        occurrences.insert(Occurrence(reason: reason, direction: direction))
      }
    }
  }

  private static func reasons(in cell: String) -> [String] {
    cell.matches(of: /`([a-z-]+)`/).map { String($0.1) }.filter { DropReason(name: $0) != nil }
  }
}
