internal import FoundationEssentials

/// What `lab status --json` prints.
struct LabReport: Codable, Sendable {
  struct Node: Codable, Sendable {
    var name: String
    var namespace: String
    var address: String?
    /// `guest` (User-mode Linux), or `namespace`.
    var kind: String
    var folder: String?
  }
  struct Flow: Codable, Sendable {
    var host: String
    var peer: String
    /// `esp`, `ah` or `esp-in-udp`.
    var road: String
    var hostInner: String
    var peerInner: String
    /// strongSwan's name of the CHILD_SA.
    var child: String
  }

  var name: String
  /// `starting`, `up`, or `broken`: something that it needs has ended.
  var state: String
  var plain: Bool
  var created: String
  var socket: String
  var folder: String
  var externalAddress: String
  var tunnelEndpoint: String
  var nodes: [Node]
  var flows: [Flow]
  /// Each process's number, by what it does.
  var processes: [String: Int32]

  init(_ name: LabName, _ record: LabRecord) {
    let plan = record.plan
    let living = record.processes.filter(\.value.isAlive)
    self.name = name.text
    state = living.count < record.processes.count ? "broken" : record.phase.rawValue
    self.plain = plan.plain
    created = record.created
    socket = name.socket
    folder = name.folder
    externalAddress = LabAddress.external
    tunnelEndpoint = LabAddress.tunnelEndpoint
    nodes = LabNode.allCases.map { node in
      Node(
        name: node.rawValue, namespace: name.namespace(node), address: node.address,
        kind: plan.isGuest(node) ? "guest" : "namespace",
        folder: LabPlan.speakers.contains(node) ? name.folder(node) : nil)
    }
    flows = plan.flows.map {
      Flow(
        host: $0.host.rawValue, peer: $0.peer.rawValue, road: $0.road.rawValue,
        hostInner: $0.hostInner, peerInner: $0.peerInner, child: $0.child)
    }
    processes = living.mapValues(\.processID)
  }

  /// The JSON text, one line.
  func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }
}
