"""A long audit log: whoever looks at it keeps nobody else waiting."""

import concurrent.futures
import sqlite3
import time

import chain
from router import Router, result_of

ROWS = 200_000


def check(program, folder, say):
    router = Router(program, folder, ["host1"])
    router.start()
    router.kill()
    fill(router.store)
    router.start()
    try:
        return look(router, say)
    finally:
        router.kill()


def fill(path):
    """Writes a log as a router does."""
    database = sqlite3.connect(path)
    rows, previous = [], bytes(32)
    for number in range(1, ROWS + 1):
        row = (number, 1_763_826_001_000 + number, 1000, "ana", "192.0.2.5", "revoke",
               f"192.0.2.{number % 250}/32", '{"via":"ctl"}', "done")
        previous = chain.row_hash(previous, row)
        rows.append((*row, previous))
    with database:
        database.executemany("INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
        database.execute("UPDATE router SET audit_sequence = ?, audit_hash = ?", (ROWS, previous))
    database.close()


def ask_another(router, verb, arguments):
    client = router.another()
    client.send(verb, **arguments)
    try:
        return client.line()
    finally:
        client.close()


def look(router, say):
    wrong = []
    for verb, arguments in (("audit-verify", {}), ("audit", {"limit": ROWS})):
        began = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor() as pool:
            looking = pool.submit(ask_another, router, verb, arguments)
            answered, longest = 0, 0.0
            while not looking.done():
                asked = time.monotonic()
                router.ask("status")
                longest = max(longest, time.monotonic() - asked)
                answered += 1
            # Parsed only now: while that is done no other thread of this program goes on.
            answer = result_of(looking.result())
        say(f"{verb} of {ROWS} rows: {time.monotonic() - began:.1f} s, meanwhile {answered} times "
            f"status, at most {1000 * longest:.0f} ms")
        if answered < 3:
            wrong.append(f"{verb}: nobody else was answered until it was over")
        if verb == "audit-verify" and answer != {
                "intact": True, "rows": ROWS, "firstBroken": None}:
            wrong.append(f"the log is as it was written, and yet: {answer}")
        if verb == "audit" and [row["sequence"] for row in answer] != list(range(1, ROWS + 1)):
            wrong.append(f"audit gave {len(answer)} rows, not {ROWS} in order")
    return wrong
