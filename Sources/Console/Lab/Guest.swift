internal import Net

/// A User-mode Linux guest: a kernel as a process, with IPsec of its own.
///
/// It is driven through a folder: a script put there is run once, and leaves what it wrote and the
/// status it ended with.
struct Guest {
  let name: LabName
  let node: LabNode

  /// Memory of a guest, most of which it never touches.
  private static let memory = "\(GuestMemory.size >> 20)M"

  private var jobs: String { name.folder(node) + "/jobs" }
  /// What the guest's kernel and its first process say.
  private var log: String { name.folder(node) + "/guest.log" }

  /// Whether its first process takes jobs.
  var isUp: Bool { (try? File.status(jobs + "/up")) != nil }

  /// What the guest said last.
  var lastWords: String { LabFile.tail(log) }

  /// Starts the guest in its namespace.
  func start() throws -> ChildProcess {
    try LabFile.makeFolder(jobs)
    var spawn = Spawn(["linux.uml"] + parameters)
    spawn.networkNamespace = name.namespace(node)
    spawn.environment = ThisProcess.environment().merging(["TMPDIR": GuestMemory.folder]) { $1 }
    // The kernel changes the modes of a terminal that it finds, so it gets none.
    spawn.newSession = true
    spawn.standardInput = .null
    spawn.standardOutput = .file(log)
    spawn.standardError = .file(log, append: true)
    return try spawn.start()
  }

  private var parameters: [String] {
    [
      "mem=\(Self.memory)", "umid=\(name.prefix)\(node.rawValue)", "uml_dir=\(name.folder)/guests/",
      "root=/dev/root", "rootfstype=hostfs", "rootflags=/", "ro", "init=/bin/bash",
      "lab=\(name.folder)", "guest=\(node.rawValue)", "con=null", "con0=null,fd:1", "ssl=null",
      "quiet", "vec0:transport=tap,ifname=\(LabNetwork.tap),depth=128,gro=1",
      // What follows is for init. The script itself could not be run: /run is often mounted so.
      "--", name.guestInit,
    ]
  }

  /// Has the guest run a script.
  ///
  /// - Precondition: the guest has had no job of this name.
  func post(_ script: String, job: String) throws {
    // Named `.sh` only when it is whole, since the guest looks for that.
    try LabFile.write("\(jobs)/\(job).sh", script)
  }

  /// What a job has written so far.
  func output(of job: String) -> [UInt8] {
    (try? File.read("\(jobs)/\(job).out")) ?? []
  }

  /// The status that a job ended with; nil while it runs.
  func status(of job: String) -> Int32? {
    guard let text = try? File.readText("\(jobs)/\(job).rc"), text.hasSuffix("\n") else {
      return nil
    }
    return Int32(text.dropLast())
  }
}

extension LabName {
  /// The script that guests run first.
  var guestInit: String { folder + "/guest-init" }
}
