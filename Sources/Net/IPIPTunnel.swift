internal import CLinux
internal import Glibc
package import PAP
internal import Synchronization

/// An inside host's tunnel in user space, for kernels without an `ipip` device: what the kernel
/// routes to a TUN device goes to the router in IP-in-IP (RFC 2003), and what comes from there goes
/// to the device.
///
/// One thread moves the packets; nothing is allocated for a packet. The kernel makes the outer header,
/// without "don't fragment", so that it can fragment where the LAN is narrower than expected.
package final class IPIPTunnel: Sendable {
  /// Packets and octets since the start.
  ///
  /// Octets are those of inner packets.
  package struct Counters: Hashable, Sendable {
    /// Sent to the router.
    package var sent: UInt64 = 0
    package var sentOctets: UInt64 = 0
    /// Handed to the kernel.
    package var received: UInt64 = 0
    package var receivedOctets: UInt64 = 0
    /// Not let through, either way, or lost as the kernel had no room.
    package var dropped: UInt64 = 0
  }

  /// How many packets of one side are moved before the other side's turn comes.
  private static let batch = 64
  /// The longest IPv4 packet.
  private static let longestPacket = 65_535

  private let queue: TUNQueue
  private let socket: FileDescriptor
  private let wakeUp: FileDescriptor
  private let rules: IPIPPacket
  private let published = Mutex(Counters())
  private let thread = Mutex<ThreadHandle?>(nil)
  private let onFailure: @Sendable (SystemError) -> Void

  /// Opens the raw socket.
  ///
  /// Needs CAP_NET_RAW.
  ///
  /// - Parameters:
  ///   - queue: the TUN device's only queue.
  ///   - local: the host's inside address.
  ///   - remote: the router's tunnel endpoint; packets of others are never seen.
  ///   - inner: the external address, which all packets in the tunnel carry on this side.
  ///   - onFailure: called on the tunnel's thread, once, if the device or the socket fails for good.
  /// - Throws: `EPERM` without the capability, `EADDRNOTAVAIL` if `local` is no address of ours.
  package init(
    queue: TUNQueue, local: IPv4Address, remote: IPv4Address, inner: IPv4Address,
    onFailure: @Sendable @escaping (SystemError) -> Void
  ) throws(SystemError) {
    self.queue = queue
    self.onFailure = onFailure
    rules = IPIPPacket(remote: remote, inner: inner)
    wakeUp = FileDescriptor(
      owning: try systemCall("make", "eventfd") { eventfd(0, Int32(EFD_CLOEXEC)) })
    socket = try Self.openSocket(local: local, remote: remote)
  }

  /// What was moved so far.
  ///
  /// Brought up to date after each batch.
  package var counters: Counters { published.withLock(\.self) }

  /// Starts moving packets.
  package func start() throws(SystemError) {
    let handle = try startThread(name: "tunnel") { [self] in
      do throws(SystemError) {
        try run()
      } catch {
        onFailure(error)
      }
    }
    thread.withLock { $0 = handle }
  }

  /// Stops moving packets, and returns when the thread has ended.
  package func stop() {
    _ = try? wakeUp.write([1, 0, 0, 0, 0, 0, 0, 0])
    let handle = thread.withLock { handle in
      defer { handle = nil }
      return handle
    }
    handle?.join()
  }

  private static func openSocket(
    local: IPv4Address, remote: IPv4Address
  ) throws(SystemError) -> FileDescriptor {
    let what = "IP-in-IP socket"
    let descriptor = try Socket.open(AF_INET, SOCK_RAW, 4, what: what)
    let raw = descriptor.rawValue
    Socket.enlargeReceiveBuffer(raw, to: 8 << 20)
    try Socket.set(
      raw, level: Int32(IPPROTO_IP), option: IP_MTU_DISCOVER, to: IP_PMTUDISC_DONT, what: what)
    try systemCall("bind to \(local)", what) {
      unsafe Endpoint(address: local, port: 0).withSocketAddress { unsafe bind(raw, $0, $1) }
    }
    try systemCall("connect to \(remote)", what) {
      unsafe Endpoint(address: remote, port: 0).withSocketAddress { unsafe connect(raw, $0, $1) }
    }
    return descriptor
  }

  private func run() throws(SystemError) {
    let memory = UnsafeMutableRawBufferPointer.allocate(
      byteCount: Self.longestPacket, alignment: 64)
    defer { unsafe memory.deallocate() }
    var counters = Counters()
    var waits = [wakeUp.rawValue, queue.rawValue, socket.rawValue].map {
      pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
    }
    while true {
      try systemCall("wait for", "tunnel") { unsafe poll(&waits, nfds_t(waits.count), -1) }
      guard waits[0].revents == 0 else { return }
      if waits[1].revents != 0 { try unsafe sendBatch(memory, &counters) }
      if waits[2].revents != 0 { try unsafe receiveBatch(memory, &counters) }
      published.withLock { [counters] in $0 = counters }
    }
  }

  private func sendBatch(
    _ memory: UnsafeMutableRawBufferPointer, _ counters: inout Counters
  ) throws(SystemError) {
    for _ in 0..<Self.batch {
      let length = try systemCallUnlessBlocking("read from", "tunnel device") {
        unsafe read(queue.rawValue, memory.baseAddress, memory.count)
      }
      guard let length else { return }
      let packet = unsafe UnsafeRawBufferPointer(rebasing: memory[..<length])
      if unsafe rules.maySend(packet), unsafe send(packet) {
        counters.sent &+= 1
        counters.sentOctets &+= UInt64(length)
      } else {
        counters.dropped &+= 1
      }
    }
  }

  /// Sends one packet; false if it is lost.
  private func send(_ packet: UnsafeRawBufferPointer) -> Bool {
    // An ICMP error about an earlier packet makes one call fail and sends nothing: so, twice.
    for _ in 0..<2
    where unsafe Glibc.send(
      socket.rawValue, packet.baseAddress, packet.count, Int32(MSG_NOSIGNAL)) >= 0
    {
      return true
    }
    return false
  }

  private func receiveBatch(
    _ memory: UnsafeMutableRawBufferPointer, _ counters: inout Counters
  ) throws(SystemError) {
    for _ in 0..<Self.batch {
      let length = unsafe recv(socket.rawValue, memory.baseAddress, memory.count, 0)
      if length < 0 {
        // Others are ICMP errors about what was sent, which the kernel tells once each.
        guard errno != EAGAIN else { return }
        continue
      }
      let outer = unsafe UnsafeMutableRawBufferPointer(rebasing: memory[..<length])
      if let inner = unsafe rules.received(outer), unsafe deliver(outer, inner) {
        counters.received &+= 1
        counters.receivedOctets &+= UInt64(inner.count)
      } else {
        counters.dropped &+= 1
      }
    }
  }

  private func deliver(_ outer: UnsafeMutableRawBufferPointer, _ inner: Range<Int>) -> Bool {
    let packet = unsafe UnsafeRawBufferPointer(rebasing: outer[inner])
    return unsafe write(queue.rawValue, packet.baseAddress, packet.count) == packet.count
  }
}
