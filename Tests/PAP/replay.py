"""Recorded messages sent again: none acts, in whatever session (7.3, 16)."""

import random

import pap
from checks import expect, expect_equal

SEED = 4711
MESSAGES = 10_000
HELLOS = 40
HOST = "host1"


def check(results, router, record):
    recorded = []
    if not results.run(f"replay: {MESSAGES} messages are recorded", record_all, router, recorded):
        return
    for function in (same_session, new_session, after_restart):
        name = f"replay: {function.__doc__.splitlines()[0].rstrip('.')}"
        results.run(name, function, router, recorded)


def record_all(router, recorded):
    """Everything that a host can say, many times, as it was sent."""
    source = random.Random(SEED)
    one = router.host(HOST, seed=SEED)
    # In order, and each once, however often it was sent.
    sent = {}
    one.send = lambda octets, send=one.send: (sent.setdefault(octets), send(octets))
    while len(sent) < MESSAGES:
        if len(sent) % (MESSAGES // HELLOS) == 0:
            one.hello()
            one.lease_slot()
        act(one, source)
    recorded += list(sent)[:MESSAGES]
    one.close()


def act(one, source):
    """One request at random; leases come back at once, so that there is something to lose."""
    entries = [
        pap.Entry(f"192.0.2.{source.randrange(1, 100)}", source.choice((0, 50, 51)),
                  source.choice((0, one.spi(source.randrange(1, 30)))))
        for _ in range(source.randrange(1, 4))]
    choice = source.random()
    if choice < 0.5:
        response = one.validate(*entries, seconds=source.choice((None, 1000)))
    elif choice < 0.8:
        response = one.invalidate(*entries)
    elif choice < 0.9:
        response = one.lease_slot(pap.lifetime(source.randrange(600, 9000)))
    elif choice < 0.94:
        response = one.lease_ports(pap.lifetime(source.randrange(600, 9000)))
    elif choice < 0.97:
        response = one.synchronize(entries)[-1]
    else:
        one.give_back()
        response = one.lease_slot()
    expect(response.code in (0, pap.UNSUPPORTED_TYPE), f"code {response.code}")


def ready(router):
    """A host with leases and entries that differ from all that was recorded."""
    one = router.host(HOST)
    one.hello()
    one.lease_slot(pap.lifetime(70_000))
    one.lease_ports(pap.lifetime(80_000))
    one.invalidate(*(pap.Entry(f"192.0.2.{number}") for number in range(1, 48)))
    one.validate(pap.Entry("203.0.113.7", pap.ESP, one.spi(9)), pap.Entry("192.0.2.5"))
    return one


def send_again(router, one, recorded, codes, stored=()):
    """All of it in another order; each answer is one that says no, and nothing has changed."""
    shuffled = random.Random(SEED).sample(recorded, len(recorded))
    attacker = router.host(HOST)
    before = router.state()
    for octets in shuffled:
        answer = attacker.exchange(octets)
        expect(answer is not None, f"no answer to {octets.hex()}")
        if octets in stored:
            expect_equal("the stored answer", answer, stored[octets])
        elif octets[1] == pap.HELLO:
            expect_equal("a hello", answer[2] in (0, pap.RATE_LIMITED), True)
        else:
            expect(answer[2] in codes, f"code {answer[2]} for {octets.hex()}")
    expect_equal("state", router.state(), before)
    attacker.close()
    response = one.request(pap.SECURITY_REQUEST, pap.lifetime(70_000))
    expect_equal("the host's session", response.code, 0)
    one.close()


def same_session(router, recorded):
    """Shuffled in the same session: replayed."""
    one = ready(router)
    sent, answers = [], {}
    plain = one.send
    one.send = lambda octets: (sent.append(octets), plain(octets))
    for number in range(MESSAGES):
        seconds = 70_000 if number == MESSAGES - 1 else 1000 + number % 2000
        kind = (pap.SECURITY_REQUEST, pap.PORT_REQUEST)[number % 2]
        one.request(kind, pap.lifetime(seconds))
    one.request(pap.SECURITY_REQUEST, pap.lifetime(70_000))
    one.request(pap.ADDRESS_VALIDATE, pap.valid(pap.Entry("192.0.2.5")))
    answers = {sent[-1]: one.exchange(sent[-1])}
    one.send = plain
    send_again(router, one, sent, (pap.REPLAYED,), answers)


def new_session(router, recorded):
    """Shuffled in a new session: it does not know them."""
    send_again(router, ready(router), recorded, (pap.NO_SESSION,))


def after_restart(router, recorded):
    """Shuffled after a restart of the router: it does not know them."""
    router.restart()
    send_again(router, ready(router), recorded, (pap.NO_SESSION,))
    one = ready(router)
    before = router.state()
    router.restart()
    attacker = router.host(HOST)
    for octets in random.Random(SEED).sample(recorded, 1000):
        attacker.exchange(octets)
    entries, hosts = router.state()
    expect_equal("entries", entries, before[0])
    expect_equal("leases", leases(hosts), leases(before[1]))


def leases(hosts):
    return [(row["name"], row["slot"], row["ports"], row["leaseExpires"]) for row in hosts]
