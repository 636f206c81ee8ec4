/// The configuration of strongSwan on one node of the lab.
///
/// Nothing of /etc is read: charon finds its settings by `STRONGSWAN_CONF`, swanctl its folder by
/// `SWANCTL_DIR`, and both meet at a socket in the node's folder.
struct StrongSwanText {
  let name: LabName
  let plan: LabPlan
  let node: LabNode
  /// The secret of every pair in this lab.
  let preSharedKey: String

  private var folder: String { name.folder(node) }
  private var isHost: Bool { LabNode.hosts.contains(node) }

  /// Where charon listens for swanctl and for the host's agent.
  static func vici(_ name: LabName, _ node: LabNode) -> String { name.folder(node) + "/run/vici" }
  /// The snippet that the host's agent writes for its lease: SPI range, IKE label, ports.
  static func snippet(_ name: LabName, _ node: LabNode) -> String {
    name.folder(node) + "/lease.conf"
  }

  /// The content of strongswan.conf; a host's includes the agent's snippet.
  var daemon: String {
    let kernel = plan.isGuest(node) ? "kernel-netlink" : "kernel-libipsec kernel-netlink"
    return """
      charon {
        load = random nonce openssl curve25519 aes sha1 sha2 hmac kdf gcm pem pkcs1 x509 pubkey \
      \(kernel) socket-default vici updown
        retransmit_tries = 3
        retransmit_timeout = 2
        retransmit_base = 1.4
        plugins {
          vici {
            socket = unix://\(Self.vici(name, node))
          }
        }
        filelog {
          lab {
            path = \(folder)/charon.log
            time_format = %H:%M:%S
            default = 1
            flush_line = yes
          }
        }
      }
      swanctl {
        load = pem pkcs1 x509 pubkey openssl random nonce
        socket = unix://\(Self.vici(name, node))
      }
      \(isHost ? "include \(Self.snippet(name, node))\n" : "")
      """
  }

  /// The content of swanctl.conf: a host starts and restarts its associations, a peer answers.
  var connections: String {
    let peers = isHost ? LabNode.peers : [node]
    return """
      connections {
      \(peers.map(connection).joined(separator: "\n"))
      }
      secrets {
        ike-lab {
          secret = "\(preSharedKey)"
        }
      }

      """
  }

  private func connection(_ peer: LabNode) -> String {
    """
      \(isHost ? peer.rawValue : "hosts") {
        version = 2
        local_addrs = \(isHost ? LabAddress.external : peer.address ?? "%any")
        remote_addrs = \(isHost ? peer.address ?? "%any" : "%any")
        proposals = aes128-sha256-x25519
        mobike = no
        unique = replace
        \(isHost ? "keyingtries = 0\n    dpd_delay = 30" : "dpd_delay = 0")
        local {
          auth = psk
          id = \(node.rawValue)
        }
        remote {
          auth = psk
          id = \(isHost ? peer.rawValue : "%any")
        }
        children {
    \(plan.roads(to: peer).map { child(peer, $0) }.joined(separator: "\n"))
        }
      }
    """
  }

  /// The trap policy keeps traffic from leaving in clear while there is no association, and asks
  /// for a new one.
  private func child(_ peer: LabNode, _ road: LabRoad) -> String {
    let flow = LabFlow(host: isHost ? node : .hosta, peer: peer, road: road)
    let proposal = road == .ah ? "ah_proposals = sha256" : "esp_proposals = aes128gcm128"
    let near = isHost ? flow.hostInner : flow.peerInner
    let far = isHost ? flow.peerInner + "/32" : LabAddress.behindHosts
    let actions = isHost ? ["start_action = trap|start", "dpd_action = restart"] : []
    return """
            \(flow.child) {
              mode = tunnel
              \(proposal)
              local_ts = \(near)/32
              remote_ts = \(far)
              \(actions.joined(separator: "\n        "))
            }
      """
  }
}
