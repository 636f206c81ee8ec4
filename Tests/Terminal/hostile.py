"""Text that wants to harm the terminal, from an engine that lets it through.

The router itself refuses such text, so something between it and the console puts it into the
answers: where the router says `marker` or the name of a host, the console hears what is below.
"""

import contextlib
import json
import os
import re
import socket
import tempfile
import threading

from suite import LOOK, check, console

# Escape sequences by C0 and C1, a new line, bidirectional overrides, zero-width and private
# characters, a pile of combining marks, and characters of two columns.
HARM = ("\x1b[2J\x1b]0;owned\x07\x1b]52;c;b3duZWQ=\x07\x00\x08\x7f\x9b31m\x85\r\n\u202egro\u2066"
        "\u200b\u200d\ufeff\ue000\u2028" + "e" + "\u0301" * 40 + "漢字🙂")
HOST = "ho\u202est\x1b[7m\u200b漢b"
REPLACED = {"marker": HARM, "hostb": HOST}


class Between:
    """A control socket that leads to the router's, and changes what comes back."""

    def __init__(self, path, router):
        self.router = router
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        os.chmod(path, 0o600)
        self.listener.listen()
        self.sockets = [self.listener]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                near, _ = self.listener.accept()
                far = socket.socket(socket.AF_UNIX)
                far.connect(self.router)
                self.sockets += [near, far]
                for one, other, change in ((near, far, bytes), (far, near, changed)):
                    threading.Thread(target=pass_on, args=(one, other, change), daemon=True).start()

    def close(self):
        for one in self.sockets:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()


def pass_on(one, other, change):
    with contextlib.suppress(OSError, ValueError):
        for line in one.makefile("rb"):
            other.sendall(change(line))
        other.shutdown(socket.SHUT_RDWR)


def changed(line):
    for word, text in REPLACED.items():
        line = line.replace(word.encode(), json.dumps(text)[1:-1].encode())
    return line


def is_clean(octets):
    """Nothing of it has reached the terminal but as escapes that can be read."""
    text = octets.decode("utf-8")
    forbidden = ["\x1b[2J\x1b]0", "\x1b]0;owned", "\x1b]52;c;b3duZWQ=", "\x9b", "\x85", "\u202e", "\u2066",
                 "\u200b", "\u200d", "\ufeff", "\ue000", "\u2028", "\u0301" * 8]
    return not [part for part in forbidden if part in text]


def column(terminal, line, text):
    """The column in which the text begins, by cells: a wide character takes two."""
    cells = [terminal.screen.buffer[line][x].data for x in range(terminal.screen.columns)]
    offsets, row = [], ""
    for x, cell in enumerate(cells):
        offsets += [x] * len(cell)
        row += cell
    place = row.find(text)
    return offsets[place] if place >= 0 else None


def test_hostile_text(router):
    refused = router.ask([("revoke", {"target": "203.0.113.66", "reason": text})
                          for text in ("a\x1bb", "a\x9bb", "a\u202eb", "a\u200bb", "a\u2028b")])
    check("the router takes no such reason", all("error" in answer for answer in refused)
          and router.revoked() == [], refused)
    router.ask([("revoke", {"target": "203.0.113.66", "reason": "marker", "source": "192.0.2.5"})])
    env = {"SSH_CONNECTION": "\x1b[2J\u202e 1 2 3"}
    with tempfile.TemporaryDirectory() as folder:
        between = Between(f"{folder}/control", router.socket)
        router_between = type("", (), {"socket": f"{folder}/control"})
        try:
            with console(router_between, 180, 40, env=env) as terminal:
                check("the console shows it as escapes", terminal.shows("LIVE")
                      and terminal.shows(r"ho\u{202e}st\x1b"), terminal.text)
                for view in "123456789":
                    terminal.type(view)
                    terminal.pump(0.5)
                    terminal.type("enter")
                    terminal.pump(0.2)
                    terminal.type("escape")
                terminal.type("3")
                terminal.shows("INSIDE")
                rows = [y for y, line in enumerate(terminal.lines()) if " active " in line]
                starts = {column(terminal, y, "active") for y in rows}
                check("columns stay straight beside it", len(rows) == 2
                      and starts == {column(terminal, 4, "STATE")}, terminal.text)
                terminal.type("9", "g")
                terminal.until(lambda shown: LOOK[8] in shown and "203.0.113.66" in shown)
                row = next((y for y, line in enumerate(terminal.lines())
                            if "203.0.113.66" in line and y > 4), None)
                check("in the audit log too", row is not None
                      and column(terminal, row, "192.0.2.5") == column(terminal, 4, "FROM"),
                      terminal.text)
                terminal.type("4", "/", "\x15203.0.113.66", "enter")
                terminal.until(lambda shown: " 1-1 of 1" in shown)
                terminal.type("enter")
                check("the details spell it out", terminal.shows(r"\x1b[2J\x1b]0;owned\x07")
                      and terminal.shows(r"\u{202e}gro\u{2066}"), terminal.text)
                terminal.type("y")
                terminal.pump(0.5)
                check("nothing of it has reached the terminal", is_clean(terminal.raw),
                      lambda: repr(terminal.raw[-600:]))
                check("nor its clipboard", "203.0.113.66" in terminal.clipboard()
                      and is_clean(terminal.clipboard().encode())
                      and not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", terminal.clipboard()),
                      lambda: repr(terminal.clipboard()))
        finally:
            between.close()
            router.ask([("unrevoke", {"target": "203.0.113.66"})])
