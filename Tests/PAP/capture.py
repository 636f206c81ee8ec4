"""Capture files of PAP datagrams, and what tshark says about them with the dissector."""

import os
import socket
import struct
import subprocess

from checks import expect
from lab import REPOSITORY

SCRIPT = f"{REPOSITORY}/share/wireshark/pap2.lua"
RAW_IP = 101
# IPv4 and UDP.
HEADERS = 28


def packet(source, destination, octets):
    """An IPv4 packet with a UDP datagram (RFC 791, RFC 768)."""
    udp = struct.pack("!HHHH", source[1], destination[1], 8 + len(octets), 0) + octets
    return struct.pack(
        "!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, socket.IPPROTO_UDP, 0,
        socket.inet_aton(source[0]), socket.inet_aton(destination[0])) + udp


def write(path, datagrams, cuts=()):
    """A capture file of (time, source, destination, octets), each datagram cut as `cuts` says."""
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, RAW_IP))
        for place, (moment, source, destination, octets) in enumerate(datagrams):
            whole = packet(source, destination, octets)
            kept = whole[:HEADERS + cuts[place]] if cuts else whole
            seconds, microseconds = divmod(round(moment * 1e6), 1_000_000)
            file.write(struct.pack("<IIII", seconds, microseconds, len(kept), len(whole)))
            file.write(kept)


def tshark(path, *words):
    """What tshark prints; it must print nothing else, and no error of Lua's."""
    environment = {**os.environ, "HOME": "/nonexistent", "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        ["tshark", "-n", "-r", path, "-X", f"lua_script:{SCRIPT}", *words], capture_output=True,
        text=True, errors="replace", env=environment, stdin=subprocess.DEVNULL, timeout=120)
    noise = [
        line for line in done.stderr.splitlines()
        if "could be dangerous" not in line and line.strip()]
    expect(done.returncode == 0 and not noise, f"tshark: {done.returncode}\n{done.stderr[:2000]}")
    return done.stdout


def fields(path, names, *words):
    """For each frame the values of each field, as lists of texts."""
    chosen = [word for name in names for word in ("-e", name)]
    out = tshark(
        path, "-T", "fields", "-E", "separator=/t", "-E", "occurrence=a", "-E", "aggregator=;",
        *chosen, *words)
    rows = []
    for line in out.splitlines():
        cells = line.split("\t")
        cells += [""] * (len(names) - len(cells))
        rows.append({name: cell.split(";") if cell else [] for name, cell in zip(names, cells)})
    return rows
