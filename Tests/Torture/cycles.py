"""Cycles of load, death and restart, with a look at everything after each."""

import sqlite3
import threading
import time

import chain
import pap
from load import PEERS, Load, Silent, seeded
from model import ANY, Model
from router import ROUTER, Died, Router, host_address, send_esp

# Hosts that work all the time, and those that come once, to try for what is in quarantine.
WORKERS, STRANGERS = 8, 64
FAIL_POINTS = ("before-commit", "after-commit", "before-answer", "after-answer")


class Torture:
    def __init__(self, program, folder, cycles, seed):
        self.choose = seeded(seed)
        self.cycles = cycles
        names = [f"host{number}" for number in range(1, WORKERS + STRANGERS + 1)]
        self.router = Router(program, folder, names)
        self.model = Model(names)
        hosts = [pap.Host(name, number, host_address(number), ROUTER)
                 for number, name in enumerate(names, start=1)]
        self.workers, self.strangers = hosts[:WORKERS], hosts[WORKERS:]
        self.load = Load(self.router, self.model, self.workers, self.choose)
        self.deaths = {}
        self.probes = 0

    def run(self, say):
        """All cycles; what went wrong in the first bad one, or nothing."""
        for cycle in range(self.cycles):
            wrong = self.cycle()
            if wrong:
                return [f"cycle {cycle}: {sentence}" for sentence in wrong]
            if (cycle + 1) % 50 == 0:
                say(f"{cycle + 1} cycles, {self.load.answers} answers, "
                    f"{self.model.audit_rows} rows of the audit log, {self.probes} packets")
        self.router.start()
        wrong = self.look()
        self.router.kill()
        return wrong + self.check_chain()

    def cycle(self):
        point = self._fail_point()
        try:
            if self.router.start(point) is None:
                self._count(point)
                return []
            wrong = self.look()
            if wrong:
                return wrong
            killer = threading.Timer(self.choose.uniform(0.005, 0.3), self.router.process.kill)
            if point is None:
                killer.start()
            self.load.greet()
            self.load.run(seconds=2)
            killer.cancel()
        except Died:
            pass
        except Silent as error:
            return [str(error)]
        finally:
            self.router.kill()
            self.load.orders.die()
        self._count(point or "random moment")
        return []

    def _fail_point(self):
        if self.choose.random() < 0.5:
            return None
        if self.choose.random() < 0.1:
            return "during-load:1"
        return f"{self.choose.choice(FAIL_POINTS)}:{self.choose.randint(1, 30)}"

    def _count(self, death):
        name = death.split(":")[0]
        self.deaths[name] = self.deaths.get(name, 0) + 1

    # The look after a restart

    def look(self):
        ask = self.router.ask
        wrong = self.model.check(
            ask("status"), ask("hosts"), ask("sa"), ask("revocations"), self.stored_claims())
        newest = ask("audit", limit=1)
        count = (newest[0]["sequence"] if newest else 0) - self.model.audit_rows
        rows = ask("audit", limit=count) if count else []
        wrong += self.model.check_audit(ask("audit-verify"), rows)
        return wrong or self.check_packets() or self.check_quarantine()

    def stored_claims(self):
        """Who has claimed which SPI, by the router's own tables."""
        database = sqlite3.connect(f"file:{self.router.store}?mode=ro", uri=True)
        claims = dict(database.execute(
            "SELECT spi, name FROM claims JOIN hosts ON host = number"))
        database.close()
        return claims

    def check_packets(self):
        """Packets of a valid, of a revoked and of an unknown address, to an SPI that a host has."""
        fit = []
        for host in self.workers:
            facts = self.model.hosts[host.name]
            spis = self.model.claims_of(host.name)
            if facts.slot.value is not None:
                spis.append(facts.slot.value << 16 | 0x101)
            if spis and not facts.suspended.value:
                fit.append((host, facts, spis))
        if not fit:
            return []
        host, facts, spis = self.choose.choice(fit)
        spi = self.choose.choice(spis)
        before = self.counts(host)
        wanted = dict(before)
        revoked = [peer for peer in PEERS if self.model.revocation(peer).value]
        valid = [peer for peer, fact in facts.entries.items() if fact.value]
        for peers, reason in (
                (revoked, "address-revoked"), (valid, "forwarded"),
                (["203.0.113.9"], "address-not-validated")):
            if peers:
                send_esp(self.choose.choice(peers), spi, 3)
                wanted[reason] += 3
                self.probes += 3
        deadline = time.monotonic() + 60
        found = self.counts(host)
        while sum(found.values()) < sum(wanted.values()) and time.monotonic() < deadline:
            time.sleep(0.002)
            found = self.counts(host)
        if found != wanted:
            return [f"packets to {host.name}: {found}, not {wanted}"]
        return []

    def counts(self, host):
        drops = self.router.ask("status")["drops"]
        rows = self.router.ask("sa", host=host.name)
        reasons = ("address-revoked", "address-not-validated")
        return {"forwarded": sum(row["packets"] for row in rows),
                **{reason: drops[reason] for reason in reasons}}

    def check_quarantine(self):
        """A host that never had a slot asks for one that another gave back a moment ago."""
        held = {facts.slot.value for facts in self.model.hosts.values()}
        kept = [slot for slot in self.model.slots.last
                if slot not in held and self.model.slots.forbids(slot, "a stranger")]
        if not kept or not self.strangers or self.choose.random() < 0.7:
            return []
        host, slot = self.strangers.pop(), self.choose.choice(kept)
        load = Load(self.router, self.model, [host], self.choose)
        load.greet()
        facts = self.model.hosts[host.name]
        facts.slot.begin(ANY)
        host.ask(pap.SECURITY_REQUEST, pap.spis(slot << 16))
        answers = []
        load.wait({host: answers.append})
        if answers[0].slot == slot:
            return [f"{host.name} got slot {slot}, which is in quarantine"]
        facts.slot.settle(answers[0].slot)
        return []

    # The audit log, by the description of its hash alone

    def check_chain(self):
        database = sqlite3.connect(f"file:{self.router.store}?mode=ro", uri=True)
        number = chain.first_broken(database)
        database.close()
        return [] if number is None else [
            f"row {number} of the audit log does not follow from the one before"]
