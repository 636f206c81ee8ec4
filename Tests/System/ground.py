"""A lab with a router of others on either side of its own, and what kernels believe of paths."""

import contextlib
import struct

from checks import expect_equal
from lab import EXTERNAL, HOSTS
from nodes import move, shell
from sharing import spi
from wire import TCP, UDP, ike, ipv4, udp

# Octets of the longest packet that the tunnel carries, and of what a small link does.
TUNNEL = 1480
SMALL = 1300
# TCP without IPsec, and the associations with a peer whose kernel makes them.
ROADS = ("tcp", "esp", "ah")
# Who cuts or refuses what is larger than the tunnel.
KERNEL, ENGINE = "the router's kernel", "the engine"
GUESTS = (*HOSTS, "peer1")


class Ground:
    """The lab with a hop on either side, and what its kernels believe about paths."""

    def __init__(self, lab, hops):
        self.lab, self.wan, self.lan = lab, hops["wan"], hops["lan"]
        rows = lab.ask("hosts")
        self.ports = {row["name"]: row["ports"] for row in rows}
        self.inside = {row["name"]: row["insideAddress"] for row in rows}

    def forget(self):
        """Every kernel forgets what it has learned of paths."""
        for answers in move(self.lab, {node: [{"do": "forget"}] for node in GUESTS}).values():
            expect_equal("forget", answers, [{}])

    def believes(self, node, address):
        """The path MTU that a guest's kernel knows of."""
        return move(self.lab, {node: [{"do": "path_mtu", "address": address}]})[node][0]["mtu"]

    def flow(self, host, road):
        """The lab's flow of a host by a road; for plain TCP one made up, with peer1."""
        if road == "tcp":
            return {"host": host, "peer": "peer1", "hostInner": EXTERNAL,
                    "peerInner": self.lab.address["peer1"], "road": road}
        return next(flow for flow in self.lab.status["flows"]
                    if flow["host"] == host and flow["road"] == road)

    def owners(self, road, inward=False):
        """Tells whose a quoted packet is, sent or received, by port or association."""
        if road == "tcp":
            def owner(quote):
                port = quote.destination_port if inward else quote.source_port
                return [host for host, row in self.ports.items()
                        if quote.protocol == TCP and 0 <= port - row["first"] < row["count"]]
            return owner
        numbers = {}
        for host in HOSTS:
            child = self.lab.association(host, self.flow(host, road)["peer"], road)
            numbers[spi(child, "in" if inward else "out")] = host

        def owner_by_spi(quote):
            return [numbers[quote.spi]] if quote.road == road and quote.spi in numbers else []
        return owner_by_spi

    def connect(self, plan, road, *, up, down, hosts=HOSTS):
        for host in hosts:
            flow = self.flow(host, road)
            plan.connect(host, flow["hostInner"], flow["peer"], flow["peerInner"],
                         up=up, down=down)


@contextlib.contextmanager
def no_route_mtu(lab):
    """The router's kernel knows nothing of the tunnel's MTU, and leaves packets to the engine."""
    route = f"ip route replace {EXTERNAL}/32 dev dnat0"
    shell(lab, "router", route)
    try:
        yield
    finally:
        shell(lab, "router", f"{route} mtu {TUNNEL}")


def large_ike(peer, initiator, port):
    """An IKE request of 1,400 octets that may not be cut."""
    marker = bytes(4) if port == 4500 else b""
    message = marker + ike(initiator, 0x77, False)
    # From the initiator, and no response.
    message = message[:len(marker) + 19] + b"\x08" + message[len(marker) + 20:]
    packet = bytearray(
        ipv4(EXTERNAL, peer, UDP, udp(port, port, message + bytes(1372 - len(message)))))
    packet[4:8] = struct.pack("!HH", 1, 0x4000)
    return bytes(packet)


def free_slot(lab):
    """A slot that no host holds."""
    slots = lab.slots().values()
    return next(slot for slot in range(0x4000, 0x5000) if slot not in slots)
