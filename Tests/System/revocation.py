"""What operators do takes effect before it is acknowledged, and for nobody else."""

import os
import threading
import time

from admission import COUNT, ROADS, STRANGERS, arrivals, counting, risen_since
from checks import Failed, eventually, expect, expect_equal
from lab import EXTERNAL, HOSTS, Refused
from sharing import PROTOCOL, RATE, spi
from wire import Sender, carry, taps

VICTIM, BYSTANDER = STRANGERS
# Packets under way at the moment of an acknowledgement have left the router, but not yet arrived.
UNDER_WAY = 0.05
# Of a flow, before its revocation and after it.
ENOUGH = 300


def check(results, lab):
    kind = "plain" if lab.plain else "full"
    with lab.attacker_paused():
        for road in ROADS:
            results.run(
                f"{kind}: {road}: a revoked flow ends with the acknowledgement", revoke, lab, road)
        results.run(f"{kind}: a prefix is revoked, its neighbour is not", revoke_prefix, lab)
        results.run(f"{kind}: a revocation for one host", revoke_for_host, lab)
        results.run(f"{kind}: a revocation ends by itself", revoke_for_a_while, lab)
    for peer, other in (("peer1", "peer2"), ("peer2", "peer1")):
        results.run(f"{kind}: {peer} is cut off and comes back", cut_off, lab, peer, other)
    results.run(f"{kind}: a suspended host is silent, and resumes", suspend, lab)


class Flow(threading.Thread):
    """Numbered packets of one address to one SPI, about a thousand a second."""

    def __init__(self, lab, road, source, number):
        super().__init__(daemon=True)
        self.road, self.source, self.number = road, source, number
        self.sender = Sender(lab.namespace("attacker"))
        self.marker = os.urandom(16)
        self.sent = 0
        self.ending = False

    def run(self):
        while not self.ending:
            packet = carry(
                self.road, self.source, EXTERNAL, self.number, self.sent + 1, self.marker)
            # Counted before it is sent: at no moment has more been sent than counted.
            self.sent += 1
            self.sender.send(packet)
            time.sleep(0.001)

    def end(self):
        self.ending = True
        self.join()
        self.sender.close()

    def arrived(self, tap):
        """The numbers that arrived."""
        return [packet.sequence for packet in tap.with_marker(self.marker)]


def revoke(lab, road):
    number = lab.slots()["hosta"] << 16 | 0x4242
    protocol = PROTOCOL[road]
    with lab.validated(VICTIM, "hosta", protocol), lab.validated(BYSTANDER, "hosta", protocol):
        with lab.revoked_later(VICTIM) as revoke_now:
            revoke_flow(lab, road, number, revoke_now)
            try:
                lab.ask("validate", address=VICTIM, host="hosta", protocol=protocol)
                raise Failed("a revoked address could be validated")
            except Refused:
                pass
        with counting(lab, address_not_validated=COUNT):
            found = arrivals(lab, road, VICTIM, [number])
        expect_equal("arrivals after unrevoke alone", found, {"hosta": 0, "hostb": 0})
    with lab.validated(VICTIM, "hosta", protocol):
        found = arrivals(lab, road, VICTIM, [number])
    expect_equal("arrivals once validated again", found, {"hosta": COUNT, "hostb": 0})


def revoke_flow(lab, road, number, revoke_now):
    """A flow is revoked while another to the same SPI goes on."""
    before = lab.drops()
    with taps(*(lab.namespace(host) for host in HOSTS)) as (tap, other):
        flow, bystander = (Flow(lab, road, source, number) for source in (VICTIM, BYSTANDER))
        flow.start()
        bystander.start()
        # About half a second each, where the machine has nothing else to do.
        eventually("packets before", lambda: flow.sent >= ENOUGH, seconds=30)
        time.sleep(UNDER_WAY)
        revoke_now()
        last = flow.sent
        eventually("packets afterwards", lambda: flow.sent >= last + ENOUGH, seconds=30)
        flow.end()
        bystander.end()
    numbers = flow.arrived(tap)
    expect(len(numbers) >= ENOUGH // 2, f"only {len(numbers)} packets arrived before")
    late = [number for number in numbers if number > last]
    expect(not late, f"after number {last} was acknowledged, {late[:5]}... arrived")
    # Each packet either arrived or was dropped for this one reason.
    expect_equal(
        "drops", risen_since(lab, before), {"address-revoked": flow.sent - len(numbers)})
    expect_equal("arrivals of the bystander", len(bystander.arrived(tap)), bystander.sent)
    expect_equal("packets at the other host", len(other.with_marker(flow.marker)), 0)


def revoke_prefix(lab):
    inside, outside = ("192.0.2.203", "192.0.2.204")
    number = lab.slots()["hosta"] << 16 | 1
    with (lab.validated(inside, "hosta", "esp"), lab.validated(outside, "hosta", "esp"),
          lab.revoked("192.0.2.200/30"), counting(lab, address_revoked=COUNT)):
        found = [arrivals(lab, "esp", source, [number])["hosta"] for source in (inside, outside)]
    expect_equal("arrivals from inside and outside the prefix", found, [0, COUNT])


def revoke_for_host(lab):
    slots = lab.slots()
    with (lab.validated(VICTIM, "hosta", "esp"), lab.validated(VICTIM, "hostb", "esp"),
          lab.revoked(VICTIM, host="hosta"), counting(lab, address_revoked=COUNT)):
        found = [arrivals(lab, "esp", VICTIM, [slots[host] << 16 | 1])[host] for host in HOSTS]
    expect_equal("arrivals at hosta and hostb", found, [0, COUNT])


def revoke_for_a_while(lab):
    def rows():
        return [row for row in lab.ask("revocations") if row["target"] == f"{VICTIM}/32"]
    lab.ask("revoke", target=VICTIM, **{"for": 1})
    expect(len(rows()) == 1 and rows()[0]["expires"], f"revocations: {rows()}")
    eventually("the revocation has ended", lambda: not rows(), seconds=4)
    with lab.validated(VICTIM, "hosta", "esp"):
        expect(lab.entries("hosta", VICTIM), "no entry")


def flows(lab, tap, address, since=0.0):
    """The packets of an address's associations that arrived at a host after some moment."""
    return [
        packet for packet in tap.incoming(source=address) if packet.road and packet.time > since]


def cut_off(lab, peer, other):
    """The operator revokes a real peer with ctl; one host validates it by hand, both come back."""
    try:
        cut_off_and_bring_back(lab, peer, other)
    finally:
        # Of no effect where all went well.
        lab.ctl("unrevoke", lab.address[peer])


def cut_off_and_bring_back(lab, peer, other):
    road = next(road for road, to in lab.roads() if to == peer)
    with taps(*(lab.namespace(host) for host in HOSTS)) as open_taps:
        time.sleep(1)
        answer = lab.ctl("revoke", lab.address[peer], "--reason", "stolen key")
        acknowledged = time.time()
        expect(answer.code == 0, f"ctl revoke: {answer}")
        time.sleep(1.5)
    for host, tap in zip(HOSTS, open_taps):
        expect(len(flows(lab, tap, lab.address[peer])) >= RATE // 2, f"{host}: no flow before")
        late = flows(lab, tap, lab.address[peer], acknowledged + UNDER_WAY)
        expect(not late, f"{host}: {len(late)} packets of {peer} afterwards")
        kept = flows(lab, tap, lab.address[other], acknowledged + UNDER_WAY)
        expect(len(kept) >= RATE, f"{host}: only {len(kept)} packets of {other} afterwards")
    # The agents were told, and had their daemons end the associations.
    for host in HOSTS:
        eventually(f"{host} has no association with {peer}", lambda: not [
            child for child in lab.associations(host)
            if child["peer"] == peer and child["state"] == "INSTALLED"])
    expect(not [row for host in HOSTS for row in lab.entries(host, peer)], "entries are left")

    refused = lab.execute("hosta", "dnat-host", "validate", lab.address[peer])
    expect_equal("exit code of dnat-host validate while revoked", refused.code, 1)
    answer = lab.ctl("unrevoke", lab.address[peer])
    expect(answer.code == 0, f"ctl unrevoke: {answer}")
    answer = lab.execute("hosta", "dnat-host", "validate", lab.address[peer])
    expect(answer.code == 0, f"dnat-host validate: {answer}")

    def both_flow():
        with taps(*(lab.namespace(host) for host in HOSTS)) as open_taps:
            time.sleep(1)
        return all(
            len([p for p in flows(lab, tap, lab.address[peer]) if p.road == road]) >= RATE // 2
            for road, to in lab.roads() if to == peer for tap in open_taps)
    # The other host's agent asks every half minute whether it may.
    eventually(f"traffic of {peer} with both hosts", both_flow, seconds=45)


def suspend(lab):
    """Nothing goes in or out; the other host notices nothing."""
    peer = "peer2"
    road = next(road for road, to in lab.roads() if to == peer)
    numbers = {host: spi(lab.association(host, peer, road), "out") for host in HOSTS}
    lab.ask("suspend", host="hosta")
    try:
        time.sleep(UNDER_WAY)
        before = lab.drops()
        with taps(*(lab.namespace(node) for node in (*HOSTS, peer))) as (first, second, outside):
            time.sleep(1.5)
        risen = lab.drops()["host-suspended"] - before["host-suspended"]
        states = {row["name"]: row["state"] for row in lab.ask("hosts")}
    finally:
        lab.ask("resume", host="hosta")
    expect_equal("states", states, {"hosta": "suspended", "hostb": "active"})
    expect_equal("packets to hosta", len(flows(lab, first, lab.address[peer])), 0)
    expect(len(flows(lab, second, lab.address[peer])) >= RATE, "hostb lost its traffic")
    expect_equal("packets from hosta", len(outside.incoming_plain(spi=numbers["hosta"])), 0)
    expect(len(outside.incoming_plain(spi=numbers["hostb"])) >= RATE, "hostb sends nothing")
    expect(risen >= RATE, f"{risen} drops while suspended")
    with taps(lab.namespace("hosta")) as (tap,):
        time.sleep(1)
    expect(len(flows(lab, tap, lab.address[peer])) >= RATE // 2, "hosta's traffic did not resume")
