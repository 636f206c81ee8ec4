"""A program in a real pseudo-terminal, its screen kept by an independent emulator (pyte)."""

import base64
import fcntl
import os
import pty
import re
import select
import shutil
import signal
import struct
import tempfile
import termios
import time

import pyte

KEYS = {
    "up": "\x1bOA", "down": "\x1bOB", "right": "\x1bOC", "left": "\x1bOD",
    "enter": "\r", "escape": "\x1b", "tab": "\t", "pagedown": "\x1b[6~", "pageup": "\x1b[5~",
    "backspace": "\x7f", "f2": "\x1bOQ", "f3": "\x1bOR", "home": "\x1bOH", "end": "\x1bOF",
    "delete": "\x1b[3~", "backtab": "\x1b[Z", "f1": "\x1bOP", "f4": "\x1bOS",
}


class Screen(pyte.Screen):
    """pyte's, which fills what DCH leaves free with the terminal's own background; terminals take the
    pen's, and ncurses counts on it (terminfo's bce)."""

    def delete_characters(self, count=None):
        super().delete_characters(count)
        line, columns = self.buffer[self.cursor.y], self.columns
        for x in range(max(self.cursor.x, columns - (count or 1)), columns):
            line[x] = pyte.screens.Char(" ", bg=self.cursor.attrs.bg)


class Terminal:
    """One program under a pseudo-terminal.

    The slave side stays open here as well, so that the modes which the program leaves behind can be
    read after its end.
    """

    def __init__(self, argv, columns=80, rows=24, term="xterm-256color", env=None, folder=False):
        """`folder`: the program runs in an empty folder of its own, which is its home as well."""
        self.master, self.slave = pty.openpty()
        self.screen = Screen(columns, rows)
        self.stream = pyte.ByteStream(self.screen)
        self.screen.write_process_input = lambda text: os.write(self.master, text.encode())
        self.raw = b""
        self.size(columns, rows, tell=False)
        self.modes_before = termios.tcgetattr(self.slave)
        environment = dict(os.environ, TERM=term, LANG="C.UTF-8", LC_ALL="C.UTF-8")
        # What a console keeps must neither come from another one nor reach the user's own.
        self.settings = tempfile.mkdtemp(prefix="dnat-settings-")
        environment["XDG_CONFIG_HOME"] = self.settings
        if folder:
            environment["HOME"] = self.settings
        environment.update(env or {})
        self.pid = os.fork()
        if self.pid == 0:
            os.setsid()
            fcntl.ioctl(self.slave, termios.TIOCSCTTY, 0)
            for descriptor in (0, 1, 2):
                os.dup2(self.slave, descriptor)
            os.closerange(3, 256)
            if folder:
                os.chdir(self.settings)
            try:
                os.execvpe(argv[0], argv, environment)
            finally:
                os._exit(127)
        self.status = None

    def size(self, columns, rows, tell=True):
        """Resizes the terminal as a window does: the kernel sends SIGWINCH to the program."""
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        if tell:
            self.screen.resize(rows, columns)

    def pump(self, seconds):
        """Feeds the emulator with what the program writes, for so long."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if not select.select([self.master], [], [], left)[0]:
                break
            try:
                data = os.read(self.master, 65536)
            except OSError:
                break
            self.raw += data
            self.stream.feed(data)

    def text(self):
        return "\n".join(line.rstrip() for line in self.screen.display)

    def lines(self):
        return [line.rstrip() for line in self.screen.display]

    def until(self, condition, seconds=15.0):
        """Whether `condition(text)` came true in time; the screen is read meanwhile."""
        end = time.monotonic() + seconds
        while not condition(self.text()):
            if time.monotonic() > end:
                return False
            self.pump(0.05)
        return True

    def shows(self, what, seconds=15.0):
        return self.until(lambda text: what in text, seconds)

    def hides(self, what, seconds=15.0):
        return self.until(lambda text: what not in text, seconds)

    def type(self, *keys):
        """Sends keys, by name (see KEYS) or as text."""
        for key in keys:
            os.write(self.master, KEYS.get(key, key).encode())
            self.pump(0.05)

    def ended(self, seconds=10.0):
        """The wait status of the program, or None if it still runs after so long."""
        end = time.monotonic() + seconds
        while self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = status
            elif time.monotonic() >= end:
                break
            self.pump(0.05 if seconds else 0)
        return self.status

    def clipboard(self):
        """What the program gave to the terminal's clipboard last (OSC 52)."""
        found = re.findall(rb"\x1b\]52;c;([A-Za-z0-9+/=]*)\x07", self.raw)
        return base64.b64decode(found[-1]).decode() if found else ""

    def has_mouse(self):
        """Whether the program has taken the mouse."""
        return self.raw.rfind(b"\x1b[?1006h") > self.raw.rfind(b"\x1b[?1006l")

    def restored(self):
        """Whether the terminal is as it was found: modes, main screen, visible cursor."""
        self.pump(0.2)
        same = termios.tcgetattr(self.slave)[:4] == self.modes_before[:4]
        enter, leave = self.raw.rfind(b"\x1b[?1049h"), self.raw.rfind(b"\x1b[?1049l")
        hide = self.raw.rfind(b"\x1b[?25l")
        show = max(self.raw.rfind(b"\x1b[?25h"), self.raw.rfind(b"\x1b[?12l\x1b[?25h"))
        return same and leave >= enter and show >= hide

    def hang_up(self):
        """Takes the terminal away, as a lost SSH session does."""
        os.close(self.slave)
        os.close(self.master)
        self.slave = self.master = None

    def close(self):
        if self.status is None:
            try:
                os.kill(self.pid, signal.SIGKILL)
                os.waitpid(self.pid, 0)
            except (ProcessLookupError, ChildProcessError):
                pass
        shutil.rmtree(self.settings, ignore_errors=True)
        for descriptor in (self.master, self.slave):
            if descriptor is not None:
                os.close(descriptor)
