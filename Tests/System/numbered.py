"""Numbered packets from many addresses (numbered.c), sent in one namespace and seen in another."""

import atexit
import functools
import ipaddress
import json
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass

from checks import Failed, expect
from lab import EXTERNAL, run

HERE = os.path.dirname(os.path.abspath(__file__))


@functools.cache
def program():
    """The tool, built once."""
    folder = tempfile.mkdtemp(prefix="dnat-numbered-")
    atexit.register(shutil.rmtree, folder, True)
    built = run("gcc", "-std=c11", "-O2", "-Wall", "-Wextra", "-Werror", "-o",
                f"{folder}/numbered", f"{HERE}/numbered.c")
    expect(built.code == 0, f"gcc: {built}")
    return f"{folder}/numbered"


def addresses(first, count):
    """So many addresses from one on."""
    start = ipaddress.IPv4Address(first)
    return [str(start + number) for number in range(count)]


@dataclass(frozen=True)
class Flows:
    """For each address how many packets, and when the newest was sent (CLOCK_MONOTONIC, ns)."""
    counts: list
    newest: list

    @property
    def total(self):
        return sum(self.counts)


class Tool:
    """The tool at work in a namespace."""

    def __init__(self, namespace, *words):
        self.process = subprocess.Popen(
            ["ip", "netns", "exec", namespace, program(), *map(str, words)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def say(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            raise Failed(f"the tool for numbered packets ended: {self.process.wait(5)}")
        return json.loads(line)

    def report(self):
        self.say("report")
        return Flows(**self.answer())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        try:
            self.process.wait(20)
        finally:
            self.process.kill()
            self.process.wait()
            self.process.stdout.close()


class Receiver(Tool):
    """Counts what comes to a namespace's addresses through the tunnel."""

    def __init__(self, namespace, first, count):
        super().__init__(namespace, "receive", first, count)
        self.answer()


class Sender(Tool):
    """Sends to one SPI from all of the addresses in turn."""

    def __init__(self, namespace, first, count, spi, rate):
        super().__init__(namespace, "send", first, count, EXTERNAL, spi, rate)

    def at(self, number):
        """From now on every second packet comes from around that address."""
        self.say(f"at {number}")

    def end(self):
        """Sends no more; what was sent."""
        self.say("rest")
        return self.report()
