"""Associations of both hosts at once over roads that lose, copy, delay and reorder packets.

Each packet is followed by counters: the sender's kernel, the relay on one side of the router, the
router, the relay on the other side, the receiver's kernel. At any quiet moment they agree exactly.
"""

import collections
from dataclasses import dataclass

from admission import risen_since
from checks import eventually, expect, expect_equal
from lab import HOSTS
from nodes import PROTOCOL, Plan, at_once, iperf3, pings_stopped
from relay import FAR, IMPAIRMENTS, NEAR
from roads import Roads
from sharing import spi
from wire import AH, ESP, UDP

NUMBER = {"esp": ESP, "ah": AH, "esp-in-udp": UDP}
SIZE = 1 << 20


def check(results, lab, seed):
    print(f"     relays' seed: {seed:#x}", flush=True)
    roads = Roads(lab, seed)
    try:
        with lab.attacker_paused():
            results.run("the peers learn the path MTU", transfers, lab, SIZE >> 4)
            for segment in ("wan", "lan"):
                run(results, lab, roads, segment)
    finally:
        roads.close()


def run(results, lab, roads, segment):
    where = {"wan": "between router and peers", "lan": "between hosts and router"}[segment]
    name = f"impaired {where}"
    with pings_stopped(lab), roads.impaired(segment):
        before = roads.quiet()
        began = lab.drops()
        results.run(f"{name}: TCP of both hosts by all roads, both directions", transfers, lab)
        results.run(f"{name}: iperf3 of both hosts by all roads, both directions", load, lab)
        after = roads.quiet()
        change = after.since(before)
        results.run(f"{name}: the relay did all it can do", impaired, change, segment)
        results.run(f"{name}: every counter on the way agrees", agree, lab, change)
        results.run(f"{name}: nothing reached the other host", apart, lab, change)
        results.run(f"{name}: a rekey amid it all", rekey, lab)
        roads.settle()
        results.run(f"{name}: the router dropped nothing", nothing_dropped, lab, began)
        results.run(f"{name}: what came in has left by one exit", balanced, lab)


# Traffic ------------------------------------------------------------------------------------------


def transfers(lab, size=SIZE):
    """Each side of each association sends so many octets to the other, all at once."""
    plan = Plan(lab)
    for flow in lab.status["flows"]:
        plan.connect(flow["host"], flow["hostInner"], flow["peer"], flow["peerInner"],
                     up=size, down=size)
    plan.run()


def load(lab):
    ends = iperf3(lab, lab.status["flows"], "-t", "2")
    for flow, end in ends.items():
        for direction in ("sum_received", "sum_received_bidir_reverse"):
            expect(end[direction]["bytes"] > 0, f"{flow}: nothing {direction}")


def rekey(lab):
    """New keys for half of the associations, asked for by either side, while all are in use."""
    before = {host: lab.installed(host) for host in HOSTS}

    def renew(pair):
        node, child = pair
        answer = lab.execute(node, "swanctl", "--rekey", "--child", child, seconds=60)
        expect(answer.code == 0, f"rekey: {answer}")

    def work(what):
        return transfers(lab) if what is None else renew(what)
    # The peer rekeys the associations of both hosts.
    changing = [("hosta", "peer1-esp"), ("hostb", "peer2-esp-in-udp"), ("peer1", "peer1-ah")]
    at_once(work, [None, *changing])

    def renewed():
        changed = {
            (host, name) for host in HOSTS for name, child in lab.installed(host).items()
            if child["spi-in"] != before[host][name]["spi-in"]}
        return changed >= {("hosta", "peer1-esp"), ("hostb", "peer2-esp-in-udp"),
                           ("hosta", "peer1-ah"), ("hostb", "peer1-ah")}
    eventually("new SPIs", renewed, seconds=20)


# What the counters say ----------------------------------------------------------------------------


def impaired(change, segment):
    """The relay did each in both directions, and the idle one nothing."""
    for side in (NEAR, FAR):
        for what in IMPAIRMENTS:
            found = change.total(what, segment, side)
            expect(found > 0, f"{what} towards {side}: {found}")
        other = "lan" if segment == "wan" else "wan"
        found = {what: change.total(what, other, side) for what in IMPAIRMENTS}
        expect_equal("what the idle relay did", found, dict.fromkeys(IMPAIRMENTS, 0))


@dataclass
class Station:
    """What arrived at a relay, and what it sent on."""
    arrived: int
    sent: int
    copied: int
    overtaken: int


def agree(lab, change):
    """From the sender's kernel to the receiver's, each step has seen what the one before sent."""
    slack = change["device drops",]
    expect_equal("packets larger than the path MTU", change["too big",], 0)
    children = {host: lab.installed(host) for host in HOSTS}
    for flow in lab.status["flows"]:
        host, peer, road = flow["host"], flow["peer"], flow["road"]
        child = children[host][flow["child"]]
        for inward in (True, False):
            number = spi(child, "in" if inward else "out")
            follow(lab, change, host, peer, road, number, inward, slack)


def follow(lab, change, host, peer, road, number, inward, slack):
    """One association in one direction. The kernel's devices may have dropped some on a machine
    that is overloaded: `slack`."""
    what = f"{peer} to {host}, {road}" if inward else f"{host} to {peer}, {road}"
    inside = {"hosta": "10.0.0.11", "hostb": "10.0.0.12"}[host]
    wan = station(change, "wan", NEAR if inward else FAR, "0.0.0.0", road, number)
    lan = station(change, "lan", FAR if inward else NEAR,
                  inside if inward else "10.0.0.254", road, number)
    first, second = (wan, lan) if inward else (lan, wan)
    sender, receiver = (peer, host) if inward else (host, peer)
    destination = "198.51.100.1" if inward else lab.address[peer]
    sent = good(change, sender, destination, road, number, "out")
    expect(sent > SIZE // 2000, f"{what}: only {sent} packets")
    steps = [("sent by the sender's kernel", sent, first.arrived),
             ("sent to the router", first.sent, second.arrived)]
    if inward:
        entry = change["entry", host, lab.address[peer], PROTOCOL[road], number]
        expect_equal(f"{what}: the entry's packets", entry, lan.arrived)
    got = good(change, receiver, destination, road, number, "in")
    if receiver == "peer2":
        # strongSwan's own IPsec does not count what it throws away.
        rejected = second.sent - got
    else:
        key = receiver, destination, PROTOCOL[road], number
        rejected = change["replay", *key] + change["window", *key]
        expect_equal(f"{what}: not authentic", change["failed", *key], 0)
        steps.append(("sent to the receiver", second.sent, got + rejected))
    for step, left, right in steps:
        expect(0 <= left - right <= slack, f"{what}: {step} {left}, next {right} ({slack} dropped)")
    # A packet that comes twice is taken once; one may also come too late, if it was overtaken.
    copies, late = (first.copied + second.copied, first.overtaken + second.overtaken)
    expect(copies - slack <= rejected <= copies + late + slack,
           f"{what}: {rejected} rejected of {copies} copies and {late} overtaken")


def station(change, segment, side, outer, road, number):
    counts = {
        what: change[what, segment, side, outer, NUMBER[road], number]
        for what in ("arrived", "sent", "copied", "overtaken")}
    return Station(**counts)


def good(change, node, destination, road, number, direction):
    """What the kernel of a node took for good under an association, or made."""
    if node == "peer2":
        return change["packets", node, direction, number]
    return change["packets", node, destination, PROTOCOL[road], number]


def apart(lab, change):
    """No kernel saw a packet of an association that is not its own, and no relay one on the way to
    the other host."""
    for node in (*HOSTS, "peer1"):
        for fault in ("XfrmInNoStates", "XfrmInError", "XfrmInTmplMismatch", "XfrmInNoPols"):
            expect_equal(f"{fault} of {node}", change["fault", node, fault], 0)
    owner = {"10.0.0.11": "hosta", "10.0.0.12": "hostb"}
    slots = {slot: host for host, slot in lab.slots().items()}
    seen = collections.Counter()
    for (what, *rest), count in change.items():
        if what == "arrived" and rest[0] == "lan" and rest[1] == FAR and count and rest[4]:
            outer, number = rest[2], rest[4]
            expect_equal(f"who gets SPI {number:#x}", owner[outer], slots[number >> 16])
            seen[owner[outer]] += count
    for host in HOSTS:
        expect(seen[host] > 0, f"nothing to {host}")


def nothing_dropped(lab, began):
    expect_equal("drops", risen_since(lab, began), {})


def balanced(lab):
    """Exactly, and not only in the end: nothing is under way."""
    packets = lab.ask("status")["packets"]
    exits = ("forwardedInbound", "forwardedOutbound", "answered", "consumed", "dropped", "held")
    expect_equal("received", packets["received"], sum(packets[exit] for exit in exits))
