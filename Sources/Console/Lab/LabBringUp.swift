internal import FoundationEssentials
internal import Net

/// Brings a lab up, step by step, until traffic flows through every security association.
///
/// Whoever calls it holds the lab's lock and has a keeper. What fails half-way is left as it is.
final class LabBringUp {
  /// Many times what it takes: a busy machine runs a guest slowly.
  private static let patience = 120.0

  let name: LabName
  let plan: LabPlan
  private let programs: LabPrograms
  private let progress: LabProgress
  private let patience: LabPatience
  private let secrets = LabSecrets()
  private var record: LabRecord
  /// What each host and peer is started by, until it is started.
  private var starting: [LabNode: NodeStart] = [:]

  init(
    name: LabName, plan: LabPlan, programs: LabPrograms, progress: LabProgress,
    patience: LabPatience
  ) {
    self.name = name
    self.plan = plan
    self.programs = programs
    self.progress = progress
    self.patience = patience
    record = LabRecord(
      phase: .starting, plan: plan, created: Date().formatted(.iso8601),
      starter: ProcessIdentity(ThisProcess.processID))
  }

  /// Does all steps.
  func run() throws {
    try step("keys and configuration", makeFiles)
    try step("namespaces and cables", makeNetwork)
    if !plan.plain { try step("guests start", startGuests) }
    try step("router", startRouter)
    if !plan.plain { try step("guests have booted", awaitGuests) }
    try step("hosts lease, strongSwan starts everywhere", startNodes)
    try step("traffic in every security association", awaitTraffic)
    try step("attacker", startAttacker)
    record.phase = .up
    try record.write(name)
  }

  private func step(_ what: String, _ body: () throws -> Void) throws {
    try patience.check()
    try progress.step(what, body)
  }

  // MARK: - Files

  private func makeFiles() throws {
    try LabFile.makeFolder(name.folder)
    try record.write(name)
    try LabFile.write(name.routerFile, LabConfiguration.router(name))
    if !plan.plain {
      try LabFile.makeFolder(name.folder + "/guests")
      try LabFile.write(name.guestInit, GuestInit.script)
      try LabFile.copyProgram(programs.agent, to: guestAgent)
    }
    for node in LabPlan.speakers { try makeFiles(of: node) }
  }

  /// The agent's copy that guests run: their /tmp is not the machine's, where the original may lie.
  private var guestAgent: String { name.folder + "/dnat-host" }

  private func makeFiles(of node: LabNode) throws {
    let folder = name.folder(node)
    for part in ["run", "swanctl"] { try LabFile.makeFolder("\(folder)/\(part)") }
    let text = StrongSwanText(
      name: name, plan: plan, node: node, preSharedKey: secrets.preSharedKey)
    try LabFile.write("\(folder)/strongswan.conf", text.daemon)
    try LabFile.write("\(folder)/swanctl/swanctl.conf", text.connections)
    let agent = plan.isGuest(node) ? guestAgent : programs.agent
    let script = NodeScript(name: name, plan: plan, node: node, agent: agent)
    try LabFile.write("\(folder)/start", script.text)
    guard LabNode.hosts.contains(node) else { return }
    try LabFile.write("\(folder)/host.toml", LabConfiguration.host(name, plan, node))
    try LabFile.write("\(folder)/pap.key", secrets.keyFile(node))
  }

  // MARK: - Network

  private func makeNetwork() throws {
    let network = LabNetwork(name: name, plan: plan)
    try LabCommand.ip(network.skeleton)
    for node in LabNode.allCases {
      let namespace = name.namespace(node)
      try LabCommand.set(network.settings(node), in: namespace)
      try LabCommand.ip(network.inside(node), in: namespace)
    }
  }

  // MARK: - Processes

  private func startGuests() throws {
    for node in plan.guests {
      try remember(Guest(name: name, node: node).start(), as: LabRecord.guestRole(node))
    }
  }

  private func awaitGuests() throws {
    for node in plan.guests {
      let guest = Guest(name: name, node: node)
      let answer = try patience.wait(atMost: Self.patience) { guest.isUp ? true : nil }
      guard answer != nil else {
        throw LabError.failed("guest \(node.rawValue) does not boot", detail: guest.lastWords)
      }
    }
  }

  private func startRouter() throws {
    let router = LabRouter(name: name)
    let process = try router.start()
    try remember(process, as: "router")
    try router.awaitAnswer(process, patience)
  }

  private func startNodes() throws {
    for node in LabPlan.speakers {
      starting[node] = try NodeStart(name: name, node: node, inGuest: plan.isGuest(node))
    }
    try LabNode.peers.forEach(awaitStart)
    for host in LabNode.hosts {
      try LabFile.write("\(name.folder(host))/\(NodeScript.permissionFile)", "")
    }
    try LabNode.hosts.forEach(awaitStart)
  }

  private func awaitStart(_ node: LabNode) throws {
    guard let start = starting.removeValue(forKey: node) else { return }
    let result = try patience.wait(atMost: Self.patience) { try start.result() }
    guard let result, result.isSuccess else {
      throw LabError.failed("\(node.rawValue) did not start", detail: start.lastWords)
    }
  }

  private func awaitTraffic() throws {
    let router = LabRouter(name: name)
    try router.awaitTraffic(in: plan.flows, patience)
  }

  private func startAttacker() throws {
    var spawn = Spawn([ThisProcess.executablePath, "lab", "attack", "--name", name.text])
    spawn.networkNamespace = name.namespace(.attacker)
    spawn.newSession = true
    spawn.standardInput = .null
    spawn.standardOutput = .file(name.folder + "/attacker.log")
    spawn.standardError = spawn.standardOutput
    try remember(spawn.start(), as: "attacker")
  }

  private func remember(_ process: ChildProcess, as role: String) throws {
    record.processes[role] = ProcessIdentity(process.processID)
    try record.write(name)
  }
}
