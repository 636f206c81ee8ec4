#!/usr/bin/env python3
"""Writes pap-sessions.json: conversations between hosts and a router, octet for octet, from pap.md.

Only Python's standard library is used, and none of the code under test. What the router draws at
random (session ids, nonces) follows from its seed: the octets of SHA-256(seed, counter) one after
the other. Slots and ports are asked for by number, so that no draw decides. Run it in this folder
after a change; the output is the same each time.
"""

import hashlib
import hmac
import json
import struct

EPOCH = 0x5EED1234
EXTERNAL, ENDPOINT, MTU = "198.51.100.1", "10.0.0.254", 1480
ROUTER = "10.0.0.1:7028"
HOSTS = {
    "hosta": dict(address="10.0.0.11", keys={1: bytes(range(32)), 11: bytes(range(100, 132))}),
    "hostb": dict(address="10.0.0.12", keys={2: bytes(range(32, 64))}),
}
PORT_REQUEST, PORT_INVALIDATE, SECURITY_REQUEST, SECURITY_INVALIDATE = 1, 2, 3, 4
ADDRESS_VALIDATE, ADDRESS_INVALIDATE, SYNCHRONIZE, HELLO, ANNOUNCE, WITHDRAW = 5, 6, 7, 8, 9, 10
(SUCCESS, UNSUPPORTED_VERSION, NOT_AUTHENTICATED, MALFORMED, UNSUPPORTED_TYPE, UNSUPPORTED_OPTION,
 NO_RESOURCES, QUOTA_EXCEEDED, NOT_YOURS, PROHIBITED, NO_SESSION, IN_USE, UNACCEPTABLE_ADDRESS,
 RATE_LIMITED, REPLAYED) = range(15)
ANY, ESP, AH = 0, 50, 51


def quad(text):
    return bytes(int(part) for part in text.split("."))


def option(kind, value):
    return struct.pack(">BBH", kind, 0, len(value)) + value + bytes(-len(value) % 4)


def lifetime(seconds):
    return option(1, struct.pack(">I", seconds))


def ports(first, count):
    return option(2, struct.pack(">HH", first, count))


def spis(first, count):
    return option(3, struct.pack(">II", first, count))


def entry(kind, address, protocol, spi_in=0, spi_out=0):
    return option(kind, quad(address) + struct.pack(">BxxxII", protocol, spi_in, spi_out))


def valid(*parts):
    return entry(4, *parts)


def invalid(*parts):
    return entry(5, *parts)


ADDRESSES = option(6, quad(EXTERNAL)) + option(7, quad(ENDPOINT) + struct.pack(">BBH", 4, 0, MTU))
PREFER_FAILURE = option(10, b"")


def part(index, total):
    return option(11, struct.pack(">HH", index, total))


def label(slot):
    return option(8, struct.pack(">QQ", slot << 48, 0xFFFF << 48))


def slot_lease(slot):
    return spis(slot << 16, 65536) + label(slot)


def session(number, nonce):
    return option(12, struct.pack(">I", number) + nonce)


def results(*codes):
    return option(130, bytes(codes))


def message(kind, options=b"", code=0, transaction=1, epoch=0, version=2, flags=0, length=None):
    size = 16 + len(options)
    length = size if length is None else length
    return struct.pack(
        ">BBBBHHII", version, kind, code, flags, length, 0, transaction, epoch) + options


def sealed(direction, key, key_id, session_id, sequence, kind, options=b"", **header):
    zero = option(255, struct.pack(">III", key_id, session_id, sequence) + bytes(16))
    whole = message(kind, options + zero, **header)
    tag = hmac.new(key, bytes([direction]) + whole, hashlib.sha256).digest()[:16]
    return whole[:-16] + tag


class Draws:
    """What a router with this seed draws."""

    def __init__(self, seed):
        self.seed, self.counter, self.block = struct.pack(">Q", seed), 0, b""

    def octets(self, count):
        while len(self.block) < count:
            self.block += hashlib.sha256(self.seed + struct.pack(">Q", self.counter)).digest()
            self.counter += 1
        taken, self.block = self.block[:count], self.block[count:]
        return taken


class Session:
    """One session, as both sides know it after the hello."""

    def __init__(self, talk, host, key_id, host_nonce):
        self.talk, self.host, self.key_id = talk, host, key_id
        self.host_key = HOSTS[host]["keys"][key_id]
        self.host_nonce, self.router_nonce = host_nonce, talk.draws.octets(16)
        self.id = struct.unpack(">I", talk.draws.octets(4))[0]
        prk = hmac.new(host_nonce + self.router_nonce, self.host_key, hashlib.sha256).digest()
        self.key = hmac.new(prk, b"PAP/2 session\x01", hashlib.sha256).digest()
        self.sent = self.received = 0

    def ask(self, name, kind, options=b"", *, code=SUCCESS, gives=b"", transaction=None, **more):
        """A request of this session and the answer that the router owes."""
        self.sent = more.pop("sequence", self.sent + 1)
        transaction = 0x1000 + self.sent if transaction is None else transaction
        key = more.pop("key", self.key)
        at = {k: more.pop(k) for k in ("after", "source") if k in more}
        request = sealed(
            0, key, self.key_id, self.id, self.sent, kind, options, transaction=transaction, **more)
        self.received += 1
        answer = sealed(
            1, self.key, self.key_id, self.id, self.received, kind | 0x80, gives, code=code,
            transaction=transaction, epoch=EPOCH)
        self.talk.step(name, self.host, request, answer, **at)
        return request, answer

    def notice(self, transaction, options, reason):
        """The next message that the router sends of itself in this session."""
        self.received += 1
        return sealed(
            1, self.key, self.key_id, self.id, self.received, WITHDRAW,
            options + option(129, reason.encode()), transaction=transaction, epoch=EPOCH)

    def confirm(self, name, transaction, **more):
        """The host knows; the router says nothing to that."""
        self.sent += 1
        self.talk.step(name, self.host, sealed(
            0, self.key, self.key_id, self.id, self.sent, WITHDRAW | 0x80,
            transaction=transaction), None, **more)

    def hello(self, transaction=7):
        return sealed(
            0, self.host_key, self.key_id, 0, 0, HELLO, session(0, self.host_nonce),
            transaction=transaction)

    def welcome(self, holdings=b"", transaction=7):
        return sealed(
            1, self.host_key, self.key_id, 0, 0, HELLO | 0x80,
            session(self.id, self.router_nonce) + ADDRESSES + holdings, transaction=transaction,
            epoch=EPOCH)


class Talk:
    """A conversation with one router."""

    def __init__(self, name, seed, authentication="required", rate=1000):
        self.name, self.seed, self.draws = name, seed, Draws(seed)
        self.authentication, self.rate, self.steps, self.now = authentication, rate, [], 0
        self.entries = []

    def step(self, name, host, request, answer, after=0, source=None):
        self.now += after
        address = source or HOSTS[host]["address"]
        self.steps.append(dict(
            name=name, at=self.now, source=f"{address}:40000", send=request.hex(),
            want=None if answer is None else answer.hex()))

    def order(self, order, answer=None, host="hosta", after=0):
        """What an operator orders, or "tick"; and what the router then sends to a host."""
        self.now += after
        self.steps.append(dict(
            name=order, at=self.now, source=f"{HOSTS[host]['address']}:40000", send="", order=order,
            want=None if answer is None else answer.hex()))

    def refused(self, name, request, code, host="hosta", extra=b"", **more):
        """A message that is answered without a tag."""
        header = message(
            request[1] | 0x80, extra, code=code, transaction=struct.unpack(">I", request[8:12])[0],
            epoch=EPOCH)
        assert len(header) <= len(request), name
        self.step(name, host, request, header, **more)

    def begin(self, host="hosta", key_id=None, nonce=b"N" * 16, holdings=b"", **more):
        key_id = key_id or min(HOSTS[host]["keys"])
        new = Session(self, host, key_id, nonce)
        self.step(f"{host} says hello", host, new.hello(), new.welcome(holdings), **more)
        return new

    def ends_with(self, *entries):
        """What the established SA table must hold at the end."""
        self.entries = sorted([host, address, protocol, spi_in, spi_out]
                              for host, address, protocol, spi_in, spi_out in entries)
        return dict(
            name=self.name, seed=self.seed, authentication=self.authentication, rate=self.rate,
            steps=self.steps, entries=self.entries)


def whole_session():
    talk = Talk("a session from hello to giving back", 1)
    a = talk.begin()
    talk.step("the same hello again", "hosta", a.hello(), a.welcome())
    a.ask("no SPI yet", ADDRESS_VALIDATE, valid("192.0.2.10", ESP), code=NOT_YOURS,
          gives=results(NOT_YOURS))
    a.ask("a slot", SECURITY_REQUEST, lifetime(600) + spis(0x7C010000, 65536),
          gives=slot_lease(0x7C01) + lifetime(600))
    a.ask("ports", PORT_REQUEST, ports(40960, 1024),
          gives=ports(40960, 1024) + option(6, quad(EXTERNAL)) + lifetime(3600))
    request, answer = a.ask(
        "entries, good and bad", ADDRESS_VALIDATE,
        valid("192.0.2.10", ESP, 0x7C010001, 0xC0FFEE) + valid("192.0.2.10", ESP, 0x7C020001)
        + valid("10.0.0.12", AH) + valid("192.0.2.11", AH),
        code=NOT_YOURS,
        gives=results(SUCCESS, NOT_YOURS, UNACCEPTABLE_ADDRESS, SUCCESS))
    talk.step("the same octets again", "hosta", request, answer, after=1000)
    a.ask("the rest of the lease", ADDRESS_VALIDATE, valid("192.0.2.12", ANY, 0x7C01FFFF),
          gives=lifetime(599) + results(SUCCESS))
    a.ask("a lifetime within it", ADDRESS_VALIDATE, lifetime(130) + valid("192.0.2.13", ESP),
          gives=lifetime(130) + results(SUCCESS))
    a.ask("a lifetime past it", ADDRESS_VALIDATE, lifetime(5000) + valid("192.0.2.14", ESP),
          gives=lifetime(599) + results(SUCCESS))
    a.ask("less than the least", ADDRESS_VALIDATE, lifetime(1) + valid("192.0.2.15", ESP),
          gives=lifetime(120) + results(SUCCESS))
    a.ask("what is there and what is not", ADDRESS_INVALIDATE,
          invalid("192.0.2.11", AH) + invalid("192.0.2.99", ESP), gives=results(SUCCESS, SUCCESS))
    new = talk.begin(nonce=b"M" * 16, holdings=slot_lease(0x7C01) + ports(40960, 1024))
    a.ask("the old session until the new one is used", SECURITY_REQUEST,
          gives=slot_lease(0x7C01) + lifetime(3600))
    new.ask("the new session", PORT_REQUEST, lifetime(10**6),
            gives=ports(40960, 1024) + option(6, quad(EXTERNAL)) + lifetime(86400))
    old = sealed(0, a.key, 1, a.id, 99, PORT_REQUEST)
    talk.refused("the old session is over", old, NO_SESSION)
    new.ask("ports of somebody else", PORT_INVALIDATE, ports(41984, 1024), code=NOT_YOURS)
    new.ask("half of the own ports", PORT_INVALIDATE, ports(40960, 512), code=NOT_YOURS)
    new.ask("the own ports", PORT_INVALIDATE, ports(40960, 1024))
    new.ask("ports given back already", PORT_INVALIDATE, ports(40960, 1024), code=NOT_YOURS)
    new.ask("a slot of somebody else", SECURITY_INVALIDATE, spis(0x7C020000, 65536), code=NOT_YOURS)
    return talk.ends_with(
        ("hosta", "192.0.2.10", "esp", 0x7C010001, 0xC0FFEE),
        ("hosta", "192.0.2.12", "any", 0x7C01FFFF, 0), ("hosta", "192.0.2.13", "esp", 0, 0),
        ("hosta", "192.0.2.14", "esp", 0, 0), ("hosta", "192.0.2.15", "esp", 0, 0))


def two_hosts():
    talk = Talk("two hosts and the same peer", 2)
    a, b = talk.begin("hosta"), talk.begin("hostb")
    a.ask("a's slot", SECURITY_REQUEST, spis(0x11110000, 65536),
          gives=slot_lease(0x1111) + lifetime(3600))
    b.ask("b's slot", SECURITY_REQUEST, spis(0x22220000, 65536),
          gives=slot_lease(0x2222) + lifetime(3600))
    for host, spi in ((a, 0x11110001), (b, 0x22220001)):
        host.ask("the peer", ADDRESS_VALIDATE, valid("192.0.2.10", ESP, spi),
                 gives=lifetime(3600) + results(SUCCESS))
    b.ask("a's SPI", ADDRESS_VALIDATE, valid("192.0.2.10", ESP, 0x11110001), code=NOT_YOURS,
          gives=results(NOT_YOURS))
    b.ask("b's own only", ADDRESS_INVALIDATE, invalid("192.0.2.10", ANY), gives=results(SUCCESS))
    b.ask("a's slot is not b's", SECURITY_INVALIDATE, spis(0x11110000, 65536), code=NOT_YOURS)
    stolen = sealed(0, b.key, 2, a.id, 9, ADDRESS_INVALIDATE, invalid("192.0.2.10", ANY))
    talk.refused("b in a's session", stolen, NO_SESSION, host="hostb")
    stolen = sealed(0, b.key, 1, a.id, 9, ADDRESS_INVALIDATE, invalid("192.0.2.10", ANY))
    talk.refused("b under a's name", stolen, NOT_AUTHENTICATED, host="hostb")
    talk.refused("b under a's name and address", stolen, NOT_AUTHENTICATED, host="hosta")
    return talk.ends_with(("hosta", "192.0.2.10", "esp", 0x11110001, 0))


def strangers():
    talk = Talk("messages of nobody known", 3)
    hello = Session(Talk("", 0), "hosta", 1, b"N" * 16).hello()
    for size in (0, 1, 15):
        talk.step(f"{size} octets", "hosta", hello[:size], None)
    talk.step("a response", "hosta", message(HELLO | 0x80), None)
    talk.refused("version 1", message(HELLO, version=1), UNSUPPORTED_VERSION)
    talk.refused("version 3 of some length", message(99, b"\xff" * 50, version=3),
                 UNSUPPORTED_VERSION)
    talk.step("version 3 and a wrong length", "hosta", message(HELLO, version=3, length=20), None)
    talk.refused("a wrong length", message(HELLO, length=20), MALFORMED)
    talk.refused("a length that is no multiple of 4", message(HELLO, b"\0"), MALFORMED)
    talk.refused("too long", message(HELLO, b"\0" * 1388), MALFORMED)
    talk.refused("an option past the end", message(HELLO, b"\x01\0\0\x08\0\0\0\0"), MALFORMED)
    talk.refused("no tag", message(PORT_REQUEST), NOT_AUTHENTICATED)
    talk.refused("no tag, unknown type", message(99), NOT_AUTHENTICATED)
    talk.refused("no tag, unknown option", message(PORT_REQUEST, option(99, b"")),
                 NOT_AUTHENTICATED)
    key = HOSTS["hosta"]["keys"][1]
    for name, request in (
        ("a wrong tag", hello[:-1] + bytes([hello[-1] ^ 1])),
        ("a wrong nonce", hello[:24] + bytes([hello[24] ^ 1]) + hello[25:]),
        ("a wrong transaction id", hello[:8] + bytes([hello[8] ^ 1]) + hello[9:]),
        ("an unknown key", sealed(0, key, 77, 0, 0, HELLO, session(0, b"N" * 16))),
        ("key 0", sealed(0, key, 0, 0, 0, HELLO, session(0, b"N" * 16))),
        ("another host's key", sealed(0, HOSTS["hostb"]["keys"][2], 1, 0, 0, HELLO,
                                      session(0, b"N" * 16))),
        ("a message of the router's", sealed(1, key, 1, 0, 0, HELLO, session(0, b"N" * 16))),
    ):
        talk.refused(name, request, NOT_AUTHENTICATED)
    talk.refused("from another address", hello, NOT_AUTHENTICATED, source="10.0.0.99")
    talk.refused("from another host's address", hello, NOT_AUTHENTICATED, source="10.0.0.12")
    talk.refused("session 0 and no hello", sealed(0, key, 1, 0, 1, PORT_REQUEST), NO_SESSION)
    talk.refused("a session that is not", sealed(0, key, 1, 0xABCDEF, 1, PORT_REQUEST), NO_SESSION)
    return talk.ends_with()


def odd_requests():
    talk = Talk("requests that are known and cannot be met", 4)
    key = HOSTS["hosta"]["keys"][1]

    def odd_hello(name, code, options, sequence=0, kind=HELLO, **header):
        request = sealed(0, key, 1, 0, sequence, kind, options, transaction=5, **header)
        answer = sealed(1, key, 1, 0, 0, kind | 0x80, code=code, transaction=5, epoch=EPOCH)
        talk.step(name, "hosta", request, answer)

    nonce = session(0, b"N" * 16)
    odd_hello("a hello without a nonce", MALFORMED, b"")
    odd_hello("a hello with a session id", MALFORMED, session(5, b"N" * 16))
    odd_hello("a hello with a sequence", MALFORMED, nonce, sequence=1)
    odd_hello("a hello with two nonces", MALFORMED, nonce + nonce)
    odd_hello("a hello with flags", MALFORMED, nonce, flags=1)
    odd_hello("a hello with an unknown option", UNSUPPORTED_OPTION, nonce + option(99, b""))
    odd_hello("a hello with entries", UNSUPPORTED_OPTION, nonce + valid("192.0.2.1", ESP))
    a = talk.begin()
    a.ask("an unknown type", 99, code=UNSUPPORTED_TYPE)
    a.ask("type 0", 0, code=UNSUPPORTED_TYPE)
    a.ask("an announcement", ANNOUNCE, code=UNSUPPORTED_TYPE)
    a.ask("a hello in a session", HELLO, nonce, code=MALFORMED)
    a.ask("flags", PORT_REQUEST, flags=1, code=MALFORMED)
    a.ask("an unknown option", PORT_REQUEST, option(99, b""), code=UNSUPPORTED_OPTION)
    a.ask("an option that fits elsewhere", PORT_REQUEST, spis(0, 1), code=UNSUPPORTED_OPTION)
    a.ask("an unknown option to skip", SECURITY_REQUEST,
          option(200, b"xyz") + spis(0x7C010000, 65536),
          gives=slot_lease(0x7C01) + lifetime(3600))
    a.ask("an option twice", PORT_REQUEST, lifetime(1) + lifetime(1), code=MALFORMED)
    a.ask("an option of a wrong length", PORT_REQUEST, option(1, b"\0\0"), code=MALFORMED)
    a.ask("no entry to validate", ADDRESS_VALIDATE, code=MALFORMED)
    a.ask("no entry to invalidate", ADDRESS_INVALIDATE, code=MALFORMED)
    a.ask("no ports to give back", PORT_INVALIDATE, code=MALFORMED)
    a.ask("no SPIs to give back", SECURITY_INVALIDATE, code=MALFORMED)
    a.ask("an entry of another protocol", ADDRESS_VALIDATE, valid("192.0.2.1", 6), code=MALFORMED)
    a.ask("49 entries", ADDRESS_VALIDATE, valid("192.0.2.1", ESP) * 49, code=MALFORMED)
    a.ask("48 entries", ADDRESS_VALIDATE,
          b"".join(valid(f"192.0.2.{n}", ESP) for n in range(48)),
          gives=lifetime(3600) + results(*[SUCCESS] * 48))
    a.ask("all of one address", ADDRESS_INVALIDATE,
          b"".join(invalid(f"192.0.2.{n}", ANY) for n in range(1, 48)),
          gives=results(*[SUCCESS] * 47))
    return talk.ends_with(("hosta", "192.0.2.0", "esp", 0, 0))


def replays():
    talk = Talk("sequences, repeats and old hellos", 5)
    a = talk.begin()
    first, _ = a.ask("sequence 1", SECURITY_REQUEST, spis(0x7C010000, 65536),
                     gives=slot_lease(0x7C01) + lifetime(3600))
    a.ask("a jump", ADDRESS_VALIDATE, valid("192.0.2.1", ESP), sequence=100,
          gives=lifetime(3600) + results(SUCCESS))
    a.ask("late, and within the window", ADDRESS_INVALIDATE, invalid("192.0.2.1", ESP),
          sequence=37, gives=results(SUCCESS))

    def replayed(name, request):
        a.received += 1
        answer = sealed(
            1, a.key, 1, a.id, a.received, request[1] | 0x80, code=REPLAYED,
            transaction=struct.unpack(">I", request[8:12])[0], epoch=EPOCH)
        talk.step(name, "hosta", request, answer)

    replayed("sequence 1 again", first)
    validate = sealed(0, a.key, 1, a.id, 100, ADDRESS_VALIDATE, valid("192.0.2.1", ESP),
                      transaction=0x1064)
    replayed("the entry that was removed", validate)
    replayed("older than the window", sealed(0, a.key, 1, a.id, 36, PORT_REQUEST))
    replayed("sequence 0", sealed(0, a.key, 1, a.id, 0, PORT_REQUEST))
    a.ask("the last of the window", PORT_REQUEST, ports(40960, 1024), sequence=38,
          gives=ports(40960, 1024) + option(6, quad(EXTERNAL)) + lifetime(3600))
    holdings = slot_lease(0x7C01) + ports(40960, 1024)
    old = Session(talk, "hosta", 1, b"N" * 16)
    talk.step("the old hello", "hosta", old.hello(), old.welcome(holdings), after=1000)
    a.ask("ends nothing", SECURITY_REQUEST, sequence=101,
          gives=slot_lease(0x7C01) + lifetime(3600))
    talk.step("and is answered from the store", "hosta", old.hello(), old.welcome(holdings),
              after=8000)
    late = sealed(0, old.key, 1, old.id, 1, PORT_REQUEST)
    talk.refused("a session that was pending for too long", late, NO_SESSION, after=2000)
    other = talk.begin(key_id=11, nonce=b"K" * 16, holdings=holdings)
    crossed = sealed(0, a.key, 11, a.id, 102, PORT_REQUEST)
    talk.refused("the first key's session under the second key", crossed, NO_SESSION)
    other.ask("the second key", SECURITY_REQUEST, gives=slot_lease(0x7C01) + lifetime(3600))
    return talk.ends_with()


def rate():
    talk = Talk("a limit of 2 requests a second", 6, rate=2)
    a = talk.begin()
    port_lease = ports(40960, 1024) + option(6, quad(EXTERNAL)) + lifetime(3600)
    a.ask("one", PORT_REQUEST, ports(40960, 1024), gives=port_lease)
    a.ask("two", PORT_REQUEST, gives=port_lease)
    third = sealed(0, a.key, 1, a.id, 3, PORT_REQUEST, transaction=0x1003)
    talk.refused("three", third, RATE_LIMITED, extra=lifetime(1))
    talk.refused("three, too soon", third, RATE_LIMITED, extra=lifetime(1), after=499)
    a.ask("three, half a second later", PORT_REQUEST, gives=port_lease, after=1)
    b = talk.begin("hostb")
    b.ask("somebody else's one", PORT_REQUEST, ports(50176, 1024),
          gives=ports(50176, 1024) + option(6, quad(EXTERNAL)) + lifetime(3600))
    holdings = ports(40960, 1024)
    talk.begin(nonce=b"1" * 16, holdings=holdings)
    talk.begin(nonce=b"3" * 16, holdings=holdings)
    spare = Session(Talk("", 0), "hosta", 1, b"2" * 16)
    talk.refused("a third hello", spare.hello(), RATE_LIMITED, extra=lifetime(1))
    talk.refused("too soon", spare.hello(), RATE_LIMITED, extra=lifetime(1), after=499)
    talk.begin(nonce=b"2" * 16, holdings=holdings, after=1)
    return talk.ends_with()


def no_proof():
    talk = Talk("without authentication", 7, authentication="none")

    def ask(name, kind, options=b"", code=SUCCESS, gives=b"", host="hosta", number=[0], **more):
        number[0] += 1
        request = message(kind, options, transaction=number[0])
        answer = message(kind | 0x80, gives, code=code, transaction=number[0], epoch=EPOCH)
        talk.step(name, host, request, answer, **more)
        return request, answer

    ask("hello", HELLO, gives=ADDRESSES)
    ask("a slot", SECURITY_REQUEST, spis(0x7C010000, 65536),
        gives=slot_lease(0x7C01) + lifetime(3600))
    ask("ports", PORT_REQUEST, ports(40960, 0),
        gives=ports(40960, 1024) + option(6, quad(EXTERNAL)) + lifetime(3600))
    ask("hello again", HELLO, gives=ADDRESSES + slot_lease(0x7C01) + ports(40960, 1024))
    ask("an entry", ADDRESS_VALIDATE, valid("192.0.2.1", AH, 0x7C010005),
        gives=lifetime(3600) + results(SUCCESS))
    gone, done = ask("ports back", PORT_INVALIDATE, ports(40960, 1024))
    talk.step("the same octets again", "hosta", gone, done, after=14999)
    number = struct.unpack(">I", gone[8:12])[0]
    talk.step("the same octets much later", "hosta", gone,
              message(PORT_INVALIDATE | 0x80, code=NOT_YOURS, transaction=number, epoch=EPOCH),
              after=1)
    ask("b's slot", SECURITY_REQUEST, spis(0x22220000, 65536), host="hostb",
        gives=slot_lease(0x2222) + lifetime(3600))
    ask("b with a's SPI", ADDRESS_VALIDATE, valid("192.0.2.1", AH, 0x7C010005), host="hostb",
        code=NOT_YOURS, gives=results(NOT_YOURS))
    ask("an unknown type", 99, code=UNSUPPORTED_TYPE)
    ask("an unknown option", PORT_REQUEST, option(99, b""), code=UNSUPPORTED_OPTION)
    talk.refused("a stranger", message(PORT_REQUEST), NOT_AUTHENTICATED, source="10.0.0.99")
    return talk.ends_with(("hosta", "192.0.2.1", "ah", 0x7C010005, 0))


def rate_without_proof():
    talk = Talk("a limit of 1 request a second, without authentication", 8, "none", rate=1)
    hello = message(HELLO)
    talk.step("hello", "hosta", hello, message(HELLO | 0x80, ADDRESSES, epoch=EPOCH, transaction=1))
    talk.refused("no room for how long to stay away", message(HELLO, transaction=2), RATE_LIMITED)
    talk.refused("room for it", message(PORT_REQUEST, lifetime(900)), RATE_LIMITED,
                 extra=lifetime(1))
    return talk.ends_with()


def claims():
    talk = Talk("SPIs claimed one by one", 9)
    a, b = talk.begin("hosta"), talk.begin("hostb")
    a.ask("a slot", SECURITY_REQUEST, spis(0x7C010000, 65536),
          gives=slot_lease(0x7C01) + lifetime(3600))
    b.ask("an SPI", SECURITY_REQUEST, lifetime(600) + spis(0xC0FFEE01, 1),
          gives=spis(0xC0FFEE01, 1) + lifetime(600))
    b.ask("it once more", SECURITY_REQUEST, spis(0xC0FFEE01, 1) + PREFER_FAILURE,
          gives=spis(0xC0FFEE01, 1) + lifetime(3600))
    b.ask("in a's slot", SECURITY_REQUEST, spis(0x7C010001, 1), code=IN_USE)
    a.ask("b's SPI", SECURITY_REQUEST, spis(0xC0FFEE01, 1), code=IN_USE)
    a.ask("a reserved SPI", SECURITY_REQUEST, spis(255, 1), code=NO_RESOURCES)
    a.ask("b's SPI for a peer", ADDRESS_VALIDATE, valid("192.0.2.1", ESP, 0xC0FFEE01),
          code=NOT_YOURS, gives=results(NOT_YOURS))
    b.ask("a peer for it and for all", ADDRESS_VALIDATE,
          valid("192.0.2.1", ESP, 0xC0FFEE01, 0xBEEF) + valid("192.0.2.2", AH),
          gives=lifetime(3600) + results(SUCCESS, SUCCESS))
    a.ask("b's SPI back", SECURITY_INVALIDATE, spis(0xC0FFEE01, 1), code=NOT_YOURS)
    b.ask("the SPI after it back", SECURITY_INVALIDATE, spis(0xC0FFEE02, 1), code=NOT_YOURS)
    b.ask("more than it back", SECURITY_INVALIDATE, spis(0xC0FFEE01, 2), code=NOT_YOURS)
    b.ask("another SPI", SECURITY_REQUEST, spis(0xC0FFEE02, 1),
          gives=spis(0xC0FFEE02, 1) + lifetime(3600))
    b.ask("the first back", SECURITY_INVALIDATE, spis(0xC0FFEE01, 1))
    a.ask("b's last SPI", SECURITY_REQUEST, spis(0xC0FFEE01, 1), code=IN_USE, after=599_000)
    a.ask("after its quarantine", SECURITY_REQUEST, spis(0xC0FFEE01, 1), after=1000,
          gives=spis(0xC0FFEE01, 1) + lifetime(3600))
    return talk.ends_with(("hostb", "192.0.2.2", "ah", 0, 0))


def synchronized():
    talk = Talk("a set in parts", 10)
    a = talk.begin()
    a.ask("a slot", SECURITY_REQUEST, spis(0x7C010000, 65536),
          gives=slot_lease(0x7C01) + lifetime(3600))
    a.ask("what was", ADDRESS_VALIDATE, valid("192.0.2.1", ESP) + valid("192.0.2.2", ESP),
          gives=lifetime(3600) + results(SUCCESS, SUCCESS))
    a.ask("no part", SYNCHRONIZE, valid("192.0.2.9", ESP), code=MALFORMED)
    a.ask("part 2 of 2", SYNCHRONIZE, part(2, 2), code=MALFORMED)
    a.ask("part 0 of 0", SYNCHRONIZE, part(0, 0), code=MALFORMED)
    a.ask("a part elsewhere", ADDRESS_VALIDATE, part(0, 1) + valid("192.0.2.9", ESP),
          code=UNSUPPORTED_OPTION)
    a.ask("more parts than entries", SYNCHRONIZE, part(0, 1025), code=QUOTA_EXCEEDED)
    a.ask("something to invalidate", SYNCHRONIZE, part(0, 1) + invalid("192.0.2.1", ESP),
          code=UNSUPPORTED_OPTION)
    a.ask("the second part", SYNCHRONIZE, part(1, 2) + valid("192.0.2.3", ESP, 0x7C010001),
          gives=part(1, 2) + results(SUCCESS))
    a.ask("what was is still there", ADDRESS_VALIDATE, valid("192.0.2.1", ESP),
          gives=lifetime(3600) + results(SUCCESS))
    request, answer = a.ask(
        "the first part", SYNCHRONIZE,
        lifetime(300) + part(0, 2) + valid("192.0.2.2", ESP) + valid("127.0.0.1", ESP)
        + valid("192.0.2.4", AH, 0x7C020000),
        code=UNACCEPTABLE_ADDRESS,
        gives=part(0, 2) + results(SUCCESS, UNACCEPTABLE_ADDRESS, NOT_YOURS))
    talk.step("the same octets again", "hosta", request, answer, after=500)
    a.ask("half of another set", SYNCHRONIZE, part(0, 2), gives=part(1, 2) + results())
    a.ask("a set of one part", SYNCHRONIZE,
          part(0, 1) + b"".join(valid(f"192.0.2.{n}", ESP) for n in range(2, 50)),
          gives=part(0, 1) + lifetime(3599) + results(*[SUCCESS] * 48))
    a.ask("and a smaller one", SYNCHRONIZE,
          part(0, 1) + valid("192.0.2.2", ESP) + valid("192.0.2.3", ANY, 0x7C010001, 0xBEEF),
          gives=part(0, 1) + lifetime(3599) + results(SUCCESS, SUCCESS))
    return talk.ends_with(("hosta", "192.0.2.2", "esp", 0, 0),
                          ("hosta", "192.0.2.3", "any", 0x7C010001, 0xBEEF))


def withdrawn():
    talk = Talk("what the operator takes away", 11)
    a = talk.begin()
    a.ask("a slot", SECURITY_REQUEST, spis(0x7C010000, 65536),
          gives=slot_lease(0x7C01) + lifetime(3600))
    a.ask("entries", ADDRESS_VALIDATE,
          valid("192.0.2.1", ESP) + valid("192.0.2.2", AH, 0x7C010001, 0xBEEF)
          + valid("203.0.113.1", ESP), gives=lifetime(3600) + results(*[SUCCESS] * 3))
    first = invalid("192.0.2.1", ESP), "invalidated by the operator"
    talk.order("invalidate 192.0.2.1", a.notice(1, *first))
    talk.order("tick", after=249)
    talk.order("tick", a.notice(1, *first), after=1)
    a.confirm("of a notice that there is not", 2)
    talk.order("tick", after=499)
    talk.order("tick", a.notice(1, *first), after=1)
    a.confirm("the host knows", 1)
    talk.order("tick", after=5000)
    second = invalid("192.0.2.2", AH, 0x7C010001, 0xBEEF), "stolen key"
    talk.order("revoke 192.0.2.0/24 stolen key", a.notice(2, *second))
    for wait in (250, 500, 1000, 2000):
        talk.order("tick", after=wait - 1)
        talk.order("tick", a.notice(2, *second), after=1)
    talk.order("tick", after=4000)
    talk.order("tick", after=60_000)
    a.ask("a revoked address", ADDRESS_VALIDATE, valid("192.0.2.2", AH), code=PROHIBITED,
          gives=results(PROHIBITED))
    a.ask("ports", PORT_REQUEST, ports(40960, 1024),
          gives=ports(40960, 1024) + option(6, quad(EXTERNAL)) + lifetime(3600))
    talk.order("suspend hosta", a.notice(
        3, spis(0x7C010000, 65536) + ports(40960, 1024), "the operator has suspended this host"))
    a.confirm("the host knows that, too", 3)
    a.ask("while suspended", SECURITY_REQUEST, code=PROHIBITED)
    talk.order("resume hosta")
    a.ask("and after", SECURITY_REQUEST, lifetime(120), gives=slot_lease(0x7C01) + lifetime(120))
    talk.order("tick", after=119_999)
    talk.order("tick", a.notice(4, spis(0x7C010000, 65536), "the lease has run out"), after=1)
    a.ask("the same slot again", SECURITY_REQUEST, gives=slot_lease(0x7C01) + lifetime(3600))
    talk.order("tick", after=1000)
    return talk.ends_with()


def main():
    talks = [whole_session(), two_hosts(), strangers(), odd_requests(), replays(), rate(),
             no_proof(), rate_without_proof(), claims(), synchronized(), withdrawn()]
    hosts = [dict(name=name, address=host["address"],
                  keys=[dict(id=id, octets=key.hex()) for id, key in host["keys"].items()])
             for name, host in HOSTS.items()]
    draws = Draws(1)
    document = dict(
        source="made by make_pap_sessions.py from pap.md", epoch=EPOCH, external=EXTERNAL,
        endpoint=ENDPOINT, mtu=MTU, router=ROUTER, hosts=hosts, talks=talks,
        firstDraws=draws.octets(80).hex())
    with open("pap-sessions.json", "w", encoding="utf-8") as file:
        json.dump(document, file, indent=1)
        file.write("\n")


main()
