internal import Net
internal import PAP

/// The rules between several keys of the router's configuration.
///
/// They look at keys only that could be read: what is missing or of a wrong kind has been reported.
struct RouterConfigurationChecks {
  let reader: RouterConfigurationReader
  let configuration: RouterConfiguration

  private var router: TableReader { reader.router }
  private var hosts: [TableReader] { reader.hosts }

  // The forwarding table knows hosts by numbers of 16 bits.
  private static let mostHosts = 65_535

  func run() {
    if hosts.count > Self.mostHosts {
      reader.root.report("host", "there are \(hosts.count) hosts; \(Self.mostHosts) is the most")
    }
    checkAddresses()
    checkListen()
    checkUnique("name", configuration.hosts.map(\.name), nothing: "")
    checkKeyIDs()
    checkUnique(
      "inside-address", configuration.hosts.map(\.insideAddress),
      nothing: IPv4Address(rawValue: 0))
    checkHostAddresses()
    checkResponder()
  }

  private func checkAddresses() {
    let external = configuration.externalAddress
    if external == configuration.tunnelEndpoint, external.rawValue != 0 {
      router.report("tunnel-endpoint", "is the external address too; give the tunnel its own")
    }
    if let network = configuration.insideNetworks.first(where: { $0.contains(external) }) {
      router.report("external-address", "lies in the inside network \(network)")
    }
    if router.node("inside-networks")?.elements?.isEmpty == true {
      router.report("inside-networks", "is empty; name the networks that the hosts are in")
    }
  }

  private func checkListen() {
    let table = reader.pap
    if table.node("listen")?.elements?.isEmpty == true {
      table.report("listen", "is empty; name an inside address of the router, with a port")
    }
    for (endpoint, count) in counted(configuration.listen) {
      if count > 1 { table.report("listen", "names \(endpoint) \(count) times; once is enough") }
      if endpoint.address == configuration.externalAddress {
        table.report("listen", "names the external address; PAP is for the inside only")
      }
      if endpoint.address == configuration.tunnelEndpoint {
        table.report("listen", "names the tunnel endpoint, which is not the router's own address")
      }
    }
  }

  private func counted<Value: Hashable>(_ values: [Value]) -> [(Value, Int)] {
    var order: [Value] = []
    var counts: [Value: Int] = [:]
    for value in values {
      if counts[value] == nil { order.append(value) }
      counts[value, default: 0] += 1
    }
    return order.map { ($0, counts[$0, default: 0]) }
  }

  private func checkUnique<Value: Hashable>(_ key: String, _ values: [Value], nothing: Value) {
    var firstLines: [Value: Int] = [:]
    for (table, value) in zip(hosts, values) where value != nothing {
      if let line = firstLines[value] {
        table.report(key, "\(value) is already the \(key) of the host at line \(line)")
      } else {
        firstLines[value] = table.line(of: key)
      }
    }
  }

  /// Whose a message is follows from its key id alone, so no two keys have the same.
  private func checkKeyIDs() {
    var lines: [UInt32: Int] = [:]
    for (table, host) in zip(hosts, configuration.hosts) {
      for (key, id) in [("key-id", host.keyID), ("second-key-id", host.secondKeyID ?? 0)]
      where id != 0 {
        if let line = lines[id] {
          table.report(key, "\(id) is already the key-id of the host at line \(line)")
        } else {
          lines[id] = table.line(of: key)
        }
      }
      let keys = table.keys
      for (one, other) in [
        ("second-key-id", "second-key-file"), ("second-key-file", "second-key-id"),
      ] where keys.contains(one) && !keys.contains(other) {
        table.report(one, "needs \(other) with it")
      }
    }
  }

  private func checkHostAddresses() {
    for (table, host) in zip(hosts, configuration.hosts) where host.insideAddress.rawValue != 0 {
      let address = host.insideAddress
      if !configuration.insideNetworks.contains(where: { $0.contains(address) }),
        !configuration.insideNetworks.isEmpty
      {
        table.report("inside-address", "\(address) is in none of router.inside-networks")
      }
      if address == configuration.tunnelEndpoint {
        table.report("inside-address", "\(address) is the tunnel endpoint")
      }
      if configuration.listen.contains(where: { $0.address == address }) {
        table.report("inside-address", "\(address) is the router's own, see pap.listen")
      }
    }
  }

  private func checkResponder() {
    let names = configuration.hosts.map(\.name)
    // A host that could not be read may be the one that is meant.
    guard let name = configuration.ikeResponder, !names.contains(name), !names.contains(""),
      !hosts.isEmpty || !reader.root.keys.contains("host")
    else { return }
    let meant = Suggestion.nearest(to: name, among: names)
    router.report(
      "ike-responder",
      "names no host" + (meant.map { "; did you mean '\($0)'?" } ?? "; give a [[host]] that name"))
  }
}
