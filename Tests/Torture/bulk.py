"""A restart with very many entries."""

import os
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
        memory, processor = most_memory(router.process.pid), processor_time(router.process.pid)
    finally:
        router.kill()
    say(f"{count} entries of {HOSTS} hosts: {seconds:.1f} s from start to the first answer, "
        f"{processor:.1f} s of a processor, {memory} MiB at most")
    if status["saEntries"] != count:
        return [f"{status['saEntries']} entries were loaded, not {count}"]
    return []


def most_memory(process):
    with open(f"/proc/{process}/status", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmHWM")) // 1024


def processor_time(process):
    """Seconds, in the program and in the kernel."""
    with open(f"/proc/{process}/stat", encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def peer(number):
    """The peer of an entry that `fill` has made, as a number."""
    return 0xc6120000 + number * 40503 % 0x20000


def spi(number):
    """The SPI under which that peer sends."""
    return (number % HOSTS + 1) << 16 | 0x1000 + number // HOSTS


def fill(path, count):
    """Puts leases and entries into a state, as a router writes them.

    Peers come in no order, each for several hosts; half of the entries end by themselves, and a third
    says under which SPI the host sends.
    """
    database = sqlite3.connect(path)
    end = 2**62
    with database:
        numbers = [row[0] for row in database.execute("SELECT number FROM hosts ORDER BY number")]
        database.executemany(
            "INSERT INTO slots VALUES (?, ?, ?)",
            ((number, place + 1, end) for place, number in enumerate(numbers)))
        database.executemany(
            "INSERT INTO entries VALUES (?, ?, ?, 50, ?, ?, 0, 1, 1, ?)",
            ((number, numbers[number % HOSTS], peer(number), spi(number),
              None if number % 3 else 0x10000 + number,
              end - number * 7919 % 10**12 if number % 2 else None)
             for number in range(count)))
    database.close()
