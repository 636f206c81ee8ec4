#!/usr/bin/python3
"""Writes fragments.json: conversations of several packets, with what must become of each.

    /usr/bin/python3 fragments.py > fragments.json

The fragments, and the pieces that the router must cut, are made by scapy's own `fragment`. A step
holds what is done first (seconds that pass, changes to the state of datapath.json), the packet that is
read, if any, and all exits it leads to in their order: that of the packet itself, and those of fragments
that waited. Identifications of packets that the router makes count 1, 2, 3 within a conversation.
"""
import json
import sys

from datapath import (
    ENDPOINT, EXTERNAL, FOREIGN, INSIDE, LABEL1, LABEL2, MTU, OTHER, PEER, PORT, SPI1, SPI2, SPI3, STRANGER, ah, error, esp,
    hop, ikev2, ip, natt_ike, out, outer, udp)
from scapy.all import ICMP, IP, TCP, Raw, fragment, raw

conversations = []


class Talk:
    """One conversation in the making."""

    def __init__(self, name, source, direction="inbound", hairpin=False, responder=0):
        self.steps, self.ident, self.direction = [], 0, direction
        conversations.append({"name": name, "source": source, "hairpin": hairpin, "responder": responder,
                              "steps": self.steps})

    def step(self, packet=None, wait=0, changes=()):
        self.steps.append({"wait": wait, "changes": list(changes), "exits": [],
                           "packet": None if packet is None else raw(packet).hex()})
        return self

    def exit(self, verdict, reason=None, outputs=(), host=0, entry=None):
        self.steps[-1]["exits"].append({
            "verdict": verdict, "reason": reason, "direction": self.direction, "host": host, "entry": entry,
            "outputs": [raw(output).hex() for output in outputs]})
        return self

    def tunnelled(self, inner, host, tos=None):
        self.ident += 1
        inner = IP(raw(inner))
        return IP(src=ENDPOINT, dst=INSIDE[host], proto=4, ttl=64, id=self.ident,
                  tos=inner.tos if tos is None else tos, flags=inner.flags & "DF") / raw(inner)

    # What becomes of a packet.
    def passes(self, packet, host=1, entry=1):
        return self.exit("forward", outputs=[self.tunnelled(hop(packet), host)], host=host, entry=entry)

    def leaves(self, packet, host=1):
        return self.exit("forward", outputs=[hop(packet)], host=host)

    def waits(self, host=0):
        return self.exit("hold", host=host)

    def drops(self, reason, host=0, entry=None, outputs=()):
        return self.exit("drop", reason, host=host, entry=entry, outputs=outputs)


def parts(packet, size=64):
    """scapy's fragments, each of at most `size` octets of payload."""
    return [IP(raw(part)) for part in fragment(IP(raw(packet)), fragsize=size)]


def part(packet, start, end, more):
    """Any part of a packet, fair or not."""
    return ip(packet.src, packet.dst, id=packet.id, proto=packet.proto, flags="MF" if more else 0,
              frag=start // 8) / Raw(raw(packet.payload)[start:end])


BIG = ip() / esp(size=184)  # 192 octets of payload: three fragments of 64
AHBIG = ip() / ah(payload=bytes(range(160)))
A, B, C = parts(BIG)


def follow():
    row = "3.1 fragments: the first decides, later ones follow"
    Talk("in order", row).step(A).passes(A).step(B).passes(B).step(C).passes(C)
    Talk("backwards: the later ones wait", row).step(C).waits().step(B).waits().step(A).passes(A).passes(C).passes(B)
    Talk("one waits", row).step(B).waits().step(A).passes(A).passes(B).step(C).passes(C)
    for name, packet, host, entry in (
            ("ah", AHBIG, 1, 2), ("esp of that SPI", ip() / esp(SPI2, 184), 2, 4),
            ("esp in udp", ip() / udp(4500, 4500, raw(esp(size=184))), 1, 1),
            ("udp to a leased port", ip(STRANGER) / udp(53, PORT[1], bytes(184)), 1, None),
            ("tcp to a leased port", ip(STRANGER) / TCP(sport=443, dport=PORT[2]) / Raw(bytes(184)), 2, None),
            ("echo reply", ip(STRANGER) / ICMP(type=0, id=PORT[1]) / Raw(bytes(184)), 1, None),
            ("ike", ip() / udp(500, 500, raw(ikev2(LABEL1, FOREIGN, False)) + bytes(160)), 1, None),
            ("ike on 4500", ip() / udp(4500, 4500, raw(natt_ike(ikev2(LABEL1, FOREIGN, False))) + bytes(160)), 1,
             None)):
        talk = Talk(name, row)
        for piece in parts(packet):
            talk.step(piece).passes(piece, host, entry)
    begin = ip(STRANGER) / udp(500, 500, raw(ikev2(FOREIGN, 0, True)) + bytes(156))
    talk = Talk("ike that begins, to the responder", row, responder=2)
    for piece in parts(begin):
        talk.step(piece).passes(piece, 2, None)
    talk = Talk("two packets at once", row)
    other = ip(id=0x4343) / esp(SPI2, 184)
    for one, two in zip(parts(BIG), parts(other)):
        talk.step(one).passes(one).step(two).passes(two, 2, 4)
    same = ip(STRANGER) / udp(53, PORT[1], bytes(184))
    talk = Talk("the same identification from another source, and of another protocol, is another packet", row)
    third = ip() / udp(53, PORT[1], bytes(184))
    for one, two, three in zip(parts(BIG), parts(same), parts(third)):
        talk.step(one).passes(one).step(two).passes(two, 1, None).step(three).passes(three, 1, None)
    talk = Talk("the same identification again, later", row)
    for pause in (0, 2):
        for index, piece in enumerate(parts(BIG)):
            talk.step(piece, wait=pause if index == 0 else 0).passes(piece)


def refuse():
    row = "3.1 fragments: a refused first refuses all"
    for name, packet, reason, host in (
            ("not validated", ip(STRANGER) / esp(size=184), "address-not-validated", 1),
            ("slot not leased", ip() / esp(0x10020042, 184), "spi-not-leased", 0),
            ("reserved SPI", ip() / esp(200, 184), "spi-reserved", 0),
            ("port not leased", ip() / udp(53, 9, bytes(184)), "port-not-leased", 0),
            ("host suspended", ip() / esp(SPI3, 184), "host-suspended", 3),
            ("ike without an owner", ip() / udp(500, 500, raw(ikev2(FOREIGN, 1, True)) + bytes(156)), "ike-no-owner", 0),
            ("an echo request in parts is not answered", ip() / ICMP(type=8, id=1) / Raw(bytes(184)),
             "fragment-invalid", 0),
            ("an icmp error in parts", ip() / ICMP(type=3, code=1) / Raw(raw(out() / udp(PORT[1], 53, bytes(156)))),
             "fragment-invalid", 0)):
        first, second, third = parts(packet)
        Talk(f"{name}, in order", row).step(first).drops(reason, host).step(second).drops(
            reason, host).step(third).drops(reason, host)
        Talk(f"{name}, the first comes last", row).step(second).waits().step(third).waits().step(first).drops(
            reason, host).drops(reason, host).drops(reason, host)
    first, second, _ = parts(ip(proto=47) / Raw(bytes(192)))
    Talk("a protocol that nobody gets does not wait", row).step(second).drops("unsupported-protocol").step(
        first).drops("unsupported-protocol")

    row = "invariants 2 and 3: at the time when each passes"
    revoke, unrevoke = "revoke 192.0.2.10/32 all", "unrevoke 192.0.2.10/32 all"
    Talk("revoked between two fragments", row).step(A).passes(A).step(B, changes=[revoke]).drops(
        "address-revoked").step(C, changes=[unrevoke]).passes(C)
    Talk("revoked for this host between two fragments", row).step(A).passes(A).step(
        B, changes=["revoke 192.0.2.10/32 1"]).drops("address-revoked", 1)
    Talk("revoked for another host", row).step(A).passes(A).step(B, changes=["revoke 192.0.2.10/32 2"]).passes(B)
    Talk("suspended between two fragments", row).step(A).passes(A).step(
        B, changes=["host 1 10.0.0.11 suspended"]).drops("host-suspended", 1)
    Talk("the entry goes between two fragments", row).step(A).passes(A).step(B, changes=["unentry 1"]).drops(
        "address-not-validated", 1)
    Talk("the slot goes between two fragments", row).step(A).passes(A).step(B, changes=["slot 0x1001 0"]).drops(
        "spi-not-leased")
    Talk("the slot goes to another host", row).step(A).passes(A).step(B, changes=["slot 0x1001 2"]).drops(
        "spi-not-leased")
    Talk("revoked while it waits", row).step(B).waits().step(A, changes=[revoke]).drops("address-revoked", 1).drops(
        "address-revoked", 1)
    Talk("revoked for all: it does not even wait", row).step(B, changes=[revoke]).drops("address-revoked")


def shapes():
    row = "RFC 791, 1858, 3128, 5722: shapes"
    invalid = "fragment-invalid"
    udp_packet = ip() / udp(53, PORT[1], bytes(184))
    tcp_packet = ip() / TCP(sport=443, dport=PORT[1]) / Raw(bytes(184))
    Talk("more to come, not a multiple of 8", row).step(part(BIG, 0, 63, True)).drops(invalid)
    Talk("the last need not be one", row).step(A).passes(A).step(part(BIG, 64, 187, False)).passes(
        part(BIG, 64, 187, False))
    Talk("empty, first", row).step(part(BIG, 0, 0, True)).drops(invalid)
    Talk("empty, last", row).step(A).passes(A).step(part(BIG, 64, 64, False)).drops(invalid).step(B).passes(B)
    for name, start, length, verdict in (("65,535 octets with its header", 65_512, 3, "hold"),
                                         ("65,536 octets with its header", 65_512, 4, "drop"),
                                         ("the ping of death", 65_528, 400, "drop")):
        piece = ip(frag=start // 8, proto=50) / Raw(bytes(length))
        Talk(name, row).step(piece).exit(verdict, None if verdict == "hold" else invalid)
    Talk("tiny first: tcp, 16 octets", row).step(part(tcp_packet, 0, 16, True)).drops(invalid).step(
        part(tcp_packet, 24, 204, False)).drops(invalid)
    first = part(tcp_packet, 0, 24, True)
    Talk("tcp, 24 octets are enough", row).step(first).passes(first, entry=None)
    Talk("RFC 3128: tcp at offset 8", row).step(part(tcp_packet, 8, 16, True)).drops(invalid)
    Talk("tcp at offset 16", row).step(part(tcp_packet, 16, 24, True)).drops(invalid)
    Talk("tcp at offset 24", row).step(part(tcp_packet, 24, 48, True)).waits()
    options = ip() / TCP(sport=443, dport=PORT[1], options=[("MSS", 1400), ("WScale", 7), ("NOP", None)]) / Raw(
        bytes(184))
    Talk("tiny first: tcp, its options are cut", row).step(part(options, 0, 24, True)).drops(invalid)
    first = part(options, 0, 32, True)
    Talk("tcp with all its options", row).step(first).passes(first, entry=None)
    first = part(udp_packet, 0, 8, True)
    Talk("udp, 8 octets are enough", row).step(first).passes(first, entry=None)
    first = part(BIG, 0, 8, True)
    Talk("esp, 8 octets are enough", row).step(first).passes(first)
    Talk("tiny first: ah without its check value", row).step(part(AHBIG, 0, 16, True)).drops(invalid)
    first = part(AHBIG, 0, 24, True)
    Talk("ah with its check value", row).step(first).passes(first, entry=2)
    Talk("ah at offset 8", row).step(part(AHBIG, 8, 24, True)).drops(invalid)
    ike = ip() / udp(500, 500, raw(ikev2(LABEL1, FOREIGN, False)) + bytes(160))
    Talk("tiny first: ike without its flags", row).step(part(ike, 0, 32, True)).drops(invalid)
    first = part(ike, 0, 40, True)
    Talk("ike with its header", row).step(first).passes(first, entry=None)
    natt = ip() / udp(4500, 4500, raw(esp(size=184)))
    Talk("tiny first: esp in udp without a sequence number", row).step(part(natt, 0, 8, True)).drops(invalid)
    first = part(natt, 0, 16, True)
    Talk("esp in udp with one", row).step(first).passes(first)

    row = "RFC 5722: overlaps and copies"
    first, last = part(BIG, 0, 64, True), part(BIG, 64, 192, False)
    Talk("a copy drops alone", row).step(first).passes(first).step(first).drops(invalid, 1, 1).step(last).passes(
        last).step(last).drops(invalid)
    Talk("a copy of one that waits", row).step(last).waits().step(last).drops(invalid).step(first).passes(
        first).passes(last)
    Talk("within what was seen: a copy in part", row).step(A).passes(A).step(B).passes(B).step(
        part(BIG, 64, 96, True)).drops(invalid).step(C).passes(C)
    Talk("a second first with another SPI", row).step(A).passes(A).step(parts(ip() / esp(SPI2, 184))[0]).drops(
        invalid, 2, 4).step(B).passes(B)
    over = part(BIG, 32, 96, True)
    Talk("over the first: the packet is spoilt", row).step(A).passes(A).step(over).drops(invalid).step(B).drops(
        invalid).step(C).drops(invalid)
    Talk("over one that waits: that goes as well", row).step(B).waits().step(over).drops(invalid).drops(invalid).step(
        A).drops(invalid, 1, 1)
    Talk("the first over one that waits", row).step(over).waits().step(A).drops(invalid, 1, 1).drops(invalid)
    Talk("teardrop: the last ends within the first", row).step(A).passes(A).step(part(BIG, 24, 28, False)).drops(
        invalid).step(B).drops(invalid)
    Talk("beyond the last", row).step(A).passes(A).step(part(BIG, 64, 128, False)).passes(
        part(BIG, 64, 128, False)).step(C).drops(invalid)
    Talk("beyond the last, which waits", row).step(part(BIG, 64, 128, False)).waits().step(
        part(BIG, 128, 192, True)).drops(invalid).drops(invalid).step(A).drops(invalid, 1, 1)
    Talk("two ends", row).step(A).passes(A).step(C).passes(C).step(part(BIG, 72, 80, False)).drops(invalid).step(
        B).drops(invalid)
    Talk("a last one where more was to come", row).step(B).waits().step(part(BIG, 64, 128, False)).drops(
        invalid).drops(invalid)
    Talk("the spoilt packet is forgotten after 15 s", row).step(A).passes(A).step(over).drops(invalid).step(
        A, wait=15).passes(A)

    row = "15 s"
    Talk("one that waits in vain", row).step(B).waits().step(wait=14.999).step(wait=0.001).drops("fragment-timeout")
    Talk("the first just in time", row).step(B).waits().step(A, wait=14.999).passes(A).passes(B)
    Talk("the first too late", row).step(B).waits().step(A, wait=15).passes(A).drops("fragment-timeout")
    Talk("two that wait in vain, then a third", row).step(B).waits().step(C, wait=5).waits().step(wait=10).drops(
        "fragment-timeout").drops("fragment-timeout").step(B).waits()
    Talk("what was decided is forgotten too", row).step(A).passes(A).step(B, wait=15).waits()
    Talk("a copy of a whole packet's, within a second", row).step(A).passes(A).step(B).passes(B).step(C).passes(
        C).step(B, wait=0.999).drops("fragment-invalid").step(B, wait=0.001).waits()


def hops():
    row = "3.1 then: TTL and MTU of each fragment"
    first, second, third = (ip(id=9, ttl=ttl, flags=flags, frag=frag) / data for ttl, flags, frag, data in (
        (1, "MF", 0, esp(size=56)), (1, "MF", 8, Raw(bytes(64))), (9, 0, 16, Raw(bytes(64)))))
    second.proto = third.proto = 50
    talk = Talk("time to live 1: only the first is told of", row)
    talk.ident = 1
    talk.step(first).drops("ttl-expired", 1, 1, [error(11, first, EXTERNAL, PEER, 1)])
    talk.step(second).drops("ttl-expired", 1, 1).step(third).passes(third)

    row = "3.1 then: larger than the tunnel MTU, df clear"
    size = (MTU - 20) // 8 * 8
    for name, packet, entry in (
            ("one octet more", ip() / esp(size=MTU - 27), 1), ("three pieces", ip(tos=0xBA) / esp(size=4000), 1),
            ("9000 octets", ip(id=0xFFFE) / esp(size=8972), 1), ("the largest packet", ip(id=0) / esp(size=65507), 1),
            ("two pieces, both full", ip() / esp(size=2 * size - 8), 1),
            ("ah keeps its identification", ip(id=0x1234, flags="evil") / ah(payload=bytes(1600)), 2)):
        talk = Talk(name, row)
        talk.step(packet).exit("forwardPieces", host=1, entry=entry, outputs=[
            talk.tunnelled(piece, 1) for piece in parts(hop(packet), size)])
    large = ip() / esp(size=5000)
    pieces = parts(large, 2000)
    talk = Talk("fragments that are too large: the last piece has more to come", row)
    for piece in pieces:
        talk.step(piece)
        if piece.len <= MTU:
            talk.passes(piece)
        else:
            talk.exit("forwardPieces", host=1, entry=1, outputs=[
                talk.tunnelled(again, 1) for again in parts(hop(piece), size)])
    talk = Talk("one that waited is cut as well", row)
    first, second, third = pieces
    talk.step(second).waits().step(first)
    for piece in (first, second):
        talk.exit("forwardPieces", host=1, entry=1, outputs=[
            talk.tunnelled(again, 1) for again in parts(hop(piece), size)])
    talk = Talk("a fragment with df set: the sender is told", row)
    first = ip(flags="DF+MF") / Raw(raw(esp(size=2000))[:2000])
    first.proto = 50
    talk.step(first).drops("too-big", 1, 1, [error(3, first, EXTERNAL, PEER, 1, MTU)])


def outbound():
    row = "3.2 fragments"
    packet = out() / esp(0x77777777, 184)
    first, second, third = parts(packet)

    def talk(name, host=1, **more):
        return Talk(name, row, "outbound", **more)

    def goes(conversation, piece, host=1, **fields):
        return conversation.step(outer(piece, host, **fields)).leaves(piece, host)
    one = talk("in order")
    for piece in (first, second, third):
        goes(one, piece)
    talk("backwards").step(outer(third)).waits(1).step(outer(second)).waits(1).step(outer(first)).leaves(
        first).leaves(third).leaves(second)
    one = talk("hosts' packets may look alike")
    for piece in (first, second, third):
        goes(one, piece, 1)
        goes(one, piece, 2)
    for name, inner, reason in (
            ("another host's port", out() / udp(PORT[2], 53, bytes(184)), "port-not-owned"),
            ("an icmp error in parts", out() / ICMP(type=3, code=1) / Raw(raw(ip() / udp(53, PORT[1], bytes(156)))),
             "fragment-invalid"),
            ("another's ike", out() / udp(500, 500, raw(ikev2(LABEL2, 0, True)) + bytes(156)), "ike-spi-not-owned")):
        begin, middle, end = parts(inner)
        talk(name).step(outer(begin)).drops(reason, 1).step(outer(middle)).drops(reason, 1)
        talk(f"{name}, the first comes last").step(outer(end)).waits(1).step(outer(begin)).drops(reason, 1).drops(
            reason, 1).step(outer(middle)).drops(reason, 1)
    one = talk("a port of its own")
    for piece in parts(out() / udp(PORT[1], 53, bytes(184))):
        goes(one, piece)
    talk("nested").step(outer(parts(out(proto=47) / Raw(bytes(192)))[1])).drops("tunnel-nested", 1)
    talk("suspended between two").step(outer(first)).leaves(first).step(
        outer(second), changes=["host 1 10.0.0.11 suspended"]).drops("host-suspended", 1)
    talk("suspended while it waits").step(outer(second)).waits(1).step(
        outer(first), changes=["host 1 10.0.0.11 suspended"]).drops("host-suspended", 1).step(
            wait=15).drops("host-suspended", 1)
    talk("it waits in vain").step(outer(second)).waits(1).step(wait=15).drops("fragment-timeout", 1)
    talk("overlap").step(outer(first)).leaves(first).step(outer(out(proto=50, flags="MF", frag=4) / Raw(
        bytes(64)))).drops("fragment-invalid", 1).step(outer(second)).drops("fragment-invalid", 1)
    talk("congestion is told of each").step(outer(second, tos=3)).waits(1).step(outer(first)).leaves(first).drops(
        "ecn-invalid", 1)
    talk("later ones to an inside network").step(outer(out("10.0.0.12", proto=50, frag=8) / Raw(
        bytes(64)))).drops("destination-forbidden", 1)
    talk("an outer fragment is not put together").step(outer(first, flags="MF")).drops("fragment-invalid", 1).step(
        outer(first, frag=5)).drops("fragment-invalid", 1)


def hairpin():
    row = "hairpin"
    rows = ["entry 6 2 198.51.100.1 esp any"]
    packet = out(EXTERNAL) / esp(SPI2)

    def talk(name, on=True):
        return Talk(name, row, "outbound", hairpin=on)
    talk("off", False).step(outer(packet), changes=rows).drops("hairpin-disabled", 1)
    one = talk("on: esp with an entry for the shared address")
    one.step(outer(packet), changes=rows).exit("forward", outputs=[one.tunnelled(hop(packet), 2)], host=1, entry=6)
    talk("on: esp without one").step(outer(packet)).drops("address-not-validated", 1)
    talk("on: slot not leased").step(outer(out(EXTERNAL) / esp(0x10020042))).drops("spi-not-leased", 1)
    talk("on: revoked").step(outer(packet), changes=rows + ["revoke 198.51.100.1/32 all"]).drops("address-revoked", 1)
    talk("on: receiver suspended").step(outer(packet), changes=rows + ["host 2 10.0.0.12 suspended"]).drops(
        "host-suspended", 1)
    packet = out(EXTERNAL) / udp(PORT[1], PORT[2], b"between neighbours")
    one = talk("on: udp from port to port")
    one.step(outer(packet)).exit("forward", outputs=[one.tunnelled(hop(packet), 2)], host=1)
    talk("on: udp from another's port").step(outer(out(EXTERNAL) / udp(PORT[2], PORT[1], b"x"))).drops(
        "port-not-owned", 1)
    talk("on: udp to nobody's port").step(outer(out(EXTERNAL) / udp(PORT[1], 9, b"x"))).drops("port-not-leased", 1)
    one = talk("on: outer congestion arrives")
    marked = out(EXTERNAL, tos=2) / udp(PORT[1], PORT[2], b"x")
    seen = out(EXTERNAL, tos=3) / udp(PORT[1], PORT[2], b"x")
    one.step(outer(marked, tos=3)).exit("forward", outputs=[one.tunnelled(hop(seen), 2)], host=1)
    one = talk("on: too large, df clear")
    large = out(EXTERNAL) / udp(PORT[1], PORT[2], bytes(3000))
    one.step(outer(large)).exit("forwardPieces", host=1, outputs=[
        one.tunnelled(piece, 2) for piece in parts(hop(large), (MTU - 20) // 8 * 8)])
    one = talk("on: too large, df set: the sender is told through the tunnel")
    large.flags = "DF"
    one.ident = 1
    one.step(outer(large)).drops("too-big", 1, outputs=[
        one.tunnelled(error(3, large, ENDPOINT, EXTERNAL, 1, MTU), 1)])
    one = talk("on: time to live 1")
    last = out(EXTERNAL, ttl=1) / udp(PORT[1], PORT[2], b"x")
    one.ident = 1
    one.step(outer(last)).drops("ttl-expired", 1, outputs=[
        one.tunnelled(error(11, last, ENDPOINT, EXTERNAL, 1), 1)])
    one = talk("on: fragments, backwards")
    first, second = parts(out(EXTERNAL) / udp(PORT[1], PORT[2], bytes(100)))
    one.step(outer(second)).waits(1).step(outer(first)).exit(
        "forward", outputs=[one.tunnelled(hop(first), 2)], host=1).exit(
            "forward", outputs=[one.tunnelled(hop(second), 2)], host=1)
    talk("off: later fragment", False).step(outer(second)).drops("hairpin-disabled", 1)
    one = talk("on: an echo request is answered through the tunnel")
    request = out(EXTERNAL) / ICMP(type=8, id=PORT[1], seq=1) / Raw(b"echo")
    one.ident = 1
    reply = IP(src=EXTERNAL, dst=EXTERNAL, ttl=64, id=1) / ICMP(type=0, id=PORT[1], seq=1) / Raw(b"echo")
    one.step(outer(request)).exit("answer", outputs=[one.tunnelled(reply, 1)], host=1)
    one = talk("on: the router is no hop to what is for itself (RFC 1812, section 5.3.1)")
    one.ident = 1
    request.ttl = 1
    one.step(outer(request)).exit("answer", outputs=[one.tunnelled(reply, 1)], host=1)
    one.step(outer(out(EXTERNAL, ttl=1) / udp(PORT[1], 4500, b"\xff"))).exit("consume", host=1)
    talk("on: an echo request, the shared address is revoked").step(
        outer(request), changes=["revoke 198.51.100.0/24 all"]).drops("address-revoked", 1)
    one = Talk("on: ike that begins is limited, in fragments as well", row, "outbound", hairpin=True, responder=2)
    for number in range(12):
        begin = parts(out(EXTERNAL, id=number) / udp(500, 500, raw(ikev2(LABEL1, 0, True)) + bytes(92)))[0]
        one.step(outer(begin))
        if number < 10:
            one.exit("forward", outputs=[one.tunnelled(hop(begin), 2)], host=1)
        else:
            one.drops("ike-rate-limited", 1)


def tunnel_errors():
    row = "RFC 2003, section 4: errors about outer packets"
    inner = hop(ip(flags="DF") / esp(size=1000))
    sent = IP(src=ENDPOINT, dst=INSIDE[1], proto=4, ttl=63, id=5, flags="DF") / raw(inner)

    def told(about, kind=3, code=1, mtu=0, source="10.0.0.1", quote=548, **fields):
        fields = fields or {"nexthopmtu": mtu}
        return IP(src=source, dst=ENDPOINT, tos=0xC0, ttl=64, id=3) / ICMP(
            type=kind, code=code, unused=0, **(fields if kind == 3 else {})) / Raw(raw(about)[:quote])

    def relayed(about, code, mtu=0, quote=528):
        return IP(src=EXTERNAL, dst=PEER, tos=0xC0, ttl=64, id=1) / ICMP(
            type=3, code=code, unused=0, nexthopmtu=mtu) / Raw(raw(about)[:quote])

    def good(name, message, output, host=0):
        Talk(name, row, "outbound").step(message).exit("answer", outputs=[output], host=host)

    def bad(name, message, reason="icmp-no-owner", host=0, changes=()):
        Talk(name, row, "outbound").step(message, changes=changes).drops(reason, host)
    good("fragmentation needed: 20 octets less", told(sent, code=4, mtu=900), relayed(inner, 4, 880))
    good("fragmentation needed, by the host itself", told(sent, code=4, mtu=900, source=INSIDE[1]),
         relayed(inner, 4, 880), host=1)
    for code in (0, 1, 2, 9, 10, 13):
        good(f"unreachable {code} is host unreachable", told(sent, code=code), relayed(inner, 1))
    good("time exceeded is host unreachable", told(sent, 11, 0), relayed(inner, 1))
    good("a short quote: 8 octets of esp", told(sent, quote=48), relayed(inner, 1, quote=28))
    bad("a shorter quote", told(sent, quote=47))
    bad("RFC 792's quote: 8 octets of the inner header", told(sent, quote=28))
    good("a quote of udp to a leased port, cut", told(IP(src=ENDPOINT, dst=INSIDE[1], proto=4) / raw(
        ip() / udp(53, PORT[1], bytes(900)))), relayed(ip() / udp(53, PORT[1], bytes(900)), 1))
    bad("port unreachable", told(sent, code=3))
    bad("source route failed", told(sent, code=5))
    bad("parameter problem", told(sent, 12, 0))
    bad("source quench", told(sent, 4, 0), "unsupported-protocol")
    bad("redirect", told(sent, 5, 1), "unsupported-protocol")
    bad("an mtu that it fits into", told(sent, code=4, mtu=1048), "malformed")
    good("an mtu that it just does not fit into", told(sent, code=4, mtu=1047), relayed(inner, 4, 1027))
    bad("an mtu under 88", told(sent, code=4, mtu=87), "malformed")
    good("an mtu of 88", told(sent, code=4, mtu=88), relayed(inner, 4, 68))
    bad("no mtu", told(sent, code=4, mtu=0), "malformed")
    clear = IP(src=ENDPOINT, dst=INSIDE[1], proto=4) / raw(hop(ip() / esp(size=1000)))
    bad("an mtu for a packet with df clear", told(clear, code=4, mtu=900), "malformed")
    wrong = IP(raw(told(sent)))
    wrong[ICMP].chksum ^= 1
    bad("a wrong checksum", wrong, "malformed")
    bad("not from the endpoint", told(IP(src="10.0.0.253", dst=INSIDE[1], proto=4) / raw(inner)))
    bad("not to a host", told(IP(src=ENDPOINT, dst="10.0.0.99", proto=4) / raw(inner)))
    bad("to another host", told(IP(src=ENDPOINT, dst=INSIDE[2], proto=4) / raw(inner)))
    bad("not a tunnel's packet", told(IP(src=ENDPOINT, dst=INSIDE[1], proto=47) / raw(inner)))
    bad("not to the shared address inside", told(IP(src=ENDPOINT, dst=INSIDE[1], proto=4) / raw(
        ip(destination="198.51.100.2") / esp())))
    bad("a peer that is not validated", told(IP(src=ENDPOINT, dst=INSIDE[1], proto=4) / raw(ip(STRANGER) / esp())))
    bad("a peer that is revoked", told(sent), changes=["revoke 192.0.2.10/32 all"])
    bad("a host that is suspended", told(sent), changes=["host 1 10.0.0.11 suspended"])
    for source, name in ((EXTERNAL, "the shared address"), (ENDPOINT, "the tunnel endpoint")):
        bad(f"a packet from {name}", told(IP(src=ENDPOINT, dst=INSIDE[1], proto=4) / raw(
            ip(source) / udp(PORT[2], PORT[1], b"x"))))
    bad("about a later fragment", told(IP(src=ENDPOINT, dst=INSIDE[1], proto=4) / raw(B)))
    good("about a first fragment", told(IP(src=ENDPOINT, dst=INSIDE[1], proto=4) / raw(A)), relayed(A, 1))
    bad("about an icmp error", told(IP(src=ENDPOINT, dst=INSIDE[1], proto=4) / raw(
        ip() / ICMP(type=3, code=1) / Raw(raw(out() / udp(PORT[1], 53, b"x"))))))
    bad("an echo request", IP(src="10.0.0.1", dst=ENDPOINT) / ICMP(type=8), "unsupported-protocol")


def main():
    for section in (follow, refuse, shapes, hops, outbound, hairpin, tunnel_errors):
        section()
    names = [(talk["source"], talk["name"]) for talk in conversations]
    assert len(set(names)) == len(names), [name for name in names if names.count(name) > 1]
    json.dump({"conversations": conversations}, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
