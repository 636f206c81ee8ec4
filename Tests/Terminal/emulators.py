"""A second terminal emulator, tmux: it shows what pyte shows, and job control works in it."""

import contextlib
import os
import subprocess
import tempfile
import unicodedata

from suite import LOOK, PROGRAM, check, console, eventually


class Tmux:
    """A server of its own with one window."""

    def __init__(self, folder, columns, rows, command):
        self.socket = f"{folder}/tmux"
        self.run("-u", "-f", "/dev/null", "new-session", "-d", "-x", str(columns), "-y", str(rows),
                 command)

    def run(self, *arguments):
        return subprocess.run(["tmux", "-S", self.socket, *arguments], text=True,
                              env=dict(os.environ, LC_ALL="C.UTF-8"), capture_output=True).stdout

    def type(self, *keys):
        self.run("send-keys", *keys)

    def pane(self):
        return self.run("capture-pane", "-p")

    def close(self):
        self.run("kill-server")


def lines(screen):
    """A screen's text as the two emulators can be compared."""
    text = unicodedata.normalize("NFC", screen).split("\n")
    return "\n".join(line.rstrip() for line in text).rstrip()


def test_two_emulators(router):
    """Both are given the same octets, and stop to be compared where the console has drawn."""
    columns, rows = 110, 32
    steps = [(LOOK[place], (str(place + 1),)) for place in range(9)] + [
        ("── Keys ─", ("?",)), (LOOK[8], ("escape",)), ("Validate an address", ("4", "v")),
        ("─ Settings ─", ("\x1b", "\x1b", "f2")), ("Tab completes", ("\x1b", ":"))]
    with tempfile.TemporaryDirectory() as folder:
        os.mkfifo(f"{folder}/octets")
        command = f"stty raw -echo; cat {folder}/octets; sleep 1000"
        with contextlib.closing(Tmux(folder, columns, rows, command)) as tmux, \
                console(router, columns, rows, "tmux-256color") as terminal, \
                open(f"{folder}/octets", "wb", buffering=0) as other:
            terminal.shows("LIVE")
            sent = 0
            for shown, keys in steps:
                for key in keys:
                    terminal.type(key)
                    # A dialog takes no keys in its first moments.
                    terminal.pump(0.25)
                there = terminal.shows(shown)
                other.write(terminal.raw[sent:])
                sent = len(terminal.raw)
                here = lines(terminal.text())
                same = eventually(lambda: lines(tmux.pane()) == here, 5)
                check(f"tmux shows the same: {shown}", there and same,
                      lambda: f"{here}\n-- tmux:\n{tmux.pane()}")


def test_tmux(router):
    """The alternate screen is left, and job control works."""
    with tempfile.TemporaryDirectory() as folder, contextlib.closing(
            Tmux(folder, 100, 30, "env PS1='prompt> ' bash --norc --noprofile -i")) as tmux:
        pane = tmux.pane
        tmux.type("echo before-the-console", "Enter")
        eventually(lambda: "before-the-console" in pane())
        tmux.type(f"{PROGRAM} attach --socket {router.socket}", "Enter")
        check("tmux shows the console", eventually(lambda: "LIVE" in pane()), pane)
        tmux.run("resize-window", "-x", "72", "-y", "20")
        check("and a resize reaches it", eventually(
            lambda: "LIVE" in pane() and max(map(len, pane().splitlines())) <= 72), pane)
        tmux.type("C-z")
        check("Ctrl-Z gives the shell back", eventually(lambda: "Stopped" in pane()), pane)
        check("and the router goes on", router.ctl("status")["state"] == "running")
        tmux.type("fg", "Enter")
        check("fg brings the console back", eventually(lambda: "LIVE" in pane()), pane)
        tmux.type("q")
        check("after q the screen is the one before", eventually(
            lambda: "before-the-console" in pane() and "LIVE" not in pane()), pane)
