"""What hosts and operators do to a router until it dies, all of them at once.

In one round each host asks one thing and the operator some, no two of them about the same fact, so
that the order in which the router takes them makes no difference.
"""

import random
import selectors
import time

import pap
from model import ANY
from orders import Orders
from router import Died

PEERS = [f"192.0.2.{number}" for number in range(1, 41)]
# SPIs that lie in no slot, so that no lease of another host is in the way.
CLAIMS = range(0x1000, 0x1018)
# Seconds after which a question is asked once more, and after which an answer is missed.
REPEAT, PATIENCE = 0.5, 10.0


class Silent(Exception):
    """A living router has not answered."""


class Load:
    def __init__(self, router, model, hosts, choose):
        self.router, self.model, self.hosts, self.choose = router, model, hosts, choose
        self.answers = 0
        self.orders = Orders(model, hosts, choose)

    def greet(self):
        """New sessions for all hosts."""
        for host in self.hosts:
            host.hello()
        self.wait({host: (lambda answer: None) for host in self.hosts})

    def run(self, seconds):
        """Goes on until the router dies or the time is over."""
        end = time.monotonic() + seconds
        try:
            while time.monotonic() < end:
                self.round()
        except Died:
            return

    def round(self):
        busy = set(self.orders.held)
        orders = [self.orders.next(busy, PEERS)]
        orders += [self._order(busy) for _ in range(self.choose.randrange(3))]
        orders = [order for order in orders if order]
        waiting = {}
        for host in self.hosts:
            if host.name not in busy and self.choose.random() < 0.8:
                waiting[host] = self._question(host, busy)
        for (verb, arguments), audit, _ in orders:
            self.model.open_actions += audit
            self.router.send(verb, **arguments)
        self.wait(waiting)
        for (verb, arguments), audit, done in orders:
            self._finish(verb, arguments, audit, done)

    # Operators

    def _order(self, busy):
        """An operator's action: what to send, its rows of the audit log, what its success settles."""
        address = self._free_peer(busy)
        if self.choose.random() < 0.15:
            return self._suspension(busy)
        fact = self.model.revocation(address)
        verb = "unrevoke" if fact.value else "revoke"
        fact.begin(verb == "revoke")
        entries = [facts.entry(address) for facts in self.model.hosts.values()]
        if verb == "revoke":
            for entry in entries:
                entry.begin(False)

        def done(_):
            fact.settle(verb == "revoke")
            if verb == "revoke":
                for entry in entries:
                    entry.settle(False)
        return (verb, {"target": address}), [(verb, f"{address}/32")], done

    def _suspension(self, busy):
        name = self.choose.choice([host.name for host in self.hosts])
        if name in busy:
            return None
        busy.add(name)
        fact = self.model.hosts[name].suspended
        verb = "resume" if fact.value else "suspend"
        fact.begin(verb == "suspend")
        return (verb, {"host": name}), [(verb, name)], lambda _: fact.settle(verb == "suspend")

    def _finish(self, verb, arguments, audit, done):
        answer = self.router.receive()
        if not answer["durable"]:
            raise Silent(f"{verb} {arguments} is not durable: {answer['message']}")
        wrong = done(answer)
        if wrong:
            raise Silent(f"{verb} {arguments}: {wrong}")
        self.answers += 1
        for row in audit:
            self.model.open_actions.remove(row)
            self.model.acted.append((*row, "done"))

    # Hosts

    def _free_peer(self, busy):
        free = [peer for peer in PEERS if peer not in busy]
        peer = self.choose.choice(free)
        busy.add(peer)
        return peer

    def _question(self, host, busy):
        """Asks something; what its answer settles."""
        facts = self.model.hosts[host.name]
        if facts.suspended.value:
            return self._refused(host, busy)
        kind = self.choose.random()
        claims = self.model.claims_of(host.name)
        if kind < 0.04 or facts.slot.value is None and not (claims and kind < 0.5):
            return self._slot(host, facts)
        if kind < 0.1:
            return self._ports(host, facts)
        if kind < 0.25:
            return self._claim(host, facts, busy)
        return self._entry(host, facts, busy)

    def _refused(self, host, busy):
        host.ask(pap.ADDRESS_VALIDATE, pap.entry(pap.VALID, self._free_peer(busy)))

        def check(answer):
            if answer.code != pap.PROHIBITED:
                raise Silent(f"{host.name} is suspended and got code {answer.code}")
        return check

    def _slot(self, host, facts):
        slot = facts.slot.value
        if slot is None:
            facts.slot.begin(ANY)
            host.ask(pap.SECURITY_REQUEST, pap.spis(0))

            def granted(answer):
                if answer.code != pap.SUCCESS:
                    raise Silent(f"{host.name} got no slot: {answer.code}")
                if self.model.slots.forbids(answer.slot, host.name):
                    raise Silent(f"{host.name} got slot {answer.slot} out of quarantine")
                facts.slot.settle(answer.slot)
            return granted
        facts.slot.begin(None)
        # With a claim the host still holds an SPI, and its entries are for all that it holds.
        loses = not self.model.claims_of(host.name)
        if loses:
            self.model.lose_entries(host.name, when_certain=False)
        self.model.slots.add(slot, host.name)
        host.ask(pap.SECURITY_INVALIDATE, pap.spis(slot << 16))

        def released(answer):
            expect_success(host, answer)
            facts.slot.settle(None)
            if loses:
                self.model.lose_entries(host.name, when_certain=True)
        return released

    def _ports(self, host, facts):
        first = facts.ports.value
        if first is None:
            facts.ports.begin(ANY)
            host.ask(pap.PORT_REQUEST, pap.ports(0))

            def granted(answer):
                expect_success(host, answer)
                if self.model.ports.forbids(answer.ports[0], host.name):
                    raise Silent(f"{host.name} got ports {answer.ports} out of quarantine")
                facts.ports.settle(answer.ports[0])
            return granted
        facts.ports.begin(None)
        self.model.ports.add(first, host.name)
        host.ask(pap.PORT_INVALIDATE, pap.ports(first))

        def released(answer):
            expect_success(host, answer)
            facts.ports.settle(None)
        return released

    def _claim(self, host, facts, busy):
        spi = self.choose.choice([spi for spi in CLAIMS if spi not in busy])
        busy.add(spi)
        holder, released = self.model.claim(spi), self.model.claimed
        if holder.value == host.name and self.choose.random() < 0.7:
            return self._unclaim(host, facts, spi, holder)
        wanted = {pap.SUCCESS}
        if holder.value not in (None, host.name) or released.forbids(spi, host.name):
            wanted = {pap.IN_USE}
        elif released.may_forbid(spi, host.name):
            wanted = {pap.SUCCESS, pap.IN_USE}
        if pap.SUCCESS in wanted:
            holder.begin(host.name)
        host.ask(pap.SECURITY_REQUEST, pap.spis(spi, 1))

        def claimed(answer):
            if answer.code not in wanted:
                raise Silent(f"{host.name} claims SPI {spi}: code {answer.code}, not {wanted}")
            if answer.code == pap.SUCCESS:
                holder.settle(host.name)
            elif pap.SUCCESS in wanted:
                holder.settle(None)
        return claimed

    def _unclaim(self, host, facts, spi, holder):
        loses = facts.slot.value is None and self.model.claims_of(host.name) == [spi]
        holder.begin(None)
        if loses:
            self.model.lose_entries(host.name, when_certain=False)
        self.model.claimed.add(spi, host.name)
        host.ask(pap.SECURITY_INVALIDATE, pap.spis(spi, 1))

        def released(answer):
            expect_success(host, answer)
            holder.settle(None)
            if loses:
                self.model.lose_entries(host.name, when_certain=True)
        return released

    def _entry(self, host, facts, busy):
        address = self._free_peer(busy)
        fact, revoked = facts.entry(address), self.model.revocation(address)
        if self.choose.random() < 0.3:
            fact.begin(False)
            host.ask(pap.ADDRESS_INVALIDATE, pap.entry(pap.INVALID, address))

            def invalidated(answer):
                expect_success(host, answer)
                fact.settle(False)
            return invalidated
        if not revoked.value:
            fact.begin(True)
        host.ask(pap.ADDRESS_VALIDATE, pap.entry(pap.VALID, address))

        def validated(answer):
            wanted = pap.PROHIBITED if revoked.value else pap.SUCCESS
            if answer.code != wanted:
                raise Silent(f"{host.name} validates {address}: code {answer.code}, not {wanted}")
            if wanted == pap.SUCCESS:
                fact.settle(True)
        return validated

    def wait(self, waiting):
        """Waits for the answers of hosts, and settles what they say."""
        selector = selectors.DefaultSelector()
        for host in waiting:
            selector.register(host.socket, selectors.EVENT_READ, host)
        began = repeated = time.monotonic()
        waiting = dict(waiting)
        while waiting:
            for key, _ in selector.select(0.05):
                answer = key.data.answer()
                if answer is not None and key.data in waiting:
                    waiting.pop(key.data)(answer)
                    self.answers += 1
            now = time.monotonic()
            if waiting and not self.router.is_alive:
                raise Died
            if now - began > PATIENCE:
                raise Silent(f"no answer to {[host.name for host in waiting]}")
            if now - repeated > REPEAT:
                repeated = now
                for host in waiting:
                    host.repeat()


def expect_success(host, answer):
    if answer.code != pap.SUCCESS:
        raise Silent(f"{host.name}: code {answer.code}")


def seeded(seed):
    return random.Random(seed)
