"""The Wireshark dissector: every field as the client reads it, and nothing wrong goes unnoticed."""

import ipaddress
import random
import re
import struct
import tempfile

import capture
import options
import pap
from checks import expect, expect_equal

SEED = 9030
HOST, ROUTER = ("10.77.1.11", 40000), ("10.77.0.1", pap.PORT)
ERRORS = (
    "pap2.short", "pap2.bad_length", "pap2.bad_size", "pap2.bad_version", "pap2.unknown_type",
    "pap2.bad_value", "pap2.option.overrun", "pap2.option.bad_length", "pap2.option.repeated",
    "pap2.option.after_authentication")
LUA = "_ws.lua.error"
UNKNOWN, MISPLACED = "pap2.option.unknown", "pap2.option.misplaced"
HEADER = (
    "version", "type", "response", "message", "code", "flags", "length", "reserved", "transaction",
    "epoch")
VALUES = (
    "lifetime", "ports.first", "ports.count", "spis.first", "spis.count", "entry.address",
    "entry.protocol", "entry.reserved", "entry.spi_in", "entry.spi_out", "external_address",
    "tunnel.address",
    "tunnel.type", "tunnel.reserved", "tunnel.mtu", "ike_label.label", "ike_label.mask",
    "part.index", "part.total", "session.id", "session.nonce", "host_name", "reason",
    "entry_result", "auth.key_id", "auth.session_id", "auth.sequence", "auth.tag", "option.kind",
    "option.reserved", "option.length", "option.padding")


def check(results, record):
    for name, datagrams in (("the suite", recorded(record)), ("every option", examples())):
        results.run(f"dissector: fields of {name}", same_fields, datagrams)
    for function in (exchanges, misfits, truncated, cut, malformed, mutated, filters):
        name = f"dissector: {function.__doc__.splitlines()[0].rstrip('.')}"
        results.run(name, function, record)


def recorded(record, most=4000):
    """What went between hosts and router in this run, with the port that Wireshark knows."""
    good = []
    for moment, source, destination, octets in record.datagrams:
        try:
            pap.decode(octets)
        except (pap.Malformed, pap.UnknownOption):
            continue
        good.append((moment, source, destination, octets))
    return good if len(good) <= most else random.Random(SEED).sample(good, most)


def datagram(octets, number=0, back=False):
    ends = (ROUTER, HOST) if back else (HOST, ROUTER)
    return 1_700_000_000 + number / 1000, *ends, octets


def examples():
    """Each option in each message and response, with and without a tag."""
    found = []
    for kind in pap.TYPES:
        for response in (False, True):
            if response and kind == pap.ANNOUNCE:
                continue
            for pair in options.EXAMPLES.items():
                message = pap.Message(
                    kind, response, 14 if response else 0, len(found), 0x5eed, (pair,) * 2
                    if pair[0] in (pap.VALID, pap.INVALID) else (pair,))
                whole = message.sealed(bytes(32), pap.FROM_HOST, 7, 0x1001, 9)
                found += [datagram(whole, len(found), response)]
                found += [datagram(message.octets(), len(found), response)]
    return found


def rows_of(datagrams, names, *words, cuts=()):
    with tempfile.NamedTemporaryFile(suffix=".pcap") as file:
        capture.write(file.name, datagrams, cuts)
        rows = capture.fields(file.name, names, *words)
    expect_equal("frames", len(rows), len(datagrams))
    return rows


def experts(datagrams, cuts=()):
    """The expert infos of each frame, but for those about the order of messages."""
    names = (*ERRORS, UNKNOWN, MISPLACED, "pap2.cut", "pap2.mismatch", "pap2.untagged")
    rows = rows_of(datagrams, (*names, "pap2", LUA), cuts=cuts)
    for (_, _, _, octets), row in zip(datagrams, rows):
        expect(row["pap2"], "a frame that is not taken for PAP/2")
        expect(not row[LUA], f"Lua error for {octets.hex()}")
    return [{name for name in names if row[name]} for row in rows]


# What a message has, as tshark prints it. --------------------------------------------------------

def expected(octets):
    message = pap.decode(octets)
    found = {name: [] for name in (*HEADER, *VALUES)}

    def add(name, *values):
        found[name] += [value if isinstance(value, str) else f"{value}" for value in values]

    add("version", octets[0])
    add("type", f"0x{octets[1]:02x}")
    add("response", int(message.response))
    add("message", message.type)
    add("code", message.code)
    add("flags", f"0x{octets[3]:02x}")
    add("length", len(octets))
    add("reserved", f"0x{octets[6:8].hex()}")
    add("transaction", f"0x{message.transaction:08x}")
    add("epoch", f"0x{message.epoch:08x}")
    for kind, value in pap.walk(octets):
        add("option.kind", kind)
        add("option.reserved", "0x00")
        add("option.length", len(value))
        add("option.padding", *filter(None, [bytes(-len(value) % 4).hex()]))
        if kind in pap.LENGTHS:
            add_option(add, kind, value)
    return found


def add_option(add, kind, value):
    def numbers(form, *names):
        for name, number in zip(names, struct.unpack(form, value)):
            add(name, number)

    if kind == pap.LIFETIME:
        numbers(">I", "lifetime")
    elif kind == pap.PORTS:
        numbers(">HH", "ports.first", "ports.count")
    elif kind == pap.PART:
        numbers(">HH", "part.index", "part.total")
    elif kind == pap.SPIS:
        add("spis.first", f"0x{value[:4].hex()}")
        add("spis.count", int.from_bytes(value[4:], "big"))
    elif kind in (pap.VALID, pap.INVALID):
        add("entry.address", str(ipaddress.IPv4Address(value[:4])))
        add("entry.protocol", value[4])
        add("entry.reserved", "0x000000")
        add("entry.spi_in", f"0x{value[8:12].hex()}")
        add("entry.spi_out", f"0x{value[12:].hex()}")
    elif kind == pap.EXTERNAL:
        add("external_address", str(ipaddress.IPv4Address(value)))
    elif kind == pap.ENDPOINT:
        add("tunnel.address", str(ipaddress.IPv4Address(value[:4])))
        add("tunnel.type", value[4])
        add("tunnel.reserved", f"0x{value[5]:02x}")
        add("tunnel.mtu", int.from_bytes(value[6:], "big"))
    elif kind == pap.IKE_LABEL:
        add("ike_label.label", f"0x{value[:8].hex()}")
        add("ike_label.mask", f"0x{value[8:].hex()}")
    elif kind == pap.SESSION:
        add("session.id", f"0x{value[:4].hex()}")
        add("session.nonce", value[4:].hex())
    elif kind in (pap.HOST_NAME, pap.REASON):
        # tshark prints no empty text.
        add({pap.HOST_NAME: "host_name", pap.REASON: "reason"}[kind], *filter(
            None, [value.decode()]))
    elif kind == pap.ENTRY_RESULTS:
        add("entry_result", *value)
    elif kind == pap.AUTHENTICATION:
        key_id, session, sequence, tag = struct.unpack(">III16s", value)
        add("auth.key_id", key_id)
        add("auth.session_id", f"0x{session:08x}")
        add("auth.sequence", sequence)
        add("auth.tag", tag.hex())


def same_fields(datagrams):
    expect(len(datagrams) > 100, f"{len(datagrams)} datagrams only")
    names = [f"pap2.{name}" for name in (*HEADER, *VALUES)]
    ports = {end[1] for one in datagrams for end in one[1:3] if end[1] in (7028, 7029)}
    words = [word for port in sorted(ports - {7028}) for word in ("-d", f"udp.port=={port},pap2")]
    rows = rows_of(datagrams, [*names, *ERRORS, LUA], *words)
    for (_, _, _, octets), row in zip(datagrams, rows):
        for name, values in expected(octets).items():
            expect_equal(f"{name} of {octets.hex()}", row[f"pap2.{name}"], values)
        wrong = [name for name in (*ERRORS, LUA) if row[name]]
        expect(not wrong, f"{wrong} for {octets.hex()}")


# Expert infos ------------------------------------------------------------------------------------

def message(kind, *pairs, response=False, code=0, transaction=1):
    return pap.Message(kind, response, code, transaction, 7, pairs).sealed(
        bytes(32), pap.FROM_HOST, 1, 2, 3)


def exchanges(_):
    """Requests and responses are told which belongs to which, and what is sent again."""
    request = message(pap.SECURITY_REQUEST, transaction=5)
    answer = message(pap.SECURITY_REQUEST, response=True, transaction=5)
    other = message(pap.SECURITY_REQUEST, transaction=6)
    frames = [
        datagram(request, 0), datagram(other, 1), datagram(request, 250),
        datagram(answer, 260, back=True), datagram(answer, 270, back=True),
        datagram(message(pap.SECURITY_REQUEST, response=True, transaction=9), 280, back=True),
        datagram(message(pap.WITHDRAW_NOTICE, transaction=5), 290, back=True),
        datagram(message(pap.WITHDRAW_NOTICE, response=True, transaction=5), 300)]
    names = ["pap2.response_in", "pap2.response_to", "pap2.repeat_of", "pap2.time",
             "pap2.no_request", "pap2.mismatch"]
    rows = rows_of(frames, names, "-2")
    found = [tuple(row[name][0] if row[name] else "" for name in names[:3]) for row in rows]
    expect_equal("response in, response to, repeat of", found, [
        ("4", "", ""), ("", "", ""), ("4", "", "1"), ("", "1", ""), ("", "1", "4"), ("", "", ""),
        ("8", "", ""), ("", "7", "")])
    expect_equal("time", round(float(rows[3]["pap2.time"][0]), 6), 0.26)
    expect_equal("without a request", [bool(row["pap2.no_request"]) for row in rows],
                 [False] * 5 + [True] + [False] * 2)
    expect(not any(row["pap2.mismatch"] for row in rows), "a mismatch")


def misfits(_):
    """A response of another type, or with other results than entries, does not fit."""
    entry = pap.valid(pap.Entry("192.0.2.1"))
    results = (pap.ENTRY_RESULTS, b"\0\0")
    frames = []
    for place, (asked, answered) in enumerate((
            (message(1, transaction=1), message(3, response=True, transaction=1)),
            (message(5, entry, transaction=2), message(5, results, response=True, transaction=2)),
            (message(5, entry, entry, transaction=3),
             message(5, results, response=True, transaction=3)))):
        frames += [datagram(asked, 2 * place), datagram(answered, 2 * place + 1, back=True)]
    expect_equal("mismatch", [place for place, found in enumerate(experts(frames))
                              if "pap2.mismatch" in found], [1, 3])


def truncated(_):
    """A message that ends early is noticed at every length."""
    for whole in (message(pap.ADDRESS_VALIDATE, pap.valid(pap.Entry("192.0.2.1")),
                          pap.host_name("hosta"), pap.lifetime(9)),
                  message(pap.HELLO, pap.session(3, bytes(16)), response=True)):
        frames = [datagram(whole[:length]) for length in range(1, len(whole))]
        for length, found in enumerate(experts(frames), start=1):
            expect(found & set(ERRORS), f"{length} octets: {found}")
        expect_equal("the whole message", experts([datagram(whole)]), [set()])


def cut(_):
    """A capture that has not all of a message says so, and blames nobody."""
    whole = message(pap.ADDRESS_VALIDATE, pap.valid(pap.Entry("192.0.2.1")), pap.lifetime(9))
    cuts = range(1, len(whole))
    for most, found in zip(cuts, experts([datagram(whole)] * len(cuts), cuts)):
        expect_equal(f"{most} octets", found, {"pap2.cut"})


class Tagger:
    """Stands for a host where messages are made and not sent."""

    name, key_id, session, epoch, sequence = "hosta", 1, 2, 3, 0
    session_key = bytes(32)

    def message(self, kind, *_):
        return pap.Message(kind, transaction=4)


def malformed(_):
    """Every way to break a message is an error, and nothing else is."""
    cases = list(options.broken(Tagger()))
    for (name, make), found in zip(cases, experts([datagram(make()) for _, make in cases])):
        expect(found & set(ERRORS), f"{name}: {found}")
    good = [
        (kind, pair) for kind in options.FITTING for pair in options.EXAMPLES.items()]
    frames = [datagram(message(kind, pair)) for kind, pair in good]
    for (kind, pair), found in zip(good, experts(frames)):
        fits = pair[0] in options.FITTING[kind] or pair[0] == pap.LIFETIME or pair[0] >= 128
        expect_equal(f"option {pair[0]} in type {kind}", found, set() if fits else {MISPLACED})
    found = experts([datagram(message(1, (kind, b"abc"))) for kind in (9, 200)])
    expect_equal("unknown options", found, [{UNKNOWN}, set()])


def mutated(record):
    """Octets at random: the dissector finds an error where the client does, and only there."""
    source = random.Random(SEED)
    seeds = [octets for _, _, _, octets in examples() + recorded(record, 300)]
    frames, wanted = [], []
    while len(frames) < 6000:
        octets = mutation(source, bytearray(source.choice(seeds)))
        if not octets:
            continue
        frames.append(datagram(octets, len(frames), back=source.random() < 0.5))
        wanted.append(verdict(octets))
    counts = {one: wanted.count(one) for one in ("good", "malformed", "unknown")}
    expect(min(counts.values()) > 50, f"too few of a kind: {counts}")
    for (_, _, _, octets), found, want in zip(frames, experts(frames), wanted):
        got = "malformed" if found & set(ERRORS) else "unknown" if UNKNOWN in found else "good"
        expect_equal(f"seed {SEED}: {octets.hex()}: {found}", got, want)


def mutation(source, octets):
    for _ in range(source.randrange(1, 4)):
        choice = source.random()
        place = source.randrange(len(octets)) if octets else 0
        if choice < 0.6 and octets:
            octets[place] = source.choice((0, 1, 4, 127, 128, 255, source.randrange(256)))
        elif choice < 0.8:
            del octets[place & ~3:(place & ~3) + 4 * source.randrange(1, 3)]
        else:
            octets[place & ~3:place & ~3] = source.randbytes(4)
    if source.random() < 0.8 and len(octets) >= 16:
        octets[0:1], octets[4:6] = b"\2", len(octets).to_bytes(2, "big")
    return bytes(octets)


def verdict(octets):
    try:
        pap.decode(octets)
    except pap.Malformed:
        return "malformed"
    except pap.UnknownOption:
        return "unknown"
    return "good"


def filters(_):
    """Fields can be filtered by, and no text reaches a terminal as it came."""
    frames = [datagram(message(kind, transaction=kind)) for kind in pap.TYPES]
    frames += [
        datagram(message(1, pap.reason("")), 1), datagram(message(1, (pap.REASON, b"\x1b[2J")), 2)]
    with tempfile.NamedTemporaryFile(suffix=".pcap") as file:
        capture.write(file.name, frames)
        out = capture.tshark(file.name, "-Y", "pap2.message == 5 && pap2.auth.key_id == 1")
        expect_equal("frames", len(out.splitlines()), 1)
        expect("PAP/2" in out and "address-validate" in out, out)
        out = capture.tshark(file.name, "-Y", "pap2.reason")
        expect_equal("frames with a reason", len(out.splitlines()), 2)
        out = capture.tshark(file.name, "-Y", "pap2.reason", "-V")
        expect("(not clean UTF-8)" in out and "\x1b" not in out, out)
    with open(capture.SCRIPT) as file:
        names = re.findall(r'ProtoField\.\w+\("(pap2\.[a-z_.]+)"', file.read())
    expect_equal("names used twice", len(names), len(set(names)))
