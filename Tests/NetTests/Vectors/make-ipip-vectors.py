#!/usr/bin/env python3
"""Writes ipip.json with scapy (2.5.0 was used): packets of an IP-in-IP tunnel and what is to become
of them. `inner` is the packet that must come out, with its header checksum computed by scapy, or null
where nothing may. The table of congestion marks is RFC 6040, figure 4."""
import json
import pathlib

from scapy.all import IP, UDP, IPOption_NOP, IPv6, Raw

ENDPOINT, HOST, EXTERNAL, PEER = "10.0.0.254", "10.0.0.11", "198.51.100.1", "192.0.2.10"
NOT_ECT, ECT1, ECT0, CE = 0, 1, 2, 3
# Rows: mark of the inner header; columns: of the outer one, in the order of the numbers above.
FIGURE_4 = {
    NOT_ECT: [NOT_ECT, NOT_ECT, NOT_ECT, None],
    ECT1: [ECT1, ECT1, ECT1, CE],
    ECT0: [ECT0, ECT1, ECT0, CE],
    CE: [CE, CE, CE, CE],
}


def inner(**fields):
    return IP(**{"src": PEER, "dst": EXTERNAL, "id": 0x1234, **fields}) / UDP(
        sport=4500, dport=20480) / b"data"


def outer(payload, **fields):
    return bytes(IP(**{"src": ENDPOINT, "dst": HOST, "id": 7, "proto": 4, **fields}) / payload)


received = []


def vector(name, octets, result=None):
    received.append({
        "name": name, "octets": octets.hex(), "inner": None if result is None else bytes(result).hex()})


for inside, row in FIGURE_4.items():
    for outside, result in enumerate(row):
        # 0xb8 and 0x28: the upper six bits are no business of the tunnel's.
        vector(f"inner mark {inside}, outer mark {outside}",
               outer(inner(tos=0xb8 | inside), tos=0x28 | outside),
               None if result is None else inner(tos=0xb8 | result))
whole = bytes(inner())
vector("outer header with options", outer(inner(), options=[IPOption_NOP()] * 4), inner())
vector("octets after the inner packet", outer(Raw(whole + b"more")), inner())
vector("from another address", outer(inner(), src="10.0.0.253"))
vector("of another protocol", outer(inner(), proto=47))
vector("to another inner address", outer(inner(dst="198.51.100.2")))
vector("IPv6 inside", outer(IPv6(src="2001:db8::1", dst="2001:db8::2") / UDP()))
vector("inner header cut short", outer(Raw(whole[:19])))
vector("inner packet cut short", outer(Raw(whole[:-1])))
vector("inner header length 4", outer(Raw(b"\x44" + whole[1:])))
vector("inner total length below its header", outer(Raw(whole[:2] + b"\0\x13" + whole[4:])))
vector("outer packet cut short", outer(inner())[:-1])
vector("outer header cut short", outer(inner())[:19])
vector("nothing", b"")
vector("nothing inside", outer(Raw(b"")))

sent = [
    {"name": name, "octets": octets.hex(), "passes": passes}
    for name, octets, passes in [
        ("from the external address", bytes(IP(src=EXTERNAL, dst=PEER) / UDP()), True),
        ("from the inside address", bytes(IP(src=HOST, dst=PEER) / UDP()), False),
        ("IPv6", bytes(IPv6() / UDP()), False),
        ("cut short", bytes(IP(src=EXTERNAL, dst=PEER) / UDP())[:-1], False),
        ("nothing", b"", False),
    ]
]


def lines(vectors):
    return ",\n".join(json.dumps(one) for one in vectors)


(pathlib.Path(__file__).parent / "ipip.json").write_text(
    f'{{"received": [\n{lines(received)}\n],\n"sent": [\n{lines(sent)}\n]}}\n')
