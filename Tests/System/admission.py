"""What may not reach a host does not, and is counted: every packet sent, by its reason."""

import contextlib
import os
import time

from checks import eventually, expect, expect_equal
from lab import EXTERNAL, HOSTS
from wire import Sender, carry, ike, ipv4, taps, udp, UDP

ROADS = ("esp", "ah", "esp-in-udp")
COUNT = 40
# Addresses of the outside network that no node has.
STRANGERS = ("192.0.2.201", "192.0.2.202")


def check(results, lab):
    kind = "plain" if lab.plain else "full"
    results.run(f"{kind}: the attacker's packets are dropped for many reasons", attacker, lab)
    with lab.attacker_paused():
        for road in ROADS:
            results.run(f"{kind}: {road} to SPIs not leased", not_leased, lab, road)
            results.run(f"{kind}: {road} from an address not validated", not_validated, lab, road)
        results.run(f"{kind}: an entry admits its protocol and SPI only", narrow_entry, lab)
        results.run(f"{kind}: IKE of nobody", stray_ike, lab)
        results.run(f"{kind}: every packet left by one exit", balance, lab)


def risen_since(lab, before):
    """By how much each drop counter has risen."""
    now = lab.drops()
    risen = {reason: now[reason] - before[reason] for reason in now if now[reason] > before[reason]}
    if lab.plain:
        # A host whose kernel knows no ESP answers each with an ICMP error, which goes no further.
        risen.pop("icmp-no-owner", None)
    return risen


@contextlib.contextmanager
def counting(lab, **wanted):
    """Within the block the drop counters rise by exactly these numbers, one for each reason."""
    before = lab.drops()
    yield
    wanted = {reason.replace("_", "-"): count for reason, count in wanted.items()}

    def risen():
        return risen_since(lab, before)

    with contextlib.suppress(Exception):
        eventually("the drops", lambda: risen() == wanted, seconds=3)
    expect_equal("drops", risen(), wanted)


def flood(lab, road, source, numbers, marker):
    """Sends COUNT packets that carry a marker, to SPIs in turn."""
    sender = Sender(lab.namespace("attacker"))
    sender.send_all(
        carry(road, source, EXTERNAL, numbers[turn % len(numbers)], turn + 1, marker + bytes(32))
        for turn in range(COUNT))
    sender.close()


def arrivals(lab, road, source, numbers):
    """How many of a flood's packets arrived at each host."""
    marker = os.urandom(16)
    with taps(*(lab.namespace(host) for host in HOSTS)) as open_taps:
        flood(lab, road, source, numbers, marker)
        time.sleep(0.1)
    return {host: len(tap.with_marker(marker)) for host, tap in zip(HOSTS, open_taps)}


def attacker(lab):
    def reasons():
        return {
            reason for reason, drops in lab.ask("stats")["drops"].items()
            if drops["count"] > 0 and drops["perSecond"] > 0}
    wanted = {"spi-not-leased", "address-not-validated", "ike-no-owner", "port-not-leased"}
    eventually("drops for all the attacker's kinds", lambda: wanted <= reasons(), seconds=20)
    sources = {source["address"] for source in lab.ask("stats")["topSources"]}
    expect(lab.address["attacker"] in sources, f"the attacker is not among {sources}")


def not_leased(lab, road):
    """From an address that is validated, so that nothing but the SPI is wrong."""
    leased = set(lab.slots().values())
    slots = [slot for slot in (1, 2, 0x1234, 0x7fff, 0x8000, 0xfffe, 0xffff) if slot not in leased]
    slots += [slot + step for slot in leased for step in (-1, 1)
              if 0 < slot + step < 0x10000 and slot + step not in leased]
    numbers = [slot << 16 | low for slot in slots for low in (0, 0x8001, 0xffff)]
    with counting(lab, spi_not_leased=COUNT):
        found = arrivals(lab, road, lab.address["peer1"], numbers)
    expect_equal("arrivals", found, {"hosta": 0, "hostb": 0})


def not_validated(lab, road):
    """To SPIs that are leased; once the address is validated, they all arrive."""
    slots = lab.slots()
    numbers = [slots["hosta"] << 16 | low for low in (0, 0x1234, 0xffff)]
    protocol = "ah" if road == "ah" else "esp"
    stranger = STRANGERS[0]
    with counting(lab, address_not_validated=COUNT):
        found = arrivals(lab, road, stranger, numbers)
    expect_equal("arrivals before", found, {"hosta": 0, "hostb": 0})

    with lab.validated(stranger, "hosta", protocol):
        with counting(lab):
            found = arrivals(lab, road, stranger, numbers)
        expect_equal("arrivals while validated", found, {"hosta": COUNT, "hostb": 0})
        # The other host's SPIs are not opened with it, nor are other addresses.
        with counting(lab, address_not_validated=2 * COUNT):
            other = arrivals(lab, road, stranger, [slots["hostb"] << 16 | 7])
            another = arrivals(lab, road, STRANGERS[1], numbers)
        expect_equal("arrivals of others", [other, another], 2 * [{"hosta": 0, "hostb": 0}])

    with counting(lab, address_not_validated=COUNT):
        found = arrivals(lab, road, stranger, numbers)
    expect_equal("arrivals after", found, {"hosta": 0, "hostb": 0})


def narrow_entry(lab):
    slot = lab.slots()["hostb"]
    mine, other = slot << 16 | 0x0107, slot << 16 | 0x0108
    stranger = STRANGERS[0]
    with lab.validated(stranger, "hostb", "esp", mine):
        with counting(lab, address_not_validated=2 * COUNT):
            found = [arrivals(lab, road, stranger, [number])["hostb"] for road, number in (
                ("esp", mine), ("esp-in-udp", mine), ("esp", other), ("ah", mine))]
    expect_equal("arrivals by SPI and protocol", found, [COUNT, COUNT, 0, 0])


def stray_ike(lab):
    """The label tells whose an IKE message is; that of a slot nobody holds is nobody's."""
    slots = lab.slots()
    free = next(slot for slot in range(0x4000, 0x5000) if slot not in slots.values())
    marker = os.urandom(8)

    def send(label):
        mine = label << 48 | int.from_bytes(marker[:6], "big")
        sender = Sender(lab.namespace("attacker"))
        sender.send_all(
            ipv4(STRANGERS[0], EXTERNAL, UDP, udp(500, 500, ike(mine, 0x77, True)))
            for _ in range(COUNT))
        sender.close()
        return mine.to_bytes(8, "big")

    for label, wanted, drops in (
            (free, {"hosta": 0, "hostb": 0}, COUNT),
            (slots["hosta"], {"hosta": COUNT, "hostb": 0}, 0)):
        with taps(*(lab.namespace(host) for host in HOSTS)) as open_taps:
            with counting(lab, **({"ike_no_owner": drops} if drops else {})):
                mark = send(label)
        found = {
            host: len([p for p in tap.incoming() if mark in p.data])
            for host, tap in zip(HOSTS, open_taps)}
        expect_equal(f"arrivals under label {label:#x}", found, wanted)


def balance(lab):
    """The sum of the exits is what came in, whatever has happened so far."""
    def difference():
        packets = lab.ask("status")["packets"]
        exits = ("forwardedInbound", "forwardedOutbound", "answered", "consumed", "dropped", "held")
        return packets["received"] - sum(packets[exit] for exit in exits)
    # A packet between two counters is a difference that passes.
    eventually("received is the sum of the exits", lambda: difference() == 0, seconds=5, pause=0.01)
