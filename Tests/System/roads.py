"""Both segments of a lab with a relay in each, and every counter on the way of a packet."""

import collections
import contextlib
import time

from checks import eventually
from lab import HOSTS
from nodes import at_once, device_drops, faults, refused_by_size, states
from relay import FAR, IMPAIRMENTS, NEAR, Relay
from sharing import spi

# In 1000 packets; microseconds.
IMPAIRED = {"lose": 10, "copy": 10, "overtake": 20, "delay": 2000, "late": 4000}


class Roads:
    """Both segments with a relay, and all counters of what goes through them."""

    def __init__(self, lab, seed):
        self.lab = lab
        self.relays = {
            segment: Relay(lab, segment, seed + number)
            for number, segment in enumerate(("wan", "lan"))}

    def close(self):
        for relay in self.relays.values():
            relay.close()

    @contextlib.contextmanager
    def impaired(self, segment):
        self.relays[segment].impair(**IMPAIRED)
        try:
            yield
        finally:
            self.relays[segment].impair()

    def settle(self):
        """Waits until nothing is under way."""
        def moved():
            flows = [relay.report() for relay in self.relays.values()]
            return (sum(flow.waiting for flow in flows),
                    [flow.count("arrived", side) for flow in flows for side in (NEAR, FAR)])

        def still():
            first = moved()
            time.sleep(0.3)
            return first == moved() and first[0] == 0
        eventually("nothing is under way", still, seconds=30)

    def quiet(self):
        """All counters, at a moment when nothing is under way."""
        found = []

        def unchanged():
            self.settle()
            found[:] = found[-1:] + [self.snapshot()]
            return len(found) == 2 and found[0] == found[1]
        eventually("all counters rest", unchanged, seconds=120)
        return Counts(found[1])

    def snapshot(self):
        """Every counter that this suite knows of, by its name."""
        lab = self.lab
        counts = {}
        guests = (*HOSTS, "peer1")
        for node, found in zip(guests, at_once(lambda node: states(lab, node), guests)):
            for (destination, protocol, number), values in found.items():
                for what, value in values.items():
                    counts[what, node, destination, protocol, number] = value
        for node, found in zip(guests, at_once(lambda node: faults(lab, node), guests)):
            for what, value in found.items():
                counts["fault", node, what] = value
        for child in lab.associations("peer2"):
            counts["packets", "peer2", "in", spi(child, "in")] = int(child["packets-in"])
            counts["packets", "peer2", "out", spi(child, "out")] = int(child["packets-out"])
        for row in lab.ask("sa"):
            key = "entry", row["host"], row["address"], row["protocol"]
            counts[(*key, int(row["spiIn"] or "0", 16))] = row["packets"]
        for segment, relay in self.relays.items():
            for flow, values in relay.report().flows.items():
                # Under SPI 0 is all that is no IPsec, as PAP and IKE, which never rest for long.
                if flow[-1]:
                    for what in ("arrived", "sent", *IMPAIRMENTS):
                        counts[what, segment, *flow] = values[what]
        counts["device drops",] = device_drops(lab)
        # Packets that the router's kernel would have had to fragment, and may not.
        counts["too big",] = refused_by_size(lab)
        return counts


class Counts:
    """All counters at one moment, or by how much each has risen."""

    def __init__(self, values):
        self.values = values

    def since(self, before):
        risen = collections.Counter(self.values)
        risen.subtract(before.values)
        return Counts(risen)

    def __getitem__(self, key):
        return self.values[key]

    def items(self):
        return self.values.items()

    def total(self, *beginning):
        """The sum of all counters whose names begin so."""
        return sum(
            value for key, value in self.values.items() if key[:len(beginning)] == beginning)
