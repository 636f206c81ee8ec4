"""Routers of others on the way: one in front of the lab's router, in a segment of its."""

import contextlib

from checks import expect
from lab import HOSTS, run
from nodes import at_once, shell
from relay import batch

# What is beyond the hop as seen from the lab's router, and what is before it.
NETWORK = {"wan": "192.0.2.0/24", "lan": "10.0.0.0/24"}
ROUTER = {"wan": ("192.0.2.1", "198.51.100.1"), "lan": ("10.0.0.1", "10.0.0.254")}
# Its own address, from which its errors come.
ADDRESS = {"wan": "192.0.2.2", "lan": "10.0.0.2"}
WHOLE = 1500


class Hop:
    """A router between the lab's router and the rest of a segment, which answers ARP for both.

    Its links take what Ethernet takes, unless `limit` says otherwise.
    """

    def __init__(self, lab, segment):
        self.lab, self.segment = lab, segment
        self.namespace = f"{lab.namespace('hop')}-{segment}"
        self.address = ADDRESS[segment]
        expect(run("ip", "netns", "add", self.namespace).code == 0, "cannot make a namespace")
        try:
            self._connect()
        except BaseException:
            self.close()
            raise

    def _connect(self):
        namespace = self.lab.namespace(self.segment)
        batch("", namespace, f"""
            link set router nomaster netns {self.namespace} name near
            link add hop type veth peer name far netns {self.namespace}
            link set hop master br0 up""")
        settings = ["net.ipv4.ip_forward=1", "net.ipv4.icmp_ratelimit=0"]
        for device in ("near", "far"):
            settings += [f"net.ipv4.conf.{device}.proxy_arp=1",
                         f"net.ipv4.neigh.{device}.proxy_delay=0"]
        answer = run("ip", "netns", "exec", self.namespace, "sysctl", "-q", "-w", *settings)
        expect(answer.code == 0, f"sysctl: {answer}")
        batch("", self.namespace, "link set near up\nlink set far up")
        batch("", self.namespace, f"address add {self.address}/32 dev far")
        self._route("far", WHOLE)
        self._route("near", WHOLE)
        # Everybody must ask again who has whose address.
        at_once(lambda node: shell(self.lab, node, "ip neigh flush all"),
                [*HOSTS, "peer1", "peer2", "attacker", "router"])

    def _route(self, side, mtu):
        targets = [NETWORK[self.segment]] if side == "far" else ROUTER[self.segment]
        batch("", self.namespace, "\n".join(
            f"route replace {target} dev {side} mtu {mtu}" for target in targets))

    @contextlib.contextmanager
    def limit(self, side, mtu):
        """For the time of the block, the link to one side takes only packets of this length."""
        self._route(side, mtu)
        try:
            yield
        finally:
            self._route(side, WHOLE)

    def close(self):
        run("ip", "netns", "delete", self.namespace)
