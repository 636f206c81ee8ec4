"""`run` in terminals that vanish: the engine forwards on, says so, and `attach` finds it."""

import contextlib
import os
import signal

from checks import eventually, expect, expect_equal
from lab import program
from ownsite import Terminal

PEER, RATE = "198.18.255.1", 2000


def check(results, site):
    for title, command, vanish in (
            ("closed", direct, hang_up), ("closed, with SIGHUP ignored", ignoring, hang_up),
            ("left by a shell that was killed", by_shell, kill_shell)):
        results.run(f"operators: run, its terminal {title}", vanishes, site, command, vanish)


def words(site):
    return ["ip", "netns", "exec", site.namespace("router"), program(), "run", "--config",
            site.file]


def direct(site):
    return Terminal(words(site), 100, 30)


def ignoring(site):
    return Terminal(["sh", "-c", 'trap "" HUP; exec "$@"', "sh", *words(site)], 100, 30)


def by_shell(site):
    terminal = Terminal(["bash", "--norc", "--noprofile", "-i"], 100, 30)
    terminal.type(" ".join(words(site)) + "\r")
    return terminal


def hang_up(terminal):
    terminal.hang_up()


def kill_shell(terminal):
    os.kill(terminal.pid, signal.SIGKILL)


def vanishes(site, command, vanish):
    log = f"{site.socket}.log"
    terminal = command(site)
    try:
        expect(terminal.shows("LIVE", 30), f"no console:\n{terminal.text()}")
        site.connect()
        engine, family = site.process, consoles(site)
        expect(family, "there is no process of the console")
        slot = leased(site)
        with (site.receiver(PEER, 1) as receiver,
              site.sender(PEER, 1, slot << 16, RATE) as sender):
            eventually("packets before", lambda: receiver.report().total > RATE // 10)
            vanish(terminal)
            eventually("the console's processes end", lambda: not consoles(site), 20)
            sofar = sender.report().total
            eventually("packets afterwards", lambda: sender.report().total > sofar + RATE // 4)
            sent = sender.end()
            eventually("not one packet is lost", lambda: receiver.report().counts == sent.counts)
        expect_equal("the engine's process", site.process, engine)
        with open(log, encoding="utf-8") as file:
            text = file.read()
        expect("the last console has gone" in text, f"the log does not say it:\n{text}")
        attach(site)
    finally:
        with contextlib.suppress(ChildProcessError):
            terminal.close()
        site.stop()


def leased(site):
    """The slot of a host that has validated the peer; with the first engine it does both."""
    site.host("hosta")
    site.greet("hosta")
    slot = site.lease("hosta")
    site.validate("hosta", [PEER])
    return slot


def consoles(site):
    """The processes of consoles that `run` has shown: the guards, and what they guard."""
    found = []
    for process in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            with open(f"/proc/{process}/cmdline", "rb") as file:
                line = file.read().split(b"\0")
            # The engine is `run` as well, but headless.
            if b"--headless" not in line and (site.file.encode() in line
                                              or site.socket.encode() in line):
                found.append(int(process))
    return found


def attach(site):
    terminal = Terminal([program(), "attach", "--socket", site.socket], 100, 30)
    try:
        expect(terminal.shows("LIVE"), f"attach shows:\n{terminal.text()}")
        terminal.type("q")
        status = terminal.ended()
        expect(status == 0, f"attach ends with {status}")
    finally:
        terminal.close()
