"""Octets of strangers: answered with no more than came, and never acted on (2, 12, 16)."""

import random
import struct

import pap
from checks import expect, expect_equal

SEED = 20260118
HOST, OTHER = "host7", "host8"


def check(results, router, record):
    for name, octets in (
            ("of every length", every_length), ("with random bodies", random_bodies),
            ("of every type and version", every_type), ("with mutations", mutated),
            ("with long chains of options", chains)):
        results.run(f"strangers: messages {name}", unanswered_with_more, router, record, octets)
    results.run("strangers: two messages at once are two answers", fence, router)


def random_source():
    return random.Random(SEED)


def every_length(_):
    """Lengths from 0 to more than a message has, with a header that fits or not."""
    for length in (*range(0, 260), *range(1390, 1412), 1500, 4000, 9000, 60000):
        for stated in {length & 0xffff, (length + 4) & 0xffff}:
            header = pap.HEADER.pack(2, pap.SECURITY_REQUEST, 0, 0, stated, 0, 99, 0)
            yield (header + bytes(max(0, length - 16)))[:length]


def random_bodies(_):
    source = random_source()
    for _ in range(1500):
        body = source.randbytes(source.randrange(0, 120) * 4)
        yield pap.HEADER.pack(
            2, source.randrange(256), 0, 0, 16 + len(body), 0, source.getrandbits(32), 0) + body


def every_type(_):
    for kind in range(256):
        for version in (0, 2, 3):
            for body in (b"", pap.option(*pap.lifetime(1)), bytes(64)):
                yield pap.HEADER.pack(version, kind, 0, 0, 16 + len(body), 0, 7, 0) + body


def mutated(one):
    """Good messages of the host with some bits or lengths wrong."""
    source = random_source()
    for _ in range(1500):
        entries = [pap.valid(pap.Entry("192.0.2.66", pap.ESP, one.spi(number)))
                   for number in range(source.randrange(1, 5))]
        octets = bytearray(one.sealed(one.message(pap.ADDRESS_VALIDATE, *entries)))
        for _ in range(source.randrange(1, 4)):
            place = source.randrange(len(octets))
            octets[place] ^= 1 << source.randrange(8)
        if source.random() < 0.3:
            del octets[source.randrange(1, len(octets)):]
        if not is_genuine(one, bytes(octets)):
            yield bytes(octets)


def is_genuine(one, octets):
    return len(octets) > 48 and pap.is_authentic(octets, one.session_key, pap.FROM_HOST)


def chains(one):
    """As many options as fit, the last of them a tag that is wrong."""
    for kind in (1, 4, 5, 9, 131, 200):
        for length in (0, 4, 16):
            option = pap.option(kind, bytes(length))
            body = option * ((1400 - 16 - 32) // len(option))
            end = pap.option(pap.AUTHENTICATION, struct.pack(
                ">III16s", one.key_id, one.session, 1, bytes(16)))
            for tail in (b"", end):
                whole = body + tail
                yield pap.HEADER.pack(2, 5, 0, 0, 16 + len(whole), 0, 1, 0) + whole


def unanswered_with_more(router, record, octets_of):
    """Each is followed by a request whose answer is known: what comes before that answers it."""
    one = router.host(HOST, record=record)
    one.hello()
    one.lease_slot()
    one.validate(pap.Entry("192.0.2.65", pap.ESP))
    before = router.state()
    stranger = router.host(HOST)
    count = answered = 0
    for octets in octets_of(one):
        count += 1
        answers = replies(stranger, octets, count)
        expect(len(answers) <= 1, f"{len(answers)} answers to {octets.hex()}")
        for answer in answers:
            answered += 1
            expect(len(answer) <= len(octets),
                   f"{len(answer)} octets answer {len(octets)}: {octets.hex()}")
            expect_equal("transaction id", answer[8:12], octets[8:12])
            expect(answer[2] in pap.MAY_BE_UNTAGGED, f"code {answer[2]} for {octets.hex()}")
    expect(count >= 36 and answered > count / 3, f"{answered} answers to {count} messages")
    expect_equal("state", router.state(), before)
    expect_equal("the host itself", one.request(pap.SECURITY_REQUEST).code, 0)


def replies(stranger, octets, number):
    """What the router sends for these octets."""
    mark = pap.HEADER.pack(2, pap.PORT_REQUEST, 0, 0, 16, 0, 0xf0000000 | number, 0)
    stranger.send(octets)
    stranger.send(mark)
    found = []
    while True:
        answer = stranger.receive(10)
        expect(answer is not None, f"nothing answers after {octets.hex()}")
        if answer[8:12] == mark[8:12] and answer[2] == pap.NOT_AUTHENTICATED:
            return found
        found.append(answer)


def fence(router):
    """The way in which answers are counted here counts right."""
    stranger = router.host(OTHER)
    good = pap.HEADER.pack(2, pap.HELLO, 0, 0, 16, 0, 5, 0)
    expect_equal("answers to a header", len(replies(stranger, good, 1)), 1)
    expect_equal("answers to nothing", len(replies(stranger, b"", 2)), 0)
    expect_equal("answers to a response", len(replies(
        stranger, pap.HEADER.pack(2, 0x83, 0, 0, 16, 0, 5, 0), 3)), 0)
