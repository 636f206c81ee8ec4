#!/usr/bin/python3
"""Writes pairs.json: for each check of the data path, a packet that passes and its twin that does not.

    /usr/bin/python3 pairs.py > pairs.json

A pair is named by the row of the decision tables in docs/data-path.md. Its two sides differ in one
thing, the smallest that turns the decision: either in the packet, or in what was before it. The octets
are scapy's, as in datapath.json, whose state each side begins with. A side is a conversation as in
fragments.json; a step whose `exits` are null only leads up to the last one, perhaps several `times`.
"""
import json
import struct

from datapath import (
    ENDPOINT, EXTERNAL, FOREIGN, INSIDE, LABEL1, LABEL2, MTU, OTHER, PEER, PORT, RANDOM1, RANDOM2, ROUTER, SPI1, SPI1_AH,
    SPI2, SPI3, STRANGER, THEIRS, TIMES, ah, error, esp, hop, ikev1, ikev2, ip, natt_ike, out, outer, problem, tunnelled,
    udp, went)
from fragments import part, parts
from scapy.all import ICMP, IP, TCP, UDP, Raw, raw
from scapy.contrib.ikev2 import IKEv2

pairs = []


class Side:
    """A packet, what is before it, and how it leaves."""

    def __init__(self, packet, exits, before=(), changes=(), responder=0, hairpin=False, wait=0):
        self.packet, self.exits, self.wait = octets(packet), exits, wait
        self.responder, self.hairpin = responder, hairpin
        self.before, pending = [], list(changes)
        for step in before:
            if isinstance(step, str):
                pending.append(step)
                continue
            times, step = step if isinstance(step, tuple) else (1, step)
            self.before.append(self.step(0, pending, octets(step), times, None))
            pending = []
        self.changes = pending

    @staticmethod
    def step(wait, changes, packet, times, exits):
        return {"wait": wait, "changes": changes, "packet": packet.hex(), "times": times, "exits": exits}

    @property
    def lead(self):
        """All but the packet and its exits."""
        return self.before, self.changes, self.responder, self.hairpin, self.wait

    def json(self, row, name):
        last = self.step(self.wait, self.changes, self.packet, 1, self.exits)
        return {"name": name, "source": row, "hairpin": self.hairpin, "responder": self.responder,
                "steps": [*self.before, last]}


def octets(packet):
    return packet if isinstance(packet, bytes) else raw(packet)


def leave(verdict, direction, host=0, entry=None, reason=None, outputs=()):
    return {"verdict": verdict, "reason": reason, "direction": direction, "host": host, "entry": entry,
            "outputs": [octets(output).hex() for output in outputs]}


# Inbound sides.
def enters(packet, host=1, entry=None, offset=0, **lead):
    """`offset` packets were made by the router before."""
    return Side(packet, [leave("forward", "inbound", host, entry, outputs=[tunnelled(hop(packet), host, 1 + offset)])],
                **lead)


def answered(packet, reply, **lead):
    return Side(packet, [leave("answer", "inbound", outputs=[reply])], **lead)


def consumed(packet, direction="inbound", host=0, **lead):
    return Side(packet, [leave("consume", direction, host)], **lead)


def waits(packet, direction="inbound", host=0, **lead):
    return Side(packet, [leave("hold", direction, host)], **lead)


def stopped(packet, reason, host=0, entry=None, told=None, **lead):
    return Side(packet, [leave("drop", "inbound", host, entry, reason, [] if told is None else [told])], **lead)


# Outbound sides; the packet is the inner one.
def goes(inner, host=1, expected=None, tunnel={}, **lead):
    return Side(outer(inner, host, **tunnel),
                [leave("forward", "outbound", host, outputs=[hop(inner if expected is None else expected)])], **lead)


def stays(inner, reason, host=1, told=(), tunnel={}, **lead):
    return Side(outer(inner, host, **tunnel), [leave("drop", "outbound", host, reason=reason, outputs=told)], **lead)


def back(inner, to, entry=None, host=1, offset=0, **lead):
    """A hairpin."""
    return Side(outer(inner, host), [leave("forward", "outbound", host, entry, outputs=[
        tunnelled(hop(inner), to, 1 + offset)])], hairpin=True, **lead)


def refused(packet, reason, host=0, **lead):
    """What came to the endpoint, whole."""
    return Side(packet, [leave("drop", "outbound", host, reason=reason)], **lead)


def pair(row, difference, passes, drops):
    assert (passes.packet == drops.packet) != (passes.lead == drops.lead), f"{row} {difference}: not one thing"
    exit = drops.exits[-1]
    assert exit["verdict"] == "drop" and all(exit["verdict"] != "drop" for exit in passes.exits), f"{row} {difference}"
    pairs.append({"row": row, "difference": difference, "direction": exit["direction"], "reason": exit["reason"],
                  "passes": passes.json(row, f"{difference}: passes"), "drops": drops.json(row, f"{difference}: drops")})


def changed(packet, place, value):
    """The octets of a packet with some of them replaced."""
    packet = octets(packet)
    return packet[:place] + value + packet[place + len(value):]


def mended(packet):
    """A packet whose header checksum is made anew."""
    packet = IP(octets(packet))
    del packet.chksum
    return raw(packet)


# ------------------------------------------------------------------------------------------- headers


def headers():
    good, inner = ip() / esp(), out() / esp(0x77777777)
    options = [b"\x01\x01\x01\x00"]
    route = [b"\x83\x07\x04\x0a\x00\x00\x0b\x00"]
    pair("H1", "version 6", enters(good, 1, 1), stopped(changed(good, 0, b"\x65"), "unsupported-protocol"))
    pair("H1", "version 6 within the tunnel", goes(inner), stays(changed(inner, 0, b"\x65"), "unsupported-protocol"))
    for first, name in ((b"\x55", "version 5"), (b"\x44", "a header of 4 words")):
        pair("H2", name, enters(good, 1, 1), stopped(changed(good, 0, first), "malformed"))
        pair("H2", f"{name} within the tunnel", goes(inner), stays(changed(inner, 0, first), "malformed"))
    pair("H2", "19 octets", enters(good, 1, 1), stopped(raw(good)[:19], "malformed"))
    pair("H2", "19 octets within the tunnel", goes(inner), stays(raw(inner)[:19], "malformed"))
    longer = struct.pack(">H", len(good) + 1)
    pair("H3", "one octet less than the header says", enters(good, 1, 1), stopped(changed(good, 2, longer), "malformed"))
    pair("H3", "a total length under the header's", enters(good, 1, 1), stopped(changed(good, 2, b"\0\x13"), "malformed"))
    pair("H3", "one octet less than the inner header says", goes(inner), stays(mended(changed(inner, 2, longer)), "malformed"))
    pair("H3", "one octet less than the outer header says", goes(inner),
         refused(raw(outer(inner))[:-1], "malformed", 1))
    for name, option in (("options", options), ("a source route", route)):
        pair("H4", name, enters(good, 1, 1), stopped(ip(options=option) / esp(), "ip-options"))
        pair("H4", f"{name} within the tunnel", goes(inner), stays(out(options=option) / esp(0x77777777), "ip-options"))
    pair("H4", "options of the tunnel", goes(inner),
         refused(IP(src=INSIDE[1], dst=ENDPOINT, proto=4, id=7, options=options) / raw(inner), "ip-options", 1))
    pair("H5", "one bit of the inner checksum", goes(inner),
         stays(changed(inner, 10, bytes([raw(inner)[10] ^ 1])), "malformed"))
    pair("H6", "one bit of the destination", enters(good, 1, 1),
         stopped(ip(destination="198.51.100.0") / esp(), "destination-forbidden"))


# ------------------------------------------------------------------------------------------- inbound


def sources():
    for good, bad in (("1.1.2.3", "0.1.2.3"), ("126.0.0.1", "127.0.0.1"), ("128.0.0.1", "127.255.255.255"),
                      ("169.253.3.4", "169.254.3.4"), ("169.255.3.4", "169.254.255.255"), ("223.0.0.1", "224.0.0.1"),
                      ("223.255.255.255", "239.255.255.255"), ("192.0.0.1", "240.0.0.1"),
                      ("191.255.255.255", "255.255.255.255"),
                      ("198.51.100.2", EXTERNAL), ("10.0.0.253", ENDPOINT)):
        segment = TCP(sport=443, dport=PORT[1])
        pair("I1", f"{good}, {bad}", enters(ip(good) / segment, 1), stopped(ip(bad) / segment, "malformed"))


IKE1 = ikev2(LABEL1, FOREIGN, False)
KINDS = (("esp", esp(), 1), ("ah", ah(), 2), ("esp in udp", udp(4500, 4500, raw(esp())), 1),
         ("ike", udp(500, 500, IKE1), None), ("ike on 4500", udp(4500, 4500, natt_ike(IKE1)), None),
         ("tcp", TCP(sport=443, dport=PORT[1]), None), ("udp", udp(53, PORT[1], b"x"), None),
         ("echo reply", ICMP(type=0, id=PORT[1], seq=1), None),
         ("icmp error", problem(went(TCP(sport=PORT[1], dport=443))), None))


def admission():
    suspended = ["host 1 10.0.0.11 suspended"]
    for name, payload, entry in KINDS:
        packet = ip() / payload
        pair("I3", name, enters(packet, 1, entry), stopped(packet, "host-suspended", 1, changes=suspended))
        one, other = "revoke 192.0.2.10/32", "revoke 192.0.2.11/32"
        # An error also needs the destination that it quotes, so it comes from another address.
        if name == "icmp error":
            packet, one, other = ip(ROUTER) / payload, "revoke 203.0.113.1/32", "revoke 203.0.113.2/32"
        pair("I4", f"{name}: the address beside it", enters(packet, 1, entry, changes=[f"{other} all"]),
             stopped(packet, "address-revoked", 1, changes=[f"{one} all"]))
        pair("I4", f"{name}: for another host", enters(packet, 1, entry, changes=[f"{one} 2"]),
             stopped(packet, "address-revoked", 1, changes=[f"{one} 1"]))
    good = ip() / esp()
    pair("I4", "the prefix beside it", enters(good, 1, 1, changes=["revoke 192.0.3.0/24 all"]),
         stopped(good, "address-revoked", 1, changes=["revoke 192.0.2.0/24 all"]))
    pair("I4", "lifted", enters(good, 1, 1, changes=["revoke 192.0.2.0/24 all", "unrevoke 192.0.2.0/24 all"]),
         stopped(good, "address-revoked", 1, changes=["revoke 192.0.2.0/24 all"]))
    pair("I4", "everybody", enters(good, 1, 1), stopped(good, "address-revoked", 1, changes=["revoke 0.0.0.0/0 all"]))

    unvalidated = "address-not-validated"
    for name, payload, entry in KINDS[:3]:
        pair("I5", f"{name}: the source", enters(ip() / payload, 1, entry),
             stopped(ip("192.0.2.11") / payload, unvalidated, 1))
        pair("I5", f"{name}: the row is gone", enters(ip() / payload, 1, entry),
             stopped(ip() / payload, unvalidated, 1, changes=[f"unentry {entry}"]))
    pair("I5", "esp: the row's SPI", enters(ip(OTHER) / esp(SPI1 + 0xBE), 1, 3), stopped(ip(OTHER) / esp(SPI1), unvalidated, 1))
    pair("I5", "ah: the row's SPI", enters(ip() / ah(SPI1_AH), 1, 2), stopped(ip() / ah(SPI1_AH + 1), unvalidated, 1))
    stranger = ip(STRANGER)
    for name, payload, right, wrong in (("esp", esp(), "esp", "ah"), ("ah", ah(), "ah", "esp"),
                                        ("esp in udp", udp(4500, 4500, raw(esp())), "esp", "ah")):
        for spi in ("any", "0x10010042" if name != "ah" else "0x10010005"):
            pair("I5", f"{name}: the row's protocol, {spi}",
                 enters(stranger / payload, 1, 6, changes=[f"entry 6 1 {STRANGER} {right} {spi}"]),
                 stopped(stranger / payload, unvalidated, 1, changes=[f"entry 6 1 {STRANGER} {wrong} {spi}"]))
    pair("I5", "the row's host", enters(stranger / esp(SPI2), 2, 6, changes=[f"entry 6 2 {STRANGER} esp any"]),
         stopped(stranger / esp(SPI2), unvalidated, 2, changes=[f"entry 6 1 {STRANGER} esp any"]))
    pair("I5", "the slot has a new holder", enters(ip() / esp(SPI2), 2, 4),
         stopped(ip() / esp(SPI2), unvalidated, 1, changes=["unentry 1", "slot 0x2002 1"]))

    for name, payload in (("ikev2", udp(500, 500, ikev2(FOREIGN, 0, True))), ("ikev1", udp(500, 500, ikev1(FOREIGN, 0))),
                          ("ikev2 on 4500", udp(4500, 4500, natt_ike(ikev2(FOREIGN, 0, True))))):
        begin = stranger / payload
        pair("I6", f"{name}: the 10th, the 11th", enters(begin, 2, offset=9, responder=2, before=[(9, begin)]),
             stopped(begin, "ike-rate-limited", 2, responder=2, before=[(10, begin)]))
    pair("I6", "a second later", enters(begin, 2, offset=10, responder=2, before=[(10, begin)], wait=1),
         stopped(begin, "ike-rate-limited", 2, responder=2, before=[(10, begin)], wait=0.999))
    message = ip(ROUTER) / problem(went(TCP(sport=PORT[1], dport=443)))
    pair("I7", "revoked for another host", enters(message, 1, changes=["revoke 192.0.2.10/32 2"]),
         stopped(message, "address-revoked", 1, changes=["revoke 192.0.2.10/32 1"]))
    pair("I8", "the 100th, the 101st", enters(message, 1, offset=99, before=[(99, message)]),
         stopped(message, "icmp-rate-limited", 1, before=[(100, message)]))


def onward():
    for name, payload, entry in KINDS:
        if name == "icmp error":
            source, told = ROUTER, None
        else:
            source, told = PEER, True
        good, last = (ip(source, ttl=ttl) / payload for ttl in (2, 1))
        pair("I9", name, enters(good, 1, entry), stopped(
            last, "ttl-expired", 1, entry, told and error(11, last, EXTERNAL, PEER, 1)))
    last = ip(ttl=1) / esp()
    pair("I9", "the router says it 50 times in a row", enters(ip(ttl=2) / esp(), 1, 1, before=[(50, last)], offset=50),
         stopped(last, "ttl-expired", 1, 1, before=[(50, last)]))
    for name, make, entry in (("esp", lambda size: esp(size=size - 8), 1), ("ah", lambda size: ah(payload=bytes(size - 24)), 2),
                              ("tcp", lambda size: TCP(sport=443, dport=PORT[1]) / Raw(bytes(size - 20)), None)):
        fits, large = (ip(flags="DF") / make(size) for size in (MTU - 20, MTU - 19))
        told = error(3, large, EXTERNAL, PEER, 1, MTU)
        pair("I10", f"{name}: one octet", enters(fits, 1, entry), stopped(large, "too-big", 1, entry, told))
        clear = ip() / make(MTU - 19)
        pieces = [tunnelled(piece, 1, 1 + number) for number, piece in enumerate(parts(hop(clear), (MTU - 20) // 8 * 8))]
        pair("I10", f"{name}: df", Side(clear, [leave("forwardPieces", "inbound", 1, entry, outputs=pieces)]),
             stopped(large, "too-big", 1, entry, told))


# ---------------------------------------------------------------------------- inbound: who gets it


def recipients():
    pair("R1", "the last octet of the sequence number", enters(ip() / esp(size=0), 1, 1),
         stopped(ip(proto=50) / Raw(raw(esp())[:7]), "malformed"))
    whole = raw(ah())
    pair("R2", "the last octet of the fixed part", enters(ip() / ah(), 1, 2), stopped(ip(proto=51) / Raw(whole[:11]), "malformed"))
    bare = ip() / ah(payload=b"")
    pair("R2", "one word longer than there is", enters(bare, 1, 2),
         stopped(ip(proto=51) / Raw(changed(bare[1], 1, b"\x05")), "malformed"))
    pair("R2", "one word shorter than its fixed part", enters(ip() / ah(), 1, 2),
         stopped(ip(proto=51) / Raw(changed(whole, 1, b"\0")), "malformed"))
    for name, wrap in (("esp", esp), ("esp in udp", lambda spi: udp(4500, 4500, raw(esp(spi))))):
        first = ["claim 0x00000100 1"]
        pair("R3", f"{name}: 256, 255", enters(ip() / wrap(256), 1, 1, changes=first),
             stopped(ip() / wrap(255), "spi-reserved", changes=first))
        pair("R3", f"{name}: slot 0", enters(ip() / wrap(0x100100FF), 1, 1), stopped(ip() / wrap(0x000000FF), "spi-reserved"))
        pair("R4", f"{name}: the slot beside it", enters(ip() / wrap(SPI1), 1, 1),
             stopped(ip() / wrap(SPI1 + 0x10000), "spi-not-leased"))
        pair("R4", f"{name}: the first SPI of the slot", enters(ip() / wrap(0x10010000), 1, 1),
             stopped(ip() / wrap(0x1000FFFF), "spi-not-leased"))
        pair("R4", f"{name}: the last SPI of the slot", enters(ip() / wrap(0x1001FFFF), 1, 1),
             stopped(ip() / wrap(0x10020000), "spi-not-leased"))
        claim = ["claim 0x70070042 1"]
        pair("R4", f"{name}: a claim, the SPI beside it", enters(ip() / wrap(0x70070042), 1, 1, changes=claim),
             stopped(ip() / wrap(0x70070043), "spi-not-leased", changes=claim))
        pair("R4", f"{name}: the claim is given back", enters(ip() / wrap(0x70070042), 1, 1, changes=claim),
             stopped(ip() / wrap(0x70070042), "spi-not-leased", changes=[*claim, "claim 0x70070042 0"]))
        pair("R4", f"{name}: the slot is given back", enters(ip() / wrap(SPI1), 1, 1),
             stopped(ip() / wrap(SPI1), "spi-not-leased", changes=["slot 0x1001 0"]))
    pair("R3", "ah: slot 0", enters(ip() / ah(), 1, 2), stopped(ip() / ah(SPI1_AH & 0xFFFF), "spi-reserved"))
    pair("R4", "ah: the slot beside it", enters(ip() / ah(), 1, 2), stopped(ip() / ah(SPI1_AH + 0x10000), "spi-not-leased"))
    pair("R4", "ah: the slot is given back", enters(ip() / ah(), 1, 2),
         stopped(ip() / ah(), "spi-not-leased", changes=["slot 0x1001 0"]))

    good, empty = ip() / udp(53, PORT[1], b"x"), ip() / UDP(sport=53, dport=PORT[1], len=8)
    pair("R5", "one octet more than there is", enters(good, 1),
         stopped(ip() / UDP(sport=53, dport=PORT[1], len=10, chksum=good[UDP].chksum) / Raw(b"x"), "malformed"))
    pair("R5", "a length of 7", enters(empty, 1), stopped(ip() / UDP(sport=53, dport=PORT[1], len=7), "malformed"))
    pair("R5", "7 octets", enters(empty, 1), stopped(ip(proto=17) / Raw(raw(empty[1])[:7]), "malformed"))
    pair("R6", "one octet that is no keepalive", consumed(ip() / udp(4500, 4500, b"\xff")),
         stopped(ip() / udp(4500, 4500, b"\xfe"), "malformed"))
    pair("R6", "a second octet", consumed(ip() / udp(4500, 4500, b"\xff")),
         stopped(ip() / udp(4500, 4500, b"\xff\xff"), "malformed"))
    pair("R6", "3 octets", enters(ip() / udp(4500, 4500, raw(esp())), 1, 1),
         stopped(ip() / udp(4500, 4500, raw(esp())[:3]), "malformed"))

    message = raw(IKE1)
    for port, wrap in ((500, lambda octets: octets), (4500, lambda octets: b"\0\0\0\0" + octets)):
        good = enters(ip() / udp(port, port, wrap(message)), 1)
        pair("R7", f"port {port}: 27 octets", good, stopped(ip() / udp(port, port, wrap(message[:27])), "malformed"))
        for version in (0, 3, 15):
            pair("R7", f"port {port}: major version {version}", good, stopped(
                ip() / udp(port, port, wrap(changed(message, 17, bytes([version << 4])))), "malformed"))
    pair("R7", "the marker on port 500", enters(ip() / udp(4500, 4500, natt_ike(IKE1)), 1),
         stopped(ip() / udp(4500, 500, natt_ike(IKE1)), "malformed"))


def ike():
    nobody = "ike-no-owner"
    no_slot = 0x1002 << 48 | 5

    def on(port, message):
        return udp(port, port, message if port == 500 else natt_ike(message))

    for port in (500, 4500):
        for name, good, bad, host in (
                ("ikev2, the initiator's label", ikev2(LABEL1, FOREIGN, False), ikev2(no_slot, FOREIGN, False), 1),
                ("ikev2, the responder's label", ikev2(FOREIGN, LABEL2, True), ikev2(FOREIGN, no_slot, True), 2),
                ("ikev2, who sent it", ikev2(LABEL1, FOREIGN, False), ikev2(LABEL1, FOREIGN, True), 1),
                ("ikev2, a cookie or another group is asked for", ikev2(LABEL1, 0, False), ikev2(no_slot, 0, False), 1),
                ("ikev1, the initiator's label", ikev1(LABEL1, FOREIGN), ikev1(no_slot, FOREIGN), 1),
                ("ikev1, the responder's label", ikev1(FOREIGN, LABEL2), ikev1(FOREIGN, no_slot), 2)):
            pair("R8", f"{name}, port {port}", enters(ip() / on(port, good), host), stopped(ip() / on(port, bad), nobody))
        # RFC 7383: an encrypted fragment is a message like any other.
        for name, label, host in (("ikev2 fragment", LABEL2, 2),):
            def fragment(spi):
                header = raw(ikev2(FOREIGN, spi, True, 35))
                return IKEv2(header[:16] + b"\x35" + header[17:]) / Raw(b"\0\0\0\x10\0\1\0\2encrypted")
            pair("R8", f"{name}, port {port}", enters(ip() / on(port, fragment(label)), host),
                 stopped(ip() / on(port, fragment(no_slot)), nobody))
        began, began1 = (outer(out() / on(port, message)) for message in (ikev2(RANDOM1, 0, True), ikev1(RANDOM1, 0)))
        for name, before, message in (("ikev2", began, ikev2(RANDOM1, THEIRS, False)), ("ikev1", began1, ikev1(RANDOM1, THEIRS))):
            packet = ip() / on(port, message)
            pair("R8", f"{name}, learned, port {port}", enters(packet, 1, before=[before]), stopped(packet, nobody))
        packet = ip() / on(port, ikev2(RANDOM1, THEIRS, False))
        pair("R8", f"ikev2, learned for this peer, port {port}", enters(packet, 1, before=[began]),
             stopped(ip(OTHER) / on(port, ikev2(RANDOM1, THEIRS, False)), nobody, before=[began]))
        pair("R8", f"ikev2, the host is gone, port {port}", enters(packet, 1, before=[began]),
             stopped(packet, nobody, before=[began, "unhost 1"]))
        for name, begin in (("ikev2", ikev2(FOREIGN, 0, True)), ("ikev1", ikev1(FOREIGN, 0))):
            packet = ip(STRANGER) / on(port, begin)
            pair("R8", f"{name} begins, a responder, port {port}", enters(packet, 2, responder=2), stopped(packet, nobody))
        pair("R8", f"ikev2 begins, goes on, port {port}", enters(ip() / on(port, ikev2(FOREIGN, 0, True)), 2, responder=2),
             stopped(ip() / on(port, ikev2(FOREIGN, 1, True)), nobody, responder=2))
    pair("R8", "the slot is given back", enters(ip() / udp(500, 500, IKE1), 1),
         stopped(ip() / udp(500, 500, IKE1), nobody, changes=["slot 0x1001 0"]))


def ports():
    nobody = "port-not-leased"
    for name, make in (("tcp", lambda port: TCP(sport=443, dport=port)), ("udp", lambda port: udp(53, port, b"x")),
                       ("ike to a leased source port", lambda port: udp(500, port, ikev2(FOREIGN, 0, False)))):
        for host, first, last in ((1, PORT[1], PORT[1] + 1023), (2, PORT[2], PORT[2] + 2047)):
            pair("R10", f"{name}: below {first}", enters(ip(STRANGER) / make(first), host),
                 stopped(ip(STRANGER) / make(first - 1), nobody))
            pair("R10", f"{name}: above {last}", enters(ip(STRANGER) / make(last), host),
                 stopped(ip(STRANGER) / make(last + 1), nobody))
        packet = ip(STRANGER) / make(PORT[1])
        pair("R10", f"{name}: the block is given back", enters(packet, 1),
             stopped(packet, nobody, changes=["ports 10240 1024 0"]))
    whole = ip() / TCP(sport=443, dport=PORT[1])
    pair("R9", "19 octets", enters(whole, 1), stopped(ip(proto=6) / Raw(raw(whole[1])[:19]), "malformed"))
    for words in (4, 6):
        pair("R9", f"a header of {words} words", enters(whole, 1),
             stopped(ip() / TCP(sport=443, dport=PORT[1], dataofs=words), "malformed"))


def messages():
    request = ip() / ICMP(type=8, id=77, seq=3) / Raw(b"payload")
    reply = IP(src=EXTERNAL, dst=PEER, ttl=64, id=1) / ICMP(type=0, id=77, seq=3) / Raw(b"payload")
    good = answered(request, reply)
    nothing = answered(ip() / ICMP(type=8, id=0, seq=0), IP(src=EXTERNAL, dst=PEER, ttl=64, id=1) / ICMP(type=0, id=0, seq=0))
    pair("R11", "7 octets", nothing, stopped(ip(proto=1) / Raw(b"\x08\0\xf7\xff\0\0\0"), "malformed"))
    pair("R12", "a code", good, stopped(ip() / ICMP(type=8, code=1, id=77, seq=3) / Raw(b"payload"), "unsupported-protocol"))
    pair("R13", "revoked for a host", answered(request, reply, changes=["revoke 192.0.2.10/32 1"]),
         stopped(request, "address-revoked", changes=["revoke 192.0.2.10/32 all"]))
    later = reply.copy()
    later.id = 100
    pair("R13", "the 100th, the 101st", answered(request, later, before=[(99, request)]),
         stopped(request, "icmp-rate-limited", before=[(100, request)]))
    pair("R13", "one bit of the checksum", good,
         stopped(changed(request, 22, bytes([raw(request)[22] ^ 1])), "malformed"))
    for name, kind, more in (("echo reply", 0, {}), ("timestamp reply", 14, TIMES)):
        for host, first, last in ((1, PORT[1], PORT[1] + 1023), (2, PORT[2], PORT[2] + 2047)):
            for inside, outside in ((first, first - 1), (last, last + 1)):
                pair("R14", f"{name}: {inside}, {outside}", enters(ip() / ICMP(type=kind, id=inside, seq=1, **more), host),
                     stopped(ip() / ICMP(type=kind, id=outside, seq=1, **more), "icmp-no-owner"))
    right = ip() / ICMP(type=0, id=PORT[1], seq=1)
    for kind, name in ((4, "source quench"), (5, "redirect"), (9, "router advertisement"), (13, "timestamp request"),
                       (17, "mask request")):
        pair("R16", name, enters(right, 1), stopped(ip() / ICMP(changed(right[1], 0, bytes([kind]))), "unsupported-protocol"))
    data = raw(esp())
    for proto, name in ((4, "ip in ip"), (41, "ipv6"), (47, "gre"), (2, "igmp"), (108, "ipcomp"), (132, "sctp"),
                        (136, "udp-lite"), (0, "protocol 0"), (255, "protocol 255")):
        pair("R16", name, enters(ip(proto=50) / Raw(data), 1, 1),
             stopped(ip(proto=proto) / Raw(data), "unsupported-protocol"))


# ------------------------------------------------------------------------------------------- outbound


def tunnel():
    inner = out() / esp(0x77777777)
    pair("O1", "more fragments of the outer packet", goes(inner), stays(inner, "fragment-invalid", tunnel={"flags": "MF"}))
    pair("O1", "a later fragment of the outer packet", goes(inner), stays(inner, "fragment-invalid", tunnel={"frag": 1}))
    for proto in (17, 47, 50):
        packet = raw(outer(inner))
        pair("O2", f"protocol {proto} to the endpoint", goes(inner), refused(
            mended(changed(packet, 9, bytes([proto]))), "unsupported-protocol", 1))
    pair("O3", "the address beside the host's", goes(inner), refused(outer(inner, "10.0.0.10"), "tunnel-unknown-host"))
    pair("O3", "the host is removed", goes(inner), refused(outer(inner), "tunnel-unknown-host", changes=["unhost 1"]))
    pair("O3", "the host has moved", goes(inner),
         refused(outer(inner), "tunnel-unknown-host", changes=["host 1 10.0.0.99 active"]))
    pair("O4", "suspended", goes(inner), stays(inner, "host-suspended", changes=["host 1 10.0.0.11 suspended"]))
    for source in ("198.51.100.0", "10.0.0.11", PEER, "0.0.0.0"):
        pair("O5", f"from {source}", goes(inner), stays(out(source=source) / esp(0x77777777), "source-not-external"))
    row = ["entry 6 2 198.51.100.1 esp any"]
    turned = out(EXTERNAL) / esp(SPI2)
    pair("O6", "hairpin", back(turned, 2, 6, changes=row), stays(turned, "hairpin-disabled", changes=row))
    for good, bad in (("10.0.1.12", "10.0.0.12"), ("9.255.255.255", "10.0.0.0"), ("10.0.1.0", "10.0.0.255"),
                      ("1.9.9.9", "0.9.9.9"), ("126.0.0.1", "127.0.0.1"), ("169.253.1.1", "169.254.1.1"),
                      ("223.0.0.5", "224.0.0.5"), ("191.255.255.255", "255.255.255.255"), ("10.0.1.254", ENDPOINT)):
        pair("O7", f"{good}, {bad}", goes(out(good) / esp(5000)), stays(out(bad) / esp(5000), "destination-forbidden"))
    for inside, outside, seen in ((2, 2, 2), (1, 3, 3), (2, 1, 1), (3, 3, 3), (0, 2, 0)):
        pair("O10", f"inner ecn {inside}, outer {outside}; inner 0, outer 3",
             goes(out(tos=0xB8 | inside) / esp(5000), tunnel={"tos": outside}, expected=out(tos=0xB8 | seen) / esp(5000)),
             stays(out(tos=0xB8) / esp(5000), "ecn-invalid", tunnel={"tos": 3}))
    for name, payload in (("esp", esp(5000)), ("tcp", TCP(sport=PORT[1], dport=443)), ("udp", udp(PORT[1], 53, bytes(900)))):
        last = out(ttl=1) / payload
        pair("O11", name, goes(out(ttl=2) / payload), stays(
            last, "ttl-expired", told=[tunnelled(error(11, last, ENDPOINT, EXTERNAL, 1), 1, 2)]))
    message = problem(IP(src=PEER, dst=EXTERNAL, id=0x1818, ttl=40) / udp(53, PORT[1], b"answer"))
    pair("O11", "icmp error: nothing is said", goes(out(ttl=2) / message), stays(out(ttl=1) / message, "ttl-expired"))


def senders():
    pair("S1", "esp: the last octet of the sequence number", goes(out() / esp(5000, 0)),
         stays(out(proto=50) / Raw(raw(esp(5000))[:7]), "malformed"))
    pair("S1", "ah: one word longer than there is", goes(out() / ah(5000, b"")),
         stays(out(proto=51) / Raw(changed(ah(5000, b""), 1, b"\x05")), "malformed"))
    good = out() / udp(PORT[1], 53, b"x")
    pair("S2", "udp: a length of 7", goes(out() / UDP(sport=PORT[1], dport=53, len=8)),
         stays(out() / UDP(sport=PORT[1], dport=53, len=7), "malformed"))
    pair("S2", "udp: one octet more than there is", goes(good), stays(
        out() / UDP(sport=PORT[1], dport=53, len=10, chksum=good[UDP].chksum) / Raw(b"x"), "malformed"))
    whole = out() / TCP(sport=PORT[1], dport=443)
    for words in (4, 6):
        pair("S2", f"tcp: a header of {words} words", goes(whole),
             stays(out() / TCP(sport=PORT[1], dport=443, dataofs=words), "malformed"))
    ping = out() / ICMP(type=8, id=PORT[1], seq=1)
    pair("S2", "icmp: 7 octets", goes(ping), stays(out(proto=1) / Raw(raw(ping[1])[:7]), "malformed"))
    pair("S3", "from 4500: one octet that is no keepalive",
         consumed(outer(out() / udp(4500, 4500, b"\xff")), "outbound", 1), stays(out() / udp(4500, 4500, b"\xfe"), "malformed"))
    pair("S3", "from 4500: 7 octets of esp", goes(out() / udp(4500, 4500, raw(esp(5000, 0)))),
         stays(out() / udp(4500, 4500, raw(esp(5000))[:7]), "malformed"))
    message = raw(ikev2(LABEL1, 0, True))
    for port, wrap in ((500, lambda octets: octets), (4500, lambda octets: b"\0\0\0\0" + octets)):
        passes = goes(out() / udp(port, port, wrap(message)))
        pair("S4", f"port {port}: 27 octets", passes, stays(out() / udp(port, port, wrap(message[:27])), "malformed"))
        pair("S4", f"port {port}: major version 3", passes,
             stays(out() / udp(port, port, wrap(changed(message, 17, b"\x30"))), "malformed"))

    def on(port, message):
        return out() / udp(port, port, message if port == 500 else natt_ike(message))

    for port in (500, 4500):
        for name, good, bad, host in (
                ("ikev2 begins, the label", ikev2(LABEL1, 0, True), ikev2(LABEL2, 0, True), 1),
                ("ikev2 answers, the label", ikev2(FOREIGN, LABEL2, False), ikev2(FOREIGN, LABEL1, False), 2),
                ("ikev2 begins, an SPI of 0", ikev2(RANDOM1, 0, True), ikev2(0, 0, True), 1),
                ("ikev1 begins, the label", ikev1(LABEL1, 0), ikev1(LABEL2, 0), 1),
                ("ikev1 answers, the label", ikev1(FOREIGN, LABEL2), ikev1(FOREIGN, LABEL1), 2)):
            pair("S5", f"{name}, port {port}", goes(on(port, good), host), stays(on(port, bad), "ike-spi-not-owned", host))
        for name, began, again in (("ikev2", ikev2(RANDOM1, 0, True), ikev2(RANDOM1, THEIRS, True)),
                                   ("ikev1", ikev1(RANDOM1, 0), ikev1(RANDOM1, THEIRS))):
            first = outer(on(port, began), 2)
            pair("S5", f"{name}, the first owner wins, port {port}", goes(on(port, again), 1),
                 stays(on(port, again), "ike-spi-not-owned", 1, before=[first]))
            pair("S5", f"{name}, to another peer, port {port}", goes(
                out(OTHER) / on(port, again)[UDP], 1, before=[first]), stays(on(port, again), "ike-spi-not-owned", 1, before=[first]))
        cookie = on(port, ikev2(FOREIGN, 0, False))
        pair("S5", f"a responder that asks for a cookie, port {port}", goes(cookie, 2, responder=2),
             stays(cookie, "ike-spi-not-owned", 2, responder=1))
    for name, make in (("tcp", lambda port: TCP(sport=port, dport=443)), ("udp", lambda port: udp(port, 53, b"x")),
                       ("ike from a leased port", lambda port: udp(port, 500, ikev2(FOREIGN, 0, True))),
                       ("esp in udp from a leased port", lambda port: udp(port, 4500, raw(esp(5000)))),
                       ("echo request", lambda port: ICMP(type=8, id=port, seq=1)),
                       ("echo reply", lambda port: ICMP(type=0, id=port, seq=1)),
                       ("timestamp request", lambda port: ICMP(type=13, id=port, seq=1, **TIMES)),
                       ("timestamp reply", lambda port: ICMP(type=14, id=port, seq=1, **TIMES))):
        for host, inside, outside in ((1, PORT[1], PORT[1] - 1), (1, PORT[1] + 1023, PORT[1] + 1024), (2, PORT[2], PORT[1])):
            pair("S6", f"{name}: {inside}, {outside}", goes(out() / make(inside), host),
                 stays(out() / make(outside), "port-not-owned", host))
    message = out() / problem(IP(src=PEER, dst=EXTERNAL, id=0x1818, ttl=40) / udp(53, PORT[1], b"answer"))
    pair("S7", "the 100th, the 101st", goes(message, before=[(99, outer(message))]),
         stays(message, "icmp-rate-limited", before=[(100, outer(message))]))
    data = raw(esp(5000))
    for proto, name in ((4, "ip in ip"), (41, "ipv6"), (47, "gre")):
        pair("S8", name, goes(out(proto=50) / Raw(data)), stays(out(proto=proto) / Raw(data), "tunnel-nested"))
    for proto, name in ((2, "igmp"), (132, "sctp"), (0, "protocol 0")):
        pair("S9", name, goes(out(proto=50) / Raw(data)), stays(out(proto=proto) / Raw(data), "unsupported-protocol"))
    for kind, name in ((4, "source quench"), (5, "redirect"), (17, "mask request")):
        pair("S9", name, goes(ping), stays(out() / ICMP(changed(ping[1], 0, bytes([kind]))), "unsupported-protocol"))


# ----------------------------------------------------------------------- ICMP errors: what is quoted

NOBODY = "icmp-no-owner"


def quotes():
    segment = TCP(sport=PORT[1], dport=443, seq=7)

    def told(payload, host=1, code=1, octets=548, fields={}, peer=PEER, **lead):
        return enters(ip(ROUTER) / problem(went(payload, peer, **fields), code=code, mtu=1400, octets=octets), host, **lead)

    def untold(payload, code=1, octets=548, fields={}, peer=PEER, **lead):
        return stopped(ip(ROUTER) / problem(went(payload, peer, **fields), code=code, mtu=1400, octets=octets), NOBODY, **lead)

    pair("E1", "27 octets quoted", told(segment, octets=28), untold(segment, octets=27))
    pair("E1", "options in the quote", told(segment), untold(segment, fields={"options": [b"\x01\x01\x01\x00"]}))
    quoted = went(segment)
    pair("E1", "version 6 quoted", told(segment),
         stopped(ip(ROUTER) / problem(changed(quoted, 0, b"\x65")), NOBODY))
    pair("E1", "a later fragment", told(segment, fields={"flags": "MF"}), untold(segment, fields={"frag": 1}))
    pair("E2", "the quoted source", told(segment), untold(segment, fields={"source": "198.51.100.0"}))
    for code, what in ((0, "net"), (1, "host"), (2, "protocol"), (3, "port"), (4, "fragmentation needed")):
        pair("E3", f"tcp: a port of nobody, {what}", told(segment, code=code),
             untold(TCP(sport=PORT[1] - 1, dport=443, seq=7), code=code))
    pair("E3", "udp: a port of nobody", told(udp(PORT[2], 53, b"x"), 2), untold(udp(PORT[2] - 1, 53, b"x")))
    for kind, name, more in ((8, "echo request", {}), (0, "echo reply", {}), (13, "timestamp request", TIMES)):
        pair("E3", f"{name}: an identifier of nobody", told(ICMP(type=kind, id=PORT[1], **more)),
             untold(ICMP(type=kind, id=PORT[1] - 1, **more)))
    for kind in (3, 11, 12):
        pair("E3", f"about an error of type {kind}", told(ICMP(type=8, id=PORT[1])), untold(ICMP(changed(
            ICMP(type=8, id=PORT[1]), 0, bytes([kind])))))
    pair("E3", "another protocol", told(Raw(raw(segment)), fields={"proto": 6}), untold(Raw(raw(segment)), fields={"proto": 47}))
    for port, wrap in ((500, lambda message: message), (4500, natt_ike)):
        for name, good, bad, host in (
                ("ikev2, the initiator's label", ikev2(LABEL1, 0, True), ikev2(FOREIGN, 0, True), 1),
                ("ikev2, the responder's label", ikev2(THEIRS, LABEL2, False), ikev2(THEIRS, FOREIGN, False), 2),
                ("ikev2, who sent it", ikev2(LABEL1, THEIRS, True), ikev2(LABEL1, THEIRS, False), 1),
                ("ikev1, the initiator's label", ikev1(LABEL1, 0), ikev1(FOREIGN, 0), 1),
                ("ikev1, the responder's label", ikev1(THEIRS, LABEL2), ikev1(THEIRS, FOREIGN), 2)):
            pair("E3", f"{name}, port {port}", told(udp(port, port, wrap(good)), host), untold(udp(port, port, wrap(bad))))
        message = udp(port, port, wrap(ikev2(RANDOM1, 0, True)))
        sent = outer(out() / message)
        pair("E3", f"ikev2, learned, port {port}", told(message, before=[sent]), untold(message))
        cookie = udp(port, port, wrap(ikev2(THEIRS, 0, False)))
        pair("E3", f"ikev2, the responder's cookie, port {port}", told(cookie, 2, responder=2), untold(cookie))
        shown = 36 if port == 500 else 40
        message = udp(port, port, wrap(ikev2(LABEL1, 0, True)))
        pair("E3", f"ikev2, half an SPI quoted, port {port}", told(message, octets=shown), untold(message, octets=shown - 1))
    spi = 0x77770001
    for name, payload, proto in (("esp", esp(spi, 800), "esp"), ("ah", ah(spi, bytes(800)), "ah"),
                                 ("esp in udp", udp(4500, 4500, raw(esp(spi, 800))), "esp")):
        row = [f"entry 6 2 192.0.2.30 {proto} any 0x77770001"]
        beside = [f"entry 6 2 192.0.2.30 {proto} any 0x77770002"]
        at = {"peer": "192.0.2.30", "code": 4}
        pair("E3", f"{name}: declared", told(payload, 2, changes=row, **at), untold(payload, changes=beside, **at))
        pair("E3", f"{name}: declared for the other protocol", told(payload, 2, changes=row, **at),
             untold(payload, changes=[row[0].replace(proto, "ah" if proto == "esp" else "esp", 1)], **at))
        pair("E3", f"{name}: the row is gone", told(payload, 2, changes=row, **at),
             untold(payload, changes=[*row, "unentry 6"], **at))
        octets = 32 if name == "esp in udp" else 28
        pair("E3", f"{name}: one octet less quoted", told(payload, 2, changes=row, octets=octets, **at),
             untold(payload, changes=row, octets=octets - 1, **at))
        sent = outer(out() / payload)
        row = f"entry 6 1 192.0.2.10 {proto} any"
        pair("E3", f"{name}: learned", told(payload, changes=[row], before=[sent]), untold(payload, changes=[row]))
        pair("E3", f"{name}: learned, the row is gone", told(payload, before=[row, sent]),
             untold(payload, before=[row, sent, *("unentry 1", "unentry 2", "unentry 6")]))

    def came(payload, peer=PEER, destination=EXTERNAL, **fields):
        return IP(src=peer, dst=destination, id=0x1818, ttl=40, **fields) / payload

    def tells(payload, host=1, octets=548, to=PEER, fields={}, **lead):
        return goes(out(to) / problem(came(payload, **fields), octets=octets), host, **lead)

    def hides(payload, host=1, octets=548, to=PEER, fields={}, **lead):
        return stays(out(to) / problem(came(payload, **fields), octets=octets), NOBODY, host, **lead)

    answer = udp(53, PORT[1], b"answer")
    pair("E1", "27 octets quoted by a host", tells(answer, octets=28), hides(answer, octets=27))
    pair("E1", "a host quotes a later fragment", tells(answer, fields={"flags": "MF"}), hides(answer, fields={"frag": 1}))
    pair("E4", "to another than the quoted source", tells(answer), hides(answer, to=OTHER))
    pair("E4", "the quoted destination", tells(answer), hides(answer, fields={"destination": "198.51.100.0"}))
    for name, good, bad in (
            ("udp", answer, udp(53, PORT[2], b"answer")), ("tcp", TCP(sport=443, dport=PORT[1]), TCP(sport=443, dport=PORT[2])),
            ("esp", esp(SPI1), esp(SPI2)), ("ah", ah(SPI1), ah(SPI2)),
            ("esp in udp", udp(4500, 4500, raw(esp(SPI1))), udp(4500, 4500, raw(esp(SPI2)))),
            ("a reserved SPI", esp(SPI1), esp(SPI1 & 0xFF)),
            ("echo reply", ICMP(type=0, id=PORT[1]), ICMP(type=0, id=PORT[2])),
            ("echo request", ICMP(type=0, id=PORT[1]), ICMP(type=8, id=PORT[1])),
            ("ikev2, port 500", udp(500, 500, ikev2(THEIRS, LABEL1, True)), udp(500, 500, ikev2(THEIRS, LABEL2, True))),
            ("ikev2, port 4500", udp(4500, 4500, natt_ike(ikev2(LABEL1, THEIRS, False))),
             udp(4500, 4500, natt_ike(ikev2(LABEL2, THEIRS, False)))),
            ("ikev1", udp(500, 500, ikev1(THEIRS, LABEL1)), udp(500, 500, ikev1(THEIRS, LABEL2)))):
        pair("E5", name, tells(good), hides(bad))
    pair("E5", "a claimed SPI", tells(esp(0x70070042), changes=["claim 0x70070042 1"]),
         hides(esp(0x70070042), changes=["claim 0x70070042 2"]))
    begin = udp(500, 500, ikev2(THEIRS, 0, True))
    pair("E5", "ikev2 begins", tells(begin, 2, responder=2), hides(begin, 2, responder=1))


# ------------------------------------------------------------------------------------------ fragments


BIG = ip() / esp(size=184)
A, B, C = parts(BIG)
A2, B2, C2 = parts(out() / esp(5000, 184))
OUT = "outbound"


def shapes():
    invalid = "fragment-invalid"
    first = part(BIG, 0, 64, True)
    pair("F1", "not a multiple of 8, with more to come", enters(first, 1, 1), stopped(part(BIG, 0, 63, True), invalid))
    pair("F1", "empty", waits(part(BIG, 64, 72, False)), stopped(part(BIG, 64, 64, False), invalid))
    pair("F1", "65,536 octets with its header", waits(ip(frag=8189, proto=50) / Raw(bytes(3))),
         stopped(ip(frag=8189, proto=50) / Raw(bytes(4)), invalid))
    segment, checked = ip() / TCP(sport=443, dport=PORT[1]) / Raw(bytes(184)), ip() / ah(payload=bytes(160))
    pair("F1", "tcp at offset 16 (RFC 3128)", waits(part(segment, 24, 48, True)), stopped(part(segment, 16, 40, True), invalid))
    pair("F1", "ah at offset 8", waits(part(checked, 16, 40, True)), stopped(part(checked, 8, 32, True), invalid))
    pair("F1", "through the tunnel: not a multiple of 8", goes(A2),
         stays(out(id=A2.id, proto=50, flags="MF") / Raw(raw(A2.payload)[:63]), invalid))

    for name, packet, enough, entry in (("tcp", segment, 24, None), ("ah", checked, 24, 2), ("esp in udp", ip() / udp(
            4500, 4500, raw(esp(size=184))), 16, 1), ("ike", ip() / udp(500, 500, raw(IKE1) + bytes(160)), 40, None)):
        good = part(packet, 0, enough, True)
        pair("F2", f"tiny first: {name}", enters(good, 1, entry), stopped(part(packet, 0, enough - 8, True), invalid))
    reply = parts(ip() / ICMP(type=0, id=PORT[1]) / Raw(bytes(184)))[0]
    for kind, name in ((8, "an echo request"), (3, "an icmp error")):
        pair("F2", f"{name} in parts", enters(reply, 1), stopped(mended(changed(reply, 20, bytes([kind]))), invalid))
    reply = parts(out() / ICMP(type=0, id=PORT[1]) / Raw(bytes(184)))[0]
    pair("F2", "an icmp error in parts through the tunnel", goes(reply), stays(mended(changed(reply, 20, b"\3")), invalid))

    row = "F3"
    pair(row, "gre, later", waits(B), stopped(mended(changed(B, 9, b"\x2f")), "unsupported-protocol"))
    pair(row, "igmp, later, through the tunnel", waits(outer(B2), OUT, 1),
         stays(mended(changed(B2, 9, b"\2")), "unsupported-protocol"))
    pair(row, "gre, later, through the tunnel", waits(outer(B2), OUT, 1),
         stays(mended(changed(B2, 9, b"\x2f")), "tunnel-nested"))
    pair("F4", "the source is revoked for a host, for all", waits(B, changes=["revoke 192.0.2.10/32 1"]),
         stopped(B, "address-revoked", changes=["revoke 192.0.2.10/32 all"]))


def followers():
    invalid = "fragment-invalid"
    over = part(BIG, 56, 120, True)
    pair("F5", "8 octets over the first", enters(B, 1, 1, offset=1, before=[A]), stopped(over, invalid, before=[A]))
    pair("F5", "a copy", enters(B, 1, 1, offset=1, before=[A]), stopped(B, invalid, before=[A, B]))
    pair("F5", "what follows an overlap", enters(C, 1, 1, offset=2, before=[A, B]), stopped(C, invalid, before=[A, over]))
    last, beyond = part(BIG, 64, 128, False), part(BIG, 128, 192, False)
    pair("F5", "two ends", enters(beyond, 1, 1, offset=2, before=[A, B]), stopped(beyond, invalid, before=[A, last]))
    pair("F5", "through the tunnel: a copy", goes(B2, before=[outer(A2)]), stays(B2, invalid, before=[outer(A2), outer(B2)]))

    held = [ip(id=1000 + number, proto=50, frag=8) / Raw(bytes(8)) for number in range(129)]
    pair("F6", "one source's 128th, 129th that waits", waits(held[-1], before=held[:127]),
         stopped(held[-1], "fragment-overflow", before=held[:128]))
    sent = [outer(out(id=1000 + number, proto=50, frag=8) / Raw(bytes(64))) for number in range(129)]
    pair("F6", "one host's 128th, 129th that waits", waits(sent[-1], OUT, 1, before=sent[:127]),
         refused(sent[-1], "fragment-overflow", 1, before=sent[:128]))

    unvalidated = parts(ip(STRANGER) / esp(size=184))
    row = [f"entry 6 1 {STRANGER} esp any"]
    pair("F7", "the first was refused", enters(unvalidated[1], 1, 6, offset=1, changes=row, before=[unvalidated[0]]),
         stopped(unvalidated[1], "address-not-validated", 1, before=[unvalidated[0]]))
    foreign = parts(out() / udp(PORT[2], 53, bytes(184)))
    begins = parts(out() / udp(PORT[1], 53, bytes(184)))
    pair("F7", "the first was refused, through the tunnel", goes(begins[1], before=[outer(begins[0])]),
         stays(begins[1], "port-not-owned", before=[outer(foreign[0])]))
    before = [A]
    pair("F8", "the slot is given back", enters(B, 1, 1, offset=1, before=before),
         stopped(B, "spi-not-leased", before=[*before, "slot 0x1001 0"]))
    claim = ["claim 0x70070042 1"]
    first, later, _ = parts(ip() / esp(0x70070042, 184))
    pair("F8", "the claim is given back", enters(later, 1, 1, offset=1, changes=claim, before=[first]),
         stopped(later, "spi-not-leased", changes=claim, before=[first, "claim 0x70070042 0"]))
    for name, change, reason, host in (("the host is suspended", "host 1 10.0.0.11 suspended", "host-suspended", 1),
                                       ("the source is revoked for the host", "revoke 192.0.2.10/32 1", "address-revoked", 1),
                                       ("the row is gone", "unentry 1", "address-not-validated", 1)):
        pair("F8", name, enters(B, 1, 1, offset=1, before=before), stopped(B, reason, host, before=[*before, change]))

    def together(first, later, one, other, wait, **lead):
        return Side(first, [leave("forward", one[0], *one[1:3], outputs=[one[3]]),
                            leave("forward", other[0], *other[1:3], outputs=[other[3]])], before=[later], wait=wait, **lead)
    in_time = together(A, B, ("inbound", 1, 1, tunnelled(hop(A), 1, 1)), ("inbound", 1, 1, tunnelled(hop(B), 1, 2)), 14.999)
    late = Side(A, [leave("forward", "inbound", 1, 1, outputs=[tunnelled(hop(A), 1, 1)]),
                    leave("drop", "inbound", reason="fragment-timeout")], before=[B], wait=15)
    pair("F9", "the first after 14.999 s, after 15 s", in_time, late)
    in_time = together(outer(A2), outer(B2), (OUT, 1, None, hop(A2)), (OUT, 1, None, hop(B2)), 14.999)
    late = Side(outer(A2), [leave("forward", OUT, 1, outputs=[hop(A2)]), leave("drop", OUT, 1, reason="fragment-timeout")],
                before=[outer(B2)], wait=15)
    pair("F9", "through the tunnel: the first after 14.999 s, after 15 s", in_time, late)


# --------------------------------------------------------------------------------- hairpin, tunnel


def hairpin():
    rows = ["entry 6 2 198.51.100.1 esp any"]
    packet = out(EXTERNAL) / esp(SPI2)

    def blocked(inner, reason, told=(), **lead):
        return stays(inner, reason, told=told, hairpin=True, **lead)
    good = back(packet, 2, 6, changes=rows)
    pair("P1", "no row for the shared address", good, blocked(packet, "address-not-validated"))
    pair("P1", "the slot beside it", good, blocked(out(EXTERNAL) / esp(SPI2 + 0x10000), "spi-not-leased", changes=rows))
    pair("P1", "slot 0", good, blocked(out(EXTERNAL) / esp(SPI2 & 0xFF), "spi-reserved", changes=rows))
    pair("P1", "revoked", good, blocked(packet, "address-revoked", changes=[*rows, "revoke 198.51.100.1/32 all"]))
    pair("P1", "the receiver is suspended", good, blocked(packet, "host-suspended", changes=[*rows, "host 2 10.0.0.12 suspended"]))
    datagram = out(EXTERNAL) / udp(PORT[1], PORT[2], b"x")
    passes = back(datagram, 2)
    pair("P1", "a port of nobody", passes, blocked(out(EXTERNAL) / udp(PORT[1], PORT[2] - 1, b"x"), "port-not-leased"))
    message = out(EXTERNAL) / udp(500, 500, ikev2(LABEL1, LABEL2, True))
    pair("P1", "ike of nobody", back(message, 2),
         blocked(out(EXTERNAL) / udp(500, 500, ikev2(LABEL1, FOREIGN, True)), "ike-no-owner"))
    begin = out(EXTERNAL) / udp(500, 500, ikev2(LABEL1, 0, True))
    pair("P1", "ike that begins: the 10th, the 11th", back(begin, 2, offset=9, responder=2, before=[(9, outer(begin))]),
         blocked(begin, "ike-rate-limited", responder=2, before=[(10, outer(begin))]))
    last = out(EXTERNAL, ttl=1) / udp(PORT[1], PORT[2], b"x")
    pair("P1", "time to live", back(out(EXTERNAL, ttl=2) / udp(PORT[1], PORT[2], b"x"), 2), blocked(
        last, "ttl-expired", [tunnelled(error(11, last, ENDPOINT, EXTERNAL, 1), 1, 2)]))
    fits, large = (out(EXTERNAL, flags="DF") / udp(PORT[1], PORT[2], bytes(size)) for size in (MTU - 28, MTU - 27))
    pair("P1", "one octet too large", back(fits, 2), blocked(
        large, "too-big", [tunnelled(error(3, large, ENDPOINT, EXTERNAL, 1, MTU), 1, 2)]))
    request = out(EXTERNAL) / ICMP(type=8, id=PORT[1], seq=1) / Raw(b"echo")

    def echo(number):
        reply = IP(src=EXTERNAL, dst=EXTERNAL, ttl=64, id=2 * number - 1) / ICMP(type=0, id=PORT[1], seq=1) / Raw(b"echo")
        return [leave("answer", OUT, 1, outputs=[tunnelled(reply, 1, 2 * number)])]
    pair("P1", "echo requests: the 100th, the 101st", Side(outer(request), echo(100), hairpin=True, before=[(99, outer(request))]),
         blocked(request, "icmp-rate-limited", before=[(100, outer(request))]))
    pair("P1", "an echo request, revoked", Side(outer(request), echo(1), hairpin=True),
         blocked(request, "address-revoked", changes=["revoke 198.51.100.1/32 all"]))
    pair("P1", "an echo request's checksum", Side(outer(request), echo(1), hairpin=True),
         blocked(changed(request, 22, bytes([raw(request)[22] ^ 1])), "malformed"))

    def complaint(port):
        return out(EXTERNAL) / problem(IP(src=EXTERNAL, dst=EXTERNAL, id=0x1717, ttl=3) / udp(port, PORT[1], b"x"), code=3)
    pair("P1", "an error about a packet of nobody", back(complaint(PORT[2]), 2), blocked(complaint(PORT[2] - 1), NOBODY))


def tunnel_errors():
    row = [f"10.0.0.{number}" for number in (11, 12)]
    inner = hop(ip(flags="DF") / esp(size=1000))

    def sent(packet=inner, **fields):
        return IP(**{"src": ENDPOINT, "dst": row[0], "proto": 4, "ttl": 63, "id": 5, "flags": "DF", **fields}) / raw(packet)

    def told(about, kind=3, code=1, mtu=0, quote=548):
        more = {"nexthopmtu": mtu} if kind == 3 else {}
        return IP(src="10.0.0.1", dst=ENDPOINT, tos=0xC0, ttl=64, id=3) / ICMP(
            type=kind, code=code, unused=0, **more) / Raw(raw(about)[:quote])

    def relayed(message, code=1, mtu=0, about=inner, quote=528, ident=1, **lead):
        output = IP(src=EXTERNAL, dst=PEER, tos=0xC0, ttl=64, id=ident) / ICMP(
            type=3, code=code, unused=0, nexthopmtu=mtu) / Raw(raw(about)[:quote])
        return Side(message, [leave("answer", OUT, outputs=[output])], **lead)

    good = relayed(told(sent()))
    pair("T1", "7 octets", good, refused(IP(src="10.0.0.1", dst=ENDPOINT, tos=0xC0, ttl=64, id=3, proto=1) / Raw(
        raw(told(sent()))[20:27]), "malformed"))
    for kind, name in ((0, "echo reply"), (4, "source quench"), (5, "redirect"), (8, "echo request"), (13, "timestamp")):
        pair("T2", name, good, refused(IP(src="10.0.0.1", dst=ENDPOINT, tos=0xC0, ttl=64, id=3, proto=1) / Raw(
            changed(raw(told(sent()))[20:], 0, bytes([kind]))), "unsupported-protocol"))
    for code in (3, 5):
        pair("T3", f"unreachable, code {code}", good, refused(told(sent(), code=code), NOBODY))
    pair("T3", "parameter problem", relayed(told(sent(), 11, 0)), refused(told(sent(), 12, 0), NOBODY))
    pair("T4", "an mtu of 87", relayed(told(sent(), code=4, mtu=88), 4, 68), refused(told(sent(), code=4, mtu=87), "malformed"))
    wrong = raw(told(sent()))
    pair("T5", "one bit of the checksum", good, refused(changed(wrong, 22, bytes([wrong[22] ^ 1])), "malformed"))
    pair("T6", "one octet less quoted", relayed(told(sent(), quote=48), quote=28), refused(told(sent(), quote=47), NOBODY))
    for name, fields in (("from another than the endpoint", {"src": "10.0.0.253"}), ("not a tunnel's packet", {"proto": 47}),
                         ("to another host", {"dst": row[1]}), ("to nobody", {"dst": "10.0.0.10"}),
                         ("a later fragment of the outer packet", {"frag": 1, "flags": 0})):
        pair("T6", name, good, refused(told(sent(**fields)), NOBODY))
    elsewhere = hop(ip(destination="198.51.100.0", flags="DF") / esp(size=1000))
    pair("T6", "not to the shared address inside", good, refused(told(sent(elsewhere)), NOBODY))
    for name, change in (("the row is gone", "unentry 1"), ("the peer is revoked", "revoke 192.0.2.10/32 all"),
                         ("the host is suspended", "host 1 10.0.0.11 suspended")):
        pair("T8", name, good, refused(told(sent()), NOBODY, changes=[change]))
    later = hop(ip(flags="DF", frag=1) / esp(size=1000))
    pair("T7", "a later fragment inside", good, refused(told(sent(later)), NOBODY))
    clear = hop(ip() / esp(size=1000))
    pair("T9", "df", relayed(told(sent(), code=4, mtu=900), 4, 880), refused(told(sent(clear), code=4, mtu=900), "malformed"))
    pair("T9", "an mtu that it fits into", relayed(told(sent(), code=4, mtu=1047), 4, 1027),
         refused(told(sent(), code=4, mtu=1048), "malformed"))
    reply = hop(ip() / ICMP(type=0, id=PORT[1], seq=1) / Raw(raw(out() / udp(PORT[1], 53, b"x"))))
    about = hop(ip() / problem(out() / udp(PORT[1], 53, b"x")))
    pair("T7", "about an icmp error", relayed(told(sent(reply)), about=reply), refused(told(sent(about)), NOBODY))
    message = told(sent())
    pair("T10", "the 50th, the 51st", relayed(message, ident=50, before=[(49, message)]),
         refused(message, "icmp-rate-limited", before=[(50, message)]))


if __name__ == "__main__":
    for section in (headers, sources, admission, onward, recipients, ike, ports, messages, tunnel, senders, quotes, shapes,
                    followers, hairpin, tunnel_errors):
        section()
    names = [(pair["row"], pair["difference"], pair["direction"]) for pair in pairs]
    assert len(set(names)) == len(names), {name for name in names if names.count(name) > 1}
    print('{"pairs": [', ",\n".join(map(json.dumps, pairs)), "]}", sep="\n")
