import Foundation
import PAP
import Testing

@testable import Host

@Suite struct EntrySourcesTests {
  static let any = entry("192.0.2.1")
  static let one = entry("192.0.2.1", in: 0x1a2b_0001, out: 0xc1)
  static let other = entry("192.0.2.2", .ah, in: 0x1a2b_0002, out: 0xc2)

  enum Step: Sendable {
    case associations([Entry])
    case validate(Entry)
    case invalidate(Entry)
    case withdraw(Entry)
  }

  struct Scenario: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let steps: [Step]
    let wanted: Set<Entry>

    init(_ name: String, _ steps: [Step], _ wanted: Set<Entry>) {
      testDescription = name
      self.steps = steps
      self.wanted = wanted
    }
  }

  static let scenarios = [
    Scenario("nothing", [], []),
    Scenario("associations", [.associations([any, one])], [any, one]),
    Scenario("associations go", [.associations([any, one]), .associations([other])], [other]),
    Scenario("by hand", [.validate(other), .associations([one])], [one, other]),
    Scenario("by hand stays", [.validate(one), .associations([one]), .associations([])], [one]),
    Scenario("by hand, refused", [.validate(other), .withdraw(other)], []),
    Scenario("by hand, ended", [.validate(other), .invalidate(other)], []),
    Scenario(
      "one for every SPI ends the others",
      [.validate(one), .validate(other), .invalidate(any)], [other]),
    Scenario(
      "and those of associations stay out", [.associations([any, one]), .invalidate(any)], []),
    Scenario(
      "while the associations last",
      [.associations([any, one]), .invalidate(any), .associations([any, one, other])], [other]),
    Scenario(
      "and no longer",
      [.associations([any]), .invalidate(any), .associations([]), .associations([any])], [any]),
    Scenario(
      "unless validated by hand",
      [.associations([any, one]), .invalidate(any), .validate(one)], [one]),
    Scenario(
      "one SPI ends that one",
      [.associations([any, one]), .invalidate(entry("192.0.2.1", in: 0x1a2b_0001))], [any]),
    Scenario(
      "another protocol ends nothing",
      [.associations([any, one]), .invalidate(entry("192.0.2.1", .ah))], [any, one]),
    Scenario(
      "both protocols end all",
      [.associations([any, one, other]), .invalidate(entry("192.0.2.1", .any))], [other]),
  ]

  @Test(arguments: scenarios)
  func `what is wanted follows associations and people`(scenario: Scenario) {
    var sources = EntrySources()
    for step in scenario.steps {
      switch step {
      case .associations(let list):
        let entries = Dictionary(list.map { (EntryKey($0), $0) }) { first, _ in first }
        sources.observe(Observation(entries: entries))
      case .validate(let entry): sources.validate(entry)
      case .invalidate(let entry): sources.invalidate(entry)
      case .withdraw(let entry): sources.withdraw(entry)
      }
    }
    #expect(Set(sources.entries.values) == scenario.wanted)
    for entry in scenario.wanted { #expect(sources.origin(of: EntryKey(entry)) != nil) }
  }
}

@Suite struct AwaitedPeerTests {
  private static func revival(_ peer: String, _ child: String = "c") -> Revival {
    Revival(
      name: ChildName(connection: "p", child: child), peer: address(peer), ipsecProtocol: .esp)
  }

  @Test func `a withdrawn peer is asked for until the router admits it`() {
    var sources = EntrySources()
    let both = [Self.revival("192.0.2.1"), Self.revival("192.0.2.1", "d")]
    sources.await(both)
    sources.await(both)
    sources.await([Self.revival("192.0.2.2")])
    let first = EntryKey(entry("192.0.2.1"))
    #expect(Set(sources.entries.values) == [entry("192.0.2.1"), entry("192.0.2.2")])
    #expect(sources.origin(of: first) == .withdrawn)
    #expect(sources.takeRevivals { _ in false }.isEmpty)
    #expect(sources.takeRevivals { $0 == first } == both)
    #expect(Set(sources.entries.values) == [entry("192.0.2.2")])
    sources.invalidate(entry("192.0.2.2"))
    #expect(sources.entries.isEmpty && sources.revivals.isEmpty)
  }

  @Test func `a peer of the configuration is wanted without an association`() {
    var sources = EntrySources()
    let ahead = entry("192.0.2.1", .any)
    sources.observe(Observation(configured: [EntryKey(ahead): ahead], isWhole: true))
    #expect(Set(sources.entries.values) == [ahead])
    #expect(sources.origin(of: EntryKey(ahead)) == .configuration)
    sources.validate(ahead)
    #expect(sources.origin(of: EntryKey(ahead)) == .manual)
    sources.observe(Observation(isWhole: true))
    #expect(Set(sources.entries.values) == [ahead])
  }

  @Test func `entries by hand outlive the process, and end with the last of them`() throws {
    let path = "/tmp/dnat-host-entries-\(ProcessInfo.processInfo.processIdentifier)"
    defer { try? FileManager.default.removeItem(atPath: path) }
    let file = ManualEntries(path: path)
    #expect(file.read().isEmpty)
    let entries = [entry("192.0.2.1"), entry("192.0.2.2", .any, in: 0x1a2b_0001, out: 0xc1)]
    try file.write(entries)
    #expect(file.read() == entries)
    for damage in ["", "[", "[{}]", #"[{"address": "x"}]"#] {
      try Data(damage.utf8).write(to: URL(fileURLWithPath: path))
      #expect(file.read().isEmpty, "\(damage)")
    }
    try file.write([])
    #expect(!FileManager.default.fileExists(atPath: path))
    try file.write([])
  }
}

@Suite struct StrongSwanSettingsTests {
  struct Vector: CustomTestStringConvertible, Sendable {
    let slot: UInt16
    /// What charon 5.9.8 was started with when its IKE SPIs began with the slot and its ESP SPIs lay
    /// in it, both seen on the wire.
    let lines: [String]
    var testDescription: String { "\(slot)" }
  }

  @Test(arguments: [
    Vector(
      slot: 0x1234,
      lines: [
        "spi_min = 0x12340000", "spi_max = 0x1234ffff", "spi_label = 0x1234000000000000",
        "spi_mask = 0xffff000000000000", "port = 500", "port_nat_t = 4500",
      ]),
    Vector(
      slot: 1,
      lines: [
        "spi_min = 0x00010000", "spi_max = 0x0001ffff", "spi_label = 0x0001000000000000",
        "spi_mask = 0xffff000000000000", "port = 500", "port_nat_t = 4500",
      ]),
    Vector(
      slot: 0xffff,
      lines: [
        "spi_min = 0xffff0000", "spi_max = 0xffffffff", "spi_label = 0xffff000000000000",
        "spi_mask = 0xffff000000000000", "port = 500", "port_nat_t = 4500",
      ]),
  ])
  func `the settings are those that charon was seen to obey`(vector: Vector) throws {
    let slot = try #require(Slot(rawValue: vector.slot))
    let text = StrongSwanSettings(slot: slot, label: slot.ikeLabel).text
    let lines = text.split(separator: "\n").map { $0.drop { $0 == " " } }
    #expect(lines.first?.hasPrefix("#") == true)
    #expect(lines.dropFirst().map(String.init) == ["charon {"] + vector.lines + ["}"])
    #expect(text.hasSuffix("}\n"))
  }
}
