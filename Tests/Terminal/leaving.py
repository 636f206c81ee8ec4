"""Ways in which a console ends or stands still, and what is left of it."""

import contextlib
import os
import pathlib
import signal
import time

from suite import PROGRAM, alive, check, children, console
from terminal import Terminal


def test_quit(router):
    with console(router) as terminal:
        terminal.shows("LIVE")
        terminal.type("q")
        status = terminal.ended()
        check("q ends with exit code 0", status == 0, str(status))
        check("the terminal is as it was", terminal.restored())
        check("the router goes on", router.ctl("status")["state"] == "running")


def test_signals(router):
    for number, who in ((signal.SIGTERM, "the program"), (signal.SIGTERM, "its console"),
                        (signal.SIGKILL, "its console"), (signal.SIGSEGV, "its console"),
                        (signal.SIGABRT, "its console")):
        with console(router) as terminal:
            terminal.shows("LIVE")
            target = terminal.pid if who == "the program" else children(terminal.pid)[0]
            os.kill(target, number)
            name = signal.Signals(number).name
            check(f"{name} to {who} ends it", terminal.ended() is not None)
            check("  and the terminal is as it was", terminal.restored(),
                  lambda: repr(terminal.raw[-200:]))
    check("the router goes on", router.ctl("status")["state"] == "running")


def cpu(pids):
    """Seconds of processor time that processes have used."""
    ticks = 0
    for pid in pids:
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def lose(terminal, take_away):
    """Takes the terminal away: seconds until the console was gone, and what it used meanwhile."""
    family = [terminal.pid]
    for pid in family:
        family += children(pid)
    used, before, began = 0.0, cpu(family), time.monotonic()
    take_away(terminal)
    while any(alive(pid) for pid in family) and time.monotonic() - began < 5:
        used = max(used, cpu(family) - before)
        time.sleep(0.02)
    taken = time.monotonic() - began
    with contextlib.suppress(ChildProcessError):
        terminal.status = os.waitpid(terminal.pid, os.WNOHANG)[1]
    return taken, used


def test_loss(router):
    """The line is cut, the shell is killed, SIGHUP comes: gone within a second, and idle until then.

    Without SIGHUP a console reads an end of file and cannot write any more (EIO).
    """
    attach = f"{PROGRAM} attach --socket {router.socket}"
    for name, shell, take_away in (
            ("a lost terminal", f"exec {attach}", Terminal.hang_up),
            ("a lost terminal, SIGHUP ignored", f"trap '' HUP; exec {attach}", Terminal.hang_up),
            ("a killed shell", f"{attach}; true", lambda lost: os.kill(lost.pid, signal.SIGKILL)),
            ("a killed shell, SIGHUP ignored", f"trap '' HUP; {attach}; true",
             lambda lost: os.kill(lost.pid, signal.SIGKILL)),
            ("SIGHUP to the program", f"exec {attach}",
             lambda lost: os.kill(lost.pid, signal.SIGHUP)),
            ("SIGHUP to its console", f"exec {attach}",
             lambda lost: os.kill(children(lost.pid)[0], signal.SIGHUP))):
        with contextlib.closing(Terminal(["sh", "-c", shell])) as terminal:
            check(f"{name}: shown before", terminal.shows("LIVE"), terminal.text)
            taken, used = lose(terminal, take_away)
            check(f"{name}: gone after {taken:.1f} s, at most 1, with {used:.2f} s of work",
                  taken <= 1.1 and used <= 0.3)
    check("the router goes on", router.ctl("status")["state"] == "running")


def test_stop_and_continue(router):
    with console(router) as terminal:
        terminal.shows("LIVE")
        pid = children(terminal.pid)[0]
        os.kill(pid, signal.SIGSTOP)
        time.sleep(0.5)
        # Another program has drawn over it meanwhile.
        terminal.stream.feed(b"\x1b[2J\x1b[Hgarbage")
        os.kill(pid, signal.SIGCONT)
        check("after a stop the whole screen is painted",
                    terminal.shows("LIVE") and terminal.hides("garbage", 3), terminal.text)
