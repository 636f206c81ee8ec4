"""Sends ESP packets to a seeded router, each second to about another tenth of its entries: now some
more, now some less, as traffic is, so that no graph of it stands still.

    sender.py PACKETS-PER-SECOND DROPPED-PER-SECOND [SWING]

SWING is the share by which a second may have more or less: 0.4 if it is not given.
"""

import pathlib
import random
import socket
import struct
import sys
import time

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent / "Torture"))
import bulk  # noqa: E402
from router import EXTERNAL  # noqa: E402

ENTRIES = 100_000
# How often in a second packets are sent.
STEPS = 50


def packet(source, spi, length=1000):
    payload = struct.pack("!II", spi, 1) + bytes(length - 28)
    header = struct.pack("!BBHHHBBHI4s", 0x45, 0, length, 0, 0, 64, 50, 0, source,
                         socket.inet_aton(EXTERNAL))
    return header + payload


def entry_packet(number):
    """A packet for the entry of that number in `bulk.fill`."""
    return packet(bulk.peer(number), bulk.spi(number))


def main():
    rate, drops = int(sys.argv[1]), int(sys.argv[2])
    swing = float(sys.argv[3]) if len(sys.argv) > 3 else 0.4
    choose = random.Random(1)
    raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    due = time.monotonic()
    order = list(range(ENTRIES))
    choose.shuffle(order)
    place = step = dropped = 0
    pace, owed = 1.0, 0.0
    while True:
        if step % STEPS == 0:
            pace = choose.uniform(1 - swing, 1 + swing)
        step += 1
        for _ in range(int(pace * rate / STEPS)):
            raw.sendto(entry_packet(order[place]), (EXTERNAL, 0))
            place = (place + 1) % ENTRIES
        owed += pace * drops / STEPS
        while owed >= 1:
            raw.sendto(packet(0xcb007100 + dropped % 5, 0x70000000 + dropped), (EXTERNAL, 0))
            dropped += 1
            owed -= 1
        due += 1 / STEPS
        time.sleep(max(0.0, due - time.monotonic()))


if __name__ == "__main__":
    main()
