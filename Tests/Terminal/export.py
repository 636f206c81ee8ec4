"""Exports: what `e` writes is read by other programs."""

import csv
import json
import os
import re
import subprocess
import tempfile

from suite import check, console


def fields(path, *names):
    """What tshark reads of each packet of a capture file."""
    command = ["tshark", "-r", path, "-T", "fields"]
    for name in names:
        command += ["-e", name]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    return [line.split("\t") for line in done.stdout.splitlines()]


def write(terminal, steps, path):
    """Opens the dialog, goes `steps` formats to the right, and has the file written."""
    terminal.type("e")
    terminal.shows("Export the rows")
    # Keys that come at once are not for the dialog.
    terminal.pump(0.3)
    terminal.type("up", "up", *["right"] * steps, "down", "\x15" + path, "tab", "tab", "enter")
    return terminal.until(lambda text: re.search(r"\d+ rows? in ", text.splitlines()[-1]), 20)


def test_export(router):
    with tempfile.TemporaryDirectory() as folder, console(router, 120, 36) as terminal:
        terminal.shows("LIVE")
        terminal.type("2")
        terminal.shows("SPI IN")
        check("e writes the SA table", write(terminal, 0, f"{folder}/sa"), terminal.text)
        with open(f"{folder}/sa.csv", newline="") as file:
            rows = list(csv.DictReader(file))
        engine = router.ctl("sa")
        check("as CSV that Python reads, with the router's rows",
              {(row["host"], row["address"], row["spiIn"]) for row in rows}
              == {(row["host"], row["address"], row["spiIn"] or "") for row in engine}, rows)
        check("which nobody else may read", os.stat(f"{folder}/sa.csv").st_mode & 0o777 == 0o600)
        write(terminal, 1, f"{folder}/sa")
        with open(f"{folder}/sa.jsonl") as file:
            lines = [json.loads(line) for line in file]
        check("as a JSON object a line", len(lines) == len(rows)
              and {row["address"] for row in lines} == {row["address"] for row in rows}, lines)
        write(terminal, 2, f"{folder}/sa")
        with open(f"{folder}/sa.txt") as file:
            text = file.read().splitlines()
        check("as text for people", text[0].split()[:2] == ["HOST", "PEER"]
              and len(text) == len(rows) + 1, text)
        terminal.type("e")
        terminal.shows("Export the rows")
        terminal.pump(0.3)
        terminal.type("up", "\x15" + f"{folder}/sa.csv", "tab", "tab", "enter")
        check("a file that is there is left alone",
              terminal.shows("not exported") and terminal.shows("there already"), terminal.text)

        terminal.type("5", "/", "\x15reason=address-not-validated esp", "enter")
        terminal.until(lambda shown: "port-not-leased" not in shown)
        check("e writes the drop log", write(terminal, 3, f"{folder}/drops"), terminal.text)
        packets = fields(f"{folder}/drops.pcapng", "frame.comment", "frame.interface_name", "ip.src",
                         "esp.spi", "frame.len", "frame.cap_len")
        check("as a capture that Wireshark reads, reason and all", packets and all(
            packet[0].startswith("address-not-validated") and packet[1] == "inbound"
            and packet[3].startswith("0x") and int(packet[5]) == min(64, int(packet[4]))
            for packet in packets), packets[:3])
        sources = {row["source"] for row in router.ctl(
            "drops", "--last", "10000", "--reason", "address-not-validated")}
        check("from those who sent them", {packet[2] for packet in packets} <= sources,
              packets[:3])
