"""Fifty consoles on one engine: some act, one is stopped, one is greedy, ten are killed."""

import contextlib
import json
import os
import select
import signal
import statistics
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from checks import Failed, eventually, expect, expect_equal
from lab import Control, program
from numbered import addresses
from ownsite import Terminal

ATTACHED, FOLLOWERS, SEERS, LISTENERS = 12, 14, 8, 16
ALL = ATTACHED + FOLLOWERS + SEERS + LISTENERS
ACTIONS = 20
# Peers whose packets flow, and strangers whose packets are dropped, a row of the drop log each.
PEERS, RATE = ("198.18.0.1", 1000), 3000
STRANGERS, DROPS = ("198.19.0.1", 5000), 400
# Tables that a client asks for and never reads: some 150 MB of answers.
UNREAD = 800
# Seconds that the engine waits for one who does not read.
PATIENCE = 10
# Octets by which the engine may have grown with all of them, greedy and stopped ones included.
GROWTH = 16 << 20


def check(results, site):
    results.run("operators: 50 consoles: stopped, greedy and killed ones cost nobody anything",
                fifty, site)


class Seer(Control):
    """A console that looks at the revocations whenever something has changed."""

    def __init__(self, path):
        super().__init__(path)
        self.ask("subscribe", events=["changes"])

    def sees(self, target):
        """Waits until an event leads it to a revocation; when that was."""
        while True:
            line = self.file.readline()
            if not line:
                raise Failed("the engine closed a console's socket")
            if json.loads(line).get("event") == "changes" and any(
                    row["target"] == target for row in self.ask("revocations")):
                return time.monotonic()


class Crowd:
    """Consoles in pseudo-terminals, followers of the drop log, and clients of the socket."""

    def __init__(self, site):
        self.site = site
        self.terminals = [
            Terminal([program(), "attach", "--socket", site.socket]) for _ in range(ATTACHED)]
        self.followers = [
            subprocess.Popen(
                [program(), "ctl", "drops", "--follow", "--json", "--socket", site.socket],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            for _ in range(FOLLOWERS)]
        self.seers = [Seer(site.socket) for _ in range(SEERS)]
        self.listeners = [Control(site.socket) for _ in range(LISTENERS)]
        for listener in self.listeners:
            listener.ask("subscribe", events=["drops", "changes"])
        self.ending = False
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        """Reads what terminals and listeners get, and forgets it."""
        sources = [terminal.master for terminal in self.terminals]
        sources += [listener.socket.fileno() for listener in self.listeners]
        while not self.ending:
            for source in select.select(sources, [], [], 0.1)[0]:
                # A terminal whose program has ended cannot be read.
                with contextlib.suppress(OSError):
                    if os.read(source, 1 << 16):
                        continue
                sources.remove(source)

    def close(self):
        self.ending = True
        self.reader.join()
        for follower in self.followers:
            follower.kill()
            follower.wait()
        for terminal in self.terminals:
            terminal.close()
        for client in (*self.seers, *self.listeners):
            client.close()


class Questions(threading.Thread):
    """Asks for the status again and again; how long each answer took."""

    def __init__(self, site):
        super().__init__(daemon=True)
        self.control, self.seconds, self.ending = Control(site.socket), [], False

    def run(self):
        while not self.ending:
            began = time.monotonic()
            self.control.ask("status")
            self.seconds.append(time.monotonic() - began)
            time.sleep(0.02)

    def end(self):
        self.ending = True
        self.join()
        self.control.close()


def fifty(site):
    slot, alone = site.lease("hosta"), sockets(site)
    first, count = PEERS
    site.validate("hosta", addresses(first, count))
    with (site.receiver(first, count) as receiver,
          site.sender(first, count, slot << 16, RATE) as sender,
          site.sender(*STRANGERS, slot << 16, DROPS)):
        crowd = Crowd(site)
        try:
            with_crowd(site, crowd)
        finally:
            crowd.close()
        sent = sender.end()
        eventually("every packet has arrived",
                   lambda: receiver.report().counts == sent.counts, 10)
    print(f"     {sent.total} packets sent and received", flush=True)
    eventually("all clients are forgotten", lambda: sockets(site) == alone)


def with_crowd(site, crowd):
    eventually(f"{ALL} consoles", lambda: subscribed(site) == ALL, 60)
    everyone_sees(site, crowd.seers)
    before, clients = memory(site), sockets(site)
    questions, most = Questions(site), [before]
    questions.start()
    # A console, which is told little, and a follower, which is told much.
    stopped = [children(crowd.terminals[0].pid)[0], crowd.followers[0].pid]
    greedy = Control(site.socket)

    def forgotten():
        most.append(memory(site))
        # The dead, the stopped follower and the greedy client, which came after the count; one
        # more asks the questions.
        return sockets(site) <= clients - 11 + 1
    try:
        for process in stopped:
            os.kill(process, signal.SIGSTOP)
        greedy.socket.sendall(b"".join(
            json.dumps({"id": number, "verb": "sa"}).encode() + b"\n"
            for number in range(UNREAD)))
        kill_ten(crowd)
        eventually("the dead, the stopped and the greedy are forgotten", forgotten, 60)
    finally:
        greedy.close()
        questions.end()
        for process in stopped:
            os.kill(process, signal.SIGCONT)
    told(questions.seconds, before, max(most) - before)
    expect_equal("clients dropped for being slow", site.logged().count("; dropped"), 2)
    eventually("the stopped console goes on", lambda: subscribed(site) == ALL - 11)
    everyone_sees(site, crowd.seers)


def told(seconds, memory_before, grown):
    """What the others cost those who asked, and the engine."""
    print(f"     {len(seconds)} answers meanwhile: median {statistics.median(seconds) * 1000:.1f} ms,"
          f" longest {max(seconds) * 1000:.0f} ms; memory {memory_before >> 20} MiB, grown by "
          f"{grown / 1048576:.1f} MiB", flush=True)
    # Who waits for the slow ones waits as long as those are waited for.
    expect(max(seconds) < PATIENCE, f"an answer took {max(seconds):.1f} s")
    expect(grown < GROWTH, f"the engine has grown by {grown} octets")


def everyone_sees(site, seers):
    """What one console does, the others are told of, sooner or later; how soon is printed."""
    seconds = []
    with ThreadPoolExecutor(max_workers=len(seers)) as pool:
        for number in range(ACTIONS):
            target = f"203.0.113.{number}/32"
            actor = seers[number % len(seers)]
            others = [pool.submit(seer.sees, target) for seer in seers if seer is not actor]
            began = time.monotonic()
            actor.ask("revoke", target=target)
            seconds += [other.result() - began for other in others]
            site.ask("unrevoke", target=target)
    ranked = sorted(seconds)
    print(f"     {len(ranked)} sightings of another console's action: median "
          f"{statistics.median(ranked) * 1000:.0f} ms, 95 of 100 within "
          f"{ranked[len(ranked) * 95 // 100] * 1000:.0f} ms, longest {ranked[-1] * 1000:.0f} ms",
          flush=True)


def kill_ten(crowd):
    """Followers, consoles, and the processes that guard consoles, each without a warning."""
    guards = [terminal.pid for terminal in crowd.terminals[1:6]]
    victims = [*guards[:3], *(children(guard)[0] for guard in guards[3:]),
               *(follower.pid for follower in crowd.followers[1:6])]
    for process in victims:
        os.kill(process, signal.SIGKILL)


def children(process):
    with open(f"/proc/{process}/task/{process}/children", encoding="ascii") as file:
        return [int(word) for word in file.read().split()]


def subscribed(site):
    return site.ask("whoami")["consoles"]


def memory(site):
    """Octets of the engine's that are in memory."""
    with open(f"/proc/{site.process}/status", encoding="ascii") as file:
        return next(int(line.split()[1]) << 10 for line in file if line.startswith("VmRSS"))


def sockets(site):
    """How many sockets the engine has open."""
    folder, count = f"/proc/{site.process}/fd", 0
    for name in os.listdir(folder):
        with contextlib.suppress(OSError):
            count += os.readlink(f"{folder}/{name}").startswith("socket:")
    return count
