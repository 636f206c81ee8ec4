"""How long windows of large tables take, and how long they keep the control thread from others."""

import statistics
import threading
import time

# What a console asks for, by its name; "filter" or "sort" says to which goal it belongs.
QUESTIONS = [
    ("sa by host", "sort", dict(view="sa", sort="host")),
    ("sa by address", "sort", dict(view="sa", sort="address")),
    ("sa by packets, most first", "sort", dict(view="sa", sort="packets", descending=True)),
    ("sa by packets a second, most first", "sort",
     dict(view="sa", sort="packetsPerSecond", descending=True)),
    ("sa by age, the last screenful", "sort", dict(view="sa", sort="created", offset=99_950)),
    ("sa, word 'h'", "filter", dict(view="sa", sort="host", filter="h")),
    ("sa, word '77'", "filter", dict(view="sa", sort="host", filter="77")),
    ("sa, host=host77", "filter", dict(view="sa", sort="host", filter="host=host77")),
    ("sa, net or SPI and rate", "filter",
     dict(view="sa", filter="net 198.18.0.0/17 or (spi 0x01* pps>0)")),
    ("sa, idle<5s by address", "filter", dict(view="sa", sort="address", filter="idle<5s")),
    ("peers by target", "sort", dict(view="peers", sort="target")),
    ("peers by packets, most first", "sort",
     dict(view="peers", sort="packets", descending=True)),
    ("peers, hosts~77 entries>1", "filter",
     dict(view="peers", sort="target", filter="hosts~77 entries>1")),
    ("hosts by packets, most first", "sort",
     dict(view="hosts", sort="packets", descending=True)),
    ("drops, word 'spi'", "filter",
     dict(view="drops", sort="time", descending=True, filter="spi")),
]
ROWS = 51
ROUNDS = 3


class Bystander:
    """Another connection, which asks for the status all the time and notes how long it waited."""

    def __init__(self, router):
        self.client = router.another()
        self.longest = 0.0
        self.is_over = False
        self.thread = threading.Thread(target=self._ask)
        self.thread.start()

    def _ask(self):
        while not self.is_over:
            began = time.monotonic()
            self.client.send("status")
            self.client.line()
            self.longest = max(self.longest, time.monotonic() - began)
            time.sleep(0.0005)

    def close(self):
        self.is_over = True
        self.thread.join()
        self.client.close()


def taken(client, arguments):
    """Milliseconds until the answer."""
    began = time.monotonic()
    client.send("window", count=ROWS, **arguments)
    line = client.line()
    milliseconds = (time.monotonic() - began) * 1000
    if b'"error"' in line[:200]:
        raise RuntimeError(line[:200].decode())
    return milliseconds


def measured(router, arguments):
    """Milliseconds: the first time, again, and the longest that another connection waited."""
    client, bystander = router.another(), Bystander(router)
    try:
        time.sleep(0.05)
        bystander.longest = 0.0
        first, again = [], []
        for number in range(ROUNDS):
            # Blanks at its end make a filter another one, which was never asked for.
            question = arguments | {"filter": arguments.get("filter", "") + " " * (number + 1)}
            first.append(taken(client, question))
            again.append(taken(client, question))
        return statistics.median(first), statistics.median(again), bystander.longest * 1000
    finally:
        bystander.close()
        client.close()
