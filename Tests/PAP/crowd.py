"""Two hundred hosts at once: they lease, renew and validate, and every limit holds (14)."""

import threading
import time

import pap
from checks import expect, expect_equal
from roads import no_double_lease

HOSTS = 200
ENTRIES = 40
BLOCKS = 62


def check(results, router, record):
    hosts = [router.host(name, record=record) for name in router.names]
    results.run("crowd: 200 hosts lease, renew and validate at once", crowd, router, hosts)
    results.run("crowd: the ports are used up, and shared out once", ports_used_up, router, hosts)
    results.run("crowd: a host that asks too often waits, and nobody else", rate, router, hosts)


def at_once(hosts, function):
    """Calls the function for each host on a thread of its own, all released together."""
    errors = []
    barrier = threading.Barrier(len(hosts))

    def work(one):
        try:
            barrier.wait()
            function(one)
        except Exception as error:
            errors.append(f"{one.name}: {error!r}")

    threads = [threading.Thread(target=work, args=(one,)) for one in hosts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    expect(not errors, f"{len(errors)} hosts failed: {errors[:3]}")


def wanted(one):
    return [pap.Entry(f"198.18.{number}.1", pap.ESP, one.spi(number)) for number in range(ENTRIES)]


def crowd(router, hosts):
    def live(one):
        one.hello()
        one.lease_slot()
        for _ in range(3):
            entries = wanted(one)
            expect_equal("validating", one.validate(*entries).code, 0)
            one.lease_slot()
        more = one.validate(pap.Entry("198.19.0.1"))
        expect_equal("one entry more", more.code, pap.QUOTA_EXCEEDED)
        one.invalidate(entries[0])

    at_once(hosts, live)
    slots, _ = no_double_lease(router)
    expect_equal("slots", slots, {f"0x{one.slot:04x}": one.name for one in hosts})
    rows = router.ask("sa")
    expect_equal("entries", len(rows), HOSTS * (ENTRIES - 1))
    found = {(row["host"], row["address"], row["spiIn"]) for row in rows}
    expect_equal("entries", found, {
        (one.name, entry.address, f"0x{entry.spi_in:08x}")
        for one in hosts for entry in wanted(one)[1:]})


def ports_used_up(router, hosts):
    codes = {}

    def lease(one):
        codes[one.name] = one.request(pap.PORT_REQUEST).code

    at_once(hosts, lease)
    expect_equal("granted", list(codes.values()).count(0), BLOCKS)
    expect_equal("refused", list(codes.values()).count(pap.NO_RESOURCES), HOSTS - BLOCKS)
    _, units = no_double_lease(router)
    expect_equal("blocks", sorted(units), [unit for unit in range(1, 64) if unit != 4])


def rate(router, hosts):
    """The limit is for each host, and what it refuses can be sent again."""
    greedy, other = hosts[:2]
    limit = router.limits["requests-per-second"]
    sent = {}
    for _ in range(4 * limit):
        message = greedy.message(pap.SECURITY_REQUEST)
        sent[message.transaction] = message, greedy.sealed(message)
    began = last = time.monotonic()
    for _, octets in sent.values():
        greedy.send(octets)
    answers = []
    while (octets := greedy.receive(1)) is not None:
        last = time.monotonic()
        answers.append(pap.decode(octets))
    granted = [answer for answer in answers if answer.code == 0]
    refused = [answer for answer in answers if answer.code]
    most = limit * (1 + last - began) + 1
    expect(limit / 2 < len(granted) <= most and refused,
           f"{len(granted)} granted, {most:.0f} at most, and {len(refused)} refused")
    for answer in refused:
        expect_equal("code", answer.code, pap.RATE_LIMITED)
        expect(answer.authentication is None, "it is tagged")
        expect_equal("how long to stay away", answer[pap.LIFETIME], 1)
    expect_equal("another host", other.request(pap.SECURITY_REQUEST).code, 0)
    again = sent[refused[-1].transaction]
    expect_equal("the same octets later", greedy.ask(*again).code, 0)
