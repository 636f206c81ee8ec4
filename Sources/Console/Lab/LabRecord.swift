internal import FoundationEssentials
internal import Net

/// What is kept about a lab while it is there, in its folder, for `status`, `exec` and `down`.
struct LabRecord: Codable, Sendable {
  enum Phase: String, Codable, Sendable {
    /// Somebody brings it up.
    case starting
    /// All associations carried traffic when this was written.
    case up
  }

  var phase: Phase
  let plan: LabPlan
  /// When it was begun, RFC 3339.
  let created: String
  /// The `lab up` or `lab run` that makes it.
  let starter: ProcessIdentity?
  /// What the starter has started, by what it is.
  var processes: [String: ProcessIdentity] = [:]

  /// The process of a guest; nil for nodes that are none.
  func guest(_ node: LabNode) -> ProcessIdentity? { processes[Self.guestRole(node)] }

  /// What a guest's process is called here.
  static func guestRole(_ node: LabNode) -> String { "guest \(node.rawValue)" }

  private static func path(_ name: LabName) -> String { name.folder + "/lab.json" }

  /// The record of a lab; nil if there is none, or none that can be read.
  static func read(_ name: LabName) -> LabRecord? {
    guard let octets = try? File.read(path(name)) else { return nil }
    return try? JSONDecoder().decode(LabRecord.self, from: Data(octets))
  }

  /// Writes the record in place of the former.
  func write(_ name: LabName) throws {
    try File.replace(Self.path(name), with: JSONEncoder().encode(self), mode: 0o600)
  }
}
