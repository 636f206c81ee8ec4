internal import Engine
internal import Net
internal import PAP

/// The lab's router: the engine as a process of its own, without a console.
struct LabRouter {
  let name: LabName

  private static let patience = 60.0
  /// A flow counts as up when so many packets came back through it.
  private static let enoughPackets: UInt64 = 3

  private var log: String { name.folder(.router) + ".log" }

  /// Starts the router in its namespace.
  func start() throws -> ChildProcess {
    var spawn = Spawn([
      ThisProcess.executablePath, "run", "--headless", "--config", name.routerFile,
    ])
    spawn.networkNamespace = name.namespace(.router)
    spawn.newSession = true
    spawn.standardInput = .null
    spawn.standardOutput = .file(log)
    spawn.standardError = .file(log, append: true)
    return try spawn.start()
  }

  /// Whether the router answers and is not about to end.
  var isRunning: Bool {
    let report: StatusReport? = try? ask("status")
    return report?.state == "running"
  }

  /// Waits until the router answers at its socket.
  func awaitAnswer(_ process: ChildProcess, _ patience: LabPatience) throws {
    let answer: StatusReport? = try patience.wait(atMost: Self.patience) {
      if let status = try process.wait(atMost: 0) {
        throw LabError.failed("the router \(status)", detail: LabFile.tail(log))
      }
      return try? ask("status")
    }
    guard answer != nil else {
      throw LabError.failed("the router does not answer", detail: LabFile.tail(log))
    }
  }

  /// Waits until the router has forwarded packets of each flow to its host.
  func awaitTraffic(in flows: [LabFlow], _ patience: LabPatience) throws {
    var silent = flows
    _ = try patience.wait(atMost: Self.patience) { () -> Bool? in
      silent = try silentFlows(among: flows)
      return silent.isEmpty ? true : nil
    }
    guard silent.isEmpty else {
      let names = silent.map { "\($0.host.rawValue) - \($0.peer.rawValue) (\($0.road.title))" }
      throw LabError.failed(
        "no traffic between " + names.joined(separator: ", "), detail: LabFile.tail(log))
    }
  }

  private func silentFlows(among flows: [LabFlow]) throws -> [LabFlow] {
    let rows: [SARow] = try ask("sa")
    return flows.filter { flow in
      let packets = rows.filter {
        $0.host == flow.host.rawValue && $0.address.description == flow.peer.address
          && [flow.road.tableProtocol, "any"].contains($0.protocol.name)
      }.reduce(0) { $0 + $1.packets }
      return packets < Self.enoughPackets
    }
  }

  /// The slots that hosts hold now; none if the router does not answer.
  func leasedSlots() -> [Slot] {
    let rows: [HostRow]? = try? ask("hosts")
    return rows?.compactMap(\.slot) ?? []
  }

  /// Asks the router through its control socket.
  private func ask<Answer: Decodable>(_ verb: String) throws -> Answer {
    try ControlClient(socketPath: name.socket).call(verb)
  }
}

extension LabName {
  /// The router's configuration.
  var routerFile: String { folder + "/router.toml" }
}
