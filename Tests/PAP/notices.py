"""What the router says by itself: withdraw-notice and announce (11)."""

import time

import pap
from checks import eventually, expect, expect_equal
from entries import joined
from pap import AH, ESP, Entry

HOST, OTHER = "host20", "host21"


def check(results, router, record):
    for function in (notice, repeats, leases, waits, restart):
        name = f"notices: {function.__doc__.splitlines()[0].rstrip('.')}"
        results.run(name, function, router, record)


def noticed(one, address, seconds=10):
    """The notice that names the address, when it comes; others are acknowledged."""
    def look():
        octets = one.receive(0.05)
        if octets is None:
            return None
        expect(one.unasked(octets), "an answer to nothing")
        while one.notices:
            message, is_new = one.notices.pop()
            expect(is_new, "a sequence twice")
            if address in addresses(message):
                return message
            one.send(one.acknowledge(message))
        return None
    return eventually(f"a withdraw-notice about {address}", look, seconds, pause=0)


def addresses(message):
    return {entry.address for entry in message[pap.INVALID]}


def notice(router, record):
    """What the operator takes away is told, with the reason, until it is acknowledged."""
    one = joined(router, record, HOST)
    first, second = Entry("192.0.2.60", ESP, one.spi(1), 5), Entry("192.0.2.61", AH)
    one.validate(first, second)
    router.ctl("revoke", "192.0.2.60", "--host", one.name, "--reason", "stolen key")
    message = noticed(one, "192.0.2.60")
    expect(not message.response and message.code == 0, "not a notice")
    expect_equal("entries", message[pap.INVALID], [first])
    expect_equal("reason", message[pap.REASON], "stolen key")
    expect_equal("epoch", message.epoch, one.epoch)
    one.send(one.acknowledge(message))
    router.ctl("invalidate", "192.0.2.61")
    message = noticed(one, "192.0.2.61")
    expect_equal("entries", message[pap.INVALID], [second])
    one.send(one.acknowledge(message))
    router.ctl("unrevoke", "192.0.2.60", "--host", one.name)


def repeats(router, record):
    """A notice that is not acknowledged comes up to five times, one that is only once."""
    one, other = joined(router, record, HOST), joined(router, record, OTHER)
    for host in (one, other):
        host.validate(Entry("192.0.2.62", ESP))
    router.ctl("revoke", "192.0.2.62")
    try:
        other.send(other.acknowledge(noticed(other, "192.0.2.62")))
        # The last comes 3.75 s after the first, and a sixth would come after 8 s.
        deadline = time.monotonic() + 9
        while time.monotonic() < deadline:
            octets = one.receive(0.2)
            expect(octets is None or one.unasked(octets), "an answer to nothing")
    finally:
        router.ctl("unrevoke", "192.0.2.62")
    transactions = {message.transaction for message, _ in one.notices}
    expect_equal("notices", (len(one.notices), len(transactions)), (5, 1))
    expect(all(is_new for _, is_new in one.notices), "a sequence twice")
    expect_equal("after the acknowledgement", other.drain(), [])


def leases(router, record):
    """A host that is suspended hears which leases it cannot use."""
    one = joined(router, record, "host22")
    one.lease_ports()
    router.ctl("suspend", one.name)
    seen = {}
    try:
        def look():
            octets = one.receive(0.05)
            if octets is not None:
                one.unasked(octets)
            while one.notices:
                message, _ = one.notices.pop()
                one.send(one.acknowledge(message))
                seen.update({kind: message[kind] for kind in (pap.SPIS, pap.PORTS)
                             if kind in message})
            return len(seen) == 2
        eventually("a notice of both leases", look, pause=0)
    finally:
        router.ctl("resume", one.name)
    expect_equal("leases", seen, {pap.SPIS: (one.slot << 16, 65536), pap.PORTS: one.ports})
    expect_equal("slot afterwards", one.lease_slot()[pap.SPIS], seen[pap.SPIS])


def waits(router, record):
    """A host that has no session hears the notice in its next one."""
    one = joined(router, record, "host23")
    one.validate(Entry("192.0.2.63", ESP))
    one.close()
    router.ctl("revoke", "192.0.2.63", "--reason", "while you were away")
    try:
        again = router.host("host23", record=record)
        again.hello()
        again.lease_slot()
        message = noticed(again, "192.0.2.63")
        expect_equal("reason", message[pap.REASON], "while you were away")
        again.send(again.acknowledge(message))
    finally:
        router.ctl("unrevoke", "192.0.2.63")


def restart(router, record):
    """A restart is announced three times, 1 s apart; the epoch, leases and entries are as before."""
    one = joined(router, record, HOST)
    entry = Entry("192.0.2.70", ESP, one.spi(9), 5)
    one.validate(entry)
    epoch, slot = one.epoch, one.slot
    router.restart()
    times = []
    while len(times) < 4 and (octets := one.receive(3)) is not None:
        expect(one.unasked(octets) and len(one.announcements) == len(times) + 1, "no announce")
        times.append(time.monotonic())
    expect_equal("announcements", len(times), 3)
    for message in one.announcements:
        expect_equal("code and options", (message.code, list(message.options)), (0, []))
        expect(message.authentication is None and not message.response, "tagged, or a response")
        expect_equal("epoch", message.epoch, router.ask("status")["epoch"])
    apart = [after - before for before, after in zip(times, times[1:])]
    expect(all(0.5 < seconds < 2.5 for seconds in apart), f"{apart} seconds apart")
    one.hello()
    one.lease_slot()
    expect_equal("epoch and slot", (one.epoch, one.slot), (epoch, slot))
    expect(entry in router.entries(one.name), "the entry is gone")
