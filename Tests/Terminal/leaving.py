"""Ways in which a console ends or stands still, and what is left of it."""

import contextlib
import os
import signal
import time

from suite import PROGRAM, alive, check, children, console, eventually
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


def test_loss(router):
    attach = f"exec {PROGRAM} attach --socket {router.socket}"
    for name, shell in (("", attach), (", SIGHUP ignored", f"trap '' HUP; {attach}")):
        terminal = Terminal(["sh", "-c", shell])
        terminal.shows("LIVE")
        family = [terminal.pid, *children(terminal.pid)]
        terminal.hang_up()
        began = time.monotonic()
        gone = eventually(lambda: not any(alive(pid) for pid in family), 5)
        taken = time.monotonic() - began
        check(f"a lost terminal{name}: gone after {taken:.1f} s, at most 1",
                    gone and taken <= 1.1)
        with contextlib.suppress(ChildProcessError):
            terminal.status = os.waitpid(terminal.pid, 0)[1]
        terminal.close()
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
