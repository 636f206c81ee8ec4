"""Two hosts behind one address hold associations with the same peer, at once and through rekeys."""

import time

from checks import eventually, expect, expect_equal
from lab import EXTERNAL, HOSTS
from wire import taps

PROTOCOL = {"esp": "esp", "ah": "ah", "esp-in-udp": "esp"}
# Pings of one flow a second, in each direction (Sources/Console/Lab/LabPlan.swift).
RATE = 5


def check(results, lab):
    for road, peer in lab.roads():
        what = f"{'plain' if lab.plain else 'full'}: {road} to {peer}"
        results.run(f"{what}: both hosts at once", both_at_once, lab, road, peer)
        for starter in ("hosta", peer):
            results.run(
                f"{what}: {starter} rekeys, nobody loses", rekey, lab, road, peer, starter)
    for starter, peer in (("hostb", "peer2"), ("peer1", "peer1")):
        results.run(
            f"{'plain' if lab.plain else 'full'}: {starter} rekeys the IKE association with {peer}",
            rekey_ike, lab, starter, peer)


def spi(child, direction):
    return int(child[f"spi-{direction}"], 16)


def both_at_once(lab, road, peer):
    before = {host: lab.association(host, peer, road) for host in HOSTS}
    with taps(*(lab.namespace(node) for node in (*HOSTS, peer))) as (first, second, outside):
        time.sleep(1.5)
    after = {host: lab.association(host, peer, road) for host in HOSTS}
    seen = dict(zip(HOSTS, (first, second)))
    slots = lab.slots()
    expect(slots["hosta"] != slots["hostb"], "both hosts have one slot")
    for host, other in (HOSTS, HOSTS[::-1]):
        number = spi(before[host], "in")
        expect_equal(f"{host} keeps its SPI", spi(after[host], "in"), number)
        expect_equal(f"the slot of {host}'s SPI", number >> 16, slots[host])
        arrived = seen[host].incoming(road=road, spi=number, source=lab.address[peer])
        expect(len(arrived) >= RATE, f"{len(arrived)} packets arrived at {host}")
        # The counter of the association itself: what was seen was also authentic to the host.
        counted = int(after[host]["packets-in"]) - int(before[host]["packets-in"])
        expect(counted >= len(arrived), f"{host} counted {counted} of {len(arrived)} packets")
        astray = seen[other].incoming(spi=number)
        expect(not astray, f"{len(astray)} packets for {host} arrived at {other}")
        sent = outside.incoming_plain(spi=spi(before[host], "out"), road=road)
        expect(len(sent) >= RATE, f"{len(sent)} packets of {host} arrived at {peer}")
        expect_equal(f"source of {host}'s packets", {p.source for p in sent}, {EXTERNAL})
    rows = lab.ask("sa", address=lab.address[peer])
    for host in HOSTS:
        found = [
            row for row in rows if row["host"] == host and row["protocol"] == PROTOCOL[road]
            and row["spiIn"] == f"0x{spi(before[host], 'in'):08x}"]
        expect_equal(f"rows of {host} for its SPI", len(found), 1)
        expect_equal("its outbound SPI", found[0]["spiOut"], f"0x{spi(before[host], 'out'):08x}")


def rekey(lab, road, peer, starter):
    """The peer rekeys the associations of both hosts, a host only its own."""
    name = f"{peer}-{road}"
    changing = HOSTS if starter == peer else (starter,)
    before = {host: lab.association(host, peer, road) for host in HOSTS}

    def rekeyed():
        now = {host: lab.associations(host) for host in changing}
        return all(
            any(child["name"] == name and child["state"] == "INSTALLED"
                and child["spi-in"] != before[host]["spi-in"] for child in now[host])
            for host in changing)

    with taps(*(lab.namespace(host) for host in HOSTS)) as open_taps:
        time.sleep(0.5)
        answer = lab.execute(starter, "swanctl", "--rekey", "--child", name)
        expect(answer.code == 0, f"rekey: {answer}")
        eventually(f"a new SPI for {changing}", rekeyed)
        time.sleep(1.5)
    after = {host: lab.association(host, peer, road) for host in HOSTS}
    slots = lab.slots()
    for host, tap in zip(HOSTS, open_taps):
        old, new = spi(before[host], "in"), spi(after[host], "in")
        expect_equal(f"{host} has a new SPI", new != old, host in changing)
        expect_equal(f"slot of {host}'s SPI", new >> 16, slots[host])
        no_gap(host, tap, road, lab.address[peer])
        expect(tap.incoming(road=road, spi=new), f"nothing arrived at {host} for its SPI")
    for host in changing:
        number = f"0x{spi(after[host], 'in'):08x}"
        eventually(
            f"{host}'s row for {number}",
            lambda: [row for row in lab.entries(host, peer) if row["spiIn"] == number])


def no_gap(host, tap, road, address):
    """Every request had its answer, but for those under way at either end of the watch."""
    arrived = tap.incoming(road=road, source=address)
    sent = tap.outgoing(road=road, destination=address)
    expect(arrived and sent, f"{host}: {len(sent)} packets out, {len(arrived)} in")
    expect(
        abs(len(sent) - len(arrived)) <= 1,
        f"{host}: {len(sent)} packets out, {len(arrived)} in")
    times = [packet.time for packet in arrived]
    longest = max(later - earlier for earlier, later in zip(times, times[1:]))
    expect(longest < 1.0, f"nothing arrived at {host} for {longest:.2f} s")


def rekey_ike(lab, starter, peer):
    """A new IKE association takes the children over; their packets do not notice."""
    connection = "hosts" if starter == peer else peer
    road = next(road for road, to in lab.roads() if to == peer)
    before = {host: lab.association(host, peer, road) for host in HOSTS}
    with taps(*(lab.namespace(host) for host in HOSTS)) as open_taps:
        time.sleep(0.3)
        answer = lab.execute(starter, "swanctl", "--rekey", "--ike", connection)
        expect(answer.code == 0, f"rekey: {answer}")
        time.sleep(1.5)
    for host, tap in zip(HOSTS, open_taps):
        after = lab.association(host, peer, road)
        expect_equal(f"{host}'s SPI", after["spi-in"], before[host]["spi-in"])
        no_gap(host, tap, road, lab.address[peer])
    # Only an IKE association that the router still delivers can make new children.
    rekey(lab, road, peer, starter)
