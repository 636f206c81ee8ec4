"""A bad road between hosts and router: lost, doubled and late datagrams (2, 7.3)."""

import heapq
import random
import select
import socket
import threading
import time

import pap
from checks import expect, expect_equal
from client import Silence

HOSTS = 16
STEPS = 14
SEEDS = (1, 2)


class Relay:
    """Passes datagrams between hosts and a router, some never, some twice, some late.

    To the router each host's datagrams come from the host's own address, as they must.
    """

    def __init__(self, router, seed, loss=0.15, doubled=0.2, late=0.3, most=0.6):
        self.random = random.Random(seed)
        self.loss, self.doubled, self.late, self.most = loss, doubled, late, most
        self.front = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.front.bind(("10.77.250.1", 0))
        self.address = self.front.getsockname()
        self.router = router
        self.backs = {}
        self.hosts = {}
        self.waiting = []
        self.count = self.lost = self.again = self.delayed = 0
        self.running = True
        self.thread = threading.Thread(target=self.work, daemon=True)
        self.thread.start()

    def work(self):
        while self.running:
            due = self.waiting[0][0] - time.monotonic() if self.waiting else 0.05
            ready, _, _ = select.select([self.front, *self.hosts], [], [], max(0, min(due, 0.05)))
            for one in ready:
                octets, source = one.recvfrom(65535)
                if one is self.front:
                    self.take(octets, self.back(source), self.router)
                else:
                    self.take(octets, self.front, self.hosts[one])
            while self.waiting and self.waiting[0][0] <= time.monotonic():
                _, _, octets, by, to = heapq.heappop(self.waiting)
                by.sendto(octets, to)

    def back(self, host):
        if host not in self.backs:
            one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            one.bind((host[0], 0))
            self.backs[host] = one
            self.hosts[one] = host
        return self.backs[host]

    def take(self, octets, by, to):
        self.count += 1
        copies = 1
        if self.random.random() < self.loss:
            copies, self.lost = 0, self.lost + 1
        elif self.random.random() < self.doubled:
            copies, self.again = 2, self.again + 1
        for _ in range(copies):
            wait = 0.0
            if self.random.random() < self.late:
                wait, self.delayed = self.random.uniform(0, self.most), self.delayed + 1
            heapq.heappush(
                self.waiting, (time.monotonic() + wait, self.random.random(), octets, by, to))

    def close(self):
        self.running = False
        self.thread.join()
        for one in (self.front, *self.hosts):
            one.close()


class Agent:
    """A host that goes on until it has what it wants."""

    def __init__(self, host, seed):
        self.host = host
        self.random = random.Random(f"{seed}/{host.name}")
        self.wanted = set()
        self.error = None

    def run(self):
        try:
            self.again(self.host.hello)
            self.again(self.host.lease_slot)
            for _ in range(STEPS):
                self.step()
            self.settle()
        except Exception as error:
            self.error = error

    def again(self, request, *arguments):
        """Repeats until there is an answer that grants it; a new session if the old one is lost."""
        for _ in range(8):
            try:
                response = request(*arguments)
            except Silence:
                response = None
            if response is not None and response.code == 0:
                return response
            self.host.hello()
        raise AssertionError(f"{self.host.name}: {request} with {arguments} is never granted")

    def step(self):
        one = self.host
        entry = pap.Entry(
            f"192.0.2.{self.random.randrange(1, 9)}", self.random.choice((0, 50, 51)),
            self.random.choice((0, one.spi(self.random.randrange(1, 4)))))
        choice = self.random.random()
        if choice < 0.45:
            self.again(one.validate, entry)
            self.wanted.add(entry)
        elif choice < 0.7 and self.wanted:
            gone = self.random.choice(sorted(self.wanted, key=repr))
            self.again(one.invalidate, gone)
            self.wanted -= {
                held for held in self.wanted
                if held.address == gone.address and gone.protocol in (0, held.protocol)
                and gone.spi_in in (0, held.spi_in)}
        elif choice < 0.8:
            self.again(self.synchronize)
        elif choice < 0.87:
            self.again(one.lease_ports)
        elif choice < 0.94:
            self.again(one.lease_slot)
        else:
            self.again(one.hello)

    def synchronize(self):
        """The answer of the set in parts, or nothing if a session that ended took a part along."""
        last = self.host.synchronize(sorted(self.wanted, key=repr), size=2)[-1]
        return last if last.code or last[pap.PART][0] == 0 else None

    def settle(self):
        self.again(self.host.lease_ports)
        self.again(self.host.lease_slot)


def check(results, router, _):
    for seed in SEEDS:
        results.run(f"bad road, seed {seed}: no double lease, and all converge", converge,
                    router, seed)


def converge(router, seed):
    relay = Relay(router.endpoint, seed)
    agents = []
    try:
        for name in router.names[:HOSTS]:
            host = router.host(name, seed=seed)
            host.router = relay.address
            agents.append(Agent(host, seed))
        for agent in agents:
            clear(router, agent.host)
        threads = [threading.Thread(target=agent.run) for agent in agents]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            no_double_lease(router)
            time.sleep(0.2)
    finally:
        relay.close()
    errors = [agent.error for agent in agents if agent.error]
    expect(not errors, f"{len(errors)} hosts failed: {errors[:3]}")
    for agent in agents:
        row = router.row(agent.host.name)
        expect_equal(f"{agent.host.name}'s slot", row["slot"], f"0x{agent.host.slot:04x}")
        expect_equal(f"{agent.host.name}'s ports", row["ports"],
                     dict(zip(("first", "count"), agent.host.ports)))
        expect_equal(f"{agent.host.name}'s entries", router.entries(agent.host.name), agent.wanted)
    no_double_lease(router)
    expect(relay.lost > 50 and relay.again > 50 and relay.delayed > 50, "the road was good")
    expect(sum(agent.host.repeats for agent in agents) > 20, "nothing was sent again")
    for agent in agents:
        agent.host.close()


def clear(router, host):
    """Begins without leases and entries, on a good road."""
    plain = router.host(host.name)
    plain.hello()
    plain.give_back()
    plain.close()


def no_double_lease(router):
    slots, units = {}, {}
    for row in router.ask("hosts"):
        if row["slot"]:
            expect(row["slot"] not in slots, f"slot {row['slot']} has two hosts")
            slots[row["slot"]] = row["name"]
        if row["ports"]:
            first, count = row["ports"]["first"], row["ports"]["count"]
            for unit in range(first // 1024, (first + count) // 1024):
                expect(unit not in units, f"ports from {unit * 1024} have two hosts")
                units[unit] = row["name"]
    return slots, units
