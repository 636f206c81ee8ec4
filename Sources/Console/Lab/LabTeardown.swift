internal import FoundationEssentials
internal import Net

/// Removes all that a lab has made, whatever state it is in.
///
/// It goes by the names that a lab gives and by its record, and leaves everything else alone.
struct LabTeardown {
  let name: LabName

  private static let patience = 10.0
  private static let pause = 0.02

  /// Whether anything of the lab is there.
  var hasWork: Bool {
    !namespaces.isEmpty || paths.contains(where: exists)
  }

  /// Files and folders; the router that is killed leaves its socket and its pid file.
  private var paths: [String] { [name.socket, name.socket + ".pid", name.folder] }

  /// Ends the lab's processes, and removes its namespaces and files.
  func run() throws {
    try endProcesses()
    for namespace in namespaces { try NetworkNamespace.delete(namespace) }
    for path in paths { try LabFile.remove(path) }
  }

  private func exists(_ path: String) -> Bool { (try? File.status(path)) != nil }

  /// The lab's namespaces that are there.
  private var namespaces: [String] {
    LabNode.allCases.map(name.namespace).filter { exists(NetworkNamespace.path(of: $0)) }
  }

  /// Kills until nobody is left: a process may start another while we look.
  private func endProcesses() throws {
    let deadline = MonotonicClock.now() + UInt64(Self.patience * 1e9)
    let recorded = LabRecord.read(name).map { Array($0.processes.values) } ?? []
    while true {
      let living = Set(NamespaceProcesses.all(in: namespaces) + recorded.filter(\.isAlive))
      if living.isEmpty { return }
      for process in living { process.send(.kill) }
      guard MonotonicClock.now() < deadline else {
        let numbers = living.map { String($0.processID) }.sorted().joined(separator: ", ")
        throw LabError.failed("processes that do not end: \(numbers)", detail: "")
      }
      _ = try Readiness.wait(on: [], atMost: Self.pause)
    }
  }
}

/// Finds the processes that are in network namespaces.
enum NamespaceProcesses {
  /// Every process in one of the namespaces, which are given by their names.
  static func all(in namespaces: [String]) -> [ProcessIdentity] {
    let wanted = Set(
      namespaces.compactMap { try? File.status(NetworkNamespace.path(of: $0)).inode }
        .map { "net:[\($0)]" })
    guard !wanted.isEmpty else { return [] }
    let numbers = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return numbers.compactMap { Int32($0) }.filter { number in
      // A process that has ended, or that we may not look at, is in none of ours.
      (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(number)/ns/net"))
        .map(wanted.contains) ?? false
    }.compactMap(ProcessIdentity.init)
  }
}
