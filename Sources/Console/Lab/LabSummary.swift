/// The lines that tell a person what is in the lab and what to do with it.
struct LabSummary {
  let name: LabName
  let plan: LabPlan

  /// Which host and peer is which, and by which road they talk.
  var lines: [String] {
    let hosts = LabNode.hosts.map { line($0, kind($0)) }
    let peers = LabNode.peers.map { peer in
      let roads = plan.roads(to: peer).map(\.title).joined(separator: " and ")
      return line(peer, "\(roads) with each host; \(kind(peer))")
    }
    return ["", "  Inside, sharing \(LabAddress.external):"] + hosts
      + ["  Outside:"] + peers
      + [line(.attacker, "sends forged ESP, AH, IKE and TCP, which the router drops"), ""]
  }

  /// How to go on when the lab stays up.
  var hints: [String] {
    let socket = "--socket \(name.socket)"
    return [
      "  The console:          dnat-console attach \(socket)",
      "  Scripts:              dnat-console ctl sa \(socket)",
      "  Cut a peer off:       dnat-console ctl revoke \(LabNode.peers[0].address ?? "") \(socket)",
      "  Inside a host:        dnat-console lab exec\(name.option) hosta -- swanctl --list-sas",
      "  The end of all this:  dnat-console lab down\(name.option)", "",
    ]
  }

  private func line(_ node: LabNode, _ what: String) -> String {
    "    " + pad(node.rawValue, to: 10) + pad(node.address ?? "", to: 13) + what
  }

  private func kind(_ node: LabNode) -> String {
    plan.isGuest(node)
      ? "User-mode Linux guest with kernel IPsec" : "namespace with strongSwan's own IPsec"
  }

  private func pad(_ text: String, to width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }
}
