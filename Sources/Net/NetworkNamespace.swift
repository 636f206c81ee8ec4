internal import CLinux
internal import Glibc

/// Network namespaces with names, as `ip netns` keeps them under /run/netns.
package enum NetworkNamespace {
  /// Where `ip netns` mounts the namespaces.
  package static func path(of name: String) -> String { "/run/netns/\(name)" }

  /// Whether there is a namespace of this name.
  package static func exists(_ name: String) -> Bool {
    (try? open(name)) != nil
  }

  /// Makes a namespace by running `ip netns add`.
  package static func create(_ name: String) throws(SystemError) {
    try run("add", name, code: EEXIST)
  }

  /// Removes a namespace's name by running `ip netns delete`.
  ///
  /// The namespace itself lives as long as a process or an open descriptor is in it.
  package static func delete(_ name: String) throws(SystemError) {
    try run("delete", name, code: ENOENT)
  }

  /// Moves this thread, and the threads and programs that it starts later, into a namespace
  /// (`setns`).
  ///
  /// Sockets and descriptors that are open stay where they were made.
  ///
  /// Only for threads from `startThread` or a program's first: never one of Swift's own pool.
  package static func enter(_ name: String) throws(SystemError) {
    try Position(name).enter()
  }

  /// Calls `body` on a new thread inside a namespace, and waits for it.
  package static func perform<Value: Sendable>(
    in name: String, _ body: @Sendable @escaping () throws(SystemError) -> Value
  ) throws(SystemError) -> Value {
    let box = ResultBox<Value>()
    try startThread(name: name) {
      box.value = Result { () throws(SystemError) in
        try enter(name)
        return try body()
      }
    }.join()
    guard let result = box.value else {
      throw SystemError(operation: "work in namespace", object: name, code: ECANCELED)
    }
    return try result.get()
  }

  /// A namespace that is held open, to go there and back.
  struct Position: ~Copyable {
    private let descriptor: FileDescriptor
    private let name: String

    /// The namespace of this name.
    init(_ name: String) throws(SystemError) {
      descriptor = try NetworkNamespace.open(name)
      self.name = name
    }

    /// The namespace that this thread is in.
    init() throws(SystemError) {
      name = "/proc/thread-self/ns/net"
      descriptor = try FileDescriptor.open(name, O_RDONLY)
    }

    func enter() throws(SystemError) {
      let raw = descriptor.rawValue
      try systemCall("enter namespace", name) { setns(raw, cl_clone_newnet) }
    }
  }

  private static func open(_ name: String) throws(SystemError) -> FileDescriptor {
    // A name with a slash would be a path to some other file.
    guard !name.isEmpty, !name.contains("/"), name != ".", name != ".." else {
      throw SystemError(operation: "open namespace", object: "'\(name)'", code: EINVAL)
    }
    return try FileDescriptor.open(path(of: name), O_RDONLY)
  }

  private static func run(_ verb: String, _ name: String, code: Int32) throws(SystemError) {
    let result = try Spawn(["ip", "netns", verb, name]).capture(atMost: 30)
    guard result.status.isSuccess else {
      throw SystemError(operation: "\(verb) namespace", object: name, code: code)
    }
  }
}

/// Carries a thread's result to the thread that joins it.
///
/// Invariant: written once by the thread, read only after its join, which orders the two.
private final class ResultBox<Value: Sendable>: @unchecked Sendable {
  var value: Result<Value, SystemError>?
}
