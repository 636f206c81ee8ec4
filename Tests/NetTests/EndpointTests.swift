import PAP
import Testing

@testable import Net

@Suite(.timeLimit(.minutes(1))) struct EndpointTests {
  struct Vector: CustomTestStringConvertible, Sendable {
    let text: String
    let address: UInt32?
    var port: UInt16 = 0
    var testDescription: String { text }
  }

  @Test(arguments: [
    Vector(text: "192.0.2.1:4500", address: 0xc000_0201, port: 4500),
    Vector(text: "0.0.0.0:0", address: 0, port: 0),
    Vector(text: "255.255.255.255:65535", address: 0xffff_ffff, port: 65535),
    Vector(text: "192.0.2.1:65536", address: nil),
    Vector(text: "192.0.2.1:-1", address: nil),
    Vector(text: "192.0.2.1:+1", address: nil),
    Vector(text: "192.0.2.1:01", address: nil),
    Vector(text: "192.0.2.1:", address: nil),
    Vector(text: "192.0.2.1", address: nil),
    Vector(text: ":500", address: nil),
    Vector(text: "192.0.2.1:500:", address: nil),
    Vector(text: "192.0.2.1:500 ", address: nil),
    Vector(text: "192.0.2:500", address: nil),
    Vector(text: "[2001:db8::1]:500", address: nil),
    Vector(text: "", address: nil),
  ])
  func readsAndPrints(_ vector: Vector) {
    let endpoint = Endpoint(vector.text)
    #expect(endpoint?.address.rawValue == vector.address)
    guard vector.address != nil else { return }
    #expect(endpoint?.port == vector.port)
    #expect(endpoint?.description == vector.text)
  }

  @Test func ordersByAddressThenPort() {
    let texts = ["10.0.0.1:1", "10.0.0.1:2", "192.0.2.1:1"]
    #expect(texts.reversed().compactMap { Endpoint($0) }.sorted().map(\.description) == texts)
  }

  /// Python sends and receives, so addresses and ports are not only consistent with themselves.
  @Test func exchangesDatagramsWithAnotherProgram() throws {
    let loopback = try #require(Endpoint("127.0.0.1:0"))
    let socket = try UDPSocket(boundTo: loopback)
    #expect(try socket.receive() == nil)
    let program = """
      import socket,sys
      s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(('127.0.0.1', 0))
      s.sendto(b'%d' % s.getsockname()[1], ('127.0.0.1', int(sys.argv[1])))
      data, source = s.recvfrom(100); print(data.decode(), source[1])
      """
    var spawn = Spawn(["/usr/bin/python3", "-c", program, "\(socket.local.port)"])
    spawn.standardOutput = .pipe
    let child = try spawn.start()
    _ = try Readiness.wait(on: socket.rawValue, for: .readable, atMost: 30)
    let datagram = try #require(try socket.receive())
    #expect(datagram.source.address.description == "127.0.0.1")
    #expect(String(decoding: datagram.bytes, as: UTF8.self) == "\(datagram.source.port)")
    #expect(try socket.send("reply".utf8.map(\.self), to: datagram.source))
    #expect(try child.wait() == .exited(0))
    let seen = try #require(try child.standardOutput?.read())
    #expect(String(decoding: seen, as: UTF8.self) == "reply \(socket.local.port)\n")
  }

  @Test func carriesTheLargestDatagramAndNoLargerOne() throws {
    let loopback = try #require(Endpoint("127.0.0.1:0"))
    let socket = try UDPSocket(boundTo: loopback)
    var payload = [UInt8](repeating: 7, count: 65_507)
    #expect(try socket.send(payload, to: socket.local))
    #expect(try socket.receive() == Datagram(bytes: payload, source: socket.local))
    #expect(try socket.send([], to: socket.local))
    #expect(try socket.receive()?.bytes == [])
    payload.append(7)
    #expect(
      errorText { try socket.send(payload, to: socket.local) }
        == "cannot send to \(socket.local): Message too long")
  }

  @Test func onePortHasOneSocket() throws {
    let first = try UDPSocket(boundTo: #require(Endpoint("127.0.0.1:0")))
    #expect(
      errorText { _ = try UDPSocket(boundTo: first.local) }
        == "cannot listen on UDP \(first.local): Address already in use")
  }

  @Test func receiveBufferPassesTheSystemsLimit() throws {
    let limit = try #require(Int32(Sysctl.read("net.core.rmem_max")))
    let socket = try UDPSocket(
      boundTo: #require(Endpoint("127.0.0.1:0")), receiveBuffer: limit + 100_000)
    let port = "sport = :\(socket.local.port)"
    // ss prints rb, which the kernel keeps doubled (socket(7)).
    let shown = try output(of: "ss", "-uanmH", port)
    #expect(shown.contains("rb\(2 * (limit + 100_000))"))
  }
}
