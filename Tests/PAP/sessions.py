"""Sessions: hello, pending sessions, sequences, repeats; who is refused, and how (7, 12)."""

import time

import pap
from checks import expect, expect_equal
from router import unheard

HOST, OTHER = "host1", "host2"


def check(results, router, record):
    for function in (
            first_hello, hello_names_what_is_held, repeated_hello, recorded_hello,
            seventeen_hellos, pending_ends, bad_hellos, session_zero, strangers, wrong_tag,
            other_session, repeated_request, window, old_session_ends, versions, silence):
        name = f"session: {function.__doc__.splitlines()[0].rstrip('.')}"
        results.run(name, function, router, record)


def host(router, record, name=HOST):
    return router.host(name, record=record)


def untagged(octets, code, request):
    """The untagged answer is a header of that code, and perhaps a lifetime."""
    expect(octets is not None, f"no answer, code {code} wanted")
    expect_equal("version", octets[0], 2)
    expect_equal("length", octets[4:6], len(octets).to_bytes(2, "big"))
    expect_equal("type", octets[1], request[1] | pap.RESPONSE)
    expect_equal("code", octets[2], code)
    expect_equal("transaction id", octets[8:12], request[8:12])
    expect(all(kind == pap.LIFETIME for kind, _ in pap.walk(octets)), "it has other options")
    expect(len(octets) <= len(request), f"{len(octets)} octets answer {len(request)}")


def first_hello(router, record):
    """The first hello brings a session and the addresses."""
    one = host(router, record)
    response = one.hello()
    expect_equal("external address", one.external, router.external)
    expect_equal("tunnel endpoint and MTU", one.endpoint, ("192.168.77.254", 1480))
    expect(response.epoch != 0, "epoch 0")
    nonces = {one.hello()[pap.SESSION] for _ in range(5)} | {response[pap.SESSION]}
    expect_equal("different sessions", len({number for number, _ in nonces}), 6)
    expect_equal("different nonces", len({nonce for _, nonce in nonces}), 6)


def hello_names_what_is_held(router, record):
    """The response names slot, label and ports as far as they are held."""
    one = host(router, record)
    response = one.hello()
    expect(pap.SPIS not in response and pap.PORTS not in response, "it holds something already")
    one.lease_slot()
    slot = one.slot
    response = one.hello(pap.lifetime(5))
    expect_equal("SPIs", response[pap.SPIS], (slot << 16, 65536))
    expect_equal("label", response[pap.IKE_LABEL], (slot << 48, 0xffff << 48))
    expect(pap.PORTS not in response, "ports that were not asked for")
    one.lease_ports()
    block = one.ports
    expect_equal("ports", one.hello()[pap.PORTS], block)
    one.give_back()
    response = one.hello()
    expect(pap.SPIS not in response and pap.PORTS not in response, "it still holds something")


def repeated_hello(router, record):
    """A hello sent again while its session is pending has the same answer, bit for bit."""
    one = host(router, record)
    nonce = one.random.randbytes(16)
    message, octets = one.hello_message(nonce)
    first = one.exchange(octets)
    expect_equal("the same octets", one.exchange(octets), first)
    other = one.hello_message(nonce, pap.host_name("host1.example"))[1]
    expect_equal("the same nonce", one.exchange(other), first)
    one.begin(nonce, pap.decode(first))
    one.lease_slot()


def recorded_hello(router, record):
    """A recorded hello ends nothing, even when its session is in use."""
    one = host(router, record)
    nonce = one.random.randbytes(16)
    message, octets = one.hello_message(nonce)
    one.begin(nonce, one.ask(message, octets))
    one.lease_slot()
    answer = pap.decode(one.exchange(octets))
    expect(answer[pap.SESSION][0] != one.session, "the session in use was given again")
    one.lease_slot()
    expect_equal("hints", one.hints, [])


def seventeen_hellos(router, record):
    """Of 17 pending sessions the first is forgotten, and the one in use goes on."""
    one = host(router, record)
    one.hello()
    one.lease_slot()
    current = one.session, one.session_key, one.sequence, one.window
    sessions = []
    for _ in range(17):
        one.hello()
        sessions.append((one.session, one.session_key, 0, pap.Window()))

    def answer(of):
        one.session, one.session_key, one.sequence, one.window = of
        request = one.sealed(one.message(pap.SECURITY_REQUEST))
        return one.exchange(request), request

    octets, request = answer(sessions[0])
    untagged(octets, pap.NO_SESSION, request)
    octets, _ = answer(current)
    expect_equal("the session in use", pap.decode(octets).code, 0)
    for place in (1, 16):
        octets, _ = answer(sessions[place])
        expect_equal(f"pending session {place}", pap.decode(octets).code, 0)
    octets, request = answer(sessions[1])
    untagged(octets, pap.NO_SESSION, request)


def pending_ends(router, record):
    """A pending session is forgotten after 10 s."""
    one = host(router, record, OTHER)
    one.hello()
    time.sleep(10.5)
    request = one.sealed(one.message(pap.SECURITY_REQUEST))
    untagged(one.exchange(request), pap.NO_SESSION, request)


def bad_hellos(router, record):
    """A hello that is wrong but tagged is refused with a tag."""
    one = host(router, record)
    nonce = bytes(16)
    cases = (
        ("no session option", pap.MALFORMED, (), 0),
        ("session id", pap.MALFORMED, (pap.session(7, nonce),), 0),
        ("sequence", pap.MALFORMED, (pap.session(0, nonce),), 1),
        ("two", pap.MALFORMED, (pap.session(0, nonce), pap.session(0, nonce)), 0),
        ("short", pap.MALFORMED, ((pap.SESSION, bytes(19)),), 0),
        ("long", pap.MALFORMED, ((pap.SESSION, bytes(21)),), 0),
        ("ports", pap.UNSUPPORTED_OPTION, (pap.session(0, nonce), pap.ports(0, 1)), 0),
        ("option 9", pap.UNSUPPORTED_OPTION, (pap.session(0, nonce), (9, b"")), 0))
    for name, code, options, sequence in cases:
        octets = one.message(pap.HELLO, *options).sealed(
            one.key, pap.FROM_HOST, one.key_id, 0, sequence)
        answer = one.exchange(octets)
        expect(answer is not None, f"{name}: no answer")
        response = pap.decode(answer)
        expect_equal(f"{name}: code", response.code, code)
        expect(pap.is_authentic(answer, one.key, pap.FROM_ROUTER), f"{name}: no tag")
        expect(pap.SESSION not in response, f"{name}: a session")


def session_zero(router, record):
    """Session 0 is for hello only, and a hello for session 0."""
    one = host(router, record)
    for kind in (*range(1, 8), 9, 10, 77):
        octets = one.message(kind).sealed(one.key, pap.FROM_HOST, one.key_id, 0, 0)
        untagged(one.exchange(octets), pap.NO_SESSION, octets)
    one.hello()
    answer = one.exchange(one.sealed(one.message(pap.HELLO, pap.session(0, bytes(16)))))
    expect_equal("a hello in a session", pap.decode(answer).code, pap.MALFORMED)
    expect(pap.is_authentic(answer, one.session_key, pap.FROM_ROUTER), "no tag")


def strangers(router, record):
    """No tag, an unknown key or another inside address is not authenticated."""
    one, other = host(router, record), host(router, record, OTHER)
    one.hello()
    other.hello()
    request = one.message(pap.SECURITY_REQUEST)
    for octets in (
            request.octets(),
            request.sealed(one.key, pap.FROM_HOST, 4711, one.session, 1),
            request.sealed(one.key, pap.FROM_HOST, 4711, 0, 0),
            one.message(pap.HELLO, pap.session(0, bytes(16))).octets()):
        untagged(one.exchange(octets), pap.NOT_AUTHENTICATED, octets)
    stolen = one.sealed(request)
    untagged(other.exchange(stolen), pap.NOT_AUTHENTICATED, stolen)
    stolen = one.hello_message(bytes(16))[1]
    untagged(other.exchange(stolen), pap.NOT_AUTHENTICATED, stolen)
    expect_equal("the host itself", one.request(pap.SECURITY_REQUEST).code, 0)


def wrong_tag(router, record):
    """Every bit of a message is covered by its tag."""
    one = host(router, record)
    one.hello()
    one.lease_slot()
    octets = one.sealed(one.message(pap.SECURITY_REQUEST, pap.host_name("a")))
    before = router.state()
    # Without header and options, whose lengths decide which answer comes, and without the ids.
    tagged = {*range(6, 16), *range(20, 21), *range(len(octets) - 20, len(octets))}
    for place in sorted(tagged):
        for bit in range(8):
            wrong = bytearray(octets)
            wrong[place] ^= 1 << bit
            untagged(one.exchange(bytes(wrong)), pap.NOT_AUTHENTICATED, wrong)
    for key, direction in ((one.key, pap.FROM_HOST), (one.session_key, pap.FROM_ROUTER)):
        wrong = pap.seal(octets[:-16] + bytes(16), key, direction)
        untagged(one.exchange(wrong), pap.NOT_AUTHENTICATED, wrong)
    expect_equal("state", router.state(), before)
    expect_equal("the message itself", pap.decode(one.exchange(octets)).code, 0)


def other_session(router, record):
    """An unknown session is said, and nothing is lost by it."""
    one = host(router, record)
    one.hello()
    one.lease_slot()
    octets = one.message(pap.SECURITY_REQUEST).sealed(
        one.session_key, pap.FROM_HOST, one.key_id, one.session ^ 1, one.sequence + 1)
    untagged(one.exchange(octets), pap.NO_SESSION, octets)
    one.lease_slot()


def repeated_request(router, record):
    """The last request once more has the same answer, bit for bit, and is not acted on."""
    one = host(router, record)
    one.hello()
    one.lease_slot()
    request = one.sealed(one.message(
        pap.ADDRESS_VALIDATE, pap.valid(pap.Entry("192.0.2.1", pap.ESP))))
    first = one.exchange(request)
    expect_equal("code", pap.decode(first).code, 0)
    router.ctl("invalidate", "192.0.2.1", "--host", one.name)
    one.notices.clear()
    for _ in range(3):
        expect_equal("the answer", one.exchange(request), first)
    expect_equal("entries", router.entries(one.name), set())
    later = one.sealed(one.message(pap.SECURITY_REQUEST))
    expect_equal("a later request", pap.decode(one.exchange(later)).code, 0)
    expect_equal("then it is a replay", pap.decode(one.exchange(request)).code, pap.REPLAYED)
    expect_equal("entries", router.entries(one.name), set())


def window(router, record):
    """Sequences are taken in any order, once, and not more than 63 behind the highest."""
    one = host(router, record)
    one.hello()

    def code(sequence):
        message = one.message(pap.SECURITY_REQUEST, pap.lifetime(one.random.randrange(120, 9999)))
        answer = one.exchange(message.sealed(
            one.session_key, pap.FROM_HOST, one.key_id, one.session, sequence))
        expect(pap.is_authentic(answer, one.session_key, pap.FROM_ROUTER), "no tag")
        return pap.decode(answer).code

    steps = (
        (0, pap.REPLAYED), (1, 0), (1, pap.REPLAYED), (100, 0), (37, 0), (37, pap.REPLAYED),
        (36, pap.REPLAYED), (99, 0), (100, pap.REPLAYED), (163, 0), (100, pap.REPLAYED), (101, 0),
        (99, pap.REPLAYED), (0xfffffffe, 0), (163, pap.REPLAYED), (0xffffffff, 0),
        (0xffffffff, pap.REPLAYED), (0xffffffff - 63, 0), (0xffffffff - 64, pap.REPLAYED))
    for sequence, wanted in steps:
        expect_equal(f"sequence {sequence}", code(sequence), wanted)
    router_sequences = [
        message.authentication.sequence for message in decoded(record, one)
        if message.authentication and message.authentication.session == one.session]
    expect_equal("the router's sequences", router_sequences, list(range(1, len(steps) + 1)))


def decoded(record, one):
    """What the router sent to the host."""
    return [
        pap.decode(octets) for _, source, destination, octets in record.datagrams
        if source == one.router and destination == one.socket.getsockname()]


def old_session_ends(router, record):
    """The first message in a new session ends the old one, and no other thing does."""
    one = host(router, record)
    one.hello()
    one.lease_slot()
    old = one.session, one.session_key, one.sequence, one.window
    one.hello()
    new = one.session, one.session_key, one.sequence, one.window
    one.session, one.session_key, one.sequence, one.window = old
    one.lease_slot()
    sequence = one.sequence
    one.session, one.session_key, one.sequence, one.window = new
    one.lease_slot()
    one.session, one.session_key, one.sequence, one.window = old
    one.sequence = sequence
    request = one.sealed(one.message(pap.SECURITY_REQUEST))
    untagged(one.exchange(request), pap.NO_SESSION, request)


def versions(router, record):
    """Another version is told which one is spoken; with a wrong length it is dropped."""
    one = host(router, record)
    one.hello()
    for version in (0, 1, 3, 255):
        for octets in (
                one.message(pap.SECURITY_REQUEST).octets(version=version),
                one.sealed(one.message(pap.SECURITY_REQUEST), version=version)):
            answer = one.exchange(octets)
            expect_equal("version", answer[0], 2)
            untagged(answer, pap.UNSUPPORTED_VERSION, octets)
            wrong = octets[:4] + (len(octets) + 4).to_bytes(2, "big") + octets[6:]
            expect_equal("an answer", one.exchange(wrong, seconds=0.1), None)


def silence(router, record):
    """What is shorter than a header, and responses, are not answered."""
    one = host(router, record)
    one.hello()
    one.lease_slot()
    before = router.state()
    for length in range(16):
        short = one.message(pap.PORT_REQUEST).octets()[:length]
        expect_equal("an answer", one.exchange(short, seconds=0.03), None)
    for kind in range(1, 11):
        response = one.message(kind, response=True)
        for octets in (response.octets(), one.sealed(response)):
            expect_equal(f"an answer to {kind}", one.exchange(octets, seconds=0.03), None)
    # Of when the host was last heard of, section 11 says nothing.
    expect_equal("state", unheard(router.state()), unheard(before))
    one.lease_slot()
