import Testing

@testable import Net

@Suite struct SystemErrorTests {
  struct Vector: CustomTestStringConvertible, Sendable {
    let error: SystemError
    let text: String
    var testDescription: String { text }
  }

  /// Texts of errno(3), numbers of the x86 and ARM kernels.
  @Test(arguments: [
    Vector(
      error: SystemError(operation: "open", object: "/dev/net/tun", code: 13),
      text: "cannot open /dev/net/tun: Permission denied"),
    Vector(
      error: SystemError(operation: "make", object: "", code: 24),
      text: "cannot make: Too many open files"),
    Vector(
      error: SystemError(operation: "read", object: "x", code: 9999),
      text: "cannot read x: error 9999"),
  ])
  func tellsWhatFailedOnWhatAndWhy(_ vector: Vector) {
    #expect(vector.error.description == vector.text)
  }

  struct Call: CustomTestStringConvertible, Sendable {
    let text: String
    let body: @Sendable () throws -> Void
    var testDescription: String { text }
  }

  /// Each call fails for a reason that the text must name.
  @Test(arguments: [
    Call(text: "cannot open /nonexistent: No such file or directory") {
      _ = try File.read("/nonexistent")
    },
    Call(text: "cannot read /: Is a directory") { _ = try File.read("/") },
    Call(text: "cannot read /etc/passwd: File too large") {
      _ = try File.read("/etc/passwd", limit: 3)
    },
    Call(text: "cannot run no-such-program: No such file or directory") {
      _ = try Spawn(["no-such-program"]).start()
    },
    Call(text: "cannot connect to /nonexistent/s: No such file or directory") {
      _ = try UnixStream(connectingTo: "/nonexistent/s")
    },
    Call(text: "cannot listen on /nonexistent/s: No such file or directory") {
      _ = try UnixListener(path: "/nonexistent/s")
    },
    Call(text: "cannot open /run/netns/no-such-namespace: No such file or directory") {
      try onThread { try NetworkNamespace.enter("no-such-namespace") }
    },
    Call(text: "cannot open namespace '../ns': Invalid argument") {
      try onThread { try NetworkNamespace.enter("../ns") }
    },
    Call(text: "cannot find interface nothere0: No such device") {
      _ = try Netlink.interfaceIndex("nothere0")
    },
    Call(text: "cannot open TUN device '': Invalid argument") {
      _ = try TUN.open(name: "", queues: 1)
    },
    Call(text: "cannot open TUN device 'tun%d': Invalid argument") {
      _ = try TUN.open(name: "tun%d", queues: 1)
    },
    Call(text: "cannot open TUN device 'sixteen-octets-0': Invalid argument") {
      _ = try TUN.open(name: "sixteen-octets-0", queues: 1)
    },
    Call(text: "cannot open TUN device lo: Invalid argument") {
      _ = try TUN.open(name: "lo", queues: 1)
    },
    Call(text: "cannot listen on UDP 192.0.2.1:4000: Cannot assign requested address") {
      _ = try UDPSocket(boundTo: #require(Endpoint("192.0.2.1:4000")))
    },
    Call(text: "cannot send packet without IPv4 header: Invalid argument") {
      try RawPacketSender().send([0x45])
    },
    Call(text: "cannot open /proc/sys/net/ipv4/no_such_setting: No such file or directory") {
      _ = try Sysctl.read("net.ipv4.no_such_setting")
    },
    Call(text: "cannot start on processor 1023 thread far: Invalid argument") {
      _ = try startThread(name: "far", cpu: 1023) {}
    },
  ])
  func eachCallNamesItsObject(_ call: Call) {
    #expect(errorText(call.body) == call.text)
  }

  @Test func retriesWhatASignalInterrupted() throws {
    // The call is made again until it does not say EINTR; other errors come out at once.
    var results: [(value: Int32, code: Int32)] = [(-1, 4), (-1, 4), (7, 0)]
    let value = try systemCall("try", "it") {
      let next = results.removeFirst()
      setErrorNumber(next.code)
      return next.value
    }
    #expect(value == 7 && results.isEmpty)

    var calls = 0
    let error = systemError {
      try systemCall("try", "it") { () -> Int32 in
        calls += 1
        setErrorNumber(5)
        return -1
      }
    }
    #expect(calls == 1 && error?.code == 5)
  }

  @Test func blockingIsNoError() throws {
    let blocked = try systemCallUnlessBlocking("try", "it") { () -> Int32 in
      setErrorNumber(11)
      return -1
    }
    #expect(blocked == nil)
    let error = systemError {
      _ = try systemCallUnlessBlocking("try", "it") { () -> Int32 in
        setErrorNumber(22)
        return -1
      }
    }
    #expect(error?.code == 22)
  }
}
