"""What the router must hold, known from its answers alone.

Each fact is the set of values that it may have: one value once the router has answered, the old and
the new one while a question is open or its answer was lost with the engine. A restart settles it.
"""

import time

ANY = "any"


class Fact:
    def __init__(self, value=None):
        self.values = {value}

    def begin(self, value):
        """A question that would make it `value` is on its way."""
        self.values.add(value)

    def settle(self, value):
        """The router has answered, or was asked after a restart."""
        self.values = {value}

    def allows(self, value):
        return value in self.values or (ANY in self.values and value is not None)

    @property
    def value(self):
        """The value, if it is certain."""
        return next(iter(self.values)) if len(self.values) == 1 else None

    @property
    def is_certain(self):
        return len(self.values) == 1


class HostFacts:
    def __init__(self):
        self.slot, self.ports, self.suspended = Fact(), Fact(), Fact(False)
        self.entries = {}

    def entry(self, address):
        return self.entries.setdefault(address, Fact(False))


class Releases:
    """Who gave what back, and from when on another may have it."""

    # Seconds by which a router's quarantine may begin later than the question that began it.
    SLACK = 60

    def __init__(self, quarantine):
        self.quarantine, self.last = quarantine, {}

    def add(self, unit, host):
        # Noted before the router is asked: its quarantine cannot begin earlier.
        self.last[unit] = (host, time.monotonic())

    def forbids(self, unit, host):
        holder, at = self.last.get(unit, (host, 0))
        return holder != host and time.monotonic() < at + self.quarantine

    def may_forbid(self, unit, host):
        """The same, while the router's own quarantine may not be over yet."""
        holder, at = self.last.get(unit, (host, 0))
        return holder != host and time.monotonic() < at + self.quarantine + self.SLACK


class Model:
    SPI_QUARANTINE, PORT_QUARANTINE = 600, 120

    def __init__(self, names):
        self.hosts = {name: HostFacts() for name in names}
        self.revoked = {}
        self.slots, self.ports = Releases(self.SPI_QUARANTINE), Releases(self.PORT_QUARANTINE)
        # Who has claimed each SPI that lies in no slot.
        self.claims, self.claimed = {}, Releases(self.SPI_QUARANTINE)
        self.epoch = None
        # Answered actions since the last restart, and those whose answer never came.
        self.acted, self.open_actions = [], []
        # Changes of one order whose answer never came: the restart has all of them or none.
        self.together = []
        self.audit_rows = 0

    def revocation(self, address):
        return self.revoked.setdefault(address, Fact(False))

    def claim(self, spi):
        return self.claims.setdefault(spi, Fact())

    def claims_of(self, name):
        return [spi for spi, holder in self.claims.items() if holder.value == name]

    def holds_spis(self, name):
        return self.hosts[name].slot.value is not None or bool(self.claims_of(name))

    def lose_entries(self, name, when_certain):
        """The last SPIs that the host held are gone, or may be."""
        for fact in self.hosts[name].entries.values():
            if when_certain:
                fact.settle(False)
            else:
                fact.begin(False)

    # After a restart

    def check(self, status, hosts, entries, revocations, claims):
        """What is wrong with the state that a restarted router shows, as a list of sentences.

        Claims are {SPI: name} as they are stored; the router shows how many each host has.
        """
        wrong = []
        if self.epoch not in (None, status["epoch"]):
            wrong.append(f"the epoch has changed: {self.epoch}, {status['epoch']}")
        self.epoch = status["epoch"]
        shown = {row["name"]: row for row in hosts}
        valid = {}
        for row in entries:
            valid.setdefault(row["host"], set()).add(row["address"])
        for spi in claims.keys() | self.claims.keys():
            wrong += settle(f"claim of SPI {spi}", self.claim(spi), claims.get(spi))
        for name, facts in self.hosts.items():
            wrong += self._check_host(name, facts, shown[name], valid.get(name, set()))
        wrong += doubles("slot", [row["slot"] for row in hosts])
        wrong += doubles("ports", [row["ports"] and row["ports"]["first"] for row in hosts])
        revoked = {row["target"].removesuffix("/32") for row in revocations}
        wrong += [f"{row['target']} is revoked and not durable after a restart"
                  for row in revocations if not row["durable"]]
        for address in revoked | set(self.revoked):
            wrong += settle(
                f"revocation of {address}", self.revocation(address), address in revoked)
        wrong += [f"{row['host']}: {row['address']} is valid though revoked"
                  for row in entries if row["address"] in revoked]
        return wrong + self._check_together()

    def _check_together(self):
        """An order is one transaction."""
        torn = [changes for changes in self.together
                if len({change.fact.value == change.after for change in changes}) > 1]
        self.together = []
        return [f"an order of {len(changes)} commands was carried out in part" for changes in torn]

    def _check_host(self, name, facts, row, valid):
        wrong = settle(
            f"{name}: slot", facts.slot, row["slot"] and int(row["slot"], 16))
        wrong += settle(f"{name}: ports", facts.ports, row["ports"] and row["ports"]["first"])
        wrong += settle(f"{name}: suspended", facts.suspended, row["state"] == "suspended")
        for what, unit, releases in (
                ("slot", facts.slot.value, self.slots), ("ports", facts.ports.value, self.ports)):
            if unit is not None and releases.forbids(unit, name):
                wrong.append(f"{name} has {what} {unit} of {releases.last[unit][0]} in quarantine")
        claims = self.claims_of(name)
        if row["spisClaimed"] != len(claims):
            wrong.append(f"{name} has {row['spisClaimed']} claims, not {claims}")
        wrong += [f"{name} has claimed {spi}, which is in quarantine"
                  for spi in claims if self.claimed.forbids(spi, name)]
        if facts.slot.value is None and not claims:
            self.lose_entries(name, when_certain=True)
        for address in valid | set(facts.entries):
            wrong += settle(f"{name}: entry {address}", facts.entry(address), address in valid)
        return wrong

    def check_audit(self, finding, rows):
        """What is wrong with the audit log; `rows` are those since the last look."""
        wrong = [] if finding["intact"] else [f"the audit log is broken: {finding}"]
        found = [(row["action"], row["target"], row["result"]) for row in rows]
        rest = list(found)
        for action in self.acted:
            if action in rest:
                rest.remove(action)
            else:
                wrong.append(f"{action} was answered and is not in the audit log")
        for action, target, _ in rest:
            if (action, target) not in self.open_actions:
                wrong.append(f"{action} {target} is in the audit log and nobody did it")
        self.audit_rows += len(found)
        self.acted, self.open_actions = [], []
        return wrong


def settle(what, fact, value):
    right = fact.allows(value)
    wrong = [] if right else [f"{what} is {value}, not one of {sorted(fact.values, key=str)}"]
    fact.settle(value)
    return wrong


def doubles(what, units):
    held = [unit for unit in units if unit is not None]
    return [f"{what} {unit} has two owners" for unit in set(held) if held.count(unit) > 1]
