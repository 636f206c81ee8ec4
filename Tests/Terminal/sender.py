"""Sends ESP packets to a seeded router, each second to another tenth of its entries, evenly.

    sender.py PACKETS-PER-SECOND DROPPED-PER-SECOND
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

# How often in a second packets are sent.
STEPS = 50


def packet(source, spi, length=1000):
    payload = struct.pack("!II", spi, 1) + bytes(length - 28)
    header = struct.pack("!BBHHHBBHI4s", 0x45, 0, length, 0, 0, 64, 50, 0, source,
                         socket.inet_aton(EXTERNAL))
    return header + payload


def entry_packet(number):
    """A packet for the entry of that number in `bulk.fill`."""
    place = number // bulk.HOSTS
    return packet(0xc6120000 + place, (number % bulk.HOSTS + 1) << 16 | 0x1000 + place)


def main():
    rate, drops = int(sys.argv[1]), int(sys.argv[2])
    entries = int(sys.argv[3]) if len(sys.argv) > 3 else 100_000
    choose = random.Random(1)
    raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    due = time.monotonic()
    order = list(range(entries))
    choose.shuffle(order)
    place = sent_drops = step = 0
    while True:
        for _ in range(rate // STEPS):
            raw.sendto(entry_packet(order[place]), (EXTERNAL, 0))
            place = (place + 1) % entries
        step += 1
        while sent_drops * STEPS < drops * step:
            raw.sendto(packet(0xcb007100 + sent_drops % 5, 0x70000000 + sent_drops), (EXTERNAL, 0))
            sent_drops += 1
        due += 1 / STEPS
        time.sleep(max(0.0, due - time.monotonic()))


if __name__ == "__main__":
    main()
