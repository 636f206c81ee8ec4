internal import Net

/// Runs a command on a node of a lab.
struct LabExec {
  let name: LabName
  let record: LabRecord
  let node: LabNode
  let command: [String]

  private static let pause = 0.03

  /// Runs the command to its end and returns its exit code.
  ///
  /// In a guest the command gets no standard input, and both its outputs appear as standard output.
  func run() throws -> Int32 {
    record.plan.isGuest(node) ? try runInGuest() : try runInNamespace()
  }

  private func runInNamespace() throws -> Int32 {
    // The command gets the terminal's signals; we only wait for it.
    for signal in [Signal.interrupt, .quit] { signal.ignore() }
    var spawn = Spawn(entry + command)
    spawn.environment = ThisProcess.environment().merging(environment) { $1 }
    let status = try spawn.start().wait()
    guard case .exited(let code) = status else { return 1 }
    return code
  }

  /// strongSwan's nodes have mounts of their own, which charon lives in.
  private var entry: [String] {
    let file = name.folder(node) + "/charon.pid"
    let inside = NamespaceProcesses.all(in: [name.namespace(node)]).map(\.processID)
    if let text = try? File.readText(file), let number = Int32(text.dropLast()),
      inside.contains(number)
    {
      return ["nsenter", "--target", "\(number)", "--net", "--mount", "--"]
    }
    return ["ip", "netns", "exec", name.namespace(node)]
  }

  /// What lets swanctl find the node's own strongSwan.
  private var environment: [String: String] {
    guard LabPlan.speakers.contains(node) else { return [:] }
    let folder = name.folder(node)
    return [
      "STRONGSWAN_CONF": "\(folder)/strongswan.conf", "SWANCTL_DIR": "\(folder)/swanctl",
      "DNAT_HOST_SOCKET": LabConfiguration.controlSocket(name, node),
      "PATH": "/run/bin:" + (ThisProcess.environment("PATH") ?? "/usr/sbin:/usr/bin:/sbin:/bin"),
    ]
  }

  private func runInGuest() throws -> Int32 {
    let guest = Guest(name: name, node: node)
    let patience = try LabPatience()
    let job = "exec-\(ThisProcess.processID)-\(MonotonicClock.now())"
    try guest.post(guestScript(job), job: job)
    do {
      return try follow(job, of: guest, patience)
    } catch LabError.interrupted {
      try guest.post("kill $(</run/\(job).pid)\n", job: job + "-end")
      return 130
    }
  }

  private func follow(_ job: String, of guest: Guest, _ patience: LabPatience) throws -> Int32 {
    var shown = 0
    while true {
      // In this order: what a job has written is whole once it has a status.
      let status = guest.status(of: job)
      let output = guest.output(of: job)
      try StandardStream.output.write(output.dropFirst(shown))
      shown = output.count
      if let status { return status }
      guard record.guest(node)?.isAlive == true else {
        throw LabError.failed("the guest \(node.rawValue) has ended", detail: guest.lastWords)
      }
      try patience.rest(Self.pause)
    }
  }

  /// The command replaces the job's shell, whose number is noted so that it can be ended.
  private func guestScript(_ job: String) -> String {
    let settings = environment.merging(["PATH": "/run/bin:$PATH"]) { $1 }
    let exports = settings.sorted { $0.key < $1.key }.map { "export \($0.key)=\"\($0.value)\"" }
    let words = command.map(quoted).joined(separator: " ")
    return (exports + ["echo $BASHPID > /run/\(job).pid", "exec \(words)"])
      .joined(separator: "\n") + "\n"
  }

  private func quoted(_ word: String) -> String {
    "'" + word.replacing("'", with: #"'\''"#) + "'"
  }
}
