"""What all tests use: checks that are counted, the laboratory's router, consoles on it."""

import contextlib
import json
import os
import pathlib
import re
import socket
import subprocess
import time

from terminal import Terminal

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("DNAT_CONSOLE", str(ROOT / ".build/release/dnat-console"))

# What each view has on the screen and no other.
LOOK = ["Traffic, last", "Established SAs", "Hosts and their leases", "Peers, valid and revoked",
        "Drop log", "Drops by reason, trend", "Labels and IKE SAs", "Port blocks",
        "Audit: operators and router"]

# Of the checks of the test that runs.
passed, failed = 0, 0


def check(what, condition, details=""):
    """Counts one check, and says what it was about."""
    global passed, failed
    if condition:
        passed += 1
        print(f"ok    {what}", flush=True)
    else:
        failed += 1
        print(f"FAIL  {what}\n{details() if callable(details) else details}", flush=True)
    return bool(condition)


def eventually(condition, seconds=15.0):
    end = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > end:
            return value
        time.sleep(0.1)
    return value


# MARK: - The laboratory

def lab(name, *arguments):
    return subprocess.run([PROGRAM, "lab", *arguments, "--name", name], text=True,
                          stdin=subprocess.DEVNULL, capture_output=True)


class Router:
    """The router of a laboratory, asked through its control socket."""

    def __init__(self, name):
        self.name = name
        self.socket = json.loads(lab(name, "status", "--json").stdout)["socket"]

    def ctl(self, *arguments):
        command = [PROGRAM, "ctl", *arguments, "--json", "--socket", self.socket]
        answer = subprocess.run(command, text=True, capture_output=True, timeout=30)
        return json.loads(answer.stdout) if answer.returncode == 0 else None

    def ask(self, requests):
        """The answers to (verb, arguments), all of them over one connection."""
        with socket.socket(socket.AF_UNIX) as stream:
            stream.settimeout(30)
            stream.connect(self.socket)
            lines = [json.dumps({"id": 1, "verb": verb, "arguments": arguments}) + "\n"
                     for verb, arguments in requests]
            stream.sendall("".join(lines).encode())
            answers = stream.makefile("rb")
            return [json.loads(answers.readline()) for _ in lines]

    def packets(self, address):
        """Packets forwarded from a peer so far, over all of its entries."""
        return sum(row["packets"] for row in self.ctl("sa", "--address", address))

    def drops(self, reason):
        return self.ctl("status")["drops"][reason]

    def revoked(self):
        return [row["target"] for row in self.ctl("revocations")]


@contextlib.contextmanager
def console(router, columns=80, rows=24, term="xterm-256color", env=None, options=()):
    """A console on the laboratory's router, shown and live."""
    command = [PROGRAM, "attach", "--socket", router.socket, *options]
    terminal = Terminal(command, columns, rows, term, env)
    try:
        yield terminal
    finally:
        terminal.close()


@contextlib.contextmanager
def pinging(router, peer, address):
    """A peer asks for echoes all the time: its associations end when it is revoked, this does not."""
    process = subprocess.Popen(
        [PROGRAM, "lab", "exec", "--name", router.name, peer, "--", "ping", "-q", "-i", "0.2", address],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait(10)


# MARK: - Processes

def children(pid):
    path = pathlib.Path(f"/proc/{pid}/task/{pid}/children")
    return [int(word) for word in path.read_text().split()] if path.exists() else []


def state(pid):
    """The letter of /proc: T of what is stopped, Z of what has ended; None of what is gone."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return None


def alive(pid):
    return state(pid) not in (None, "Z")


def cpu_in(pid, seconds):
    def ticks():
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        return int(fields[11]) + int(fields[12])
    before = ticks()
    time.sleep(seconds)
    return (ticks() - before) / os.sysconf("SC_CLK_TCK") / seconds


# MARK: - What many tests do

def press_button(terminal, label):
    """Moves the focus to a button and presses it, once the router has said what it would do."""
    terminal.shows("Now:")
    for _ in range(12):
        x, y = terminal.screen.cursor.x, terminal.screen.cursor.y
        if label in terminal.screen.display[y] and terminal.screen.display[y][x:].startswith(label):
            terminal.type("enter")
            return True
        terminal.type("tab")
    return False


def confirm(terminal, label):
    """Answers what an acting key asks: `y` where it is one line, else the button."""
    terminal.until(lambda text: "y yes" in text.splitlines()[-1] or "Now:" in text)
    terminal.pump(0.3)
    if "y yes" in terminal.lines()[-1]:
        terminal.type("y")
        return True
    return press_button(terminal, label)


def command(terminal, line):
    terminal.type(":", line, "enter")


def kept(folder):
    path = pathlib.Path(folder, "dnat-console", "state.toml")
    return path.read_text() if path.exists() else ""


def show_entries(terminal):
    """The SA table, with rows under its cursor."""
    terminal.type("2")
    return terminal.until(lambda text: re.search(r"host[ab] +192\.0\.2\.", text))
