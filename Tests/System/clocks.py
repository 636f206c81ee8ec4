"""The wall clock is set, by a second and by years: nothing ends early or late for it.

Engines here see a wall clock that is not the machine's (libfaketime), and at times another monotonic
clock (time_namespaces(7)).
"""

import datetime
import glob
import json
import time

from checks import eventually, expect, expect_equal
from ownsite import pap

HOUR, DAY, YEARS = 3600, 86_400, 10 * 365 * 86_400
JUMPS = (1, -1, HOUR, -HOUR, DAY, -DAY, YEARS, -YEARS, 0)
# Seconds that everything lasts.
SHORT, LONG = 6, 10
# Seconds by which a shown time may be off: it is cut to whole ones, the clock is set while it is
# read, and the machine is loaded.
ERROR = 2
# Seconds after which what has ended must have ended on any machine.
PATIENCE = 6
# A loss of power costs time line and deadlines so much at most (docs/state.md).
LOST = 30
PEER, VICTIM, ADMITTED = "198.18.0.1", "203.0.113.1", "203.0.113.2"
PREFER_FAILURE = 10
LIFETIME = 120


def check(results, site):
    clock = WallClock(site)
    for title, function in (
            ("while the engine runs", while_running), ("across restarts", across_restarts),
            ("a lease ends when its time is over, and not before", leases)):
        results.run(f"operators: the wall clock jumps: {title}", function, site, clock)


class WallClock:
    """What an engine takes for the wall clock: the machine's, and an offset that can be changed."""

    def __init__(self, site):
        self.file = f"{site.folder}/offset"
        library = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")
        self.environment = {
            "LD_PRELOAD": library[0] if library else "", "FAKETIME_TIMESTAMP_FILE": self.file,
            "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1", "NO_FAKE_STAT": "1"}
        self.set(0)

    def set(self, offset):
        self.offset = offset
        with open(self.file, "w", encoding="ascii") as file:
            file.write(f"{offset:+d}\n")

    def now(self):
        return time.time() + self.offset


class Term:
    """Something that ends by itself: asked whether it is there, it must be until its time is over.

    It began between two moments of the monotonic clock."""

    def __init__(self, what, seconds, begin, is_there):
        self.what, self.seconds, self.is_there = what, seconds, is_there
        self.earliest = time.monotonic() + seconds
        begin()
        self.latest = time.monotonic() + seconds

    def look(self):
        found = self.is_there()
        expect(found or time.monotonic() >= self.earliest, f"{self.what} has ended early")
        return found

    def ends(self, late=0):
        """Waits for the end, which may be so many seconds late."""
        left = self.latest - time.monotonic() + late
        eventually(f"{self.what} ends in time", lambda: not self.look(), left + PATIENCE)


def seconds_of(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def row_of(site, verb, key, value):
    return next((row for row in site.ask(verb) if row[key] == value), None)


def give_back(site, name, slot):
    answer = site.request(name, pap.SECURITY_INVALIDATE, pap.spis(slot << 16))
    expect_equal(f"result of giving back {slot:#06x}", answer.code, pap.SUCCESS)


def quarantined(site, slot, other):
    """Whether a host that never had any is refused the slot that hostb gave back."""
    answer = site.request(
        other, pap.SECURITY_REQUEST, pap.option(PREFER_FAILURE, b"") + pap.spis(slot << 16))
    return answer.code != pap.SUCCESS


def begin_terms(site, seconds, other):
    """A revocation, an entry, and a quarantine that keeps a slot from another host."""
    slot = site.lease("hostb")
    return [
        Term("the revocation", seconds, lambda: site.ask(
            "revoke", target=VICTIM, **{"for": seconds}),
             lambda: row_of(site, "revocations", "target", f"{VICTIM}/32")),
        Term("the entry", seconds, lambda: site.ask(
            "validate", address=ADMITTED, host="hosta", **{"for": seconds}),
             lambda: row_of(site, "sa", "address", ADMITTED)),
        Term("the quarantine", seconds, lambda: give_back(site, "hostb", slot),
             lambda: quarantined(site, slot, other))]


def while_running(site, clock):
    clock.set(0)
    site.configure(quarantine=SHORT)
    site.start(environment=clock.environment)
    slot = site.lease("hosta", LIFETIME)
    site.validate("hosta", [PEER])
    with (site.sender(PEER, 1, slot << 16, 200),
          site.sender("198.19.0.1", 1, slot << 16, 200)):
        terms = begin_terms(site, SHORT, "hostc")
        for offset in JUMPS:
            clock.set(offset)
            shows_sane_times(site, clock, terms)
            for term in terms:
                term.look()
        for term in terms:
            term.ends()
        # A second back each time adds up.
        terms = begin_terms(site, SHORT, "hostd")
        for second in range(2 * PATIENCE):
            clock.set(-second)
            time.sleep(0.3)
            for term in terms:
                term.look()
        for term in terms:
            term.ends()


def shows_sane_times(site, clock, terms):
    """Soon after a jump every time that is shown is one of the new clock."""
    def near(text, moment):
        return text is not None and abs(seconds_of(text) - moment) <= ERROR

    def all_sane():
        now, left = clock.now(), terms[0].latest - time.monotonic()
        revocation = row_of(site, "revocations", "target", f"{VICTIM}/32")
        entry, host = row_of(site, "sa", "address", PEER), row_of(site, "hosts", "name", "hosta")
        stats, status = site.ask("stats"), site.ask("status")
        drops = site.ask("drops", last=1)
        return (
            (left < 1 or revocation and near(revocation["expires"], now + left)
             and near(revocation["created"], now + left - SHORT))
            and near(entry["lastSeen"], now) and near(host["lastSeen"], now)
            and seconds_of(entry["created"]) <= now + ERROR
            and now < seconds_of(host["leaseExpires"]) <= now + LIFETIME + ERROR
            and drops and near(drops[0]["time"], now)
            and near(stats["since"], now - status["uptimeSeconds"]))
    try:
        eventually("sane times", all_sane, 3)
    except Exception as error:
        shown = {verb: site.ask(verb)[-1:] for verb in ("revocations", "sa", "hosts", "drops")}
        shown["since"] = site.ask("stats")["since"]
        raise type(error)(f"the clock is set by {clock.offset} s; {json.dumps(shown)}") from error


def across_restarts(site, clock):
    site.configure(quarantine=LONG)
    restart(site, clock, 0)
    terms = begin_terms(site, LONG, "hoste")
    for number, offset in enumerate(JUMPS):
        # Orderly and not, by turns.
        restart(site, clock, offset, signal=15 if number % 2 else 9)
        for term in terms:
            term.look()
        revocation = row_of(site, "revocations", "target", f"{VICTIM}/32")
        wanted = clock.now() + terms[0].latest - time.monotonic()
        expect(not revocation or abs(seconds_of(revocation["expires"]) - wanted) <= ERROR,
               f"the clock is set by {offset} s: {revocation}, to end at {wanted}")
    for term in terms:
        term.ends()


def restart(site, clock, offset, *before, signal=9):
    site.kill(signal)
    clock.set(offset)
    site.start(*before, environment=clock.environment)
    for name in site.sessions:
        site.greet(name)


def leases(site, clock):
    """The shortest lease that there is, while the machine's own clock goes on by most of it."""
    restart(site, clock, 0)
    give_back(site, "hosta", site.lease("hosta"))

    def leased():
        return row_of(site, "hosts", "name", "hosta")["slot"]
    lease = Term("the lease", LIFETIME, lambda: site.lease("hosta", LIFETIME), leased)
    on = int(lease.earliest - time.monotonic()) - SHORT
    # Time has gone on for the machine; the wall clock is set back by more than that.
    restart(site, clock, -YEARS, "unshare", "--time", "--monotonic", str(on), "--fork",
            "--kill-child")
    lease.earliest -= on
    lease.latest -= on
    expect(lease.look(), "the lease has ended early")
    lease.ends()
    revocation = Term(
        "the revocation", SHORT, lambda: site.ask("revoke", target=VICTIM, **{"for": SHORT}),
        lambda: row_of(site, "revocations", "target", f"{VICTIM}/32"))
    # And back to the machine's own clock, which is another one, as after a reboot.
    restart(site, clock, YEARS)
    expect(revocation.look(), "the revocation has ended early")
    revocation.ends(late=LOST)
    site.kill()
