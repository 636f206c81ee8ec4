"""Counts what holds and what does not, and says so line by line."""

import time
import traceback


class Failed(Exception):
    """What a check found instead of what it wanted."""


class Results:
    def __init__(self, only="", quiet=False):
        self.only, self.quiet = only, quiet
        self.passed = 0
        self.failures = []
        self.began = time.monotonic()

    def section(self, title):
        print(f"== {title} ({time.monotonic() - self.began:.0f} s)", flush=True)

    def run(self, name, function, *arguments, always=False):
        """Runs one check; an exception is its failure. Returns whether it held.

        One that others rest on runs `always`, whichever were chosen."""
        if not always and self.only and self.only not in name:
            return True
        began = time.monotonic()
        if not self.attempt(name, function, *arguments):
            return False
        self.passed += 1
        if not self.quiet:
            print(f"ok   {name} ({time.monotonic() - began:.1f} s)", flush=True)
        return True

    def attempt(self, name, function, *arguments):
        """Does what is no check by itself, as what checks rest on; returns whether it could."""
        try:
            function(*arguments)
        except Exception as error:
            self.failures.append(name)
            print(f"FAIL {name}", flush=True)
            text = str(error) if isinstance(error, Failed) else traceback.format_exc()
            for line in text.splitlines():
                print(f"     {line}", flush=True)
            return False
        return True

    def finish(self):
        """Prints the sum, as the last line, and returns the exit code."""
        for name in self.failures:
            print(f"failed: {name}")
        print(f"{self.passed} passed, {len(self.failures)} failed", flush=True)
        return 1 if self.failures or not self.passed else 0


def expect(condition, what):
    if not condition:
        raise Failed(what)


def expect_equal(what, found, wanted):
    if found != wanted:
        raise Failed(f"{what}: {found!r}, not {wanted!r}")


def expect_octets(what, found, wanted):
    """Equal octets; says where the first difference is."""
    if found != wanted:
        place = next((i for i, (a, b) in enumerate(zip(found, wanted)) if a != b), min(len(found), len(wanted)))
        raise Failed(
            f"{what}: {len(found)} octets, wanted {len(wanted)}; from octet {place} on "
            f"{found[place:place + 16].hex()}, wanted {wanted[place:place + 16].hex()}")


def eventually(what, question, seconds=10.0, pause=0.05):
    """Asks until the answer is true, and returns it."""
    deadline = time.monotonic() + seconds
    while True:
        answer = question()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise Failed(f"not within {seconds:g} s: {what}")
        time.sleep(pause)
