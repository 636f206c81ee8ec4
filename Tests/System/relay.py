"""Puts the impairment relay (relay.c) into one of a lab's segments, before the router."""

import atexit
import functools
import json
import os
import shutil
import subprocess
import tempfile

from checks import Failed, expect
from lab import run

HERE = os.path.dirname(os.path.abspath(__file__))
NEAR, FAR = "near", "far"
IMPAIRMENTS = ("lost", "copied", "delayed", "overtaken")
# Frames that may wait for the relay, or for a guest, which a loaded machine lets wait as well.
QUEUE = 10_000


@functools.cache
def program():
    """The relay, built once."""
    folder = tempfile.mkdtemp(prefix="dnat-relay-")
    atexit.register(shutil.rmtree, folder, True)
    built = run(
        "gcc", "-std=c11", "-O2", "-Wall", "-Wextra", "-Werror", "-o", f"{folder}/relay",
        f"{HERE}/relay.c")
    expect(built.code == 0, f"gcc: {built}")
    return f"{folder}/relay"


class Relay:
    """The relay between the router and the rest of a segment (`lan` or `wan`).

    Everything that it is made of is in the segment's namespace, and goes with the lab.
    """

    def __init__(self, lab, segment, seed):
        self.namespace = lab.namespace(segment)
        batch("", self.namespace, f"""
            tuntap add {NEAR} mode tap
            tuntap add {FAR} mode tap
            link add br1 type bridge forward_delay 0
            link set {NEAR} txqueuelen {QUEUE} master br1 up
            link set {FAR} txqueuelen {QUEUE} master br0 up
            link set router master br1
            link set br1 up""")
        self.process = subprocess.Popen(
            ["ip", "netns", "exec", self.namespace, program(), str(seed), NEAR, FAR],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def close(self):
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()

    def impair(self, lose=0, copy=0, overtake=0, delay=0, late=0):
        """Chances in 1000, times in microseconds."""
        self._ask(f"set {lose} {copy} {overtake} {delay} {late}")

    def report(self):
        """What it counted: a Flows."""
        answer = json.loads(self._ask("report"))
        expect(answer["unsent"] == 0, f"the relay could not send {answer['unsent']} frames")
        return Flows(answer)

    def _ask(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise Failed(f"the relay in {self.namespace} ended: {self.process.wait(5)}")
        return answer


class Flows:
    """What a relay counted, flow by flow."""

    def __init__(self, answer):
        self.waiting = answer["waiting"]
        self.flows = {
            (FAR if flow["direction"] == 0 else NEAR, flow["outer"], flow["protocol"],
             flow["spi"]): flow for flow in answer["flows"]}

    def count(self, what, to, **wanted):
        """The sum of a counter over the flows to one side that have these fields."""
        return sum(
            flow[what] for (side, *_), flow in self.flows.items()
            if side == to and all(flow[field] == value for field, value in wanted.items()))


def batch(label, namespace, commands):
    """Runs `ip` commands in a namespace."""
    answer = subprocess.run(
        ["ip", "-n", namespace, "-batch", "-"], input=commands, capture_output=True, text=True)
    expect(answer.returncode == 0, f"ip in {namespace} {label}: {answer.stderr}")
