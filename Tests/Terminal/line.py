"""A terminal at the far end of a slow line."""

import collections
import os
import select
import time

from terminal import KEYS, Terminal


class Line:
    """A program whose octets reach its terminal at a rate, whatever waits before it.

    What the program writes is taken at once and delivered later, as by a network with deep buffers.
    The emulator sees it, and answers what it is asked, only then.
    """

    # Octets that are delivered at once at most, so that answers come in time.
    PIECE = 64

    def __init__(self, argv, rate, columns=80, rows=24, env=None):
        self.terminal = Terminal(argv, columns, rows, env=env)
        self.rate = rate
        self.waiting = collections.deque()
        self.free_at = time.monotonic()
        # The longest time in seconds that something has waited.
        self.worst = 0.0

    def run(self, seconds):
        end = time.monotonic() + seconds
        while (now := time.monotonic()) < end:
            if select.select([self.terminal.master], [], [], 0.002)[0]:
                try:
                    self._take(os.read(self.terminal.master, 65536))
                except OSError:
                    return
            self._deliver(now)

    def _take(self, data):
        now = time.monotonic()
        for place in range(0, len(data), self.PIECE):
            self.waiting.append((now, data[place:place + self.PIECE]))

    def _deliver(self, now):
        self.free_at = max(self.free_at, now - 0.05)
        while self.waiting and self.free_at <= now:
            written, data = self.waiting.popleft()
            self.free_at += len(data) / self.rate
            self.terminal.raw += data
            self.terminal.stream.feed(data)
            self.worst = max(self.worst, self.free_at - written)

    def type(self, key):
        os.write(self.terminal.master, KEYS.get(key, key).encode())
        self.run(0.2)

    def close(self):
        self.terminal.close()
