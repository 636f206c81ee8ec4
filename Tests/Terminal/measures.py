"""What is measured of a program in a terminal: octets, writes, time, processor time, memory."""

import contextlib
import os
import pathlib
import re
import select
import signal
import statistics
import subprocess
import sys
import tempfile
import time

from line import Line
from terminal import Terminal

SIZES = ((80, 24), (132, 43), (200, 50))

# What each view of the console shows once its rows are there.
ROWS = {
    "1": r"Drops by reason[^\n]*\n[^\n]*spi-not-leased",
    "2": r"host\d+ +198\.1[89]\.",
    "3": r"host\d+ [^\n]*0x0",
    "4": r"198\.1[89]\.[^\n]* valid",
    "5": r"spi-not-leased",
}


class Program:
    """A program whose screen is measured."""

    def __init__(self, name, command, ready, env=None):
        self.name, self.command, self.ready, self.env = name, command, ready, env

    @contextlib.contextmanager
    def shown(self, columns=80, rows=24, keys=()):
        """The program at work: its first screen is there, the keys are typed, all has settled."""
        terminal = Terminal(self.command, columns, rows, env=self.env)
        try:
            self._await(terminal, lambda text: self.ready in text)
            terminal.pump(1.5)
            terminal.type(*keys)
            wanted = ROWS.get(keys[0]) if keys else None
            if wanted:
                self._await(terminal, lambda text: re.search(wanted, text))
            terminal.pump(2)
            yield terminal
        finally:
            terminal.close()

    def _await(self, terminal, condition):
        if not terminal.until(condition, 20):
            print(terminal.text(), file=sys.stderr)
            raise RuntimeError(f"{self.name} does not show what is measured")


def family(pid):
    """A process and all that it has started."""
    found, place = [pid], 0
    while place < len(found):
        path = pathlib.Path(f"/proc/{found[place]}/task/{found[place]}/children")
        place += 1
        with contextlib.suppress(OSError):
            found += [int(word) for word in path.read_text().split()]
    return found


def cpu(pids):
    """Seconds of processor time."""
    ticks = 0
    for pid in pids:
        with contextlib.suppress(OSError):
            fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def memory(pids):
    """Megabytes, what is shared counted in parts."""
    kilobytes = 0
    for pid in pids:
        with contextlib.suppress(OSError):
            for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    kilobytes += int(line.split()[1])
    return kilobytes / 1024


def octets(terminal, seconds):
    before = len(terminal.raw)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        terminal.pump(end - time.monotonic())
    return len(terminal.raw) - before


def periodic(program, keys=()):
    """Octets a second at each size."""
    results = []
    for columns, rows in SIZES:
        with program.shown(columns, rows, keys) as terminal:
            results.append(octets(terminal, 10) / 10)
    return " / ".join(f"{value:.0f}" for value in results)


def moves(program):
    """Octets of a step of the cursor without and with the details below, and of a page; those of a
    second in which nothing changes."""
    def typed(terminal, key):
        before = len(terminal.raw)
        terminal.type(key)
        terminal.pump(0.4)
        return len(terminal.raw) - before

    with program.shown(keys=("2",)) as terminal:
        terminal.type("p")
        terminal.pump(1)
        quiet = octets(terminal, 5) / 5
        detailed = [typed(terminal, "down") for _ in range(10)]
        typed(terminal, "d")
        steps = [typed(terminal, "up") for _ in range(9)]
        pages = [typed(terminal, "pagedown") for _ in range(4)]
        return statistics.median(steps), statistics.median(detailed), max(pages), quiet


def writes(program, keys=()):
    """Writes to the terminal in a frame, as strace sees them: writes without a wait between them."""
    with program.shown(keys=keys) as terminal, tempfile.NamedTemporaryFile("r") as log:
        pid = family(terminal.pid)[-1]
        trace = subprocess.Popen(
            ["strace", "-f", "-y", "-e", "trace=write,writev,poll,select,pselect6,ppoll", "-s", "8",
             "-o", log.name, "-p", str(pid)], stderr=subprocess.DEVNULL)
        time.sleep(0.5)
        octets(terminal, 5)
        trace.terminate()
        trace.wait()
        runs, run = [], 0
        for line in log.read().splitlines():
            if re.search(r"writev?\(\d+<(/dev/pts/|/dev/tty)", line):
                run += 1
            elif run and re.search("poll|select", line):
                runs.append(run)
                run = 0
        return f"{statistics.median(runs):.0f}" if runs else "-"


def key_time(program, keys=()):
    """Milliseconds from a key to the first octet that it brings; the screen is quiet before."""
    def first_octet(terminal, key):
        terminal.pump(0.03)
        began = time.monotonic()
        os.write(terminal.master, key)
        if not select.select([terminal.master], [], [], 3)[0]:
            return None
        taken = (time.monotonic() - began) * 1000
        terminal.pump(0.03)
        return taken

    with program.shown(keys=keys) as terminal:
        arrows = (b"\x1b[B", b"\x1b[A")
        found = [first_octet(terminal, arrows[number // 10 % 2]) for number in range(200)]
    found = sorted(value for value in found if value is not None)
    if not found:
        return "-"
    return f"{found[len(found) // 2]:.1f} / {found[min(len(found) - 1, len(found) * 99 // 100)]:.1f}"


def table_work(program):
    """Milliseconds from a key until the rows that it wants are on the screen: of a filter, of an order;
    the worst of some."""
    with program.shown(keys=("2",)) as terminal:
        def until(key, condition):
            began = time.monotonic()
            os.write(terminal.master, key)
            while not condition(terminal.lines()):
                if time.monotonic() - began > 10:
                    raise RuntimeError(f"{key} changes nothing\n{terminal.text()}")
                terminal.pump(0.002)
            return (time.monotonic() - began) * 1000

        terminal.type("/")
        terminal.pump(0.5)
        filtering = []
        for key in (b"7", b"7", b"7"):
            heading = terminal.lines()[3]
            counts = heading[heading.rfind("  "):]
            filtering.append(until(key, lambda lines: counts not in lines[3]
                                   and "in all" in lines[3]))
            terminal.pump(0.5)
        terminal.type("escape")
        terminal.pump(1)
        sorting = []
        for key in (b">", b">", b">", b"r"):
            titles, peers = terminal.lines()[4], peers_of(terminal.lines())
            sorting.append(until(key, lambda lines: lines[4] != titles
                                 and peers_of(lines) != peers))
            terminal.pump(0.6)
        return f"{max(filtering):.0f} / {max(sorting):.0f}"


def peers_of(lines):
    """Which rows a table shows, whatever they say now."""
    return [re.search(r"host\d+ +[\d.]+ +\w+ +\w+", line) and
            re.search(r"host\d+ +[\d.]+ +\w+ +\w+", line).group() for line in lines[5:12]]


def spent(program, keys=(), seconds=10):
    """The share of a processor."""
    with program.shown(keys=keys) as terminal:
        pids = family(terminal.pid)
        before = cpu(pids)
        octets(terminal, seconds)
        return f"{(cpu(pids) - before) / seconds:.1%}"


def held(program, keys=()):
    """Megabytes, and those some time later."""
    with program.shown(keys=keys) as terminal:
        first = memory(family(terminal.pid))
        octets(terminal, 30)
        return f"{first:.1f}, then {memory(family(terminal.pid)):.1f}"


def gone(program, keys=()):
    """Seconds until the program has ended once its terminal is taken away; the processor time."""
    with program.shown(keys=keys) as terminal:
        pids = family(terminal.pid)
        before = spent = cpu(pids)
        terminal.hang_up()
        began = time.monotonic()
        while time.monotonic() - began < 5:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(terminal.pid, os.WNOHANG)
            if not any(pathlib.Path(f"/proc/{pid}/exe").exists() for pid in pids):
                return f"{time.monotonic() - began:.1f} s"
            spent = cpu(pids)
            time.sleep(0.02)
        return f"over 5 s, {(spent - before) / 5:.0%} CPU"


def ages(program, keys=()):
    """Seconds that octets have waited at most before lines of so many octets a second took them: by so
    much is older what is shown."""
    found = []
    for rate in (7_000, 1_200):
        line = Line(program.command, rate, env=program.env)
        try:
            line.run(15)
            for key in keys:
                line.type(key)
            line.run(10)
            line.worst = 0
            line.run(20)
            found.append(line.worst)
        finally:
            line.close()
    return " / ".join(f"{value:.2f}" for value in found)


def start(program, rounds=7):
    """Milliseconds from the start to a screen that says something."""
    found = []
    for _ in range(rounds):
        began = time.monotonic()
        terminal = Terminal(program.command, env=program.env)
        try:
            while program.ready not in terminal.text() and time.monotonic() - began < 10:
                terminal.pump(0.001)
            found.append((time.monotonic() - began) * 1000)
        finally:
            # A router would go on without its terminal.
            for pid in family(terminal.pid):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGTERM)
            terminal.ended()
            terminal.close()
    return statistics.median(found)
