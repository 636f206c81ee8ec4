internal import CLinux
internal import Glibc

/// A program to start (`posix_spawn`).
///
/// The new process has all signals unblocked and at their defaults, and no descriptors but the ones
/// named here.
package struct Spawn: Sendable {
  /// What one of the three standard descriptors of the new process is.
  package enum Stream: Hashable, Sendable {
    /// This process's own.
    case inherit
    /// /dev/null.
    case null
    /// A pipe, whose other end is in the `ChildProcess`.
    case pipe
    /// A descriptor of this process, which stays open here.
    case descriptor(Int32)
    /// A file: standard input reads it, output makes it or empties it, or appends to it.
    case file(String, append: Bool = false)
  }

  /// The program and its arguments.
  ///
  /// A program without a slash is looked for along PATH.
  package var arguments: [String]
  /// The program's file, if it is another than the first argument says.
  package var program: String?
  /// The environment; nil is this process's.
  package var environment: [String: String]?
  package var standardInput = Stream.inherit
  package var standardOutput = Stream.inherit
  package var standardError = Stream.inherit
  /// Descriptors of this process that become 3, 4 and so on of the new one.
  package var extraDescriptors: [Int32] = []
  /// Whether the process leads a new session, and so a new group and without a terminal (`setsid`).
  package var newSession = false
  /// Where the process starts; nil is this process's.
  package var workingDirectory: String?
  /// The network namespace it starts in; nil is this thread's.
  package var networkNamespace: String?

  /// - Precondition: `arguments` is not empty.
  package init(_ arguments: [String]) {
    precondition(!arguments.isEmpty, "a program is needed")
    self.arguments = arguments
  }

  /// Starts the program.
  ///
  /// - Throws: `ENOENT` if there is no such program, working directory, file or namespace.
  package func start() throws(SystemError) -> ChildProcess {
    guard let networkNamespace else { return try spawn() }
    // A process starts in the namespace of the thread that makes it. Not done on a new thread: a
    // child that asks to die with its parent would die with that.
    let home = try NetworkNamespace.Position()
    try NetworkNamespace.enter(networkNamespace)
    let result = Result { () throws(SystemError) in try spawn() }
    try home.enter()
    return try result.get()
  }

  private func spawn() throws(SystemError) -> ChildProcess {
    var setup = try SpawnSetup(extraDescriptors: extraDescriptors)
    let input = try setup.connect(standardInput, to: STDIN_FILENO)
    let output = try setup.connect(standardOutput, to: STDOUT_FILENO)
    let error = try setup.connect(standardError, to: STDERR_FILENO)
    try setup.finish(newSession: newSession, workingDirectory: workingDirectory)
    let processID = try setup.spawn(program, arguments, environment: environment)
    return try ChildProcess(
      processID: processID, arguments: arguments, input: input, output: output, error: error,
      leadsSession: newSession)
  }
}
