#!/usr/bin/python3
"""Writes datapath.json: what the router must do with a packet, and the octets it must write.

The expected octets are scapy's, from the two tables of the design (inbound, outbound), so nothing of
the router's own code goes into them. Run it where it stands:

    /usr/bin/python3 datapath.py > datapath.json

A vector holds changes to the state below, what comes before (packets, and changes between them), a
packet as it is read from the TUN device, the verdict
("forward", "answer", "consume", or "drop" with a reason), what is to be written, and whom it concerns.
Identifications of packets that the router makes count 1, 2, 3 within a vector.
"""
import json
import logging
import struct
import sys

logging.getLogger("scapy").setLevel(logging.ERROR)
from scapy.all import ICMP, IP, TCP, UDP, IPv6, ICMPv6ND_RS, Raw, raw  # noqa: E402
from scapy.contrib.ikev2 import IKEv2  # noqa: E402
from scapy.layers.ipsec import AH, ESP  # noqa: E402
from scapy.layers.isakmp import ISAKMP  # noqa: E402

EXTERNAL, ENDPOINT, MTU = "198.51.100.1", "10.0.0.254", 1480
INSIDE = {1: "10.0.0.11", 2: "10.0.0.12", 3: "10.0.0.13"}
PEER, OTHER, STRANGER = "192.0.2.10", "192.0.2.20", "203.0.113.66"
TIMES = {"ts_ori": 1, "ts_rx": 2, "ts_tx": 3}  # else scapy takes the clock
PORT = {1: 10240, 2: 20480, 3: 30720}
SPI1, SPI1_AH, SPI1_BOTH, SPI2, SPI3 = 0x10010042, 0x10010005, 0x10010100, 0x20020007, 0x30030001

STATE = [
    "host 1 10.0.0.11 active", "host 2 10.0.0.12 active", "host 3 10.0.0.13 suspended",
    "slot 0x1001 1", "slot 0x2002 2", "slot 0x3003 3",
    "ports 10240 1024 1", "ports 20480 2048 2", "ports 30720 1024 3",
    "entry 1 1 192.0.2.10 esp any",
    "entry 2 1 192.0.2.10 ah 0x10010005",
    "entry 3 1 192.0.2.20 any 0x10010100",
    "entry 4 2 192.0.2.10 esp 0x20020007",
    "entry 5 3 192.0.2.10 any any",
]

vectors = []


def add(name, source, packet, verdict, reason=None, output=None, direction="inbound", host=0,
        entry=None, changes=(), responder=0, before=()):
    vectors.append({
        "name": name, "source": source, "changes": list(changes), "responder": responder,
        "before": [step if isinstance(step, str) else raw(step).hex() for step in before],
        "packet": raw(packet).hex() if not isinstance(packet, bytes) else packet.hex(),
        "verdict": verdict, "reason": reason, "direction": direction, "host": host, "entry": entry,
        "output": None if output is None else raw(output).hex(),
    })


def hop(packet):
    """The packet one router further: all of it but time to live and header checksum as it was."""
    copy = IP(raw(packet))
    copy.ttl -= 1
    del copy.chksum
    return IP(raw(copy))


def tunnelled(inner, host, ident=1):
    """RFC 2003, with the fields that the design names."""
    inner = IP(raw(inner))
    return IP(src=ENDPOINT, dst=INSIDE[host], proto=4, ttl=64, id=ident, tos=inner.tos,
              flags=inner.flags & "DF") / raw(inner)


def ip(source=PEER, destination=EXTERNAL, **fields):
    fields.setdefault("ttl", 57)
    fields.setdefault("id", 0x4242)
    return IP(src=source, dst=destination, **fields)


def esp(spi=SPI1, size=40, seq=9):
    return ESP(spi=spi, seq=seq, data=bytes(octet & 0xFF for octet in range(size)))


def ah(spi=SPI1_AH, payload=b"transport payload"):
    """Of a protocol for experiments (RFC 3692): nobody looks into it."""
    return AH(nh=253, spi=spi, seq=3, icv=bytes(range(12)), payloadlen=4) / Raw(payload)


def ikev2(initiator, responder, from_initiator, exchange=34, response=None):
    flags = (8 if from_initiator else 0) | (32 if (not from_initiator if response is None else response) else 0)
    return IKEv2(init_SPI=struct.pack(">Q", initiator), resp_SPI=struct.pack(">Q", responder),
                 next_payload=0, version=0x20, exch_type=exchange, flags=flags, id=0, length=28)


def ikev1(initiator, responder):
    return ISAKMP(init_cookie=struct.pack(">Q", initiator), resp_cookie=struct.pack(">Q", responder),
                  next_payload=0, version=0x10, exch_type=2, flags=0, id=0, length=28)


def udp(sport, dport, payload):
    return UDP(sport=sport, dport=dport) / (payload if not isinstance(payload, bytes) else Raw(payload))


def natt_ike(message):
    return Raw(b"\0\0\0\0" + raw(message))


LABEL1, LABEL2, FOREIGN = 0x1001_0000_0000_abcd, 0x2002_1234_5678_9abc, 0x7777_0102_0304_0506

# ---------------------------------------------------------------- inbound (design.md, section 3.1)


def inbound(name, source, packet, host, entry=None, offset=0, **more):
    """`offset` packets came in before this one."""
    add(name, source, packet, "forward", output=tunnelled(hop(packet), host, 1 + offset), host=host, entry=entry,
        **more)


def refused(name, source, packet, reason, **more):
    add(name, source, packet, "drop", reason=reason, **more)


def inbound_ipsec():
    row = "3.1 ESP, AH"
    inbound("esp with an entry of any SPI", row, ip() / esp(), 1, 1)
    inbound("esp with an entry of that SPI", row, ip() / esp(SPI2), 2, 4)
    inbound("esp, entry of both protocols", row, ip(OTHER) / esp(SPI1_BOTH), 1, 3)
    inbound("ah, entry of both protocols", row, ip(OTHER) / ah(SPI1_BOTH), 1, 3)
    inbound("ah with an entry of that SPI", row, ip() / ah(), 1, 2)
    inbound("esp, an entry of that SPI goes before one of any", row, ip() / esp(SPI1_BOTH), 1, 6,
            changes=["entry 6 1 192.0.2.10 esp 0x10010100"])
    inbound("esp, the first SPI that is not reserved", row, ip() / esp(0x10010000), 1, 1)
    inbound("esp, the last SPI of the slot", row, ip() / esp(0x1001FFFF), 1, 1)
    inbound("esp, empty payload", row, ip() / ESP(spi=SPI1, seq=1, data=b""), 1, 1)
    refused("esp, reserved SPI 255", row, ip() / esp(255), "spi-reserved")
    refused("esp, SPI 0", row, ip() / esp(0), "spi-reserved")
    refused("ah, reserved SPI 255", row, ip() / ah(255), "spi-reserved")
    refused("esp, SPI 256 is not reserved but nobody's", row, ip() / esp(256), "spi-not-leased")
    refused("esp, slot not leased (claim 15)", row, ip() / esp(0x10020042), "spi-not-leased")
    refused("ah, slot not leased", row, ip() / ah(0x0FFF0005), "spi-not-leased")
    refused("esp, leased SPI, source not validated (claim 16)", row, ip(STRANGER) / esp(),
            "address-not-validated", host=1)
    refused("ah, leased SPI, source not validated", row, ip(STRANGER) / ah(),
            "address-not-validated", host=1)
    refused("esp, entry is for another SPI of the host", row, ip(OTHER) / esp(SPI1_BOTH + 1),
            "address-not-validated", host=1)
    refused("ah, entry is for esp", row, ip() / ah(SPI2), "address-not-validated", host=2)
    refused("esp, entry is for ah", row, ip(STRANGER) / esp(SPI1_AH), "address-not-validated",
            host=1, changes=["entry 6 1 203.0.113.66 ah 0x10010005"])
    refused("esp, the entry is another host's", row, ip(OTHER) / esp(0x20020100),
            "address-not-validated", host=2)
    refused("esp, the entry was removed", row, ip() / esp(), "address-not-validated", host=1,
            changes=["unentry 1"])
    refused("esp, the slot was given back", row, ip() / esp(), "spi-not-leased",
            changes=["slot 0x1001 0"])
    refused("esp, the slot's last holder left a row behind", row, ip() / esp(SPI2),
            "address-not-validated", host=1, changes=["slot 0x2002 1", "unentry 1"])
    claim = "claim 0x70070042 1"
    inbound("esp, a claimed SPI, by an entry of any SPI", row, ip() / esp(0x70070042), 1, 1,
            changes=[claim])
    inbound("ah, a claimed SPI, by an entry of its own", row, ip(STRANGER) / ah(0x70070042), 1, 6,
            changes=[claim, "entry 6 1 203.0.113.66 ah 0x70070042"])
    refused("esp, a claimed SPI, source not validated", row, ip(STRANGER) / esp(0x70070042),
            "address-not-validated", host=1, changes=[claim])
    refused("esp, the SPI beside a claimed one", row, ip() / esp(0x70070043), "spi-not-leased",
            changes=[claim])
    refused("esp, the claim was given back", row, ip() / esp(0x70070042), "spi-not-leased",
            changes=[claim, "claim 0x70070042 0"])
    refused("esp, a claimed SPI of a suspended host", row, ip() / esp(0x70070042),
            "host-suspended", host=3, changes=["claim 0x70070042 3"])
    inbound("esp, a slot goes before another host's claim in it", row, ip() / esp(SPI1), 1, 1,
            changes=[f"claim {SPI1:#010x} 2"])
    refused("esp, host suspended", row, ip() / esp(SPI3), "host-suspended", host=3)
    inbound("esp, host resumed", row, ip() / esp(SPI3), 3, 5, changes=["host 3 10.0.0.13 active"])
    add("esp, host moved to another inside address", row, ip() / esp(SPI2), "forward", host=2,
        entry=4, changes=["host 2 10.0.0.99 active"],
        output=IP(src=ENDPOINT, dst="10.0.0.99", proto=4, ttl=64, id=1) / raw(hop(ip() / esp(SPI2))))
    short = ip(proto=50) / Raw(b"\x10\x01\x00\x42\x00\x00\x00")
    refused("esp, cut within the sequence number", row, short, "malformed")
    refused("ah, cut within the fixed part", row, ip(proto=51) / Raw(raw(ah())[:11]), "malformed")
    refused("ah, longer than the packet", row,
            ip(proto=51) / Raw(b"\x06\x40\0\0\x10\x01\x00\x05" + bytes(20)), "malformed")
    refused("ah, shorter than its fixed part", row,
            ip(proto=51) / Raw(b"\x06\x00\0\0\x10\x01\x00\x05" + bytes(20)), "malformed")


def inbound_revoked():
    row = "3.1 not revoked"
    for text, length in (("192.0.2.10/32", 32), ("192.0.2.0/24", 24), ("192.0.2.10/31", 31),
                         ("128.0.0.0/1", 1), ("0.0.0.0/0", 0)):
        refused(f"esp, /{length} revoked for all", row, ip() / esp(), "address-revoked", host=1,
                changes=[f"revoke {text} all"])
    refused("esp, revoked for this host", row, ip() / esp(), "address-revoked", host=1,
            changes=["revoke 192.0.2.10/32 1"])
    inbound("esp, revoked for another host", row, ip() / esp(), 1, 1,
            changes=["revoke 192.0.2.10/32 2"])
    inbound("esp, the neighbour is revoked", row, ip() / esp(), 1, 1,
            changes=["revoke 192.0.2.11/32 all", "revoke 192.0.2.12/30 all"])
    inbound("esp, revocation lifted", row, ip() / esp(), 1, 1,
            changes=["revoke 192.0.2.10/32 all", "unrevoke 192.0.2.10/32 all"])
    refused("esp, one of two revocations lifted", row, ip() / esp(), "address-revoked", host=1,
            changes=["revoke 192.0.2.10/32 all", "revoke 192.0.2.0/24 1", "unrevoke 192.0.2.10/32 all"])
    refused("esp without an entry, revoked", row, ip() / esp(), "address-revoked", host=1,
            changes=["unentry 1", "revoke 192.0.2.10/32 all"])
    revoked = ["revoke 192.0.2.0/24 all"]
    refused("ah, revoked", row, ip() / ah(), "address-revoked", host=1, changes=revoked)
    refused("esp in udp, revoked", row, ip() / udp(4500, 4500, raw(esp())), "address-revoked",
            host=1, changes=revoked)
    refused("ike, revoked", row, ip() / udp(500, 500, ikev2(LABEL1, FOREIGN, False)),
            "address-revoked", host=1, changes=revoked)
    refused("tcp, revoked", row, ip() / TCP(sport=443, dport=PORT[1]), "address-revoked", host=1,
            changes=revoked)
    refused("udp, revoked for the host", row, ip() / udp(53, PORT[2], b"x"), "address-revoked",
            host=2, changes=["revoke 192.0.2.0/24 2"])
    refused("echo reply, revoked", row, ip() / ICMP(type=0, id=PORT[1], seq=1), "address-revoked",
            host=1, changes=revoked)
    refused("echo request, revoked for all", row, ip() / ICMP(type=8, id=1, seq=1),
            "address-revoked", changes=revoked)
    refused("suspended goes before revoked", row, ip() / esp(SPI3), "host-suspended", host=3,
            changes=revoked)


def inbound_ike():
    row = "3.1 IKE"
    inbound("ikev2 request to the initiator host: its SPI is the initiator's", row,
            ip() / udp(500, 500, ikev2(LABEL1, FOREIGN, False, 37, response=False)), 1)
    inbound("ikev2 response to the initiator host", row,
            ip() / udp(500, 500, ikev2(LABEL1, FOREIGN, False)), 1)
    inbound("ikev2 response with a cookie: responder SPI 0", row,
            ip() / udp(500, 500, ikev2(LABEL1, 0, False)), 1)
    inbound("ikev2 to the responder host: its SPI is the responder's", row,
            ip() / udp(500, 500, ikev2(FOREIGN, LABEL2, True, 35)), 2)
    inbound("ikev2 on 4500 behind the marker", row,
            ip() / udp(4500, 4500, natt_ike(ikev2(LABEL1, FOREIGN, False))), 1)
    inbound("ikev2 from a translated source port", row,
            ip() / udp(61001, 4500, natt_ike(ikev2(FOREIGN, LABEL2, True))), 2)
    inbound("ikev1, the initiator's cookie", row, ip() / udp(500, 500, ikev1(LABEL1, FOREIGN)), 1)
    inbound("ikev1, the responder's cookie", row, ip() / udp(500, 500, ikev1(FOREIGN, LABEL2)), 2)
    inbound("ikev1 on 4500", row, ip() / udp(4500, 4500, natt_ike(ikev1(FOREIGN, LABEL2))), 2)
    inbound("ike on a leased port is a datagram like any other", row,
            ip() / udp(500, PORT[1] + 1023, ikev2(FOREIGN, 0, True)), 1)
    inbound("udp 500 is ike, whoever holds the port block", row,
            ip() / udp(500, 500, ikev2(LABEL1, FOREIGN, False)), 1, changes=["ports 0 1024 2"])
    refused("ikev2, the other side's SPI carries a label", row,
            ip() / udp(500, 500, ikev2(FOREIGN, LABEL1, False)), "ike-no-owner")
    refused("ikev2 from the initiator, the initiator's SPI carries a label", row,
            ip() / udp(500, 500, ikev2(LABEL1, FOREIGN, True)), "ike-no-owner")
    refused("ikev2, label of a slot not leased", row,
            ip() / udp(500, 500, ikev2(0x1002 << 48 | 5, FOREIGN, False)), "ike-no-owner")
    refused("ikev1, no cookie carries a label", row, ip() / udp(500, 500, ikev1(FOREIGN, 1 << 48)),
            "ike-no-owner")
    refused("ikev2 begins, nobody is to get it", row,
            ip() / udp(500, 500, ikev2(FOREIGN, 0, True)), "ike-no-owner")
    refused("ikev2, host suspended", row,
            ip() / udp(500, 500, ikev2(0x3003 << 48, FOREIGN, False)), "host-suspended", host=3)
    inbound("ikev2 begins, the responder gets it", row,
            ip(STRANGER) / udp(500, 500, ikev2(FOREIGN, 0, True)), 2, responder=2)
    inbound("ikev2 begins on 4500, the responder gets it", row,
            ip(STRANGER) / udp(4500, 4500, natt_ike(ikev2(FOREIGN, 0, True))), 2, responder=2)
    inbound("ikev1 begins, the responder gets it", row,
            ip(STRANGER) / udp(500, 500, ikev1(FOREIGN, 0)), 2, responder=2)
    inbound("a label goes before the responder", row,
            ip() / udp(500, 500, ikev2(LABEL1, 0, False)), 1, responder=2)
    refused("ikev2 goes on, the responder does not get what is not his", row,
            ip() / udp(500, 500, ikev2(FOREIGN, FOREIGN, True)), "ike-no-owner", responder=2)
    refused("ikev2 begins, the responder is suspended", row,
            ip() / udp(500, 500, ikev2(FOREIGN, 0, True)), "host-suspended", responder=3, host=3)
    refused("ikev2 begins, revoked source", row,
            ip() / udp(500, 500, ikev2(FOREIGN, 0, True)), "address-revoked", responder=2, host=2,
            changes=["revoke 192.0.2.10/32 all"])
    message = raw(ikev2(LABEL1, FOREIGN, False))
    refused("ike, 27 octets", row, ip() / udp(500, 500, message[:27]), "malformed")
    refused("ike on 4500, 27 octets", row, ip() / udp(4500, 4500, b"\0\0\0\0" + message[:27]),
            "malformed")
    refused("ike, major version 3", row,
            ip() / udp(500, 500, message[:17] + b"\x30" + message[18:]), "malformed")
    refused("ike, major version 0", row,
            ip() / udp(500, 500, message[:17] + b"\x00" + message[18:]), "malformed")


def inbound_natt():
    row = "3.1 UDP 4500"
    inbound("esp in udp", row, ip() / udp(4500, 4500, raw(esp())), 1, 1)
    inbound("esp in udp from a translated source port", row, ip() / udp(3333, 4500, raw(esp(SPI2))), 2, 4)
    refused("esp in udp, not validated", row, ip(STRANGER) / udp(4500, 4500, raw(esp())),
            "address-not-validated", host=1)
    refused("esp in udp, an ah entry does not admit it", row,
            ip(STRANGER) / udp(4500, 4500, raw(esp())), "address-not-validated", host=1,
            changes=["entry 6 1 203.0.113.66 ah any"])
    refused("esp in udp, slot not leased", row, ip() / udp(4500, 4500, raw(esp(0x10020042))),
            "spi-not-leased")
    refused("esp in udp, reserved SPI", row, ip() / udp(4500, 4500, raw(esp(200))), "spi-reserved")
    refused("esp in udp, cut within the sequence number", row,
            ip() / udp(4500, 4500, raw(esp())[:7]), "malformed")
    add("keepalive", row, ip() / udp(4500, 4500, b"\xff"), "consume")
    add("keepalive from a translated port", row, ip() / udp(1027, 4500, b"\xff"), "consume")
    refused("one octet that is no keepalive", row, ip() / udp(4500, 4500, b"\xfe"), "malformed")
    refused("two octets 0xff", row, ip() / udp(4500, 4500, b"\xff\xff"), "malformed")
    refused("no octet", row, ip() / udp(4500, 4500, b""), "malformed")
    refused("a keepalive to port 500 is no IKE", row, ip() / udp(4500, 500, b"\xff"), "malformed")
    inbound("a keepalive to a leased port is a datagram like any other", row,
            ip() / udp(4500, PORT[1], b"\xff"), 1)


def inbound_ports():
    row = "3.1 TCP, UDP"
    for name, port, host in (("first", PORT[1], 1), ("last", PORT[1] + 1023, 1),
                             ("second block of two", PORT[2] + 2047, 2)):
        inbound(f"tcp to the {name} port", row, ip(STRANGER) / TCP(sport=443, dport=port), host)
        inbound(f"udp to the {name} port", row, ip(STRANGER) / udp(53, port, b"answer"), host)
    refused("tcp, one port below", row, ip() / TCP(sport=443, dport=PORT[1] - 1), "port-not-leased")
    refused("udp, one port above", row, ip() / udp(53, PORT[1] + 1024, b"x"), "port-not-leased")
    refused("udp, port 0", row, ip() / udp(53, 0, b"x"), "port-not-leased")
    refused("udp, block given back", row, ip() / udp(53, PORT[1], b"x"), "port-not-leased",
            changes=["ports 10240 1024 0"])
    refused("tcp 4500 is not ike", row, ip() / TCP(sport=443, dport=4500), "port-not-leased")
    inbound("tcp 4500, leased", row, ip() / TCP(sport=443, dport=4500), 1,
            changes=["ports 4096 1024 1"])
    refused("tcp, host suspended", row, ip() / TCP(sport=443, dport=PORT[3]), "host-suspended", host=3)
    inbound("tcp with options", row,
            ip() / TCP(sport=443, dport=PORT[1], options=[("MSS", 1400), ("NOP", None), ("WScale", 7)]), 1)
    inbound("udp, octets after the datagram's own length", row,
            ip() / UDP(sport=53, dport=PORT[1], len=9, chksum=0) / Raw(b"xsurplus"), 1)
    refused("udp, length under 8", row, ip() / UDP(sport=53, dport=PORT[1], len=7) / Raw(b"x"), "malformed")
    refused("udp, length over the packet", row, ip() / UDP(sport=53, dport=PORT[1], len=10) / Raw(b"x"),
            "malformed")
    refused("udp, 7 octets", row, ip(proto=17) / Raw(bytes(7)), "malformed")
    refused("tcp, 19 octets", row, ip(proto=6) / Raw(raw(TCP(dport=PORT[1]))[:19]), "malformed")
    refused("tcp, header under 5 words", row, ip() / TCP(sport=1, dport=PORT[1], dataofs=4), "malformed")
    refused("tcp, header longer than the segment", row, ip() / TCP(sport=1, dport=PORT[1], dataofs=6),
            "malformed")


def error(kind, quoted, source, destination, ident, mtu=0):
    """RFC 792, RFC 1191; at most 576 octets (RFC 1812, section 4.3.2.3)."""
    code = 4 if kind == 3 else 0
    return IP(src=source, dst=destination, tos=0xC0, ttl=64, id=ident, proto=1) / ICMP(
        type=kind, code=code, unused=0, **({"nexthopmtu": mtu} if kind == 3 else {})
    ) / Raw(raw(quoted)[:548])


def inbound_icmp():
    row = "3.1 ICMP"
    request = ip(tos=0x2B, flags="DF") / ICMP(type=8, id=77, seq=3) / Raw(b"payload")
    reply = IP(src=EXTERNAL, dst=PEER, tos=0x28, flags="DF", ttl=64, id=1) / ICMP(
        type=0, id=77, seq=3) / Raw(b"payload")
    add("echo request", row, request, "answer", output=reply)
    add("echo request without payload, time to live 1: it is for the router", row,
        ip(ttl=1) / ICMP(type=8, id=0, seq=0), "answer",
        output=IP(src=EXTERNAL, dst=PEER, ttl=64, id=1) / ICMP(type=0, id=0, seq=0))
    add("echo request with an odd number of octets", row, ip() / ICMP(type=8, id=1, seq=2) / Raw(b"odd"), "answer",
        output=IP(src=EXTERNAL, dst=PEER, ttl=64, id=1) / ICMP(type=0, id=1, seq=2) / Raw(b"odd"))
    refused("echo request with a wrong checksum", row, ip() / ICMP(type=8, id=77, chksum=0x1234), "malformed")
    refused("echo request with a code", row, ip() / ICMP(type=8, code=1, id=77), "unsupported-protocol")
    inbound("echo reply", row, ip() / ICMP(type=0, id=PORT[1] + 5, seq=1) / Raw(b"data"), 1)
    inbound("timestamp reply", row, ip() / ICMP(type=14, **TIMES, id=PORT[2], seq=1), 2)
    refused("echo reply, identifier not leased", row, ip() / ICMP(type=0, id=77, seq=1), "icmp-no-owner")
    refused("timestamp reply, identifier not leased", row, ip() / ICMP(type=14, **TIMES, id=77), "icmp-no-owner")
    refused("echo reply, host suspended", row, ip() / ICMP(type=0, id=PORT[3]), "host-suspended", host=3)
    for kind, name in ((4, "source quench"), (5, "redirect"), (9, "router advertisement"),
                       (13, "timestamp request"), (15, "information request"), (17, "mask request")):
        refused(f"icmp: {name}", row, ip(proto=1) / Raw(bytes([kind]) + bytes(19)), "unsupported-protocol")
    refused("icmp, 7 octets", row, ip(proto=1) / Raw(b"\x08\0\0\0\0\0\0"), "malformed")


def inbound_else():
    row = "3.1 fragments"
    refused("fragment of an echo request", row, ip(flags="MF") / ICMP(type=8), "fragment-invalid")
    row = "3.1 anything else"
    for proto, name in ((47, "gre"), (4, "ip in ip"), (41, "ipv6"), (2, "igmp"), (132, "sctp"), (108, "ipcomp"),
                        (0, "protocol 0"), (255, "protocol 255")):
        refused(f"{name}", row, ip(proto=proto) / Raw(bytes(32)), "unsupported-protocol")
    refused("ipv6 from the kernel itself", row,
            IPv6(src="fe80::1", dst="ff02::2", hlim=255) / ICMPv6ND_RS(), "unsupported-protocol")
    refused("ip version 5", row, b"\x55" + raw(ip() / esp())[1:], "malformed")
    refused("header of 4 words", row, b"\x44" + raw(ip() / esp())[1:], "malformed")
    refused("options", row, ip(options=[b"\x01\x01\x01\x00"]) / esp(), "ip-options")
    refused("loose source route", row,
            IP(raw(ip(options=[b"\x83\x07\x04\x0a\x00\x00\x0b\x00"]) / esp())), "ip-options")
    refused("options longer than the packet", row, b"\x4f" + raw(ip() / esp(size=0))[1:], "malformed")
    packet = raw(ip() / esp())
    refused("total length under the header's", row, packet[:2] + b"\x00\x13" + packet[4:], "malformed")
    refused("total length over what was received", row,
            packet[:2] + struct.pack(">H", len(packet) + 1) + packet[4:], "malformed")
    refused("header only", row, ip(proto=50), "malformed")
    refused("one octet", row, b"\x45", "malformed")
    add("octets after the total length are cut", row, packet + b"\xaa" * 7, "forward", host=1, entry=1,
        output=tunnelled(hop(packet), 1))
    row = "sources that no packet has (RFC 1812, section 5.3.7)"
    for source in ("0.0.0.0", "0.1.2.3", "127.0.0.1", "169.254.3.4", "224.0.0.1", "239.1.2.3", "240.0.0.1",
                   "255.255.255.255", EXTERNAL, ENDPOINT):
        refused(f"source {source}", row, ip(source) / TCP(sport=1, dport=PORT[1]), "malformed")
    refused("echo request from the broadcast address", row, ip("255.255.255.255") / ICMP(type=8), "malformed")
    row = "neither the shared address nor the endpoint"
    for destination in ("198.51.100.2", "10.0.0.11", "224.0.0.22", "255.255.255.255"):
        refused(f"destination {destination}", row, ip(destination=destination) / esp(), "destination-forbidden")


def inbound_then():
    row = "3.1 then: TTL"
    inbound("time to live 2", row, ip(ttl=2) / esp(), 1, 1)
    inbound("time to live 255", row, ip(ttl=255) / esp(), 1, 1)
    for ttl in (1, 0):
        packet = ip(ttl=ttl) / esp()
        add(f"time to live {ttl}", row, packet, "drop", "ttl-expired", host=1, entry=1,
            output=error(11, packet, EXTERNAL, PEER, 1))
    packet = ip(ttl=1) / esp(size=1200)
    add("time to live 1, a long packet is quoted in part", row, packet, "drop", "ttl-expired", host=1,
        entry=1, output=error(11, packet, EXTERNAL, PEER, 1))
    packet = ip(ttl=1) / ICMP(type=0, id=PORT[1])
    add("time to live 1, an echo reply may be told", row, packet, "drop", "ttl-expired", host=1,
        output=error(11, packet, EXTERNAL, PEER, 1))
    refused("time to live 1, not validated: nothing is said", row, ip(STRANGER, ttl=1) / esp(),
            "address-not-validated", host=1)

    row = "3.1 then: encapsulate"
    for tos in (0x00, 0xB8, 0x02, 0x01, 0x03, 0xFF, *(4 << bit for bit in range(6))):
        inbound(f"dscp and ecn {tos:#04x} are copied", row, ip(tos=tos) / esp(), 1, 1)
    inbound("df set", row, ip(flags="DF") / esp(), 1, 1)
    inbound("df clear", row, ip(flags=0) / esp(), 1, 1)
    inbound("the reserved flag is the inner packet's alone", row, ip(flags="evil") / esp(), 1, 1)
    inbound("identification 0xffff is kept", row, ip(id=0xFFFF) / esp(), 1, 1)
    inbound("ah is not touched but for its time to live", row, ip(id=0, flags="DF", ttl=64) / ah(), 1, 2)
    for ident in range(0, 0x10000, 0x0FFD):  # carries of every kind in both checksums
        inbound(f"checksums, identification {ident:#06x}", row,
                ip(id=ident, ttl=1 + ident % 250 + 1, tos=ident & 0xFC) / esp(size=ident % 400), 1, 1)

    row = "3.1 then: larger than the tunnel MTU"
    inbound("exactly the MTU", row, ip(flags="DF") / esp(size=MTU - 28), 1, 1)
    packet = ip(flags="DF") / esp(size=MTU - 27)
    add("one octet more, df set", row, packet, "drop", "too-big", host=1, entry=1,
        output=error(3, packet, EXTERNAL, PEER, 1, MTU))
    refused("one octet more, not validated: nothing is said", row,
            ip(STRANGER, flags="DF") / esp(size=MTU - 27), "address-not-validated", host=1)
    packet = ip(flags="DF", ttl=1) / esp(size=MTU - 27)
    add("too big and expired: expired", row, packet, "drop", "ttl-expired", host=1, entry=1,
        output=error(11, packet, EXTERNAL, PEER, 1))


# --------------------------------------------------------------- outbound (design.md, section 3.2)


def outer(inner, host=1, **fields):
    fields.setdefault("ttl", 64)
    return IP(src=INSIDE.get(host, host), dst=ENDPOINT, proto=4, id=7, **fields) / (
        inner if isinstance(inner, bytes) else raw(inner))


def leaves(name, source, inner, host=1, expected=None, **more):
    tunnel = more.pop("tunnel", {})
    add(name, source, outer(inner, host, **tunnel), "forward", direction="outbound", host=host,
        output=hop(inner if expected is None else expected), **more)


def stays(name, source, inner, reason, host=1, **more):
    tunnel = more.pop("tunnel", {})
    add(name, source, outer(inner, host, **tunnel), "drop", reason, direction="outbound", host=host, **more)


def out(destination=PEER, source=EXTERNAL, **fields):
    return ip(source, destination, **fields)


def outbound_tunnel():
    right = raw(out() / esp(0x77777777))
    for place, name in ((10, "the checksum"), (8, "the time to live"), (19, "the destination")):
        wrong = right[:place] + bytes([right[place] ^ 4]) + right[place + 1:]
        stays(f"inner header damaged: {name}", "RFC 1812 5.2.2", IP(wrong), "malformed")
    row = "3.2 the tunnel"
    packet = out() / esp(0x77777777)
    leaves("esp", row, packet)
    leaves("ah", row, out() / ah(0x77777777))
    leaves("esp from the other host", row, packet, 2)
    add("outer source unknown", row, outer(packet, "10.0.0.99"), "drop", "tunnel-unknown-host",
        direction="outbound")
    add("outer source is a peer", row, outer(packet, PEER), "drop", "tunnel-unknown-host", direction="outbound")
    stays("host suspended", row, packet, "host-suspended", 3)
    leaves("host resumed", row, packet, 3, changes=["host 3 10.0.0.13 active"])
    add("host removed", row, outer(packet, 2), "drop", "tunnel-unknown-host", direction="outbound",
        changes=["unhost 2"])
    add("host moved: the old address", row, outer(packet, 2), "drop", "tunnel-unknown-host",
        direction="outbound", changes=["host 2 10.0.0.99 active"])
    add("host moved: the new address", row, outer(packet, "10.0.0.99"), "forward", direction="outbound",
        host=2, output=hop(packet), changes=["host 2 10.0.0.99 active"])
    add("protocol to the endpoint is not ip in ip", row,
        IP(src=INSIDE[1], dst=ENDPOINT) / ICMP(type=8), "drop", "unsupported-protocol",
        direction="outbound", host=1)
    stays("outer fragment", row, packet, "fragment-invalid", tunnel={"flags": "MF"})
    add("outer options", row, IP(src=INSIDE[1], dst=ENDPOINT, proto=4, options=[b"\x01\x01\x01\x00"]) / raw(packet),
        "drop", "ip-options", direction="outbound", host=1)
    add("outer cut", row, raw(outer(packet))[:-1], "drop", "malformed", direction="outbound", host=1)
    stays("inner source route", row, out(options=[b"\x83\x07\x04\x0a\x00\x00\x0b\x00"]) / esp(), "ip-options")
    stays("inner options", row, out(options=[b"\x01\x01\x01\x00"]) / esp(), "ip-options")
    stays("inner version 6", row, bytes(IPv6(src="2001:db8::1", dst="2001:db8::2") / Raw(b"x")),
          "unsupported-protocol")
    stays("inner version 7", row, b"\x75" + raw(packet)[1:], "malformed")
    stays("nothing inside", row, b"", "malformed")
    stays("inner header cut", row, raw(packet)[:19], "malformed")
    stays("inner packet cut", row, raw(packet)[:-1], "malformed")
    add("octets after the inner packet are cut", row, outer(raw(packet) + b"padding"), "forward",
        direction="outbound", host=1, output=hop(packet))
    for source in (PEER, "10.0.0.11", "198.51.100.2", "0.0.0.0"):
        stays(f"inner source {source}", row, out(source=source) / esp(), "source-not-external")
    for proto, name in ((4, "ip in ip"), (41, "ipv6"), (47, "gre")):
        stays(f"nested: {name}", row, out(proto=proto) / Raw(bytes(40)), "tunnel-nested")
    for proto, name in ((2, "igmp"), (132, "sctp"), (0, "protocol 0")):
        stays(f"{name}", row, out(proto=proto) / Raw(bytes(40)), "unsupported-protocol")
    row = "3.2 destination"
    for destination in ("10.0.0.12", "10.0.0.0", "10.0.0.255", ENDPOINT, "224.0.0.5", "239.255.255.250",
                        "127.0.0.1", "0.0.0.0", "0.9.9.9", "255.255.255.255", "240.0.0.1", "169.254.1.1"):
        stays(f"to {destination}", row, out(destination) / esp(), "destination-forbidden")
    stays("hairpin", row, out(EXTERNAL) / esp(), "hairpin-disabled")
    leaves("beside the inside network", row, out("10.0.1.12") / esp())


def outbound_owned():
    row = "3.2 ports and identifiers"
    for name, port, host in (("first", PORT[1], 1), ("last", PORT[1] + 1023, 1), ("of two blocks", PORT[2] + 2047, 2)):
        leaves(f"tcp from the {name} port", row, out() / TCP(sport=port, dport=443), host)
        leaves(f"udp from the {name} port", row, out() / udp(port, 53, b"query"), host)
    stays("tcp from the other host's port", row, out() / TCP(sport=PORT[2], dport=443), "port-not-owned")
    stays("udp from the other host's port", row, out() / udp(PORT[1], 53, b"x"), "port-not-owned", 2)
    stays("udp from nobody's port", row, out() / udp(PORT[1] - 1, 53, b"x"), "port-not-owned")
    stays("tcp from 500", row, out() / TCP(sport=500, dport=443), "port-not-owned")
    leaves("ike from a leased port", row, out() / udp(PORT[1], 500, ikev2(FOREIGN, 0, True)))
    leaves("esp in udp from a leased port", row, out() / udp(PORT[1], 4500, raw(esp(0x77777777))))
    leaves("echo request", row, out() / ICMP(type=8, id=PORT[1] + 9, seq=1) / Raw(b"data"))
    leaves("timestamp request", row, out() / ICMP(type=13, **TIMES, id=PORT[2]), 2)
    leaves("echo reply", row, out() / ICMP(type=0, id=PORT[1]))
    leaves("timestamp reply", row, out() / ICMP(type=14, **TIMES, id=PORT[1]))
    stays("echo request, identifier not leased", row, out() / ICMP(type=8, id=77), "port-not-owned")
    stays("echo request, the other host's identifier", row, out() / ICMP(type=8, id=PORT[2]), "port-not-owned")
    stays("timestamp request, identifier not leased", row, out() / ICMP(type=13, **TIMES, id=77), "port-not-owned")
    stays("icmp redirect", row, out(proto=1) / Raw(b"\x05" + bytes(19)), "unsupported-protocol")
    stays("icmp, 7 octets", row, out(proto=1) / Raw(b"\x08\0\0\0\0\0\0"), "malformed")
    stays("udp, 7 octets", row, out(proto=17) / Raw(bytes(7)), "malformed")
    stays("tcp, 19 octets", row, out(proto=6) / Raw(bytes(19)), "malformed")
    stays("esp, 7 octets", row, out(proto=50) / Raw(bytes(7)), "malformed")
    stays("ah, 11 octets", row, out(proto=51) / Raw(bytes(11)), "malformed")
    leaves("to a revoked address: revocation is about what comes in", row, out() / esp(),
           changes=["revoke 192.0.2.10/32 all"])


def outbound_ike():
    row = "3.2 IKE SPIs"
    leaves("ikev2 begins", row, out() / udp(500, 500, ikev2(LABEL1, 0, True)))
    leaves("ikev2, the initiator goes on", row, out() / udp(500, 500, ikev2(LABEL1, FOREIGN, True, 35)))
    leaves("ikev2, the responder answers", row, out() / udp(500, 500, ikev2(FOREIGN, LABEL2, False)), 2)
    leaves("ikev2 on 4500", row, out() / udp(4500, 4500, natt_ike(ikev2(LABEL1, FOREIGN, True))))
    leaves("ikev2 on 4500 to a translated port", row, out() / udp(4500, 61001, natt_ike(ikev2(FOREIGN, LABEL1, False))))
    leaves("ikev1, the initiator's cookie", row, out() / udp(500, 500, ikev1(LABEL1, FOREIGN)))
    leaves("ikev1, the responder's cookie", row, out() / udp(500, 500, ikev1(FOREIGN, LABEL2)), 2)
    leaves("esp in udp from 4500", row, out() / udp(4500, 4500, raw(esp(0x77777777))))
    stays("ikev2, the other host's label", row, out() / udp(500, 500, ikev2(LABEL2, 0, True)), "ike-spi-not-owned")
    leaves("ikev2, no label: learned", row, out() / udp(500, 500, ikev2(FOREIGN, 0, True)))
    leaves("ikev2 from the initiator, the label is in the peer's SPI", row,
           out() / udp(500, 500, ikev2(FOREIGN + 1, LABEL2, True)))
    leaves("ikev2 from the responder, the label is in the peer's SPI", row,
           out() / udp(500, 500, ikev2(LABEL2, FOREIGN + 2, False)))
    leaves("ikev2 on 4500, no label", row, out() / udp(4500, 4500, natt_ike(ikev2(FOREIGN + 3, 0, True))))
    leaves("ikev2, an SPI of no slot", row, out() / udp(500, 500, ikev2(5, 0, True)))
    leaves("ikev1 begins, no label", row, out() / udp(500, 500, ikev1(FOREIGN + 4, 0)))
    leaves("ikev1 answers, no label", row, out() / udp(500, 500, ikev1(FOREIGN + 5, FOREIGN + 6)))
    stays("ikev1 begins without a cookie", row, out() / udp(500, 500, ikev1(0, 0)), "ike-spi-not-owned")
    stays("ikev1, the other host's label", row, out() / udp(500, 500, ikev1(LABEL2, 0)), "ike-spi-not-owned")
    stays("ikev1 answers, the other host's label", row, out() / udp(500, 500, ikev1(FOREIGN + 7, LABEL2)),
          "ike-spi-not-owned")
    stays("ikev1, no cookie is the host's", row, out() / udp(500, 500, ikev1(LABEL2, FOREIGN)), "ike-spi-not-owned")
    stays("ike without the marker from 4500 is esp, and short", row, out() / udp(4500, 4500, b"\1\2\3"), "malformed")
    stays("ike from 500, 27 octets", row, out() / udp(500, 500, raw(ikev2(LABEL1, 0, True))[:27]), "malformed")
    stays("ike with the marker from 500", row, out() / udp(500, 4500, natt_ike(ikev2(LABEL1, 0, True))),
          "malformed")
    row = "RFC 7296, section 2.6: a responder without an SPI yet"
    leaves("a cookie from the responder", row, out() / udp(500, 500, ikev2(FOREIGN, 0, False)), 2, responder=2)
    stays("a cookie from another host", row, out() / udp(500, 500, ikev2(FOREIGN, 0, False)), "ike-spi-not-owned",
          responder=2)
    stays("a cookie when nobody is the responder", row, out() / udp(500, 500, ikev2(FOREIGN, 0, False)),
          "ike-spi-not-owned", 2)
    stays("an initiator without an SPI", row, out() / udp(500, 500, ikev2(0, 0, True)), "ike-spi-not-owned", 2,
          responder=2)
    row = "3.1 keepalive"
    add("keepalive from 4500", row, outer(out() / udp(4500, 4500, b"\xff")), "consume", direction="outbound", host=1)
    leaves("one octet 0xff from a leased port", row, out() / udp(PORT[1], 4500, b"\xff"))
    stays("one octet 0xff from 500", row, out() / udp(500, 4500, b"\xff"), "malformed")


def outbound_then():
    # RFC 6040, section 4.2, figure 4: rows are the inner field, columns the outer one.
    row = "RFC 6040, figure 4"
    names = ["not-ECT", "ECT(1)", "ECT(0)", "CE"]
    table = {0: [0, 0, 0, None], 2: [2, 1, 2, 3], 1: [1, 1, 1, 3], 3: [3, 3, 3, 3]}
    for inner, results in table.items():
        for outside, result in enumerate(results):
            packet = out(tos=0xB8 | inner) / esp()
            name = f"inner {names[inner]}, outer {names[outside]}"
            if result is None:
                stays(name, row, packet, "ecn-invalid", tunnel={"tos": outside})
            else:
                leaves(name, row, packet, tunnel={"tos": outside}, expected=out(tos=0xB8 | result) / esp())
    row = "RFC 2983, section 4.1: the tunnel's DSCP is not the packet's"
    for bit in range(6):
        leaves(f"inner dscp {1 << bit}, outer 0", row, out(tos=4 << bit) / esp())
        leaves(f"inner dscp 0, outer {1 << bit}", row, out() / esp(), tunnel={"tos": 4 << bit})
    row = "3.2 TTL"
    leaves("time to live 2", row, out(ttl=2) / esp())
    leaves("the outer time to live does not matter", row, out() / esp(), tunnel={"ttl": 1})
    for ttl in (1, 0):
        packet = out(ttl=ttl) / esp()
        told = error(11, packet, ENDPOINT, EXTERNAL, 1)
        add(f"time to live {ttl}", row, outer(packet), "drop", "ttl-expired", direction="outbound", host=1,
            output=tunnelled(told, 1, ident=2))
    packet = out(ttl=1, tos=0x02) / udp(PORT[2], 33434, bytes(900))
    add("time to live 1, outer congestion: the quote is as the host sent it", row,
        outer(packet, 2, tos=3), "drop", "ttl-expired", direction="outbound", host=2,
        output=tunnelled(error(11, packet, ENDPOINT, EXTERNAL, 1), 2, ident=2))
    stays("time to live 1, not owned: nothing is said", row, out(ttl=1) / udp(PORT[2], 53, b"x"), "port-not-owned")
    for ident in range(0, 0x10000, 0x1FFD):
        leaves(f"checksum, identification {ident:#06x}", row,
               out(id=ident, ttl=1 + ident % 250 + 1, tos=ident & 0xFC) / esp(size=ident % 400))


# ------------------------------------------------------------------------ IKE SPIs that are learned

RANDOM1, RANDOM2, THEIRS = 0x5555_1111_0000_0001, 0x6666_2222_0000_0002, 0x4444_3333_0000_0003


def learned_ike():
    row = "3.1 IKE, learned"

    def sent(message, host=1, peer=PEER, port=500):
        return outer(out(peer) / udp(port, port, message if port == 500 else natt_ike(message)), host)

    def came(message, peer=PEER, port=500, sport=None):
        return ip(peer) / udp(sport or port, port, message if port == 500 else natt_ike(message))

    began, answered = ikev2(RANDOM1, 0, True), ikev2(THEIRS, RANDOM2, False)
    inbound("ikev2 to who began", row, came(ikev2(RANDOM1, THEIRS, False)), 1, before=[sent(began)])
    inbound("ikev2 to who answered", row, came(ikev2(THEIRS, RANDOM2, True, 35)), 2, before=[sent(answered, 2)])
    inbound("ikev2 fragment (RFC 7383)", row,
            came(IKEv2(raw(ikev2(THEIRS, RANDOM2, True, 35))[:16] + b"\x35" + raw(ikev2(THEIRS, RANDOM2, True, 35))[17:])
                 / Raw(b"\0\0\0\x10\0\1\0\2encrypted")), 2, before=[sent(answered, 2)])
    inbound("ikev2 went from 500 to 4500", row, came(ikev2(RANDOM1, THEIRS, False), port=4500), 1, before=[sent(began)])
    inbound("ikev2 from a translated port", row, came(ikev2(RANDOM1, THEIRS, False), port=4500, sport=1044), 1,
            before=[sent(began, port=4500)])
    inbound("ikev1 to who began", row, came(ikev1(RANDOM1, THEIRS)), 1, before=[sent(ikev1(RANDOM1, 0))])
    inbound("ikev1 to who answered", row, came(ikev1(THEIRS, RANDOM2)), 2, before=[sent(ikev1(THEIRS, RANDOM2), 2)])
    inbound("ikev1 goes on after what was learned is lost", row, came(ikev1(RANDOM1, THEIRS)), 1,
            before=[sent(ikev1(RANDOM1, THEIRS))])
    refused("ikev2 from another peer", row, came(ikev2(RANDOM1, THEIRS, False), OTHER), "ike-no-owner",
            before=[sent(began)])
    refused("ikev2 from who began, its own SPI is learned", row, came(ikev2(RANDOM1, THEIRS, True)), "ike-no-owner",
            before=[sent(began)])
    refused("ikev2, another SPI", row, came(ikev2(RANDOM1 + 1, THEIRS, False)), "ike-no-owner", before=[sent(began)])
    refused("nobody outside teaches", row, came(ikev2(RANDOM1, THEIRS, False)), "ike-no-owner",
            before=[came(ikev2(RANDOM1, THEIRS, False)), came(ikev2(RANDOM1, 0, True))])
    refused("learned, host suspended since", row, came(ikev2(RANDOM1, THEIRS, False)), "host-suspended", host=1,
            before=[sent(began), "host 1 10.0.0.11 suspended"])
    refused("learned, host removed since", row, came(ikev2(RANDOM1, THEIRS, False)), "ike-no-owner",
            before=[sent(began), "unhost 1"])
    refused("learned, revoked", row, came(ikev2(RANDOM1, THEIRS, False)), "address-revoked", host=1,
            before=[sent(began)], changes=["revoke 192.0.2.10/32 1"])
    refused("what was refused is not learned", row, came(ikev2(LABEL2 + 1, THEIRS, False)), "ike-no-owner",
            before=[sent(ikev2(LABEL2 + 1, 0, True)), "slot 0x2002 0"])
    inbound("a slot that is leased later goes before what was learned", row, came(ikev2(0x7070 << 48, THEIRS, False)), 2,
            before=[sent(ikev2(0x7070 << 48, 0, True)), "slot 0x7070 2"])
    inbound("a slot that is given back: what was learned before counts again", row,
            came(ikev2(0x7070 << 48, THEIRS, False)), 1,
            before=[sent(ikev2(0x7070 << 48, 0, True)), "slot 0x7070 2", "slot 0x7070 0"])
    inbound("begun again after the responder answered: still the responder's", row, came(ikev2(THEIRS, 0, True)), 2,
            before=[came(ikev2(THEIRS, 0, True)), sent(answered, 2)], responder=2, offset=1)
    inbound("learned goes before the responder", row, came(ikev2(RANDOM1, 0, False)), 1, before=[sent(began)],
            responder=2)

    row = "3.2 IKE SPIs, learned"
    leaves("the owner sends again", row, out() / udp(500, 500, began), before=[sent(began)])
    leaves("the owner goes on, on 4500", row, out() / udp(4500, 4500, natt_ike(ikev2(RANDOM1, THEIRS, True, 35))),
           before=[sent(began)])
    stays("a second host with the same", row, out() / udp(500, 500, began), "ike-spi-not-owned", 2,
          before=[sent(began)])
    stays("a second host with the same, on 4500", row, out() / udp(4500, 4500, natt_ike(began)), "ike-spi-not-owned", 2,
          before=[sent(began)])
    leaves("a second host with the same, to another peer", row, out(OTHER) / udp(500, 500, began), 2,
           before=[sent(began)])
    leaves("a second host, after the first is gone", row, out() / udp(500, 500, began), 2,
           before=[sent(began), "unhost 1"])
    stays("a second host, the first is only suspended", row, out() / udp(500, 500, began), "ike-spi-not-owned", 2,
          before=[sent(began), "host 1 10.0.0.11 suspended"])
    stays("learned, but in a slot that was leased later", row, out() / udp(500, 500, ikev2(0x7070 << 48, 0, True)),
          "ike-spi-not-owned", before=[sent(ikev2(0x7070 << 48, 0, True)), "slot 0x7070 2"])
    stays("ikev1, the cookie of who began is another host's", row, out() / udp(500, 500, ikev1(RANDOM1, THEIRS)),
          "ike-spi-not-owned", 2, before=[sent(ikev1(RANDOM1, 0))])
    stays("ikev1, the cookie of who answered is another host's", row, out() / udp(500, 500, ikev1(RANDOM1, THEIRS)),
          "ike-spi-not-owned", 2, before=[sent(ikev1(RANDOM2, THEIRS))])
    leaves("ikev1, who began goes on", row, out() / udp(500, 500, ikev1(RANDOM1, THEIRS)),
           before=[sent(ikev1(RANDOM1, 0))])


# --------------------------------------------------------------------- ICMP errors and what they quote

ROUTER = "203.0.113.1"
PROBLEMS = ((3, 0, "net unreachable"), (3, 1, "host unreachable"), (3, 2, "protocol unreachable"),
            (3, 3, "port unreachable"), (3, 4, "fragmentation needed"), (11, 0, "time exceeded"),
            (11, 1, "reassembly time exceeded"), (12, 0, "parameter problem"))


def problem(quoted, kind=3, code=1, mtu=0, octets=548):
    """An ICMP error that quotes so many octets of a packet."""
    more = {"nexthopmtu": mtu} if (kind, code) == (3, 4) else {}
    return ICMP(type=kind, code=code, unused=0, **more) / Raw(raw(quoted)[:octets])


def went(payload, peer=PEER, source=EXTERNAL, **fields):
    """A packet of a host as a router outside sees it."""
    return IP(src=source, dst=peer, id=0x1717, ttl=3, **fields) / payload


def inbound_errors():
    row = "3.1 ICMP errors"
    tcp, query = TCP(sport=PORT[1], dport=443, seq=7), udp(PORT[2], 53, b"query")

    def told(name, payload, host, before=(), changes=(), responder=0, source=ROUTER, peer=PEER, fields={}, **more):
        inbound(name, row, ip(source) / problem(went(payload, peer, **fields), **more), host, before=before,
                changes=changes, responder=responder)

    def untold(name, payload, reason="icmp-no-owner", host=0, before=(), changes=(), responder=0, source=ROUTER,
               peer=PEER, fields={}, **more):
        refused(name, row, ip(source) / problem(went(payload, peer, **fields), **more), reason, host=host, before=before,
                changes=changes, responder=responder)

    for kind, code, name in PROBLEMS:
        told(f"{name}: tcp", tcp, 1, kind=kind, code=code, mtu=1400)
        told(f"{name}: udp", query, 2, kind=kind, code=code, mtu=1280)
    told("from the peer itself", query, 2, source=PEER, code=3)
    told("to a destination that is nobody's peer", tcp, 1, peer=STRANGER)
    told("df and all are quoted as they were", tcp, 1, code=4, mtu=1400, fields={"flags": "DF", "tos": 0x2A})
    for peer, name in ((INSIDE[2], "an inside network"), (ENDPOINT, "the tunnel endpoint"), (EXTERNAL, "the shared address"),
                       ("224.0.0.1", "multicast"), ("127.0.0.1", "loopback")):
        untold(f"quoted destination where no host can send: {name}", tcp, peer=peer)
    told("the first fragment", query, 2, fields={"flags": "MF"})
    untold("a later fragment", Raw(raw(query)), fields={"frag": 1, "proto": 17})
    untold("a port of nobody", udp(PORT[2] - 1, 53, b"x"))
    untold("a port of nobody, tcp", TCP(sport=80, dport=PORT[1]))
    untold("from another address", tcp, fields={"source": "198.51.100.2"})
    untold("from the peer to us", udp(PORT[1], PORT[2], b"x"), peer=EXTERNAL, fields={"source": PEER})
    untold("options in the quote", tcp, fields={"options": [b"\x01\x01\x01\x00"]})
    for proto, name in ((47, "gre"), (4, "ip in ip"), (132, "sctp"), (0, "protocol 0")):
        untold(f"{name}", Raw(struct.pack(">H", PORT[1]) * 16), fields={"proto": proto})
    refused("version 6 quoted", row, ip(ROUTER) / ICMP(type=3, code=1) / Raw(b"\x65" + raw(went(tcp))[1:]), "icmp-no-owner")
    refused("nothing quoted", row, ip(ROUTER) / ICMP(type=3, code=1), "icmp-no-owner")
    for octets in (19, 20, 24, 27):
        untold(f"{octets} octets quoted", tcp, octets=octets)
    for octets in (28, 29, 39):
        told(f"{octets} octets quoted", tcp, 1, octets=octets)
    told("more than 576 octets", udp(PORT[1], 53, bytes(900)), 1, octets=928)
    told("octets after the quoted packet", query, 2)
    inbound("an extension after the quote (RFC 4884)", row,
            ip(ROUTER) / problem(raw(went(tcp)) + bytes(88) + b"\x20\0\0\0\0\x08\1\1\0\1\2\3"), 1)
    untold("host suspended", udp(PORT[3], 53, b"x"), "host-suspended", 3)
    revoked = ["revoke 203.0.113.0/24 all"]
    untold("sender revoked", tcp, "address-revoked", 1, changes=revoked)
    untold("sender revoked for the host", tcp, "address-revoked", 1, changes=["revoke 203.0.113.1/32 1"])
    told("sender revoked for another host", tcp, 1, changes=["revoke 203.0.113.1/32 2"])
    untold("quoted destination revoked", tcp, "address-revoked", 1, changes=["revoke 192.0.2.10/32 all"])
    untold("quoted destination revoked for the host", query, "address-revoked", 2, changes=["revoke 192.0.2.0/24 2"])
    told("quoted destination revoked for another host", query, 2, changes=["revoke 192.0.2.0/24 1"])
    untold("suspended goes before revoked", udp(PORT[3], 53, b"x"), "host-suspended", 3, changes=revoked)
    add("time to live 1: nothing is said about an error", row, ip(ROUTER, ttl=1) / problem(went(tcp)), "drop",
        "ttl-expired", host=1)
    add("larger than the tunnel MTU: nothing is said about an error", row,
        ip(ROUTER, flags="DF") / problem(went(udp(PORT[1], 53, bytes(1500))), octets=1500), "drop", "too-big", host=1)

    row = "3.1 ICMP errors about queries"
    for kind, name in ((8, "echo request"), (0, "echo reply")):
        told(name, ICMP(type=kind, id=PORT[1] + 7, seq=1) / Raw(b"data"), 1, kind=11, code=0)
        untold(f"{name} of nobody", ICMP(type=kind, id=7, seq=1), kind=11, code=0)
    told("timestamp request", ICMP(type=13, **TIMES, id=PORT[2]), 2, kind=11, code=0)
    for kind in (3, 4, 5, 11, 12, 17):
        untold(f"icmp type {kind} is never told about", Raw(struct.pack(">BBHH", kind, 0, 0, PORT[1]) + bytes(30)),
               fields={"proto": 1})

    row = "3.1 ICMP errors about ESP and AH"
    spi, other = 0x77770001, 0x77770002
    declared = ["entry 6 1 192.0.2.10 esp 0x10010100 0x77770001", "entry 7 2 192.0.2.20 ah 0x20020100 0x77770002",
                "entry 8 2 192.0.2.30 any any 0x77770001"]
    for size in (8, 540):
        told(f"esp, declared, {size} octets quoted", esp(spi, 800), 1, changes=declared, code=4, mtu=1400, octets=20 + size)
        told(f"ah, declared, {size} octets quoted", ah(other, bytes(800)), 2, peer=OTHER, changes=declared, code=4,
             mtu=1400, octets=20 + size)
    told("esp, declared for both", esp(spi), 2, peer="192.0.2.30", changes=declared)
    told("ah, declared for both", ah(spi), 2, peer="192.0.2.30", changes=declared)
    told("esp in udp, declared", udp(4500, 4500, raw(esp(spi))), 1, changes=declared)
    untold("ah, declared for esp", ah(spi), changes=declared)
    untold("esp, declared for ah", esp(other), peer=OTHER, changes=declared)
    untold("esp, declared for another peer", esp(spi), peer=OTHER, changes=declared)
    untold("esp, another SPI", esp(spi + 1), changes=declared)
    untold("esp, an inbound SPI", esp(SPI1), changes=declared)
    untold("esp, the row is gone", esp(spi), changes=[*declared, "unentry 6"])
    told("esp, one of two rows is gone", esp(spi), 1,
         changes=[*declared, "entry 9 1 192.0.2.10 esp 0x10010101 0x77770001", "unentry 6"])
    told("esp, declared by two hosts: the first's", esp(spi), 1,
         changes=[*declared, "entry 9 2 192.0.2.10 esp 0x20020101 0x77770001"])
    untold("esp, declared by two hosts, the first has taken it back", esp(spi),
           changes=[*declared, "entry 9 2 192.0.2.10 esp 0x20020101 0x77770001", "unentry 6"])
    untold("esp, declared, revoked", esp(spi), "address-revoked", 1,
           changes=[*declared, "revoke 192.0.2.10/32 all"])
    untold("esp, declared, host suspended", esp(spi), "host-suspended", 1,
           changes=[*declared, "host 1 10.0.0.11 suspended"])

    def sent(payload, host=1, peer=PEER):
        return outer(out(peer) / payload, host)

    told("esp, learned", esp(spi, 800), 1, before=[sent(esp(spi))], code=4, mtu=1400)
    told("esp, learned, 8 octets quoted", esp(spi, 800), 2, before=[sent(esp(spi), 2)], octets=28)
    told("ah, learned", ah(spi), 1, before=[sent(ah(spi))], code=4, mtu=1400)
    told("esp in udp, learned", udp(4500, 4500, raw(esp(spi))), 1, before=[sent(udp(4500, 4500, raw(esp(spi))))],
         code=4, mtu=1400, octets=32)
    untold("esp in udp, learned, 31 octets quoted", udp(4500, 4500, raw(esp(spi))),
           before=[sent(udp(4500, 4500, raw(esp(spi))))], octets=31)
    told("esp from a leased port is a datagram", udp(PORT[1], 4500, raw(esp(spi))), 1)
    untold("ah, learned for esp", ah(spi), before=[sent(esp(spi))])
    untold("esp, learned for another peer", esp(spi), peer=OTHER, before=[sent(esp(spi))])
    untold("esp to a peer without a row", esp(spi), peer=STRANGER, before=[sent(esp(spi), 1, STRANGER)])
    untold("esp to a peer with a row for ah", esp(spi), peer="192.0.2.30", before=[sent(esp(spi), 1, "192.0.2.30")],
           changes=["entry 6 1 192.0.2.30 ah any"])
    untold("esp, learned, the row is gone since", esp(spi), before=[sent(esp(spi)), "unentry 1"])
    told("esp, learned of two hosts: the first", esp(spi), 2, before=[sent(esp(spi), 2), sent(esp(spi), 1)])
    told("esp, learned, the first host is gone", esp(spi), 1,
         before=[sent(esp(spi), 2), "unhost 2", sent(esp(spi), 1)])
    before = [sent(esp(spi), 2), sent(esp(spi), 1), "unentry 4"]
    told("esp, learned, the first host has no row any more: it gives way", esp(spi), 1,
         before=[*before, sent(esp(spi), 1)])
    untold("esp, learned, the first host has no row any more: not before another sends", esp(spi), before=before)
    untold("esp, learned, the first host has no row any more: not to one without", esp(spi),
           before=[*before, "unentry 1", sent(esp(spi), 1)])
    told("esp, learned, the first host has its row again", esp(spi), 2,
         before=[*before, "unentry 1", sent(esp(spi), 1), "entry 4 2 192.0.2.10 esp 0x20020007"])
    told("esp, declared goes before learned", esp(spi), 1, before=[sent(esp(spi), 2)], changes=declared)
    untold("what comes in teaches nothing", esp(SPI1), before=[ip() / esp(SPI1)])

    row = "3.1 ICMP errors about IKE"
    told("ikev2, the initiator's label", udp(500, 500, ikev2(LABEL1, 0, True)), 1, peer=STRANGER)
    told("ikev2, the responder's label", udp(500, 500, ikev2(THEIRS, LABEL2, False)), 2, peer=STRANGER)
    told("ikev2 on 4500", udp(4500, 4500, natt_ike(ikev2(LABEL1, THEIRS, True))), 1, code=4, mtu=1400)
    told("ikev1, the initiator's label", udp(500, 500, ikev1(LABEL1, 0)), 1)
    told("ikev1, the responder's label", udp(500, 500, ikev1(THEIRS, LABEL2)), 2)
    untold("ikev2, the peer's SPI carries a label", udp(500, 500, ikev2(THEIRS, LABEL1, True)))
    untold("ikev2, no label", udp(500, 500, ikev2(THEIRS, 0, True)))
    told("ikev2, learned", udp(500, 500, ikev2(RANDOM1, 0, True)), 1, before=[sent(udp(500, 500, ikev2(RANDOM1, 0, True)))])
    untold("ikev2, learned for another peer", udp(500, 500, ikev2(RANDOM1, 0, True)), peer=OTHER,
           before=[sent(udp(500, 500, ikev2(RANDOM1, 0, True)))])
    told("ikev1, learned", udp(500, 500, ikev1(THEIRS, RANDOM2)), 2,
         before=[sent(udp(500, 500, ikev1(THEIRS, RANDOM2)), 2)])
    untold("only the ports quoted", udp(500, 500, ikev2(LABEL1, 0, True)), octets=28)
    untold("only half an SPI quoted", udp(500, 500, ikev2(LABEL1, 0, True)), octets=35)
    told("only the initiator's SPI quoted", udp(500, 500, ikev2(LABEL1, 0, True)), 1, octets=36)
    untold("only the initiator's SPI quoted, the responder's is ours", udp(500, 500, ikev2(THEIRS, LABEL1, False)), octets=36)
    told("only the two SPIs quoted, the responder's is ours", udp(500, 500, ikev2(THEIRS, LABEL1, False)), 1, octets=44)
    told("quoted to the flags", udp(500, 500, ikev2(THEIRS, LABEL1, False)), 1, octets=48)
    untold("quoted to the flags, the peer's SPI carries a label", udp(500, 500, ikev2(LABEL1, THEIRS, False)), octets=48)
    told("a cookie of the responder", udp(500, 500, ikev2(THEIRS, 0, False)), 2, responder=2)
    untold("a cookie, but nobody is the responder", udp(500, 500, ikev2(THEIRS, 0, False)))
    untold("an initiator without an SPI", udp(500, 500, ikev2(0, 0, True)), responder=2)
    untold("ike of version 3", udp(500, 500, raw(ikev2(LABEL1, 0, True))[:17] + b"\x30" + bytes(10)))
    untold("a keepalive", udp(4500, 4500, b"\xff"))
    told("ike from a leased port is a datagram", udp(PORT[1], 500, ikev2(THEIRS, 0, True)), 1)


def outbound_errors():
    row = "3.2 ICMP errors"

    def came(payload, peer=PEER, destination=EXTERNAL, **fields):
        return IP(src=peer, dst=destination, id=0x1818, ttl=40, **fields) / payload

    def tells(name, payload, host=1, before=(), changes=(), responder=0, peer=PEER, **more):
        leaves(name, row, out(peer) / problem(came(payload, peer), **more), host, before=before, changes=changes,
               responder=responder)

    def hides(name, payload, host=1, before=(), changes=(), responder=0, fields={}, to=PEER, **more):
        stays(name, row, out(to) / problem(came(payload, **fields), **more), "icmp-no-owner", host, before=before,
              changes=changes, responder=responder)

    for kind, code, name in PROBLEMS:
        tells(f"{name}: udp", udp(53, PORT[1], b"answer"), kind=kind, code=code, mtu=1400)
    tells("tcp", TCP(sport=443, dport=PORT[2]), 2)
    tells("esp", esp(SPI1), code=2)
    tells("ah", ah(SPI1_AH), code=2)
    tells("esp, a peer without a row: it has gone", esp(SPI1), peer=STRANGER)
    tells("esp, a claimed SPI", esp(0x70070042), changes=["claim 0x70070042 1"])
    tells("esp in udp", udp(4500, 4500, raw(esp(SPI2))), 2)
    tells("ikev2, the label", udp(500, 500, ikev2(THEIRS, LABEL1, True)), code=3)
    tells("ikev2 on 4500", udp(4500, 4500, natt_ike(ikev2(LABEL1, THEIRS, False))), code=3)
    tells("ikev1, the label", udp(500, 500, ikev1(THEIRS, LABEL2)), 2, code=3)
    tells("ikev2, learned", udp(500, 500, ikev2(RANDOM1, THEIRS, False)), code=3,
          before=[outer(out() / udp(500, 500, ikev2(RANDOM1, 0, True)))])
    tells("ikev2 begins", udp(500, 500, ikev2(THEIRS, 0, True)), 2, responder=2, code=3)
    tells("ikev1 begins", udp(500, 500, ikev1(THEIRS, 0)), 2, responder=2, code=3)
    tells("an echo reply", ICMP(type=0, id=PORT[1], seq=1))
    tells("8 octets quoted", udp(53, PORT[1], b"answer"), octets=28)
    hides("7 octets quoted", udp(53, PORT[1], b"answer"), octets=27)
    hides("the other host's port", udp(53, PORT[2], b"answer"))
    hides("nobody's port", TCP(sport=443, dport=80))
    hides("the other host's SPI", esp(SPI2))
    hides("nobody's SPI", esp(0x10020042))
    hides("a reserved SPI", esp(200))
    hides("esp, an SPI that the other host claimed", esp(0x70070042), changes=["claim 0x70070042 2"])
    hides("esp in udp, the other host's SPI", udp(4500, 4500, raw(esp(SPI1))), 2)
    hides("ikev2, the other host's label", udp(500, 500, ikev2(THEIRS, LABEL2, True)))
    hides("ikev2, the peer's SPI carries the label", udp(500, 500, ikev2(LABEL1, THEIRS, True)))
    hides("ikev2, learned of the other host", udp(500, 500, ikev2(RANDOM1, THEIRS, False)), 2,
          before=[outer(out() / udp(500, 500, ikev2(RANDOM1, 0, True)))])
    hides("ikev2 begins, another is the responder", udp(500, 500, ikev2(THEIRS, 0, True)), responder=2)
    hides("ikev2 begins, nobody is the responder", udp(500, 500, ikev2(THEIRS, 0, True)), 2)
    hides("an echo request: the router answers those", ICMP(type=8, id=PORT[1], seq=1))
    hides("an error", problem(went(udp(PORT[1], 53, b"x"))))
    hides("to another than the quoted source", udp(53, PORT[1], b"answer"), to=OTHER)
    hides("quoted destination is another", udp(53, PORT[1], b"answer"), fields={"destination": "198.51.100.2"})
    hides("a later fragment", Raw(raw(udp(53, PORT[1], b"answer"))), fields={"frag": 2, "proto": 17})
    hides("gre", Raw(bytes(40)), fields={"proto": 47})
    hides("options in the quote", esp(SPI1), fields={"options": [b"\x01\x01\x01\x00"]})
    stays("icmp error, host suspended", row, out() / problem(came(udp(53, PORT[3], b"x"))), "host-suspended", 3)


if __name__ == "__main__":
    for section in (inbound_ipsec, inbound_revoked, inbound_ike, inbound_natt, inbound_ports, inbound_icmp,
                    inbound_else, inbound_then, outbound_tunnel, outbound_owned, outbound_ike, outbound_then,
                    learned_ike, inbound_errors, outbound_errors):
        section()
    names = [f"{vector['direction']}: {vector['source']}: {vector['name']}" for vector in vectors]
    assert len(set(names)) == len(names), [name for name in names if names.count(name) > 1]
    json.dump({
        "externalAddress": EXTERNAL, "tunnelEndpoint": ENDPOINT, "insideNetworks": ["10.0.0.0/24"], "tunnelMTU": MTU,
        "state": STATE, "vectors": vectors,
    }, sys.stdout, indent=1)
    print()
