"""Path MTU discovery between real kernels, through tunnel and associations, in both directions.

Somebody on the way cannot carry a packet and says so (RFC 792, RFC 1191). The one who sent it must
learn it, nobody else, and from nobody who was not on the way.
"""

import contextlib
import os

import forgeries
import pieces
from admission import counting, risen_since
from checks import expect, expect_equal
from ground import (
    ENGINE, KERNEL, ROADS, SMALL, TUNNEL, Ground, free_slot, large_ike, no_route_mtu)
from hops import Hop
from lab import EXTERNAL, HOSTS
from nodes import Plan, at_once, move, shell
from quotes import errors
from wire import AH, ESP, ICMP, TCP, UDP, taps

# Octets of a transfer: enough for many packets of any length.
SIZE = 150_000


def check(results, lab):
    with contextlib.ExitStack() as stack:
        hops = {}
        for segment in ("wan", "lan"):
            hops[segment] = stack.enter_context(contextlib.closing(Hop(lab, segment)))
        stack.enter_context(lab.attacker_paused())
        ground = Ground(lab, hops)
        for road in (*ROADS, "esp-in-udp"):
            results.run(f"small link outside: {road} of both hosts", outside, ground, road)
        results.run("small link at the router itself: TCP", at_the_router, ground)
        results.run("small link outside: IKE, by label and as learned", outside_ike, ground)
        for road in ROADS:
            for who in (KERNEL, ENGINE):
                results.run(f"larger than the tunnel, {road}: {who} says so", tunnel, ground,
                            road, who)
            results.run(f"small link inside, {road}: the peer is told", inside, ground, road)
            results.run(f"small link inside, {road}: the host is told", inside_outward, ground,
                        road)
        for who in (KERNEL, ENGINE):
            results.run(f"in pieces: UDP without DF to both hosts, cut by {who}", pieces.inward,
                        ground, who)
        results.run("in pieces: UDP without DF from both hosts", pieces.outward, ground)
        results.run("in pieces: cut on the inside network", pieces.on_the_lan, ground)
        for road in ROADS:
            results.run(f"forged errors, {road}: only a true quote is believed",
                        forgeries.quotes_of, ground, road)
        results.run("forged errors about IKE", forgeries.of_ike, ground)
        results.run("forged errors about outer packets", forgeries.of_outer, ground)


# The hosts are told ------------------------------------------------------------------------------


def outside(ground, road):
    """A link behind the router is too small for what the hosts send; each learns it of its own."""
    with ground.wan.limit("far", SMALL):
        host_is_told(ground, road, SMALL, {ground.wan.address})


def at_the_router(ground):
    """The router's own link outside is too small: its kernel says so, through its own TUN."""
    lab = ground.lab
    route = "ip route change 192.0.2.0/24 dev out0 src 192.0.2.1"
    shell(lab, "router", f"{route} mtu {SMALL}")
    try:
        host_is_told(ground, "tcp", SMALL, {"10.0.0.1", "192.0.2.1"})
    finally:
        shell(lab, "router", route)


def host_is_told(ground, road, mtu, speakers):
    lab = ground.lab
    flows = {host: ground.flow(host, road) for host in HOSTS}
    peer = flows["hosta"]["peer"]
    owners = ground.owners(road)
    ground.forget()
    plan = Plan(lab)
    ground.connect(plan, road, up=SIZE, down=1000)
    nodes = (*HOSTS, peer)
    with counting(lab), taps(*(lab.namespace(node) for node in nodes)) as (*inner, far):
        plan.run()
    for host, tap in zip(HOSTS, inner):
        told = errors(tap.incoming(protocol=ICMP))
        expect(told, f"{host} was told nothing")
        for error in told:
            expect_equal(f"what {host} was told", (error.mtu, error.source in speakers),
                         (mtu, True))
            quote = error.quote
            expect_equal("quoted addresses", (quote.source, quote.destination),
                         (EXTERNAL, lab.address[peer]))
            expect_equal(f"whose {host} was told about", owners(quote), [host])
        expect_equal(f"what {host} believes", ground.believes(host, lab.address[peer]), mtu)
    arrived = [packet for packet in far.incoming_plain(source=EXTERNAL)
               if packet.protocol in (TCP, ESP, AH, UDP)]
    expect(not [packet for packet in arrived if packet.fragment], "fragments arrived")
    longest = max(packet.length for packet in arrived)
    expect(mtu - 60 < longest <= mtu, f"the longest packet that arrived has {longest} octets")


def outside_ike(ground):
    """Each host sends large IKE messages to one peer, under its label and under an SPI that the
    router learns; each error comes back to the one whose SPI it quotes."""
    lab = ground.lab
    slots = lab.slots()
    free = free_slot(lab)
    packets, numbers = {}, {}
    for host in HOSTS:
        tail = int.from_bytes(os.urandom(6), "big")
        numbers[host] = [label << 48 | tail for label in (slots[host], free)]
        packets[host] = [
            large_ike(lab.address["peer1"], number, port).hex()
            for number in numbers[host] for port in (500, 4500)]
    ground.forget()
    with ground.wan.limit("far", SMALL), counting(lab):
        with taps(*(lab.namespace(host) for host in HOSTS)) as open_taps:
            move(lab, {host: [{"do": "raw", "packets": packets[host]}] for host in HOSTS})
    for host, tap in zip(HOSTS, open_taps):
        told = sorted((error.mtu, error.quote.source_port, error.quote.ike)
                      for error in errors(tap.incoming(protocol=ICMP)))
        wanted = sorted((SMALL, port, number) for number in numbers[host] for port in (500, 4500))
        expect_equal(f"what {host} was told", told, wanted)
        expect_equal(f"what {host} believes", ground.believes(host, lab.address["peer1"]), SMALL)


# The peers are told -------------------------------------------------------------------------------


def tunnel(ground, road, who):
    """What the peer sends first fits its own link, but not the tunnel."""
    drops = {"too-big"} if who == ENGINE else set()
    speaker = EXTERNAL if who == ENGINE else "192.0.2.1"
    with contextlib.ExitStack() as stack:
        if who == ENGINE:
            stack.enter_context(no_route_mtu(ground.lab))
        peer_is_told(ground, road, TUNNEL, speaker, drops)


def inside(ground, road):
    """A link between router and hosts is too small: the error about the outer packet becomes one
    about the inner, which may have 20 octets less."""
    with ground.lan.limit("far", SMALL):
        peer_is_told(ground, road, SMALL - 20, EXTERNAL, set())


def peer_is_told(ground, road, mtu, speaker, drops):
    """It may have been told of the tunnel before, and learns the smaller MTU in the end."""
    lab = ground.lab
    owners = ground.owners(road, inward=True)
    ground.forget()
    plan = Plan(lab)
    ground.connect(plan, road, up=1000, down=SIZE)
    before = lab.drops()
    with contextlib.ExitStack() as stack:
        if road == "tcp":
            stack.enter_context(whole_segments(lab))
        *inner, far = stack.enter_context(
            taps(*(lab.namespace(node) for node in (*HOSTS, "peer1"))))
        plan.run()
    expect_equal("drops", set(risen_since(lab, before)), drops)
    told = errors(far.incoming_plain(protocol=ICMP))
    expect(told, "the peer was told nothing")
    heard = {(error.mtu, error.source) for error in told} - {(TUNNEL, "192.0.2.1")}
    expect_equal("what the peer was told", heard, {(mtu, speaker)} - {(TUNNEL, "192.0.2.1")})
    for error in told:
        quote = error.quote
        expect_equal("quoted addresses", (quote.source, quote.destination),
                     (lab.address["peer1"], EXTERNAL))
        expect(len(owners(quote)) == 1, f"whose is what the error quotes? {quote}")
    expect_equal("what the peer believes", ground.believes("peer1", EXTERNAL), mtu)
    for host, tap in zip(HOSTS, inner):
        arrived = tap.incoming(source=lab.address["peer1"])
        expect(not [packet for packet in arrived if packet.fragment], f"{host} got fragments")
        expect_equal(f"errors at {host}", errors(tap.incoming(protocol=ICMP)), [])
        # Before the small link a packet that was too large for it was seen, behind it none.
        longest = max(packet.length for packet in arrived)
        expect(mtu - 60 < longest <= mtu, f"{host}: the longest has {longest} octets")


@contextlib.contextmanager
def whole_segments(lab):
    """The hosts ask for segments that fill an Ethernet frame, as if they knew of no tunnel."""
    route = f"{lab.address['peer1']}/32 dev dnat0 src {EXTERNAL}"
    at_once(lambda host: shell(lab, host, f"ip route add {route} advmss 1460"), HOSTS)
    try:
        yield
    finally:
        at_once(lambda host: shell(lab, host, f"ip route del {route}"), HOSTS)


def inside_outward(ground, road):
    """A link between hosts and router is too small for the hosts' outer packets: the error is the
    host's own business, and the router sees only what fits."""
    lab = ground.lab
    ground.forget()
    plan = Plan(lab)
    ground.connect(plan, road, up=SIZE, down=1000)
    with ground.lan.limit("near", SMALL), counting(lab):
        with taps(lab.namespace("peer1")) as (far,):
            plan.run()
    longest = max(packet.length for packet in far.incoming_plain(source=EXTERNAL))
    expect(longest <= SMALL - 20, f"the longest packet that arrived has {longest} octets")
