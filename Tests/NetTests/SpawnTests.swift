import Testing

@testable import Net

@Suite(.timeLimit(.minutes(1))) struct SpawnTests {
  struct Vector: CustomTestStringConvertible, Sendable {
    let script: String
    var change: @Sendable (inout Spawn) -> Void = { _ in }
    var input = ""
    var output = ""
    var errors = ""
    var status = Net.ExitStatus.exited(0)
    var testDescription: String { script }
  }

  /// Shell scripts, with what a shell that was started so must say.
  @Test(arguments: [
    Vector(script: "exit 3", status: .exited(3)),
    Vector(script: "kill -TERM $$", status: .killed(.terminate)),
    Vector(script: "cat; echo end >&2", input: "in", output: "in", errors: "end\n"),
    Vector(script: "cat", output: ""),
    Vector(
      script: "echo $A-$HOME", change: { $0.environment = ["A": "b=c", "PATH": "/bin"] },
      output: "b=c-\n"),
    Vector(script: "pwd", change: { $0.workingDirectory = "/etc" }, output: "/etc\n"),
    // Own session and group: fields 5 and 6 of /proc/PID/stat are the process itself.
    Vector(
      script: "set -- $$ $(cat /proc/$$/stat); [ $6 = $1 ] && [ $7 = $1 ] && echo leads",
      change: { $0.newSession = true }, output: "leads\n"),
    // The negative twin: the group of whoever runs the tests.
    Vector(
      script: "set -- $$ $(cat /proc/$$/stat); [ $6 = $1 ] || echo follows",
      output: "follows\n"),
    // Nothing but the three, and the descriptor that ls opens for the directory.
    Vector(script: "ls -x /proc/self/fd", output: "0  1  2  3\n"),
    Vector(script: "kill -PIPE $$", status: .killed(.brokenPipe)),
  ])
  func startsPrograms(_ vector: Vector) throws {
    var spawn = Spawn(["sh", "-c", vector.script])
    vector.change(&spawn)
    let result = try spawn.capture(input: Array(vector.input.utf8), atMost: 30)
    #expect(result.outputText == vector.output)
    #expect(result.errorText == vector.errors)
    #expect(result.status == vector.status && !result.timedOut)
  }

  @Test func clearsTheSignalMask() throws {
    let status = try onThread {
      SignalSource.block([.user1, .terminate])
      return try output(of: "grep", "SigBlk", "/proc/self/status")
    }
    #expect(status == "SigBlk:\t0000000000000000\n")
  }

  @Test func passesDescriptorsOnInOrder() throws {
    let directory = try TemporaryDirectory()
    var files: [Int32] = []
    for name in ["a", "b"] {
      try File.replace(directory.file(name), with: name.utf8)
      files.append(try FileDescriptor.open(directory.file(name), 0).release())
    }
    defer { for file in files { _ = FileDescriptor(owning: file) } }
    var spawn = Spawn(["sh", "-c", "cat <&3; cat <&4; ls -x /proc/self/fd"])
    spawn.extraDescriptors = files.reversed()
    // The descriptor of ls' directory is 5.
    #expect(try spawn.capture(atMost: 30).outputText == "ba0  1  2  3  4  5\n")
  }

  @Test func connectsFiles() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("log")
    for append in [false, false, true] {
      var spawn = Spawn(["sh", "-c", "cat; echo problem >&2"])
      spawn.standardInput = .file("/proc/sys/kernel/ostype")
      spawn.standardOutput = .file(path, append: append)
      spawn.standardError = .null
      #expect(try spawn.start().wait() == .exited(0))
    }
    #expect(try File.readText(path) == "Linux\nLinux\n")
  }

  @Test func movesLargeDataBothWays() throws {
    var random = SplitMix(state: 1)
    let data = (0..<1_000_000).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    let result = try Spawn(["cat"]).capture(input: data, atMost: 60)
    #expect(result.output == data && result.status.isSuccess)
  }

  @Test func killsWhatTakesTooLong() throws {
    var spawn = Spawn(["sh", "-c", "echo begun; sleep 1000"])
    spawn.newSession = true
    let result = try spawn.capture(atMost: 0.2)
    #expect(result.timedOut && result.status == .killed(.kill))
  }

  @Test func fastWritersAreKilledToo() throws {
    let result = try Spawn(["yes"]).capture(atMost: 0.2)
    #expect(result.timedOut && result.status == .killed(.kill))
    #expect(result.output.count <= 16 << 20 && result.output.prefix(4) == [121, 10, 121, 10])
  }

  @Test func doesNotWaitForWhatIsLeftBehind() throws {
    // The sleeping program holds the pipe; the shell that started it ends.
    var spawn = Spawn(["sh", "-c", "sleep 1000 & echo $!"])
    spawn.newSession = true
    let result = try spawn.capture(atMost: 30)
    #expect(!result.timedOut && result.status.isSuccess)
    let left = try #require(Int32(result.outputText.trimmed))
    try Signal.kill.send(to: left)
  }

  @Test func terminatesPolitelyAndThenNot() throws {
    var polite = Spawn(["sleep", "1000"])
    polite.newSession = true
    #expect(try polite.start().terminate(killAfter: 30) == .killed(.terminate))

    var stubborn = Spawn(["sh", "-c", "trap '' TERM; echo ready; while :; do sleep 1000; done"])
    stubborn.newSession = true
    stubborn.standardOutput = .pipe
    let child = try stubborn.start()
    let pipe = try #require(child.standardOutput?.rawValue)
    _ = try Readiness.wait(on: pipe, for: .readable, atMost: 30)
    #expect(try child.wait(atMost: 0) == nil)
    #expect(try child.terminate(killAfter: 0.05) == .killed(.kill))
    // Ended, and waited for: neither is an error, and the answer stays.
    try child.send(.terminate)
    #expect(try child.wait() == .killed(.kill))
  }

  @Test func writingToNobodyIsAnErrorAndNoSignal() throws {
    var spawn = Spawn(["sh", "-c", "exec <&-; echo closed; sleep 1000"])
    spawn.standardInput = .pipe
    spawn.standardOutput = .pipe
    spawn.newSession = true
    let child = try spawn.start()
    let pipe = try #require(child.standardOutput?.rawValue)
    _ = try Readiness.wait(on: pipe, for: .readable, atMost: 30)
    let error = systemError { _ = try child.standardInput?.write([1]) }
    #expect(error?.reason == "Broken pipe")
    #expect(try child.terminate(killAfter: 30) != nil)
  }

  @Test func reactorSeesTheEnd() throws {
    let status = try onThread {
      let reactor = try Reactor()
      let child = try Spawn(["true"]).start()
      var status: Net.ExitStatus?
      try reactor.watch(child.exitDescriptor, read: true, write: false) { _ in
        status = try? child.wait(atMost: 0)
        reactor.stop()
      }
      reactor.run()
      return status
    }
    #expect(status == .exited(0))
  }

  @Test func pidFileHasOneHolder() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("engine.pid")
    var file: PIDFile? = try PIDFile(path)
    #expect(try File.readText(path) == "\(ThisProcess.processID)\n")
    #expect(PIDFile.holder(of: path) == ThisProcess.processID)
    #expect(systemError { _ = try PIDFile(path) }?.code == SystemError.Code.wouldBlock)
    // flock(1) is another program's opinion.
    #expect(try Spawn(["flock", "-n", path, "true"]).capture().status == .exited(1))
    withExtendedLifetime(file) {}
    file = nil
    #expect(systemError { _ = try File.status(path) }?.code == SystemError.Code.noSuchFile)
    // Left behind by a program that was killed: no obstacle, and nobody's.
    try File.replace(path, with: "1\n".utf8)
    #expect(PIDFile.holder(of: path) == nil)
    let taken = try PIDFile(path)
    #expect(try File.readText(path) == "\(ThisProcess.processID)\n")
    withExtendedLifetime(taken) {}
  }

  @Test func knowsItself() throws {
    #expect(try output(of: "hostname").trimmed == ThisProcess.hostName)
    #expect(try output(of: "id", "-u").trimmed == "\(ThisProcess.userID)")
    let environment = ThisProcess.environment()
    #expect(environment["PATH"] == ThisProcess.environment("PATH"))
    #expect(ThisProcess.environment("NO_SUCH_VARIABLE") == nil)
    #expect(try output(of: "env", "-0").split(separator: "\0").count == environment.count)
    // The child's parent is this process.
    #expect(
      try output(of: "sh", "-c", "echo $PPID").trimmed == "\(ThisProcess.processID)")
  }
}
