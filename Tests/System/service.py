"""The engine as a service: by its own user without privileges, under a stand-in for the service
manager that speaks sd_notify(3) and keeps descriptors, and with a stand-in for the journal."""

import array
import base64
import contextlib
import os
import re
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import time

from checks import Failed, eventually, expect, expect_equal
from lab import REPOSITORY, Control, program, run

EXTERNAL = "198.51.100.1"
CONFIGURATION = """[router]
external-address = "198.51.100.1"
tunnel-endpoint = "10.0.0.254"
inside-networks = ["10.0.0.0/24"]
queues = 2

[pap]
listen = ["10.0.0.1:7028"]

[store]
path = "{folder}/state.sqlite"

[control]
socket = "{folder}/control.sock"
viewer-group = "daemon"

[[host]]
name = "hosta"
inside-address = "10.0.0.11"
key-id = 1
key-file = "{folder}/hosta.key"
"""
USER = "nobody"
# The device's file has mode 0600 where no udev is; elsewhere anyone may open it.
DEVICE = "mount -t tmpfs none /dev/net && mknod -m 666 /dev/net/tun c 10 200"
JOURNAL = ("mount -t tmpfs none /run && mkdir -p /run/systemd/journal && "
           "touch /run/systemd/journal/socket && mount --bind {} /run/systemd/journal/socket")
UNPRIVILEGED = ["setpriv", "--reuid", USER, "--regid", "nogroup", "--clear-groups",
                "--inh-caps=-all", "--bounding-set=-all", "--no-new-privs"]


def check(results):
    results.section("as a service")
    with Service() as service:
        for title, function in (
                ("the device is made ahead, twice as well as once", made_ahead),
                ("ready, without privileges, its queues kept", comes_up),
                ("a watchdog hears from it while it lives", watchdog),
                ("a reload is told, its end too", reloads),
                ("packets wait for the next engine when one is killed", packets_wait),
                ("without the kept queues they are lost", packets_lost),
                ("queues of another device are given up", other_device),
                ("it says that it stops", stops),
                ("groups come in through the folder that the manager made", admits),
                ("a bad configuration is never ready", never_ready),
                ("the journal gets its own format", journal),
                ("another's journal gets nothing", foreign_journal),
                ("the device is removed", removed)):
            results.run(f"service: {title}", function, service)
    results.run("service: the units are in order", units)


class Manager:
    """What of a service manager the engine can see."""

    def __init__(self, folder):
        self.path = f"{folder}/notify"
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        os.chmod(self.path, 0o777)
        self.notes = []
        self.kept = []

    def listen(self, seconds):
        """Takes what comes within a time."""
        deadline = time.monotonic() + seconds
        while select.select([self.socket], [], [], max(0, deadline - time.monotonic()))[0]:
            self.take()

    def hears(self, line, seconds=15.0):
        """Waits for a line, which no note before had."""
        deadline = time.monotonic() + seconds
        while not any(line in note for note in self.notes):
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self.socket], [], [], left)[0]:
                raise Failed(f"no {line!r} within {seconds:g} s, only {self.notes}")
            self.take()

    def take(self):
        data, control, _, _ = self.socket.recvmsg(4096, 4096)
        lines = data.decode().split("\n")
        descriptors = array.array("i")
        for level, kind, payload in control:
            if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
                descriptors.frombytes(payload[:len(payload) - len(payload) % descriptors.itemsize])
        if "FDSTORE=1" in lines:
            name = next(line[7:] for line in lines if line.startswith("FDNAME="))
            self.kept += [(name, descriptor) for descriptor in descriptors]
        if "FDSTOREREMOVE=1" in lines:
            self.forget()
        self.notes.append(lines)

    def forget(self):
        for _, descriptor in self.kept:
            os.close(descriptor)
        self.kept = []


class Service:
    """A namespace with a router's addresses, a configuration, and an engine at times."""

    def __enter__(self):
        self.name = f"dnat-service-{os.getpid()}"
        self.folder = tempfile.mkdtemp(prefix="dnat-service.", dir="/tmp")
        os.chmod(self.folder, 0o755)
        self.key = base64.b64encode(os.urandom(32)).decode()
        self.write("hosta.key", self.key + "\n")
        self.write("router.toml", CONFIGURATION.format(folder=self.folder))
        self.manager = Manager(self.folder)
        self.engine = None
        self.log = ""
        for words in (("netns", "add", self.name), ("-n", self.name, "link", "set", "lo", "up"),
                      ("-n", self.name, "address", "add", "10.0.0.1/24", "dev", "lo")):
            expect_equal(f"ip {words}", run("ip", *words).code, 0)
        shutil.chown(self.folder, USER)
        return self

    def __exit__(self, *_):
        self.kill()
        self.manager.forget()
        run("ip", "netns", "delete", self.name)
        shutil.rmtree(self.folder)

    def write(self, name, text):
        path = f"{self.folder}/{name}"
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        # The configuration is root's, the key the engine's alone.
        os.chmod(path, 0o644)
        if name.endswith(".key"):
            os.chmod(path, 0o600)
            shutil.chown(path, USER)

    def inside(self, *words, **options):
        return run("ip", "netns", "exec", self.name, *words, **options)

    def start(self, extra=(), prepare=DEVICE, stderr=None, variables=None):
        """Starts an engine as the service manager would, with what it keeps."""
        self.manager.notes = []
        kept = list(self.manager.kept)
        environment = {"PATH": os.environ["PATH"], "NOTIFY_SOCKET": self.manager.path,
                       "WATCHDOG_USEC": "1000000", **(variables or {})}
        # Its own number is only known to the shell that becomes the engine.
        script = prepare + ' && export WATCHDOG_PID=$$ && exec "$@"'
        if kept:
            environment.update(LISTEN_FDS=str(len(kept)),
                               LISTEN_FDNAMES=":".join(name for name, _ in kept))
            script = script.replace("exec", "export LISTEN_PID=$$ && exec")

        def pass_on():
            # Out of the way first, so that none overwrites another.
            high = [os.dup2(descriptor, 200 + i) for i, (_, descriptor) in enumerate(kept)]
            for i, descriptor in enumerate(high):
                os.dup2(descriptor, 3 + i, inheritable=True)

        if stderr is None:
            stderr = open(f"{self.folder}/log", "w+b")
        self.stderr = stderr
        self.engine = subprocess.Popen(
            ["ip", "netns", "exec", self.name, "unshare", "-m", "sh", "-c", script, "engine",
             *UNPRIVILEGED, program(), "run", "--headless", "--config",
             f"{self.folder}/router.toml", *extra],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=stderr, close_fds=False,
            env=environment, preexec_fn=pass_on)

    def kill(self, number=signal.SIGKILL):
        if self.engine:
            self.engine.send_signal(number)
            code = self.engine.wait(20)
            self.engine = None
            return code
        return None

    def received(self):
        with contextlib.closing(Control(f"{self.folder}/control.sock")) as control:
            return control.ask("status")["packets"]["received"]

    def send(self, count):
        """Packets from outside for the shared address, as many as said."""
        expect_equal("sending", self.inside(
            "python3", "-c",
            "import socket\n"
            "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
            "s.bind(('192.0.2.1', 0))\n"
            f"for _ in range({count}): s.sendto(b'x', ('{EXTERNAL}', 9))").code, 0)


def made_ahead(service):
    expect_equal("address of a peer", service.inside(
        "ip", "address", "add", "192.0.2.1/32", "dev", "lo").code, 0)
    for _ in range(2):
        made = service.inside(program(), "tun", "make", "--user", USER, "--config",
                              f"{service.folder}/router.toml")
        expect_equal("exit code", (made.code, made.err), (0, ""))
    shown = service.inside("ip", "-d", "link", "show", "dnat0").out
    for word in ("persist on", "multi_queue", f"user {USER}", "UP"):
        expect(word in shown, f"no {word}: {shown}")
    routes = service.inside("ip", "route", "show", "dev", "dnat0").out
    for word in (f"{EXTERNAL} ", "mtu 1480", "10.0.0.254 "):
        expect(word in routes, f"no {word}: {routes}")
    wrong = service.inside(program(), "tun", "make", "--user", "no-such-user", "--config",
                           f"{service.folder}/router.toml")
    expect_equal("exit code for an unknown user", wrong.code, 2)


def comes_up(service):
    service.start()
    service.manager.hears("READY=1")
    process = service.engine.pid
    with open(f"/proc/{process}/status", encoding="utf-8") as file:
        status = dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)
    expect_equal("effective capabilities", int(status["CapEff"], 16), 0)
    expect("0" not in status["Uid"].split(), f"runs as {status['Uid']}")
    expect_equal("queues kept", [name for name, _ in service.manager.kept], ["tun-queue"] * 2)
    order = [note[0].split("=")[0] for note in service.manager.notes]
    expect(order.index("FDSTORE") < order.index("READY"), f"ready before all is kept: {order}")
    lines = [line for note in service.manager.notes for line in note]
    expect(any(re.match(r"STATUS=forwarding for 1 hosts?", line) for line in lines), lines)
    service.send(7)
    eventually("the packets are read", lambda: service.received() == 7)


def reloads(service):
    service.manager.notes = []
    service.engine.send_signal(signal.SIGHUP)
    service.manager.hears("READY=1")
    lines = [line for note in service.manager.notes for line in note]
    expect("RELOADING=1" in lines, f"no reload told: {lines}")
    expect(lines.index("RELOADING=1") < lines.index("READY=1"), f"ready first: {lines}")
    expect(any(line.startswith("MONOTONIC_USEC=") for line in lines), f"no time: {lines}")


def watchdog(service):
    service.manager.notes = []
    service.manager.listen(2.0)
    beats = sum("WATCHDOG=1" in note for note in service.manager.notes)
    expect(beats >= 2, f"{beats} notes in 2 s, with a watchdog of 1 s")
    service.engine.send_signal(signal.SIGSTOP)
    try:
        service.manager.listen(0.3)
        service.manager.notes = []
        service.manager.listen(1.5)
        expect_equal("notes of a stopped engine", service.manager.notes, [])
    finally:
        service.engine.send_signal(signal.SIGCONT)


def packets_wait(service):
    service.kill()
    service.send(100)
    service.start()
    service.manager.hears("READY=1")
    eventually("the packets that waited are read", lambda: service.received() == 100)
    expect_equal("queues kept", len(service.manager.kept), 2)


def packets_lost(service):
    service.kill()
    service.manager.forget()
    service.send(100)
    service.start()
    service.manager.hears("READY=1")
    expect_equal("packets read", service.received(), 0)
    service.send(1)
    eventually("a packet is read", lambda: service.received() == 1)


def other_device(service):
    service.kill()
    service.write("router.toml", CONFIGURATION.format(folder=service.folder).replace(
        "[router]\n", '[router]\ntun = "other0"\n'))
    expect_equal("exit code of tun make", service.inside(
        program(), "tun", "make", "--user", USER, "--config",
        f"{service.folder}/router.toml").code, 0)
    service.start()
    service.manager.hears("FDSTOREREMOVE=1")
    service.manager.hears("READY=1")
    expect_equal("queues kept", len(service.manager.kept), 2)
    service.send(1)
    eventually("a packet comes by the other device", lambda: service.received() == 1)


def stops(service):
    service.manager.notes = []
    expect_equal("exit code", service.kill(signal.SIGTERM), 0)
    service.manager.hears("STOPPING=1")
    service.manager.forget()


def never_ready(service):
    service.write("router.toml", CONFIGURATION.format(folder=service.folder).replace(
        "queues = 2", "queues = -2"))
    service.start()
    expect_equal("exit code", service.engine.wait(20), 2)
    service.engine = None
    service.manager.listen(0.2)
    expect_equal("notes", service.manager.notes, [])
    service.write("router.toml", CONFIGURATION.format(folder=service.folder))


def with_journal(service, ours):
    """The datagrams at the journal's socket, and the text on standard error."""
    path = f"{service.folder}/journal"
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    listener.bind(path)
    os.chmod(path, 0o777)
    with open(f"{service.folder}/log", "w+b") as log:
        status = os.fstat(log.fileno())
        stream = f"{status.st_dev}:{status.st_ino if ours else status.st_ino + 1}"
        service.start(prepare=f"{DEVICE} && {JOURNAL.format(path)}", stderr=log,
                      variables={"JOURNAL_STREAM": stream})
        service.manager.hears("READY=1")
        expect_equal("exit code", service.kill(signal.SIGTERM), 0)
        service.manager.listen(0.1)
        service.manager.forget()
        log.seek(0)
        text = log.read().decode()
    listener.setblocking(False)
    entries = []
    with contextlib.suppress(BlockingIOError):
        while True:
            entries.append(listener.recv(65536).decode())
    listener.close()
    for octets in [text, *entries]:
        expect(service.key not in octets, "a key is in the log")
    return entries, text


def admits(service):
    """A folder for nobody but the engine's user: whose it is the engine knows by the environment."""
    def looks():
        return run("setpriv", "--reuid", "games", "--regid", "daemon", "--clear-groups", program(),
                   "ctl", "status", "--socket", f"{service.folder}/control.sock").code

    os.chmod(service.folder, 0o750)
    for variables, code in (({}, 1), ({"RUNTIME_DIRECTORY": f"/run/x:{service.folder}"}, 0)):
        service.start(variables=variables)
        service.manager.hears("READY=1")
        found = looks()
        service.kill(signal.SIGTERM)
        service.manager.hears("STOPPING=1")
        service.manager.forget()
        expect_equal(f"exit code of ctl for a viewer, {variables}", found, code)
    os.chmod(service.folder, 0o755)


def journal(service):
    entries, text = with_journal(service, ours=True)
    expect_equal("standard error", text, "")
    expect(entries, "nothing in the journal")
    for entry in entries:
        fields = dict(line.split("=", 1) for line in entry.rstrip("\n").split("\n"))
        expect_equal("program", fields["SYSLOG_IDENTIFIER"], "dnat-console")
        expect(fields["PRIORITY"] in "234567", fields)
        expect(fields["MESSAGE"], fields)
    expect(any("MESSAGE=router 198.51.100.1" in entry for entry in entries), entries)


def foreign_journal(service):
    entries, text = with_journal(service, ours=False)
    expect_equal("entries", entries, [])
    expect("router 198.51.100.1" in text, text)


def removed(service):
    words = ("tun", "remove", "--config", f"{service.folder}/router.toml")
    expect_equal("exit code", service.inside(program(), *words).code, 0)
    expect("dnat0" not in service.inside("ip", "link").out, "the device is still there")
    again = service.inside(program(), *words)
    expect_equal("exit code the second time", again.code, 1)
    expect("dnat0" in again.err, again.err)


def units():
    with tempfile.TemporaryDirectory() as folder:
        for name in ("dnat-console", "dnat-host"):
            with open(f"{REPOSITORY}/share/systemd/{name}.service", encoding="utf-8") as file:
                text = file.read()
            path = f"{folder}/{name}.service"
            with open(path, "w", encoding="utf-8") as file:
                # Where the program is before it is installed.
                file.write(text.replace(
                    f"/usr/local/bin/{name}", f"{os.path.dirname(program())}/{name}"))
            verified = run("systemd-analyze", "verify", "--man=no", path)
            expect_equal(f"verify {name}", (verified.code, verified.err), (0, ""))
            judged = run("systemd-analyze", "security", "--offline=true", "--threshold=20",
                         "--no-pager", path)
            expect_equal(f"exposure of {name} is at most 2.0", judged.code, 0)
