"""A real router of 100,000 entries in a network namespace of its own, and traffic that changes a tenth
of them each second.

The entries are put into its state before it starts, as a router writes them. What it forwards goes to
a device that nobody reads, so that nothing of it costs more than the router's own work.
"""

import contextlib
import itertools
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.append(str(HERE.parent / "Torture"))
import bulk  # noqa: E402
from router import Router  # noqa: E402

ENTRIES, CHANGING = 100_000, 10_000
NUMBERS = itertools.count(1)


class Seeded:
    """The router, asked through its control socket, and the namespace that it is in."""

    def __init__(self, space, folder, router):
        self.space, self.folder, self.router = space, folder, router
        self.socket, self.pid = router.control, router.process.pid

    def inside(self, *command):
        """The command, run in the router's namespace."""
        return ["ip", "netns", "exec", self.space, *command]

    def forwarded(self):
        """Packets from outside that were forwarded so far."""
        return self.router.ask("status")["packets"]["forwardedInbound"]

    @contextlib.contextmanager
    def traffic(self, rate=CHANGING, drops=20, swing=0.4):
        """About so many packets a second, each for another entry, and so many that are dropped."""
        numbers = [str(number) for number in (rate, drops, swing)]
        process = subprocess.Popen(self.inside(sys.executable, str(HERE / "sender.py"), *numbers))
        try:
            self._await(rate)
            yield
        finally:
            process.terminate()
            process.wait(10)

    def _await(self, rate):
        """What is measured of a table that changes is worth nothing if nothing is forwarded."""
        time.sleep(1)
        before = self.forwarded()
        time.sleep(2)
        if (got := (self.forwarded() - before) / 2) < rate / 2:
            raise RuntimeError(f"{got} packets a second are forwarded, not {rate}")


@contextlib.contextmanager
def namespace(program):
    """A network namespace for a router, and a folder with a program that runs there."""
    space = f"dnat-seeded-{os.getpid()}-{next(NUMBERS)}"
    folder = tempfile.mkdtemp(prefix="dnat-seeded-", dir="/run")

    def ip(*words):
        subprocess.run(["ip", "-n", space, *words], check=True)

    subprocess.run(["ip", "netns", "add", space], check=True)
    try:
        ip("link", "set", "lo", "up")
        ip("addr", "add", "10.0.0.1/32", "dev", "lo")
        ip("tuntap", "add", "sink", "mode", "tun")
        ip("link", "set", "sink", "up")
        ip("route", "add", "10.1.0.0/16", "dev", "sink")
        wrapper = f"{folder}/router"
        with open(wrapper, "w", encoding="utf-8") as file:
            file.write(f'#!/bin/sh\nexec ip netns exec {space} "{program}" "$@"\n')
        os.chmod(wrapper, 0o700)
        yield space, folder, wrapper
    finally:
        subprocess.run(["ip", "netns", "del", space], check=False)
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def seeded_router(program, entries=ENTRIES):
    with namespace(program) as (space, folder, wrapper):
        names = [f"host{number}" for number in range(1, bulk.HOSTS + 1)]
        router = Router(wrapper, folder, names)
        try:
            router.start(patience=60)
            router.process.terminate()
            router.process.wait()
            bulk.fill(router.store, entries)
            router.start(patience=120)
            yield Seeded(space, folder, router)
        finally:
            router.kill()


@contextlib.contextmanager
def fresh_router(program):
    """The command that starts a router of a few hosts with its console, which is not running yet."""
    with namespace(program) as (_, folder, wrapper):
        router = Router(wrapper, folder, [f"host{number}" for number in range(1, 9)])
        yield [wrapper, "run", "--config", router.configuration]
