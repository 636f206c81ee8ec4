"""Random keys and sizes: nothing falls over, stands still, or does what its console may not.

RANDOM_KEYS_SEED and RANDOM_KEYS_SECONDS (60) repeat what a run has printed.
"""

import os
import random
import subprocess
import time

from engine import engine_runs, own_router
from suite import LOOK, PROGRAM, check, eventually
from terminal import Terminal

SECONDS = float(os.environ.get("RANDOM_KEYS_SECONDS", "60"))
# All that can be typed but the key that quits, and sequences whole and cut.
PIECES = [chr(value) for value in range(32, 127) if chr(value) != "q"] + [
    "\x1b", "\x1b[A", "\x1b[B", "\x1b[5~", "\x1b[6~", "\x1b[<0;20;8M", "\x1b[M !!", "\x1b[200~qq\r",
    "\x1b[201~", "\x1b[0n", "\x1b[", "\x1bO", "\r", "\t", "\x7f", "\x0c", "\x1a", "\x1b]52;", "\x07",
    "ä", "\u202e", "\x00", "\x1bOQ", "\x1bOR", "\x1b[Z"]


class Keys:
    """Presses keys by chance on consoles of one command line."""

    def __init__(self, command, seed):
        self.command, self.choose = command, random.Random(seed)
        self.pressed, self.ends = 0, []
        self.terminal = None

    def start(self):
        self.terminal = Terminal(self.command, 100, 30, folder=True)
        return self.terminal.shows("LIVE")

    def press(self, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.terminal.ended(0) is not None:
                # The command line can quit too.
                self.ends.append(os.waitstatus_to_exitcode(self.terminal.status))
                self.terminal.close()
                self.start()
            os.write(self.terminal.master, self.choose.choice(PIECES).encode())
            self.pressed += 1
            self.terminal.pump(self.choose.random() * 0.02)
            if self.choose.random() < 0.01:
                self.terminal.size(self.choose.randrange(1, 160), self.choose.randrange(1, 50))

    def silent_views(self):
        """The views that do not come when their keys are pressed now."""
        terminal = self.terminal
        terminal.size(100, 30)
        terminal.pump(1)
        terminal.type("\x1b[201~")
        terminal.until(lambda _: terminal.type("escape") or terminal.shows("? help", 0.2), 10)
        silent = []
        for place, what in enumerate(LOOK, start=1):
            terminal.type(str(place))
            if not terminal.shows(what.removesuffix(", trend"), 3):
                silent.append(what)
        return silent


def of_operators(router):
    """What operators have made of the router."""
    return (router.ctl("revocations"), [(row["name"], row["state"]) for row in router.ctl("hosts")],
            [row for row in router.ctl("sa") if row["origin"] == "operator"],
            [row["sequence"] for row in router.ctl("audit")])


def random_keys(command, seconds):
    """Keys for so long on one console after another, and what came of them."""
    seed = int(os.environ.get("RANDOM_KEYS_SEED", str(random.randrange(1 << 30))))
    keys = Keys(command, seed)
    try:
        keys.start()
        keys.press(seconds)
        check(f"{keys.pressed} random keys in {seconds:.0f} s: no console falls over (seed {seed})",
              not any(keys.ends) and keys.terminal.ended(0) is None, str(keys.ends))
        silent = keys.silent_views()
        check("and each view still comes by its key", not silent,
              lambda: f"{silent}\n{keys.terminal.text()}")
    finally:
        keys.terminal.close()


def test_random_keys(router):
    before = of_operators(router)
    random_keys([PROGRAM, "attach", "--read-only", "--socket", router.socket], SECONDS)
    after = of_operators(router)
    check("a console that may only look has done nothing", before == after,
          f"{before}\n{after}")


def test_random_keys_of_an_operator(_):
    """Keys that may do anything, on a router of their own."""
    with own_router() as (space, path, socket):
        router = subprocess.Popen(
            ["ip", "netns", "exec", space, PROGRAM, "run", "--headless", "--config", path],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        eventually(lambda: engine_runs(socket))
        random_keys([PROGRAM, "attach", "--socket", socket], SECONDS / 4)
        check("and the router goes on", router.poll() is None and engine_runs(socket))
        router.kill()
        router.wait()
