"""The craft of the console on a terminal: frames, answers, what is no key, loss, plain lines.

Each test takes the laboratory's router and the suite (`run`), whose helpers it uses.
"""

import base64
import contextlib
import os
import pathlib
import random
import re
import select
import shutil
import signal
import socket
import statistics
import subprocess
import tempfile
import time

from terminal import Terminal

QUERY = b"\x1b[5n"


def octets_in(terminal, seconds):
    before = len(terminal.raw)
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        terminal.pump(left)
    return len(terminal.raw) - before


def show_entries(terminal):
    """The SA table, with rows under its cursor."""
    terminal.type("2")
    return terminal.until(lambda text: re.search(r"host[ab] +192\.0\.2\.", text))


def test_frame_sizes(router, suite):
    for (columns, rows), most in (((80, 24), 400), ((132, 43), 800), ((200, 50), 1000)):
        with suite.console(router, columns, rows) as terminal:
            terminal.shows("LIVE")
            show_entries(terminal)
            terminal.pump(2)
            got = octets_in(terminal, 5) / 5
            suite.check(f"{columns}x{rows}: a second of the SA table takes {got:.0f} octets, "
                        f"at most {most}", got <= most)
    with suite.console(router, 80, 24) as terminal:
        terminal.shows("LIVE")
        show_entries(terminal)
        terminal.type("p")
        terminal.shows("FROZEN")
        terminal.pump(1)
        suite.check("frozen, nothing is written", (got := octets_in(terminal, 3)) == 0, str(got))
        # Without the details below, which are those of another row each time.
        terminal.type("d")
        terminal.pump(0.5)
        before = len(terminal.raw)
        terminal.type("down")
        terminal.pump(0.5)
        got = len(terminal.raw) - before
        suite.check(f"a move of the cursor takes {got} octets, at most 300", 0 < got <= 300)


def test_latency(router, suite):
    """The median of the best of three rounds: others may use the machine."""
    with suite.console(router, 80, 24) as terminal:
        terminal.shows("LIVE")
        show_entries(terminal)
        rounds = []
        for _ in range(3):
            taken = []
            for number in range(30):
                terminal.pump(0.02)
                began = time.monotonic()
                os.write(terminal.master, b"\x1b[B" if number % 2 else b"\x1b[A")
                if select.select([terminal.master], [], [], 1)[0]:
                    taken.append(time.monotonic() - began)
            rounds.append(statistics.median(taken) * 1000)
        best = min(rounds)
        suite.check(f"a key is answered within {best:.1f} ms, at most 20", best <= 20, str(rounds))


def test_one_frame_in_flight(router, suite):
    with suite.console(router, 80, 24) as terminal:
        terminal.shows("LIVE")
        terminal.pump(1.5)
        suite.check("a frame ends with the query", terminal.raw.endswith(QUERY),
                    lambda: repr(terminal.raw[-80:]))
        # From here on the terminal does not answer, as one at the end of a stuck line.
        answer = terminal.screen.write_process_input
        terminal.screen.write_process_input = lambda text: None
        terminal.pump(1.2)
        quiet = octets_in(terminal, 0.6)
        suite.check("without its answer no periodic frame is sent", quiet == 0, str(quiet))
        terminal.type("3")
        suite.check("but keys repaint", terminal.shows("SPI RANGE", 1), terminal.text)
        terminal.pump(2.5)
        before = len(terminal.raw)
        terminal.pump(3)
        rest = terminal.raw[before:]
        suite.check("a terminal that never answers is not waited for",
                    len(rest) > 0 and QUERY not in rest, lambda: repr(rest[-80:]))
        terminal.screen.write_process_input = answer
        terminal.type("/")
        terminal.pump(0.2)
        os.write(terminal.master, b"\x1b[0n\x1b[0n")
        os.write(terminal.master, b"\x1b[")
        time.sleep(0.005)
        os.write(terminal.master, b"0n")
        terminal.pump(0.5)
        line = next((line for line in terminal.lines() if "filter:" in line), "")
        suite.check("answers are no keys", re.search(r"filter:\s+1-", line)
                    or re.search(r"filter:\s*$", line) or "0n" not in line, line)
        before = len(terminal.raw)
        terminal.pump(2)
        suite.check("and bring the queries back", QUERY in terminal.raw[before:])


def test_typed_ahead(router, suite):
    command = [suite.PROGRAM, "attach", "--socket", router.socket]
    for delay in (0, 0.03, 0.1):
        terminal = Terminal(command, 100, 30)
        time.sleep(delay)
        os.write(terminal.master, b"3")
        suite.check(f"a key typed {delay} s after the start counts",
                    terminal.shows("SPI RANGE", 5), terminal.text)
        terminal.close()


def test_paste(router, suite):
    with suite.console(router, 100, 30) as terminal:
        terminal.shows("LIVE")
        suite.check("bracketed paste is on", b"\x1b[?2004h" in terminal.raw)
        show_entries(terminal)
        terminal.type("\x1b[200~xxqq\r\x1b[201~")
        terminal.pump(0.5)
        suite.check("pasted keys do nothing in the table", terminal.ended(0.1) is None
                    and "Revoke" not in terminal.text(), terminal.text)
        terminal.type("/", "\x1b[200~192.0.2.20\r\nq\x1b[201~")
        suite.check("pasted text is text in the filter",
                    terminal.shows("192.0.2.20 q"), terminal.text)
        terminal.type("escape", "q")
        suite.check("and bracketed paste is off at the end",
                    terminal.ended() == 0 and terminal.raw.rfind(b"\x1b[?2004l")
                    > terminal.raw.rfind(b"\x1b[?2004h"))


def test_copy(router, suite):
    with suite.console(router, 100, 30) as terminal:
        terminal.shows("LIVE")
        show_entries(terminal)
        terminal.type("y")
        terminal.shows("clipboard")

        def copied():
            found = re.findall(rb"\x1b\]52;c;([A-Za-z0-9+/=]*)\x07", terminal.raw)
            return base64.b64decode(found[-1]).decode() if found else ""
        suite.check("y copies the row", re.match(r"host[ab]  192\.0\.2\.", copied()), copied)
        terminal.type("enter", "y")
        terminal.pump(0.5)
        suite.check("in the details, all of them", copied().count("\n") > 5, copied)
        terminal.type("escape", "Y")
        terminal.pump(0.5)
        cells = [cell for row in terminal.screen.buffer.values() for cell in row.values()]
        suite.check("copy mode has no frames and no colours",
                    "─" not in terminal.text() and "192.0.2.10" in terminal.text()
                    and {(cell.fg, cell.bg, cell.bold) for cell in cells}
                    == {("default", "default", False)}, terminal.text)
        terminal.pump(1.5)
        suite.check("and stands still", octets_in(terminal, 2.5) == 0)
        terminal.type("escape")
        suite.check("a key goes back", terminal.shows("─"), terminal.text)


def test_mouse(router, suite):
    with suite.console(router, 100, 30) as terminal:
        terminal.shows("LIVE")
        suite.check("the mouse is left to the terminal", b"\x1b[?1000h" not in terminal.raw)
        terminal.type("M")
        suite.check("M takes it", terminal.shows("mouse on") and b"\x1b[?1006h" in terminal.raw)
        x = terminal.lines()[1].index("Peers") + 1
        terminal.type(f"\x1b[<0;{x};2M\x1b[<0;{x};2m")
        suite.check("a click on a name goes to the view",
                    terminal.shows("ADDRESS") and terminal.shows("192.0.2.20"), terminal.text)
        row = next(y for y, line in enumerate(terminal.lines()) if "192.0.2.20" in line)
        terminal.type(f"\x1b[<0;9;{row + 1}M")
        suite.check("a click selects", terminal.until(
            lambda text: text.splitlines()[row].startswith("▌")), terminal.text)
        terminal.type(f"\x1b[<0;9;{row + 1}M")
        suite.check("a second one opens", terminal.shows("Esc back"), terminal.text)
        terminal.type("escape", "q")
        suite.check("at the end it is the terminal's again", terminal.ended() == 0
                    and terminal.raw.rfind(b"\x1b[?1006l") > terminal.raw.rfind(b"\x1b[?1006h"))


def test_theme_follows_its_file(router, suite):
    theme = (pathlib.Path(suite.ROOT) / "themes/default-dark.toml").read_text()
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "mine.toml")
        path.write_text(theme)
        with suite.console(router, options=["--theme", str(path)]) as terminal:
            terminal.shows("LIVE")

            def backgrounds():
                return {cell.bg for row in terminal.screen.buffer.values()
                        for cell in row.values()}
            first = backgrounds()
            path.write_text(theme.replace("c256 = 233", "c256 = 17"))
            suite.check("a changed theme shows at once", terminal.until(
                lambda _: backgrounds() != first, 4))
            terminal.pump(1)
            second = backgrounds()
            path.write_text(theme + "\n[roles\n")
            suite.check("a broken one is said", terminal.shows("stays as it was", 4),
                        terminal.text)
            suite.check("and the last good one stays", backgrounds() == second)


def test_resize_storm(router, suite):
    choose = random.Random(7)
    with suite.console(router, 80, 24) as terminal:
        terminal.shows("LIVE")
        terminal.type("2")
        for _ in range(300):
            terminal.size(choose.randrange(1, 220), choose.randrange(1, 70))
            terminal.pump(0.005)
        terminal.size(100, 30)
        suite.check("after a storm of resizes the screen is whole",
                    terminal.shows("LIVE") and terminal.shows("192.0.2.10"), terminal.text)
        pid = suite.children(terminal.pid)[0]
        suite.check("and nothing goes on working", cpu_in(pid, 1) < 0.3)


def cpu_in(pid, seconds):
    def ticks():
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        return int(fields[11]) + int(fields[12])
    before = ticks()
    time.sleep(seconds)
    return (ticks() - before) / os.sysconf("SC_CLK_TCK") / seconds


def test_random_keys(router, suite):
    """A minute of whatever keys on a console that may only look; none that leaves it."""
    seconds = float(os.environ.get("RANDOM_KEYS_SECONDS", "60"))
    seed = int(os.environ.get("RANDOM_KEYS_SEED", str(random.randrange(1 << 30))))
    choose = random.Random(seed)
    pieces = [chr(value) for value in range(33, 127) if chr(value) != "q"]
    pieces += ["\x1b", "\x1b[A", "\x1b[B", "\x1b[5~", "\x1b[6~", "\x1b[<0;20;8M", "\x1b[200~qq\r",
               "\x1b[201~", "\x1b[0n", "\r", "\t", "\x7f", "\x0c", "\x1b]52;", "\x07", "ä", "\x00"]
    with suite.console(router, 100, 30, options=["--read-only"]) as terminal:
        terminal.shows("LIVE")
        end = time.monotonic() + seconds
        while time.monotonic() < end and terminal.ended(0) is None:
            os.write(terminal.master, choose.choice(pieces).encode())
            terminal.pump(choose.random() * 0.02)
            if choose.random() < 0.01:
                terminal.size(choose.randrange(20, 160), choose.randrange(5, 50))
        alive = terminal.ended(0) is None
        suite.check(f"random keys for {seconds:.0f} s do no harm (seed {seed})", alive,
                    terminal.text)
        terminal.size(100, 30)
        terminal.pump(2.5)
        terminal.type("\x1b[201~", "escape", "escape", "escape", "escape")
        suite.check("the console still answers", terminal.shows("LIVE") or terminal.shows("FROZEN"),
                    terminal.text)


# MARK: - Without a terminal, and when it goes

def test_plain(router, suite):
    command = [suite.PROGRAM, "attach", "--plain", "--socket", router.socket]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               env=dict(os.environ, TERM="dumb"))
    said = b""

    def hears(what, seconds=15):
        nonlocal said
        end = time.monotonic() + seconds
        while what.encode() not in said and (left := end - time.monotonic()) > 0:
            if select.select([process.stdout], [], [], left)[0]:
                data = os.read(process.stdout.fileno(), 65536)
                if not data:
                    break
                said += data
        return what.encode() in said

    def tell(line):
        process.stdin.write(line.encode() + b"\n")
        process.stdin.flush()

    try:
        suite.check("plain: it says how the router is",
                    hears("Router 198.51.100.1 is running"), lambda: said.decode())
        tell("sa")
        suite.check("plain: a verb of ctl is a command", hears("192.0.2.20"), lambda: said.decode())
        tell("revoke 203.0.113.99 --reason 'just a test'")
        suite.check("plain: it acts", suite.eventually(
            lambda: "203.0.113.99/32" in router.revoked()), lambda: said.decode())
        router.ctl("unrevoke", "203.0.113.99")
        suite.check("plain: it says what others do",
                    hears("lift") or hears("unrevoke 203.0.113.99"), lambda: said.decode())
        tell("nosuchverb")
        suite.check("plain: what is no command is said", hears("nosuchverb"), lambda: said.decode())
        tell("quit")
        suite.check("plain: quit leaves", process.wait(10) == 0)
        said += process.stdout.read()
        suite.check("plain: no escape sequence is written", b"\x1b" not in said)
    finally:
        process.kill()
        process.wait()
    piped = subprocess.run(command, input=b"status\n", capture_output=True, timeout=30)
    suite.check("plain: the end of the input ends it",
                piped.returncode == 0 and b"198.51.100.1" in piped.stdout, piped.stderr.decode())
    bare = subprocess.run([suite.PROGRAM, "attach", "--socket", router.socket],
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=30)
    suite.check("without a terminal attach names ctl and --plain", bare.returncode == 1
                and b"ctl" in bare.stderr and b"--plain" in bare.stderr, bare.stderr.decode())


def test_loss(router, suite):
    attach = f"exec {suite.PROGRAM} attach --socket {router.socket}"
    for name, shell in (("", attach), (", SIGHUP ignored", f"trap '' HUP; {attach}")):
        terminal = Terminal(["sh", "-c", shell])
        terminal.shows("LIVE")
        family = [terminal.pid, *suite.children(terminal.pid)]
        terminal.hang_up()
        began = time.monotonic()
        gone = suite.eventually(lambda: not any(suite.alive(pid) for pid in family), 5)
        taken = time.monotonic() - began
        suite.check(f"a lost terminal{name}: gone after {taken:.1f} s, at most 1",
                    gone and taken <= 1.1)
        with contextlib.suppress(ChildProcessError):
            terminal.status = os.waitpid(terminal.pid, 0)[1]
        terminal.close()
    suite.check("the router goes on", router.ctl("status")["state"] == "running")


def test_stop_and_continue(router, suite):
    with suite.console(router) as terminal:
        terminal.shows("LIVE")
        pid = suite.children(terminal.pid)[0]
        os.kill(pid, signal.SIGSTOP)
        time.sleep(0.5)
        # Another program has drawn over it meanwhile.
        terminal.stream.feed(b"\x1b[2J\x1b[Hgarbage")
        os.kill(pid, signal.SIGCONT)
        suite.check("after a stop the whole screen is painted",
                    terminal.shows("LIVE") and terminal.hides("garbage", 3), terminal.text)


# MARK: - Through sshd

@contextlib.contextmanager
def sshd(folder, port):
    """A server of its own with keys of its own, for root, on the loopback."""
    for name in ("host", "user"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", f"{folder}/{name}"],
                       check=True)
    shutil.copy(f"{folder}/user.pub", f"{folder}/authorized_keys")
    pathlib.Path(folder, "config").write_text(f"""Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host
PidFile {folder}/pid
AuthorizedKeysFile {folder}/authorized_keys
StrictModes no
UsePAM no
PermitRootLogin yes
PasswordAuthentication no
""")
    pathlib.Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    server = subprocess.Popen([shutil.which("sshd") or "/usr/sbin/sshd", "-D", "-e", "-f",
                               f"{folder}/config"], stderr=subprocess.PIPE)
    try:
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield ["ssh", "-tt", "-i", f"{folder}/user", "-p", str(port), "-o",
               "StrictHostKeyChecking=no", "-o", f"UserKnownHostsFile={folder}/known",
               "-o", "LogLevel=ERROR", "root@127.0.0.1"]
    finally:
        server.terminate()
        server.wait()


def test_ssh(router, suite):
    with tempfile.TemporaryDirectory(prefix="dnat-ssh-") as folder, \
            sshd(folder, 20_000 + os.getpid() % 20_000) as ssh:
        command = [*ssh, f"LC_ALL=C.UTF-8 exec {suite.PROGRAM} attach --socket {router.socket}"]

        def consoles():
            answer = subprocess.run(["pgrep", "-f", f"show-console --socket {router.socket}"],
                                    text=True, capture_output=True)
            return answer.stdout.split()

        terminal = Terminal(command, 100, 30)
        suite.check("through sshd the console shows", terminal.shows("LIVE", 60), terminal.text)
        terminal.type("2")
        suite.check("and takes keys", show_entries(terminal), terminal.text)
        terminal.size(72, 20)
        suite.check("and follows the size", terminal.until(
            lambda text: "LIVE" in text and max(map(len, text.splitlines())) <= 72), terminal.text)
        suite.check("one console runs", len(consoles()) == 1, str(consoles()))
        os.kill(terminal.pid, signal.SIGKILL)
        began = time.monotonic()
        gone = suite.eventually(lambda: not consoles(), 5)
        suite.check(f"it is gone {time.monotonic() - began:.1f} s after the session was cut",
                    gone and time.monotonic() - began < 1.5)
        terminal.close()
    suite.check("the router goes on", router.ctl("status")["state"] == "running")


TESTS = [value for name, value in list(globals().items()) if name.startswith("test_")]
