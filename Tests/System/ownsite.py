"""A router of its own between two namespaces, whose hosts speak PAP and nothing else."""

import base64
import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile

from checks import Failed, eventually, expect, expect_equal
from lab import EXTERNAL, REPOSITORY, Control, console, program, run
from numbered import Receiver, Sender
from restarts import zombie
from wire import in_namespace

sys.path += [f"{REPOSITORY}/Tests/{suite}" for suite in ("Torture", "Terminal")]
import pap  # noqa: E402
from terminal import Terminal  # noqa: E402,F401

ROUTER, ENDPOINT = "10.0.0.1", "10.0.0.254"
HOSTS = {f"host{letter}": f"10.0.0.{11 + number}" for number, letter in enumerate("abcdef")}
# Packets that may wait for the engine while a loaded machine lets it wait.
QUEUE = 100_000
# Entries in one message (pap.md, section 4).
AT_ONCE = 48

CONFIGURATION = """[router]
external-address = "{external}"
tunnel-endpoint = "{endpoint}"
inside-networks = ["10.0.0.0/24"]

[pap]
listen = ["{router}:7028"]
[pap.limits]
entries = 4096
requests-per-second = 1000

[leases]
spi-quarantine = {quarantine}
port-quarantine = {quarantine}

[store]
path = "{folder}/state.sqlite"

[control]
socket = "{folder}/control/control.sock"
operator-group = "{operators}"
viewer-group = "{viewers}"

[log]
level = "debug"
drop-sample-per-second = 1000
"""
HOST = """
[[host]]
name = "{name}"
inside-address = "{address}"
key-id = {number}
key-file = "{folder}/{name}.key"
"""


class Site:
    """The namespaces `outside`, `router` and `inside`, a configuration, and an engine at times."""

    def __init__(self, title, quarantine=600):
        self.name = f"dnat-{title}{os.getpid()}"
        self.settings = {"quarantine": quarantine, "operators": f"{self.name}-o",
                         "viewers": f"{self.name}-v"}
        self.engine = self.control = None
        self.sessions = {}

    def __enter__(self):
        self.folder = tempfile.mkdtemp(prefix=f"{self.name}.", dir="/tmp")
        os.chmod(self.folder, 0o755)
        self.file = f"{self.folder}/router.toml"
        self.log = f"{self.folder}/router.log"
        # The engine makes the folder around it.
        self.socket = f"{self.folder}/control/control.sock"
        try:
            self._connect_namespaces()
            for name in HOSTS:
                self.write(f"{name}.key", base64.b64encode(self.key(name)).decode() + "\n")
            self.configure()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.kill()
        for place in ("outside", "router", "inside"):
            for process in run("ip", "netns", "pids", self.namespace(place)).out.split():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(process), 9)
            run("ip", "netns", "delete", self.namespace(place))
        shutil.rmtree(self.folder, ignore_errors=True)

    def namespace(self, place):
        return f"{self.name}-{place}"

    def _connect_namespaces(self):
        def ip(place, *commands):
            for command in commands:
                answer = run("ip", "-n", self.namespace(place), *command.split())
                expect(answer.code == 0, f"ip {command}: {answer}")
        for place in ("outside", "router", "inside"):
            run("ip", "netns", "add", self.namespace(place))
            ip(place, "link set lo up")
        ip("router", f"link add out type veth peer eth0 netns {self.namespace('outside')}",
           f"link add in type veth peer eth0 netns {self.namespace('inside')}",
           "address add 192.0.2.254/24 dev out", f"address add {ROUTER}/24 dev in",
           "link set out up", "link set in up")
        ip("outside", "address add 192.0.2.1/24 dev eth0", "link set eth0 up",
           "route add default via 192.0.2.254")
        ip("inside", *(f"address add {address}/24 dev eth0" for address in HOSTS.values()),
           "link set eth0 up", f"route add {ENDPOINT} via {ROUTER}")
        expect_equal("forwarding", run(
            "ip", "netns", "exec", self.namespace("router"), "sysctl", "-qw",
            "net.ipv4.ip_forward=1").code, 0)

    # Files ----------------------------------------------------------------------------------------

    @staticmethod
    def key(name):
        """The octets of a host's key, as `pap.Host` makes them."""
        return hashlib.sha256(name.encode()).digest()

    def write(self, name, text):
        path = f"{self.folder}/{name}"
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(path, 0o600)

    def configure(self, **changed):
        """Writes the configuration, with other settings than before."""
        self.settings |= changed
        places = {"folder": self.folder, "external": EXTERNAL, "endpoint": ENDPOINT,
                  "router": ROUTER}
        self.write("router.toml", CONFIGURATION.format(**places, **self.settings) + "".join(
            HOST.format(**places, name=name, address=address, number=number)
            for number, (name, address) in enumerate(HOSTS.items(), start=1)))

    def logged(self):
        """What the engine that `start` has started wrote."""
        with open(self.log, encoding="utf-8", errors="replace") as file:
            return file.read()

    # The engine -----------------------------------------------------------------------------------

    def start(self, *before, environment=None):
        """Starts an engine, by another program if one is named, and waits until it answers."""
        with open(self.log, "ab") as log:
            self.engine = subprocess.Popen(
                ["ip", "netns", "exec", self.namespace("router"), *before, program(), "run",
                 "--headless", "--config", self.file],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder,
                env={**os.environ, **(environment or {})})
        self.connect()

    def connect(self):
        """Waits for an engine, which others may have started, and makes its queues longer."""
        def answers():
            if self.engine and self.engine.poll() is not None:
                raise Failed(f"the engine ended: {self.engine.returncode}\n{self.logged()[-2000:]}")
            with contextlib.suppress(OSError, Failed):
                self.control = Control(self.socket)
                return self.control.ask("status")["state"] == "running"
            return False
        eventually("the engine answers", answers, 30)
        expect_equal("ip link", run("ip", "-n", self.namespace("router"), "link", "set", "dnat0",
                                    "txqueuelen", str(QUEUE)).code, 0)

    def kill(self, number=9):
        """Ends the engine that `start` has started; its exit code."""
        if self.control:
            self.control.close()
        code = None
        if self.engine:
            # Its own number is another one where `start` put something before it.
            process = self.process if self.control else self.engine.pid
            self.engine.send_signal(number)
            code = self.engine.wait(20)
            self._await_end(process)
        self.engine = self.control = None
        return code

    def stop(self):
        """Ends an engine that others have started."""
        process = self.process
        os.kill(process, 15)
        self._await_end(process)
        self.control = None

    @staticmethod
    def _await_end(process):
        eventually("the engine is gone", lambda: zombie(process))

    @property
    def process(self):
        """The engine's process, whoever has started it."""
        with open(f"{self.socket}.pid", encoding="utf-8") as file:
            return int(file.read().split()[0])

    def ask(self, verb, **arguments):
        return self.control.ask(verb, **arguments)

    def ctl(self, *words, **options):
        return console("ctl", *words, "--socket", self.socket, **options)

    # Hosts and packets ----------------------------------------------------------------------------

    def host(self, name):
        """The host, with a session; after a restart of the engine it needs `greet` again."""
        if name not in self.sessions:
            number = list(HOSTS).index(name) + 1
            self.sessions[name] = in_namespace(self.namespace("inside"), lambda: pap.Host(
                name, number, HOSTS[name], (ROUTER, 7028)))
            self.greet(name)
        return self.sessions[name]

    def greet(self, name):
        host = self.host(name)
        host.hello()
        self._answer(host)

    def request(self, name, kind, options):
        """The router's answer to one request of a host."""
        host = self.host(name)
        host.ask(kind, options)
        return self._answer(host)

    def _answer(self, host):
        def answer():
            found = host.answer()
            if not found:
                host.repeat()
            return found
        return eventually(f"{host.name} is answered", answer, 20)

    def lease(self, name, lifetime=3600):
        """The slot that a host gets."""
        answer = self.request(name, pap.SECURITY_REQUEST, pap.lifetime(lifetime) + pap.spis(0))
        expect_equal(f"result of {name}'s request", answer.code, pap.SUCCESS)
        return answer.slot

    def validate(self, name, peers):
        """The host validates ESP of any SPI from these addresses."""
        for start in range(0, len(peers), AT_ONCE):
            some = peers[start:start + AT_ONCE]
            answer = self.request(name, pap.ADDRESS_VALIDATE, b"".join(
                pap.entry(pap.VALID, peer) for peer in some))
            expect_equal(f"result of validating {some[0]} ...", answer.code, pap.SUCCESS)

    def sender(self, first, count, spi, rate):
        return Sender(self.namespace("outside"), first, count, spi, rate)

    def receiver(self, first, count):
        return Receiver(self.namespace("inside"), first, count)
