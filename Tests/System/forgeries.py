"""Errors that strangers make up: no kernel believes one that does not quote its own traffic."""

import contextlib
import os
import struct
import threading

from admission import counting
from checks import eventually, expect, expect_equal
from ground import free_slot, large_ike
from lab import EXTERNAL, HOSTS
from nodes import move
from quotes import Quote, errors, forged
from sharing import spi
from wire import AH, ESP, ICMP, IPIP, TCP, Sender, Tap, ipv4, taps

LIE = 1000


def quotes_of(ground, road):
    """Errors from a stranger about hosta's traffic with peer1, true but for one thing; each with
    only the 28 octets that RFC 792 asks for."""
    lab = ground.lab
    ground.forget()
    with contextlib.ExitStack() as stack:
        true = stack.enter_context(living(ground, road))
        path = lab.address["peer1"]
        before = ground.believes("hosta", path)
        wrong = list(wrong_quotes(ground, road, true))
        with counting(lab, icmp_no_owner=len(wrong)):
            with taps(*(lab.namespace(host) for host in HOSTS)) as open_taps:
                forge(lab, [quote for _, quote in wrong])
        for host, tap in zip(HOSTS, open_taps):
            found = errors(tap.incoming(protocol=ICMP))
            expect(not found, f"{host} was told: {found}")
        expect_equal("what hosta believes", ground.believes("hosta", path), before)
        if road == "tcp":
            misled = [true.with_payload(2, struct.pack("!H", true.destination_port ^ 1)),
                      true.with_payload(4, struct.pack("!I", true.sequence ^ 1 << 30))]
            delivered(ground, misled, "hosta")
            expect_equal("what hosta believes", ground.believes("hosta", path), before)
        # The twin of all these: nothing is wrong.
        delivered(ground, [true], "hosta")
        eventually("hosta believes the error",
                   lambda: ground.believes("hosta", path) == LIE, seconds=5)


@contextlib.contextmanager
def living(ground, road):
    """A quote of a packet as hosta's kernel sends them now, with 8 octets after the header."""
    lab = ground.lab
    if road != "tcp":
        child = lab.association("hosta", "peer1", road)
        head = struct.pack("!II", spi(child, "out"), 1)
        if road == "ah":
            head = struct.pack("!BBHI", IPIP, 5, 0, spi(child, "out"))
        yield Quote.make(EXTERNAL, lab.address["peer1"], {"esp": ESP, "ah": AH}[road], head)
        return
    # A connection that rests, whose next sequence number was seen.
    end = f"{lab.status['folder']}/end-{os.urandom(4).hex()}"
    jobs = {
        "hosta": [{"do": "connect", "source": EXTERNAL, "address": lab.address["peer1"],
                   "port": 7001, "send": 1000, "seed": "a", "until": end}],
        "peer1": [{"do": "serve", "address": lab.address["peer1"], "port": 7001, "send": 1000,
                   "seed": "b", "until": end}]}
    tap = Tap(lab.namespace("hosta"))
    answers = {}
    mover = threading.Thread(target=lambda: answers.update(move(lab, jobs)))
    mover.start()
    try:
        def acknowledged():
            """What peer1 has acknowledged last is what hosta would send next."""
            seen = [packet for packet in list(tap.packets)
                    if packet.protocol == TCP and packet.source_port == 7001 and packet.tunnelled]
            # There may have been attempts before the server was there.
            seen = [packet for packet in seen
                    if packet.destination_port == seen[-1].destination_port]
            numbers = [struct.unpack("!I", packet.data[8:12])[0] for packet in seen]
            # The first acknowledges the SYN.
            rests = numbers and (numbers[-1] - numbers[0]) % 2 ** 32 == 1000
            return (seen[0], numbers[-1]) if rests else None
        packet, number = eventually("a connection that rests", acknowledged, seconds=60)
        yield Quote.make(EXTERNAL, lab.address["peer1"], TCP, struct.pack(
            "!HHI", packet.destination_port, packet.source_port, number))
    finally:
        with open(end, "w", encoding="ascii"):
            mover.join()
        tap.close()
    for node in jobs:
        expect("error" not in answers.get(node, [{"error": "it did not end"}])[0], f"{answers}")


def wrong_quotes(ground, road, true):
    """Quotes that no host can have sent; of those that name a peer, hosta is its."""
    yield "its source", true.changed(source="198.51.100.2")
    yield "too short", true.cut(27)
    yield "with options", true.with_header(0, b"\x46")
    yield "of a later fragment", true.with_header(6, b"\x00\x40")
    yield "its protocol", true.changed(protocol=47)
    if road == "tcp":
        taken = [(row["first"], row["first"] + row["count"]) for row in ground.ports.values()]
        free = next(port for port in range(6144, 65536, 1024)
                    if not any(first <= port < end for first, end in taken))
        yield "its port", true.with_payload(0, struct.pack("!H", free))
        return
    place = 0 if road == "esp" else 4
    yield "its destination", true.changed(destination=ground.lab.address["peer2"])
    yield "its SPI", true.with_payload(place, struct.pack("!I", true.spi ^ 0x00010000))
    # Of the other protocol's association with the same peer there is one, but not under this SPI.
    yield "ESP for AH", true.changed(protocol=AH if road == "esp" else ESP)
    # The SPI under which hosta receives is not one under which it sends.
    child = ground.lab.association("hosta", "peer1", road)
    yield "the SPI inward", true.with_payload(place, struct.pack("!I", spi(child, "in")))


def forge(lab, quotes, mtu=LIE):
    sender = Sender(lab.namespace("attacker"))
    sender.send_all(
        ipv4(lab.address["attacker"], EXTERNAL, ICMP, forged(quote, mtu)) for quote in quotes)
    sender.close()


def delivered(ground, quotes, owner):
    """Forges errors that the router passes on, as it cannot know better, to one host alone."""
    lab = ground.lab
    with counting(lab), taps(*(lab.namespace(host) for host in HOSTS)) as open_taps:
        forge(lab, quotes)
    for host, tap in zip(HOSTS, open_taps):
        found = [error.octets for error in errors(tap.incoming(protocol=ICMP))]
        wanted = [bytes(quote.octets) for quote in quotes] if host == owner else []
        expect_equal(f"quotes that came to {host}", found, wanted)


def of_ike(ground):
    """With 28 octets there is no SPI; with more, it must be a host's own."""
    lab = ground.lab
    slots, free = lab.slots(), free_slot(lab)
    ground.forget()
    path = lab.address["peer1"]
    before = ground.believes("hosta", path)

    def quote(label):
        return Quote(bytearray(large_ike(path, label << 48 | 0x1234, 500)[:44]))
    with counting(lab, icmp_no_owner=3):
        forge(lab, [quote(free), quote(slots["hosta"]).cut(28),
                    quote(slots["hosta"]).changed(source="198.51.100.2")])
    expect_equal("what hosta believes", ground.believes("hosta", path), before)
    delivered(ground, [quote(slots["hosta"])], "hosta")
    eventually("hosta believes the error",
               lambda: ground.believes("hosta", path) == LIE, seconds=5)


def of_outer(ground):
    """Errors to the tunnel's end about packets that the router does not send, from inside."""
    lab = ground.lab
    ground.forget()
    before = ground.believes("peer1", EXTERNAL)
    child = lab.association("hosta", "peer1", "esp")
    number = spi(child, "in")

    def outer(source="10.0.0.254", host="hosta", peer=None, spi_in=number, octets=1500, df=0x4000):
        packet = bytearray(ipv4(peer or lab.address["peer1"], EXTERNAL, ESP,
                                struct.pack("!II", spi_in, 1) + bytes(octets - 48)))
        packet[6:8] = struct.pack("!H", df)
        return Quote(bytearray(ipv4(source, ground.inside[host], IPIP, bytes(packet)))[:100])

    wrong = [outer(source="10.0.0.253"), outer(host="hostb"), outer(peer="192.0.2.77"),
             outer(spi_in=number ^ 0x00010000), outer().cut(28), outer().cut(47)]
    lies = [outer(octets=1200 - 20), outer(df=0)]
    sender = Sender(ground.lan.namespace)
    try:
        def send(quotes):
            sender.send_all(ipv4("10.0.0.2", "10.0.0.254", ICMP, forged(quote, 1200))
                            for quote in quotes)
        with taps(lab.namespace("peer1")) as (far,):
            with counting(lab, icmp_no_owner=len(wrong)):
                send(wrong)
            with counting(lab, malformed=len(lies)):
                send(lies)
        expect_equal("errors at peer1", errors(far.incoming_plain(protocol=ICMP)), [])
        expect_equal("what peer1 believes", ground.believes("peer1", EXTERNAL), before)
        with counting(lab), taps(lab.namespace("peer1")) as (far,):
            send([outer()])
        expect_equal("MTUs that peer1 was told",
                     [error.mtu for error in errors(far.incoming_plain(protocol=ICMP))], [1180])
        expect_equal("what peer1 believes", ground.believes("peer1", EXTERNAL), 1180)
    finally:
        sender.close()
