"""A restart with very many entries."""

import sqlite3

from router import Router

HOSTS = 2000


def check(program, folder, count, say):
    names = [f"host{number}" for number in range(1, HOSTS + 1)]
    router = Router(program, folder, names)
    router.start()
    router.process.terminate()
    router.process.wait()
    fill(router.store, count)
    try:
        seconds = router.start(patience=300)
        status = router.ask("status")
    finally:
        router.kill()
    say(f"{count} entries of {HOSTS} hosts: {seconds:.1f} s from start to the first answer")
    if status["saEntries"] != count:
        return [f"{status['saEntries']} entries were loaded, not {count}"]
    return []


def fill(path, count):
    """Puts leases and entries into a state, as a router writes them."""
    database = sqlite3.connect(path)
    end = 2**62
    with database:
        numbers = [row[0] for row in database.execute("SELECT number FROM hosts ORDER BY number")]
        database.executemany(
            "INSERT INTO slots VALUES (?, ?, ?)",
            ((number, place + 1, end) for place, number in enumerate(numbers)))
        database.executemany(
            "INSERT INTO entries VALUES (?, ?, ?, 50, ?, NULL, 0, 1, 1, ?)",
            ((number, numbers[number % HOSTS], 0xc6120000 + number // HOSTS,
              (number % HOSTS + 1) << 16 | 0x1000 + number // HOSTS, end)
             for number in range(count)))
    database.close()
