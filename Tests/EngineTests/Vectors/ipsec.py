#!/usr/bin/python3
"""Writes ipsec.json: real ESP (AES-GCM, RFC 4106) and AH (SHA-256, RFC 4868) on their way through the router.

    /usr/bin/python3 ipsec.py > ipsec.json

Each conversation is one as in fragments.json. Besides, it names the security association that its packet
was sealed with, what was sealed, and whether the receiver opens what the router writes: `Tests/Vectors`
tries, with scapy and with tshark. Keys and initialization vectors are fixed so that the file is.
"""
import json

from datapath import EXTERNAL, MTU, PEER, SPI1, SPI1_AH, STRANGER, hop, outer
from fragments import Talk, conversations, parts
from scapy.all import IP, TCP, UDP, Raw, raw
from scapy.layers.ipsec import AH, ESP, SecurityAssociation

# AES-256 with its salt of 4 octets (RFC 4106, section 8.1), and a key of HMAC-SHA-256.
KEYS = {"esp": bytes(range(0x20, 0x44)), "ah": bytes(range(0x60, 0x80))}
IV = bytes(range(0xA0, 0xA8))
SPI_OUT, SPI_OUT_AH = 0x77770001, 0x77770002
INNER_HOST, INNER_PEER = "172.16.1.1", "172.16.2.1"


class Association:
    """One direction of a pair of security associations."""

    def __init__(self, name, source, destination, spi, tunnel=False, udp=False):
        self.name, self.source, self.destination = name, source, destination
        self.kind, self.spi, self.tunnel, self.udp = "ah" if name.startswith("ah") else "esp", spi, tunnel, udp
        self.payload = b""

    def seal(self, payload, **fields):
        """The payload in ESP or AH, in transport or tunnel mode."""
        fields = {"ttl": 57, "id": 0x4242, **fields}
        header = IP(src=self.source, dst=self.destination, **fields)
        options = {"tunnel_header": header} if self.tunnel else {}
        if self.kind == "esp":
            sa = SecurityAssociation(ESP, self.spi, crypt_algo="AES-GCM", crypt_key=KEYS["esp"], **options)
            more = {"iv": IV}
        else:
            sa = SecurityAssociation(AH, self.spi, auth_algo="SHA2-256-128", auth_key=KEYS["ah"], **options)
            more = {}
        plain = IP(src=INNER_PEER, dst=INNER_HOST, ttl=63, id=0x99) if self.tunnel else header
        self.payload = raw(IP(raw(plain / payload)).payload)
        sealed = IP(raw(sa.encrypt(plain / payload, seq_num=7, **more)))
        # RFC 3948, section 2.1; scapy's own way leaves the datagram's length wrong.
        return IP(raw(header / UDP(sport=4500, dport=4500, chksum=0) / raw(sealed.payload))) if self.udp else sealed

    def json(self):
        return {"name": self.name, "protocol": self.kind, "spi": f"0x{self.spi:08x}", "tunnel": self.tunnel,
                "udp": self.udp, "source": self.source, "destination": self.destination,
                "key": KEYS[self.kind].hex()}


def association_pairs():
    for name, spi, back, more in (
            ("esp transport", SPI1, SPI_OUT, {}), ("esp tunnel", SPI1, SPI_OUT, {"tunnel": True}),
            ("ah transport", SPI1_AH, SPI_OUT_AH, {}), ("ah tunnel", SPI1_AH, SPI_OUT_AH, {"tunnel": True}),
            ("esp in udp", SPI1, SPI_OUT, {"udp": True})):
        yield (Association(f"{name}, inbound", PEER, EXTERNAL, spi, **more),
               Association(f"{name}, outbound", EXTERNAL, PEER, back, **more))


def tell(association, opens):
    """Adds to the last conversation what the receiver needs to know."""
    conversations[-1].update(association=association.name, payload=association.payload.hex(), opens=opens)


def inbound(association, row):
    entry = 2 if association.kind == "ah" else 1
    payload = UDP(sport=7, dport=7) / Raw(b"to be opened by the host alone " * 3)
    sealed = association.seal(payload, tos=0xB8 if association.kind == "ah" else 0)
    Talk("passes", row).step(sealed).passes(sealed, entry=entry)
    tell(association, True)
    for place, name in ((-1, "the last octet"), (len(sealed) // 2, "an octet in the middle")):
        octets = bytearray(raw(sealed))
        octets[place] ^= 1
        flipped = IP(bytes(octets))
        Talk(f"{name} flipped on the way: passes, and the host notices", row).step(flipped).passes(flipped, entry=entry)
        tell(association, False)
    stranger = association.seal(payload)
    stranger.src = STRANGER
    del stranger.chksum
    Talk("from an address that is not validated", row).step(stranger).drops("address-not-validated", 1)
    tell(association, None)

    large = UDP(sport=7, dport=7) / Raw(bytes(number & 0xFF for number in range(3000)))
    sealed = association.seal(large)
    pieces = parts(sealed, 1000)
    talk = Talk("in fragments, the first one last", row)
    for piece in pieces[1:]:
        talk.step(piece).waits()
    talk.step(pieces[0])
    for piece in pieces:
        talk.passes(piece, entry=entry)
    tell(association, True)
    talk = Talk("larger than the tunnel: in pieces", row)
    talk.step(sealed).exit("forwardPieces", host=1, entry=entry, outputs=[
        talk.tunnelled(piece, 1) for piece in parts(hop(sealed), (MTU - 20) // 8 * 8)])
    tell(association, True)


def outbound(association, row):
    payload = TCP(sport=10240, dport=443, seq=5) / Raw(b"sealed by the host, opened by the peer")
    sealed = association.seal(payload)
    Talk("passes", row, "outbound").step(outer(sealed)).leaves(sealed)
    tell(association, True)
    # In AH the congestion mark is mutable, in ESP outside of what is protected.
    capable = association.seal(payload, tos=0xBA)
    marked = capable.copy()
    marked.tos = 0xBB
    del marked.chksum
    Talk("with a congestion mark of the tunnel's", row, "outbound").step(outer(capable, tos=3)).leaves(marked)
    tell(association, True)
    octets = bytearray(raw(sealed))
    octets[-1] ^= 1
    flipped = IP(bytes(octets))
    Talk("the last octet flipped on the way: passes, and the peer notices", row, "outbound").step(
        outer(flipped)).leaves(flipped)
    tell(association, False)
    foreign = association.seal(payload)
    foreign.src = "198.51.100.2"
    del foreign.chksum
    Talk("from another source than the shared address", row, "outbound").step(outer(foreign)).drops(
        "source-not-external", 1)
    tell(association, None)
    large = UDP(sport=7, dport=7) / Raw(bytes(number & 0xFF for number in range(3000)))
    talk = Talk("in fragments", row, "outbound")
    for piece in parts(association.seal(large), 1000):
        talk.step(outer(piece)).leaves(piece)
    tell(association, True)


if __name__ == "__main__":
    associations = []
    for coming, going in association_pairs():
        inbound(coming, coming.name)
        outbound(going, going.name)
        associations += [coming.json(), going.json()]
    print('{"associations": [', ",\n".join(map(json.dumps, associations)), '], "conversations": [',
          ",\n".join(map(json.dumps, conversations)), "]}", sep="\n")
