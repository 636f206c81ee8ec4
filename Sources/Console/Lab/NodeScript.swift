/// The bash script that starts what runs on a host or a peer: the agent, strongSwan, traffic.
///
/// It ends when all is started, with status 0, or says on standard error what failed. It forks as
/// little as it can: in a guest each fork costs tens of milliseconds.
struct NodeScript {
  let name: LabName
  let plan: LabPlan
  let node: LabNode
  /// Where `dnat-host` is, as the node sees it.
  let agent: String

  private var folder: String { name.folder(node) }
  private var isHost: Bool { LabNode.hosts.contains(node) }

  var text: String {
    let parts = [
      prelude, plan.isGuest(node) ? guestSetting : namespaceSetting, isHost ? agentStart : "",
      daemonStart, isHost ? traffic : "",
    ]
    return parts.filter { !$0.isEmpty }.joined(separator: "\n\n") + "\n"
  }

  private var prelude: String {
    #"""
    #!/bin/bash
    # Starts \#(node.rawValue) of the lab "\#(name)".
    set -u
    folder=\#(folder)
    export STRONGSWAN_CONF=$folder/strongswan.conf SWANCTL_DIR=$folder/swanctl
    # Reading this pipe waits without a fork: nobody ever writes to it.
    exec {clock}<> <(:)
    # await TEST FILE PROCESS LOG: until the process has made the file, at most 60 s.
    await() {
      local turn
      for ((turn = 0; turn < 1200; turn++)); do
        test "$1" "$2" && return
        kill -0 "$3" || break
        read -r -t 0.05 -u $clock
      done
      echo "$2 did not appear; the last lines of ${4##*/}:" >&2
      tail -n 12 "$4" >&2
      exit 1
    }
    """#
  }

  /// A guest has its network to itself, and keeps sockets off the machine's disk.
  private var guestSetting: String {
    #"""
    mount -t tmpfs tmpfs $folder/run
    ip -batch - << 'END' || exit
    \#(guestNetwork)
    END
    mkdir /run/bin && cp \#(agent) /run/bin/dnat-host || exit
    charon=/usr/lib/ipsec/charon swanctl=swanctl
    """#
  }

  private var guestNetwork: String {
    LabNetwork(name: name, plan: plan).endSystem(node, "vec0").joined(separator: "\n")
  }

  /// A namespace gets a /run of its own, with only the lab's folder brought along.
  ///
  /// charon's pid file is always /run/charon.pid, so two of them could not share a /run. The
  /// programs run from copies there, since a machine's AppArmor profiles would keep those in /usr
  /// from reading the lab's folder. What leaves by no tunnel must not leave in clear,
  /// hence the black holes.
  private var namespaceSetting: String {
    #"""
    mount --bind \#(LabName.root) /mnt || exit
    mount -t tmpfs -o mode=755 tmpfs /run || exit
    mkdir -p \#(LabName.root) /run/bin
    mount --bind /mnt \#(LabName.root) && umount /mnt || exit
    cp /usr/lib/ipsec/charon "$(command -v swanctl)" \#(agent) /run/bin/ || exit
    charon=/run/bin/charon swanctl=/run/bin/swanctl
    ip route add blackhole \#(LabAddress.behindPeers) metric 4096
    ip route add blackhole \#(LabAddress.behindHosts) metric 4096
    """#
  }

  private var agentStart: String {
    #"""
    /run/bin/dnat-host run --config $folder/host.toml > $folder/dnat-host.log 2>&1 < /dev/null &
    await -s \#(StrongSwanText.snippet(name, node)) $! $folder/dnat-host.log
    """#
  }

  private var daemonStart: String {
    #"""
    $charon > $folder/charon.out 2>&1 < /dev/null &
    echo $! > $folder/charon.pid
    await -S \#(StrongSwanText.vici(name, node)) $! $folder/charon.out\#(permission)
    $swanctl --load-all --noprompt > $folder/swanctl.out 2>&1 || {
      tail -n 5 $folder/swanctl.out >&2
      exit 1
    }
    """#
  }

  /// A host that asks a peer before that has its configuration is refused, and asks no more.
  private var permission: String {
    isHost ? "\nawait -e $folder/\(Self.permissionFile) $! $folder/charon.out" : ""
  }

  /// The file in a host's folder that lets it talk to the peers.
  static let permissionFile = "peers-are-ready"

  private var traffic: String {
    let interval = 1.0 / Double(LabPlan.packetsPerSecond)
    return plan.flows.filter { $0.host == node }.map { flow in
      "ping -q -n -i \(interval) -I \(flow.hostInner) \(flow.peerInner)"
        + " > $folder/ping-\(flow.child).log 2>&1 < /dev/null &"
    }.joined(separator: "\n")
  }
}
