import Testing

@testable import Net

@Suite(.timeLimit(.minutes(1))) struct UnixSocketTests {
  @Test func carriesOctetsBothWays() throws {
    let directory = try TemporaryDirectory()
    let listener = try UnixListener(path: directory.file("s"))
    #expect(try listener.accept() == nil)
    let client = try UnixStream(connectingTo: listener.path)
    let server = try #require(try listener.accept())
    #expect(try client.write("question".utf8) == 8)
    #expect(try server.read() == Array("question".utf8))
    #expect(try server.read() == nil)
    try client.finishWriting()
    #expect(try server.read() == [])
    #expect(try server.write("answer".utf8) == 6)
    #expect(try client.read(upTo: 3) == Array("ans".utf8))
    #expect(try client.read() == Array("wer".utf8))
  }

  @Test func writingToNobodyIsAnErrorAndNoSignal() throws {
    let directory = try TemporaryDirectory()
    let listener = try UnixListener(path: directory.file("s"))
    let client = try UnixStream(connectingTo: listener.path)
    do { _ = try listener.accept() }
    #expect(errorText { _ = try client.write([1]) } == "cannot write to socket: Broken pipe")
  }

  struct Account: CustomTestStringConvertible, Sendable {
    let name: String
    var testDescription: String { name }
  }

  /// Another program, started as a user of the system, connects.
  @Test(arguments: [Account(name: "root"), Account(name: "daemon"), Account(name: "www-data")])
  func knowsWhoConnects(_ account: Account) throws {
    let directory = try TemporaryDirectory()
    try output(of: "chmod", "755", directory.path)
    let listener = try UnixListener(path: directory.file("s"), mode: 0o666)
    let program =
      "import socket,sys; s=socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]);"
      + "sys.stdin.read()"
    var spawn = Spawn([
      "setpriv", "--reuid", account.name, "--regid", account.name, "--init-groups",
      "/usr/bin/python3", "-c", program, listener.path,
    ])
    spawn.standardInput = .pipe
    let child = try spawn.start()
    _ = try Readiness.wait(on: listener.rawValue, for: .readable, atMost: 30)
    let peer = try #require(try listener.accept()).peer()
    child.standardInput?.close()
    #expect(try child.wait() == .exited(0))

    #expect(try output(of: "id", "-u", account.name).trimmed == "\(peer.userID)")
    #expect(try output(of: "id", "-g", account.name).trimmed == "\(peer.groupID)")
    #expect(peer.processID == child.processID)
    let groups = try output(of: "id", "-G", account.name).split { $0 == " " || $0 == "\n" }
    #expect(peer.groups() == Set(groups.compactMap { UInt32($0) }))
  }

  @Test func accountsAreThoseOfTheSystem() throws {
    let line = try output(of: "getent", "group", "adm").split(separator: ":")
    #expect(Accounts.groupID(named: "adm") == UInt32(line[2]))
    #expect(Accounts.groupID(named: "no-such-group") == nil)
    #expect(Accounts.userID(named: "root") == 0)
    #expect(Accounts.userID(named: "no-such-user") == nil)
    #expect(Accounts.userName(of: 0) == "root")
    #expect(Accounts.userName(of: 4_000_000_000) == nil)
    #expect(Accounts.groups(of: 4_000_000_000) == [])
  }

  @Test(arguments: [UInt32(0o600), 0o660, 0o666])
  func fileHasModeAndGroup(_ mode: UInt32) throws {
    let directory = try TemporaryDirectory()
    let group = try #require(Accounts.groupID(named: "adm"))
    let listener = try UnixListener(path: directory.file("s"), mode: mode, group: group)
    let shown = try output(of: "stat", "-c", "%F %a %G", listener.path)
    #expect(shown == "socket \(String(mode, radix: 8)) adm\n")
    withExtendedLifetime(listener) {}
  }

  @Test func othersMayConnectOnlyIfTheModeSaysSo() throws {
    let directory = try TemporaryDirectory()
    try output(of: "chmod", "755", directory.path)
    let program = "import socket,sys; socket.socket(socket.AF_UNIX).connect(sys.argv[1])"
    for (mode, status) in [(UInt32(0o660), Net.ExitStatus.exited(1)), (0o666, .exited(0))] {
      let listener = try UnixListener(path: directory.file("s"), mode: mode)
      let result = try Spawn([
        "setpriv", "--reuid", "daemon", "--regid", "daemon", "--clear-groups",
        "/usr/bin/python3", "-c", program, listener.path,
      ]).capture(atMost: 30)
      #expect(result.status == status, "\(result.errorText)")
      withExtendedLifetime(listener) {}
    }
  }

  @Test func replacesASocketThatNobodyAnswers() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("s")
    try python("import socket,sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])", path)
    #expect(
      errorText { _ = try UnixStream(connectingTo: path) }
        == "cannot connect to \(path): Connection refused")
    let listener = try UnixListener(path: path)
    let client = try UnixStream(connectingTo: path)
    #expect(try listener.accept() != nil)
    withExtendedLifetime(client) {}
  }

  @Test func leavesASocketThatIsAnswered() throws {
    let directory = try TemporaryDirectory()
    let first = try UnixListener(path: directory.file("s"))
    #expect(
      errorText { _ = try UnixListener(path: first.path) }
        == "cannot listen on \(first.path): Address already in use")
    _ = try UnixStream(connectingTo: first.path)
    #expect(try first.accept() != nil)
  }

  @Test func leavesAFileThatIsNoSocket() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("precious")
    try File.replace(path, with: "data".utf8)
    let error = systemError { _ = try UnixListener(path: path) }
    #expect(error?.code == SystemError.Code.addressInUse)
    #expect(try File.readText(path) == "data")
  }

  @Test func takesItsOwnFileAwayAndNoOther() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("s")
    do { _ = try UnixListener(path: path) }
    #expect(systemError { _ = try File.status(path) }?.code == SystemError.Code.noSuchFile)

    var first: UnixListener? = try UnixListener(path: path)
    try output(of: "mv", path, path + ".old")
    let second = try UnixListener(path: path)
    withExtendedLifetime(first) {}
    first = nil
    #expect(try File.status(path).kind == .socket)
    _ = try UnixStream(connectingTo: path)
    #expect(try second.accept() != nil)
  }

  @Test func refusesPathsThatDoNotFit() throws {
    let long = "/tmp/" + String(repeating: "x", count: 103)
    #expect(errorText { _ = try UnixListener(path: long) }.hasSuffix(": File name too long"))
    #expect(errorText { _ = try UnixStream(connectingTo: "") }.hasSuffix(": File name too long"))
  }
}
