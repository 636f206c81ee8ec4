"""A real router of 100,000 entries in a network namespace of its own, and traffic that changes a tenth
of them each second.

The entries are put into its state before it starts, as a router writes them. What it forwards goes to
a device that nobody reads, so that nothing of it costs more than the router's own work.
"""

import contextlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.append(str(HERE.parent / "Torture"))
import bulk  # noqa: E402
from router import Router  # noqa: E402

ENTRIES, CHANGING = 100_000, 10_000


class Seeded:
    """The router, asked through its control socket, and the namespace that it is in."""

    def __init__(self, space, folder, router):
        self.space, self.folder, self.router = space, folder, router
        self.socket, self.pid = router.control, router.process.pid

    def inside(self, *command):
        """The command, run in the router's namespace."""
        return ["ip", "netns", "exec", self.space, *command]

    @contextlib.contextmanager
    def traffic(self, rate=CHANGING, drops=20):
        """So many packets a second, each for another entry, and so many that are dropped."""
        process = subprocess.Popen(
            self.inside(sys.executable, str(HERE / "sender.py"), str(rate), str(drops)))
        try:
            yield
        finally:
            process.terminate()
            process.wait(10)


@contextlib.contextmanager
def seeded_router(program, entries=ENTRIES):
    space = f"dnat-seeded-{os.getpid()}"
    folder = tempfile.mkdtemp(prefix="dnat-seeded-", dir="/run")

    def ip(*words):
        subprocess.run(["ip", "-n", space, *words], check=True)

    subprocess.run(["ip", "netns", "add", space], check=True)
    router = None
    try:
        ip("link", "set", "lo", "up")
        ip("addr", "add", "10.0.0.1/32", "dev", "lo")
        ip("tuntap", "add", "sink", "mode", "tun")
        ip("link", "set", "sink", "up")
        ip("route", "add", "10.1.0.0/16", "dev", "sink")
        names = [f"host{number}" for number in range(1, bulk.HOSTS + 1)]
        wrapper = f"{folder}/router"
        with open(wrapper, "w", encoding="utf-8") as file:
            file.write(f'#!/bin/sh\nexec ip netns exec {space} "{program}" "$@"\n')
        os.chmod(wrapper, 0o700)
        router = Router(wrapper, folder, names)
        router.start(patience=60)
        router.process.terminate()
        router.process.wait()
        bulk.fill(router.store, entries)
        router.start(patience=120)
        yield Seeded(space, folder, router)
    finally:
        if router is not None:
            router.kill()
        subprocess.run(["ip", "netns", "del", space], check=False)
        shutil.rmtree(folder, ignore_errors=True)
