"""What was sealed at one end is opened at the other: ESP (AES-GCM) and AH (SHA-256) over the wire.

Packets are sealed and opened by scapy, under SPIs that no IKE daemon knows, and read where they arrive: at
the host's or the peer's interface. Nothing of them may have changed but the time to live.
"""

import os
import random
import sys
import time

from admission import STRANGERS, risen_since
from checks import eventually, expect, expect_equal, expect_octets
from lab import EXTERNAL
from wire import Sender, taps

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path += [f"{TESTS}/EngineTests/Vectors", f"{TESTS}/Vectors"]

from ipsec import Association  # noqa: E402
from scapy.all import IP, UDP, Raw, fragment, raw  # noqa: E402
from sealed import unseal, whole  # noqa: E402

KINDS = ("esp transport", "esp tunnel", "ah transport", "ah tunnel", "esp in udp")
# Not one that an association of the lab has: a slot's numbers are drawn at random.
LOW, SPI_OUT = 0x4A11, 0x7A7A0001
SIZES = ("whole", "larger than the tunnel", "in fragments")


def check(results, lab):
    kind = "plain" if lab.plain else "full"
    with lab.attacker_paused():
        for name in KINDS:
            results.run(f"{kind}: {name}: not before the peer is validated", unvalidated, lab, name)
            for size in SIZES:
                results.run(f"{kind}: {name}, {size}: the host opens it", inward, lab, name, size)
            results.run(f"{kind}: {name}: one bit changed, the host does not", flipped, lab, name)
            # A guest's own kernel would have to send; the namespace of a plain host does.
            if lab.plain:
                for size in ("whole", "in fragments"):
                    results.run(f"{kind}: {name}, {size}: the peer opens it", outward, lab, name, size)


def association(name, source, destination, spi):
    return Association(name, source, destination, spi, tunnel="tunnel" in name, udp="udp" in name)


def inbound(lab, name):
    return association(name, STRANGERS[1], EXTERNAL, lab.slots()["hosta"] << 16 | LOW)


def protocol(name):
    return "ah" if name.startswith("ah") else "esp"


def seal(association, size):
    """A sealed packet, as it goes on the wire; AH covers the identification."""
    def sealed(count):
        return association.seal(
            UDP(sport=7, dport=7) / Raw(os.urandom(count)), id=random.randint(1, 0xFFFF), ttl=64)
    # What fits into Ethernet's 1,500 octets, but not with the tunnel's header.
    counts = {"whole": 200, "in fragments": 3000, "larger than the tunnel": 1490 - len(sealed(0))}
    packet = sealed(counts[size])
    if size == "in fragments":
        # The first one comes last.
        return [raw(part) for part in fragment(packet, 1000)][::-1]
    return [raw(packet)]


def deliver(lab, packets, sender, receiver, **wanted):
    """Sends the packets and returns what arrived, whole."""
    with taps(lab.namespace(receiver)) as (tap,):
        source = Sender(lab.namespace(sender))
        source.send_all(packets)
        source.close()
        time.sleep(0.2)
    return [packet.octets for packet in tap.packets if not packet.outgoing and all(
        getattr(packet, field) == value for field, value in wanted.items())]


def same(arrived, packets):
    """Put together again, the packet is what was sent but for its time to live."""
    expect(arrived, "nothing arrived")
    one, other = IP(whole(arrived)), IP(whole(packets))
    expect_octets("protected octets", raw(one.payload), raw(other.payload))
    hops = other.ttl - one.ttl
    expect(0 < hops <= 3, f"{hops} hops")
    one.ttl = other.ttl
    del one.chksum, other.chksum
    expect_octets("header", raw(one)[:20], raw(other)[:20])
    identifications = {IP(packet).id for packet in arrived}
    expect_equal("identifications", identifications, {IP(packets[0]).id})


def inward(lab, name, size):
    sealing = inbound(lab, name)
    packets = seal(sealing, size)
    with lab.validated(sealing.source, "hosta", protocol(name)):
        arrived = deliver(lab, packets, "attacker", "hosta", tunnelled=True, source=sealing.source)
    if size != "whole":
        expect(len(arrived) > 1, "not in parts")
    same(arrived, packets)
    opened = unseal(sealing.json(), whole(arrived))
    expect(opened is not None, "does not verify")
    expect_octets("what was sealed", opened, sealing.payload)


def outward(lab, name, size):
    sealing = association(name, EXTERNAL, lab.address["peer1"], SPI_OUT)
    packets = seal(sealing, size)
    # Other packets of the hosts arrive as well.
    arrived = [
        packet for packet in deliver(lab, packets, "hosta", "peer1", tunnelled=False, source=EXTERNAL)
        if IP(packet).id == IP(packets[0]).id and IP(packet).proto == IP(packets[0]).proto]
    same(arrived, packets)
    opened = unseal(sealing.json(), whole(arrived))
    expect(opened is not None, "does not verify")
    expect_octets("what was sealed", opened, sealing.payload)


def flipped(lab, name):
    sealing = inbound(lab, name)
    packet = bytearray(seal(sealing, "whole")[0])
    packet[-1] ^= 1
    with lab.validated(sealing.source, "hosta", protocol(name)):
        arrived = deliver(lab, [bytes(packet)], "attacker", "hosta", tunnelled=True, source=sealing.source)
    same(arrived, [bytes(packet)])
    expect(unseal(sealing.json(), whole(arrived)) is None, "verifies, though it was changed")


def unvalidated(lab, name):
    sealing = inbound(lab, name)
    before = lab.drops()
    arrived = deliver(lab, seal(sealing, "whole"), "attacker", "hosta", tunnelled=True, source=sealing.source)
    expect_equal("packets that arrived", len(arrived), 0)
    eventually("the drop", lambda: risen_since(lab, before) == {"address-not-validated": 1}, seconds=3)
