"""The real router, in a network namespace of this process's own that goes when the process goes."""

import base64
import contextlib
import ctypes
import json
import os
import shutil
import signal
import subprocess
import tempfile

import client
import pap
from checks import Failed, eventually, expect
from lab import Control, console, program

CLONE_NEWNET = 0x40000000
ENDPOINT = "192.168.77.254"
MTU = 1480
INSIDE = "10.77.0.0/16"


def enter_namespace():
    """From now on this process, its threads and its children have a network of their own.

    Every address of the inside network belongs to its loopback device.
    """
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "cannot make a network namespace")
    for words in (["link", "set", "lo", "up"], ["addr", "add", INSIDE, "dev", "lo"]):
        subprocess.run(["ip", *words], check=True)


class Router:
    """A router with its configuration, its hosts' keys and its control socket."""

    started = 0

    def __init__(self, hosts, listen="10.77.0.1:7028", authentication="required", **limits):
        Router.started += 1
        self.number = Router.started
        self.external = f"198.51.100.{self.number}"
        self.folder = tempfile.mkdtemp(prefix="dnat-pap-")
        self.socket = f"{self.folder}/control.sock"
        address, port = listen.split(":")
        self.endpoint = (address, int(port))
        self.authentication = authentication
        self.limits = {"requests-per-second": 1_000_000, "entries": 1024, **limits}
        self.names = [f"host{number}" for number in range(1, hosts + 1)]
        # Key ids and keys: one, or two while a key is changed.
        self.keys = {
            name: [(number, client.new_key())] for number, name in enumerate(self.names, start=1)}
        self.process = None
        self.control = None

    def address(self, name):
        return f"10.77.{self.number}.{self.names.index(name) + 11}"

    def host(self, name, key=0, **options):
        """A client that is the host of that name, with its first key or another."""
        return client.Host(
            name, self.address(name), *self.keys[name][key], self.endpoint, **options)

    # The process ----------------------------------------------------------------------------------

    def configure(self):
        leases = {key: self.limits[key] for key in ("port-block",) if key in self.limits}
        limits = {key: value for key, value in self.limits.items() if key not in leases}
        lines = [
            "[router]", f'external-address = "{self.external}"', f'tunnel-endpoint = "{ENDPOINT}"',
            f'tun = "dnatp{self.number}"', "queues = 1", f'inside-networks = ["{INSIDE}"]',
            f"tunnel-mtu = {MTU}", "[pap]", 'listen = ["%s:%d"]' % self.endpoint,
            f'authentication = "{self.authentication}"', "[pap.limits]",
            *(f"{key} = {value}" for key, value in limits.items()), "[leases]",
            *(f"{key} = {value}" for key, value in leases.items()),
            "[store]", f'path = "{self.folder}/state.sqlite"',
            "[control]", f'socket = "{self.socket}"', "[log]", 'level = "debug"']
        for name in self.names:
            lines += [
                "[[host]]", f'name = "{name}"', f'inside-address = "{self.address(name)}"',
                *self.key_lines(name)]
        self.write("router.toml", "\n".join(lines) + "\n")

    def key_lines(self, name):
        lines = []
        for prefix, (number, key) in zip(("", "second-"), self.keys[name]):
            file = f"{prefix}{name}.key"
            self.write(file, base64.b64encode(key).decode() + "\n")
            lines += [f"{prefix}key-id = {number}", f'{prefix}key-file = "{file}"']
        return lines

    def write(self, name, text):
        with open(os.open(f"{self.folder}/{name}", os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600),
                  "w") as file:
            file.write(text)

    def start(self):
        self.configure()
        with open(f"{self.folder}/log", "ab") as log:
            self.process = subprocess.Popen(
                [program(), "run", "--headless", "--config", f"{self.folder}/router.toml"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        eventually("the router answers at its socket", self.is_up, seconds=20)
        return self

    def is_up(self):
        if self.process.poll() is not None:
            raise Failed(f"the router ended:\n{self.log()}")
        if not self.control:
            with contextlib.suppress(OSError):
                self.control = Control(self.socket)
        # The socket is there before all else is.
        return self.control and self.ask("status")

    def stop(self):
        if self.control:
            self.control.close()
            self.control = None
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(10)
        code = self.process.returncode if self.process else 0
        self.process = None
        return code

    def restart(self):
        expect(self.stop() == 0, "the router did not end well")
        return self.start()

    def ends_well(self):
        code = self.stop()
        expect(code == 0, f"exit code {code}:\n{self.log()[-2000:]}")

    def close(self):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def serve(self, results, what, *parts):
        """Runs the parts of the suite for which this router is made."""
        try:
            self.start()
            for part in parts:
                part()
            results.run(f"{what}: the router ends well", self.ends_well)
        except Failed as problem:
            results.run(f"{what}: the router starts", fail, problem)
        finally:
            self.close()

    # What it says ---------------------------------------------------------------------------------

    def log(self):
        with open(f"{self.folder}/log", errors="replace") as file:
            return file.read()

    def ctl(self, *words):
        answer = console("ctl", *words, "--json", "--socket", self.socket)
        if answer.code != 0:
            raise Failed(f"ctl {' '.join(words)}: {answer.err}")
        return json.loads(answer.out)

    def ask(self, verb, **arguments):
        """The same by the control socket, which takes less time."""
        return self.control.ask(verb, **arguments)

    def state(self):
        """All that PAP can change, as the operator sees it."""
        return self.ctl("sa"), self.ctl("hosts")

    def entries(self, name):
        """The host's entries in the router's table."""
        numbers = {"any": pap.ANY, "esp": pap.ESP, "ah": pap.AH}
        return {
            pap.Entry(row["address"], numbers[row["protocol"]], int(row["spiIn"] or "0", 16),
                      int(row["spiOut"] or "0", 16))
            for row in self.ask("sa", host=name)}

    def row(self, name):
        return next(row for row in self.ask("hosts") if row["name"] == name)


def fail(problem):
    raise problem


def unheard(state):
    """A state without when hosts were last heard of."""
    entries, hosts = state
    return entries, [{**row, "lastSeen": None} for row in hosts]
