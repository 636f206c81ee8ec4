internal import CLinux
internal import Glibc

/// What `posix_spawn` is to do in the new process, collected step by step.
///
/// Invariant: `actions` and `attributes` are initialised while this value lives.
@safe struct SpawnSetup: ~Copyable {
  private var actions = unsafe posix_spawn_file_actions_t()
  private var attributes = posix_spawnattr_t()
  /// Descriptors that must stay open until the process is there.
  ///
  /// Never among the numbers that the new process gives them, so that one move cannot destroy the
  /// source of the next.
  private var sources: [Int32] = []
  private let firstFree: Int32

  init(extraDescriptors: [Int32]) throws(SystemError) {
    firstFree = 3 + Int32(extraDescriptors.count)
    // Both only fill in the value on Linux and cannot fail.
    _ = unsafe posix_spawn_file_actions_init(&actions)
    _ = unsafe posix_spawnattr_init(&attributes)
    for (offset, descriptor) in extraDescriptors.enumerated() {
      try move(copy(of: descriptor), to: 3 + Int32(offset))
    }
  }

  deinit {
    var actions = unsafe actions
    var attributes = attributes
    _ = unsafe posix_spawn_file_actions_destroy(&actions)
    _ = unsafe posix_spawnattr_destroy(&attributes)
    for source in sources { _ = close(source) }
  }

  /// Makes `target` of the new process what `stream` says, and returns this process's end if that
  /// is a pipe.
  mutating func connect(
    _ stream: Spawn.Stream, to target: Int32
  ) throws(SystemError) -> Int32? {
    switch stream {
    case .inherit:
      break
    case .null:
      try open("/dev/null", O_RDWR, as: target)
    case .descriptor(let descriptor):
      try move(copy(of: descriptor), to: target)
    case .file(let path, let append):
      let writing = O_WRONLY | O_CREAT | (append ? O_APPEND : O_TRUNC)
      try open(path, target == STDIN_FILENO ? O_RDONLY : writing, as: target)
    case .pipe:
      return try connectPipe(to: target)
    }
    return nil
  }

  /// Sets what is left: signals, session, directory, and that other descriptors are closed.
  mutating func finish(newSession: Bool, workingDirectory: String?) throws(SystemError) {
    try checkNumber(
      "prepare", "process", unsafe posix_spawn_file_actions_addclosefrom_np(&actions, firstFree))
    if let workingDirectory {
      try checkNumber(
        "use directory", workingDirectory,
        unsafe posix_spawn_file_actions_addchdir_np(&actions, workingDirectory))
    }
    var none = signalSet([])
    var all = sigset_t()
    unsafe sigfillset(&all)
    _ = unsafe posix_spawnattr_setsigmask(&attributes, &none)
    _ = unsafe posix_spawnattr_setsigdefault(&attributes, &all)
    let flags =
      POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
      | (newSession ? Int32(cl_posix_spawn_setsid) : 0)
    _ = unsafe posix_spawnattr_setflags(&attributes, Int16(flags))
  }

  /// Starts the program and returns its process number.
  mutating func spawn(
    _ program: String?, _ arguments: [String], environment: [String: String]?
  ) throws(SystemError) -> Int32 {
    let variables = (environment ?? ThisProcess.environment()).map { "\($0.key)=\($0.value)" }
    var processID: pid_t = 0
    let path = program ?? arguments[0]
    let code = unsafe withCStrings(arguments) { arguments in
      unsafe withCStrings(variables) { variables in
        unsafe posix_spawnp(&processID, path, &actions, &attributes, arguments, variables)
      }
    }
    try checkNumber("run", path, code)
    return processID
  }

  private mutating func connectPipe(to target: Int32) throws(SystemError) -> Int32 {
    let ends = try FileDescriptor.pipe().release()
    let (ours, theirs) =
      target == STDIN_FILENO ? (ends.writer, ends.reader) : (ends.reader, ends.writer)
    let kept = FileDescriptor(owning: ours)
    let given = FileDescriptor(owning: theirs)
    try move(copy(of: given.rawValue), to: target)
    try kept.setNonBlocking(true)
    return kept.release()
  }

  /// A duplicate that lives until the process is there, above all numbers that it will use.
  private mutating func copy(of descriptor: Int32) throws(SystemError) -> Int32 {
    let lowest = max(firstFree, 3)
    let source = try systemCall("pass on", "descriptor \(descriptor)") {
      cl_fcntl(descriptor, F_DUPFD_CLOEXEC, lowest)
    }
    sources.append(source)
    return source
  }

  private mutating func move(_ source: Int32, to target: Int32) throws(SystemError) {
    try checkNumber(
      "pass on", "descriptor \(target)",
      unsafe posix_spawn_file_actions_adddup2(&actions, source, target))
  }

  /// Opens here rather than in the new process, so that an error names the file.
  private mutating func open(
    _ path: String, _ flags: Int32, as target: Int32
  ) throws(SystemError) {
    let file = try FileDescriptor.open(path, flags, mode: 0o644)
    try move(copy(of: file.rawValue), to: target)
  }
}

/// Calls `body` with texts as C has them: an array of pointers that ends with nil.
private func withCStrings<Value>(
  _ texts: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Value
) -> Value {
  var pointers = unsafe texts.map { unsafe strdup($0) }
  unsafe pointers.append(nil)
  defer { unsafe pointers.forEach { unsafe free($0) } }
  return unsafe body(&pointers)
}
