"""A second terminal emulator, tmux: the alternate screen is left, and job control works."""

import subprocess
import tempfile

from suite import PROGRAM, check, eventually


def test_tmux(router):
    """A second emulator: the alternate screen is left, and job control works."""
    with tempfile.TemporaryDirectory() as folder:
        socket = f"{folder}/tmux"

        def tmux(*arguments):
            return subprocess.run(["tmux", "-S", socket, *arguments], text=True,
                                  capture_output=True).stdout

        def pane():
            return tmux("capture-pane", "-p")

        try:
            tmux("-f", "/dev/null", "new-session", "-d", "-x", "100", "-y", "30",
                 "env PS1='prompt> ' bash --norc --noprofile -i")
            tmux("send-keys", "echo before-the-console", "Enter")
            eventually(lambda: "before-the-console" in pane())
            tmux("send-keys", f"{PROGRAM} attach --socket {router.socket}", "Enter")
            check("tmux shows the console", eventually(lambda: "LIVE" in pane()), pane)
            tmux("resize-window", "-x", "72", "-y", "20")
            check("and a resize reaches it", eventually(
                lambda: "LIVE" in pane() and max(map(len, pane().splitlines())) <= 72), pane)
            tmux("send-keys", "C-z")
            check("Ctrl-Z gives the shell back", eventually(lambda: "Stopped" in pane()), pane)
            check("and the router goes on", router.ctl("status")["state"] == "running")
            tmux("send-keys", "fg", "Enter")
            check("fg brings the console back", eventually(lambda: "LIVE" in pane()), pane)
            tmux("send-keys", "q")
            check("after q the screen is the one before", eventually(
                lambda: "before-the-console" in pane() and "LIVE" not in pane()), pane)
        finally:
            tmux("kill-server")
