/// The configuration files of the lab's router and of its hosts' agents.
enum LabConfiguration {
  /// The router's, which stands in the lab's folder.
  static func router(_ name: LabName) -> String {
    let hosts = LabNode.hosts.map { host in
      """

      [[host]]
      name = "\(host.rawValue)"
      inside-address = "\(host.address ?? "")"
      key-id = \(host.number)
      key-file = "\(name.folder(host))/pap.key"

      """
    }
    return """
      [router]
      external-address = "\(LabAddress.external)"
      tunnel-endpoint = "\(LabAddress.tunnelEndpoint)"
      tun = "dnat0"
      inside-networks = ["\(LabAddress.insideNetwork)"]
      tunnel-mtu = \(LabAddress.tunnelMTU)

      [pap]
      listen = ["\(LabAddress.pap)"]
      authentication = "required"

      [control]
      socket = "\(name.socket)"

      [store]
      path = "\(name.folder)/state.sqlite"

      """ + hosts.joined()
  }

  /// A host's agent's: a guest's kernel makes the tunnel, a namespace's cannot.
  static func host(_ name: LabName, _ plan: LabPlan, _ host: LabNode) -> String {
    """
    [router]
    address = "\(LabAddress.pap)"

    [host]
    name = "\(host.rawValue)"
    inside-address = "\(host.address ?? "")"
    key-id = \(host.number)
    key-file = "\(name.folder(host))/pap.key"

    [tunnel]
    kind = "\(plan.isGuest(host) ? "kernel" : "tun")"

    [ike]
    daemon = "strongswan"
    vici = "\(StrongSwanText.vici(name, host))"
    settings = "\(StrongSwanText.snippet(name, host))"

    [control]
    socket = "\(controlSocket(name, host))"

    """
  }

  /// Where a host's agent answers `dnat-host status` and the like.
  static func controlSocket(_ name: LabName, _ host: LabNode) -> String {
    name.folder(host) + "/run/dnat-host.sock"
  }
}
