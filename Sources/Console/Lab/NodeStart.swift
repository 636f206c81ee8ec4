internal import Net

/// The start of a host's or peer's programs while it is under way.
enum NodeStart {
  case inGuest(Guest)
  case inNamespace(ChildProcess, log: String)

  /// The name of the job, in a guest.
  private static let job = "start"

  /// Runs the node's script in its guest or its namespace.
  init(name: LabName, node: LabNode, inGuest: Bool) throws {
    let script = name.folder(node) + "/start"
    if inGuest {
      let guest = Guest(name: name, node: node)
      try guest.post("exec bash \(script)\n", job: Self.job)
      self = .inGuest(guest)
      return
    }
    let log = name.folder(node) + "/start.log"
    // `ip netns exec` also gives the script mounts of its own.
    var spawn = Spawn(["ip", "netns", "exec", name.namespace(node), "bash", script])
    spawn.newSession = true
    spawn.standardInput = .null
    spawn.standardOutput = .file(log)
    spawn.standardError = .file(log, append: true)
    self = .inNamespace(try spawn.start(), log: log)
  }

  /// How the script ended; nil while it runs.
  func result() throws -> ExitStatus? {
    switch self {
    case .inGuest(let guest): guest.status(of: Self.job).map(ExitStatus.exited)
    case .inNamespace(let process, _): try process.wait(atMost: 0)
    }
  }

  /// What the script said last.
  var lastWords: String {
    switch self {
    case .inGuest(let guest):
      String(decoding: guest.output(of: Self.job).suffix(2_000), as: UTF8.self)
    case .inNamespace(_, let log):
      LabFile.tail(log)
    }
  }
}
