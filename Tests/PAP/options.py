"""Every option in every message, every code, and every way to be malformed (3, 4, 5, 6)."""

import struct

import pap
from checks import expect, expect_equal
from router import unheard

# Section 5: the options below 128 that mean something in a request; all others but the lifetime are
# refused.
FITTING = {
    pap.PORT_REQUEST: {pap.PORTS, pap.PREFER_FAILURE}, pap.PORT_INVALIDATE: {pap.PORTS},
    pap.SECURITY_REQUEST: {pap.SPIS, pap.PREFER_FAILURE}, pap.SECURITY_INVALIDATE: {pap.SPIS},
    pap.ADDRESS_VALIDATE: {pap.VALID}, pap.ADDRESS_INVALIDATE: {pap.INVALID},
    pap.SYNCHRONIZE: {pap.VALID, pap.PART}, pap.HELLO: {pap.SESSION}}
ENTRY = pap.Entry("198.18.66.1", pap.ESP)
LABEL = struct.pack(">QQ", 0x7c01 << 48, 0xffff << 48)
TUNNEL = pap.quad("192.0.2.1") + struct.pack(">BBH", 4, 0, 1480)
# A good option of each kind.
EXAMPLES = dict((
    pap.lifetime(600), pap.ports(0, 1024), pap.spis(0, 65536), pap.valid(ENTRY),
    pap.invalid(ENTRY), (pap.EXTERNAL, pap.quad("198.51.100.1")), (pap.ENDPOINT, TUNNEL),
    (pap.IKE_LABEL, LABEL), pap.prefer_failure(), pap.part(0, 1), pap.session(0, bytes(16)),
    pap.host_name("host6.example"), pap.reason("because"), (pap.ENTRY_RESULTS, bytes(3))))
HOST = "host6"


def check(results, router, record):
    one = router.host(HOST, record=record)
    one.hello()
    for kind in range(1, 8):
        results.run(f"options: of type {kind}", options_of, router, one, kind)
    results.run("options: unknown ones below 128 are refused, others skipped", unknown, router, one)
    results.run("options: texts in UTF-8", texts, router, one)
    results.run("types: unknown ones are refused with a tag", types, router, one)
    for name, make in broken(one):
        results.run(f"malformed: {name}", malformed, router, one, make)


def base(kind):
    """What a request of the type needs to be a good one."""
    needs = {
        pap.PORT_INVALIDATE: pap.PORTS, pap.SECURITY_INVALIDATE: pap.SPIS,
        pap.ADDRESS_VALIDATE: pap.VALID, pap.ADDRESS_INVALIDATE: pap.INVALID,
        pap.SYNCHRONIZE: pap.PART}
    return [(needs[kind], EXAMPLES[needs[kind]])] if kind in needs else []


def options_of(router, one, kind):
    for name, value in EXAMPLES.items():
        one.lease_slot()
        options = [pair for pair in base(kind) if pair[0] != name] + [(name, value)]
        code = one.request(kind, *options).code
        fits = name in FITTING[kind] or name == pap.LIFETIME or name >= 128
        if not fits:
            expect_equal(f"option {name}", code, pap.UNSUPPORTED_OPTION)
        else:
            expect(code in (0, pap.NOT_YOURS), f"option {name}: code {code}")


def unknown(router, one):
    for kind in range(1, 8):
        for option in (0, 9, 13, 100, 127):
            for value in (b"", b"\1\2\3"):
                response = one.request(kind, *base(kind), (option, value))
                expect_equal(f"option {option} in type {kind}", response.code,
                             pap.UNSUPPORTED_OPTION)
    before = router.entries(one.name)
    response = one.request(pap.ADDRESS_VALIDATE, pap.valid(ENTRY), (9, b""))
    expect_equal("code", response.code, pap.UNSUPPORTED_OPTION)
    expect_equal("entries", router.entries(one.name), before)
    for option in (131, 200, 254):
        for value in (b"", b"x", bytes(600)):
            expect_equal(f"option {option}", one.request(
                pap.SECURITY_REQUEST, (option, value), (option, value)).code, 0)


def texts(router, one):
    for octets in ("é".encode(), "日本".encode(), b"a" * 63, "\U0001f600".encode()):
        for kind in (pap.HOST_NAME, pap.REASON):
            response = one.request(pap.SECURITY_REQUEST, (kind, octets))
            expect_equal(f"{octets}", response.code, 0)
    expect_equal("no reason", one.request(pap.SECURITY_REQUEST, pap.reason("")).code, 0)
    expect_equal("127", one.request(pap.SECURITY_REQUEST, pap.reason("r" * 127)).code, 0)
    bad = (b"\x80", b"\xc3", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xc0\xaf", b"a\nb", b"\x1b[2J",
           b"\x7f", b"\xc2\x85", b"\0")
    for octets in bad:
        for kind in (pap.HOST_NAME, pap.REASON):
            response = one.request(pap.SECURITY_REQUEST, (kind, octets))
            expect_equal(f"{octets}", response.code, pap.MALFORMED)


def types(router, one):
    before = router.state()
    for kind in (0, 9, 10, 11, 64, 127):
        request = one.sealed(one.message(kind, *base(pap.ADDRESS_VALIDATE)))
        answer = one.exchange(request)
        expect_equal(f"type {kind}", answer[1], kind | pap.RESPONSE)
        expect_equal(f"code for {kind}", answer[2], pap.UNSUPPORTED_TYPE)
        expect(pap.is_authentic(answer, one.session_key, pap.FROM_ROUTER), f"no tag for {kind}")
    expect_equal("state", unheard(router.state()), unheard(before))


def raw(one, body, kind=pap.SECURITY_REQUEST, **header):
    """A message of raw octets behind the header, tagged."""
    message = one.message(kind)
    one.sequence += 1
    authentication = pap.option(pap.AUTHENTICATION, struct.pack(
        ">III16s", one.key_id, one.session, one.sequence, bytes(16)))
    whole = pap.HEADER.pack(
        header.get("version", 2), kind, header.get("code", 0), header.get("flags", 0),
        header.get("length", 16 + len(body) + len(authentication)), header.get("reserved", 0),
        message.transaction, one.epoch) + body + authentication
    return pap.seal(whole, one.session_key, pap.FROM_HOST)


def broken(one):
    """Ways to break a message, each but one rule of sections 3 and 4."""
    def part(*values, kind=pap.SYNCHRONIZE):
        return lambda: raw(one, pap.option(pap.PART, struct.pack(">HH", *values)), kind)

    yield "flags", lambda: raw(one, b"", flags=1)
    yield "code", lambda: raw(one, b"", code=1)
    yield "length too small", lambda: raw(one, b"", length=44)
    yield "length too large", lambda: raw(one, b"", length=52)
    for kind, (least, most) in pap.LENGTHS.items():
        # The session option is for hello alone: see sessions.py.
        if kind in (pap.AUTHENTICATION, pap.SESSION):
            continue
        for length in {least - 1, most + 1} - {-1}:
            yield f"option {kind} of {length} octets", lambda kind=kind, length=length: raw(
                one, pap.option(kind, b"\1" * length), holder(kind))
    for kind, value in EXAMPLES.items():
        if kind in (pap.VALID, pap.INVALID, pap.SESSION):
            continue
        yield f"option {kind} twice", lambda kind=kind, value=value: raw(
            one, pap.option(kind, value) * 2, holder(kind))
    yield "reserved octet of an option", lambda: raw(one, pap.option(*pap.lifetime(5), reserved=1))
    yield "padding", lambda: raw(one, pap.option(200, b"abc", padding=b"\1"))
    yield "an option beyond the message", lambda: raw(one, pap.option(200, b"abcd", length=999))
    yield "part 1 of 1", part(1, 1)
    yield "part 0 of 0", part(0, 0)
    for protocol in (1, 49, 52, 255):
        value = pap.quad("192.0.2.1") + bytes((protocol, 0, 0, 0)) + bytes(8)
        yield f"protocol {protocol}", lambda value=value: raw(
            one, pap.option(pap.VALID, value), pap.ADDRESS_VALIDATE)
    for place in (5, 6, 7):
        value = bytearray(ENTRY.octets())
        value[place] = 1
        yield f"reserved octet {place} of an entry", lambda value=bytes(value): raw(
            one, pap.option(pap.VALID, value), pap.ADDRESS_VALIDATE)
    yield "an unknown code among entry results", lambda: raw(
        one, pap.option(pap.ENTRY_RESULTS, b"\x0f"))
    yield "49 entries", lambda: raw(
        one, pap.option(*pap.valid(ENTRY)) * 49, pap.ADDRESS_VALIDATE)


def holder(option):
    """A type that may carry the option, if there is one."""
    return next((kind for kind, fitting in FITTING.items()
                 if option in fitting and kind != pap.HELLO), pap.SECURITY_REQUEST)


def malformed(router, one, make):
    """Refused with a tag, and nothing is done."""
    before = router.entries(one.name)
    octets = make()
    answer = one.exchange(octets)
    expect(answer is not None, "no answer")
    response = pap.decode(answer)
    expect_equal("code", response.code, pap.MALFORMED)
    expect_equal("transaction id", answer[8:12], octets[8:12])
    expect_equal("entries", router.entries(one.name), before)
