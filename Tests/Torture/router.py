"""A real router in this network namespace: started, asked, killed."""

import base64
import hashlib
import json
import os
import signal
import socket
import struct
import subprocess
import time

EXTERNAL, ENDPOINT, ROUTER = "198.51.100.1", "10.0.0.254", ("10.0.0.1", 7028)


class Died(Exception):
    """The engine went away in the middle of a question."""


class Refused(Exception):
    """The engine's own refusal; its code is the first argument."""


def host_address(number):
    """The inside address of the host with that key id."""
    return f"10.1.{number >> 8}.{number & 255}"


def prepare_network():
    for words in (
            "link set lo up", "addr add 10.0.0.1/32 dev lo", "route add local 10.1.0.0/16 dev lo"):
        subprocess.run(["ip", *words.split()], check=True)


class Router:
    def __init__(self, program, folder, hosts, store=None, leases=""):
        self.program, self.folder = program, folder
        self.store = store or f"{folder}/state.sqlite"
        self.configuration = f"{folder}/router.toml"
        self.control = f"{folder}/control.sock"
        self.process = self.client = None
        self._write_configuration(hosts, leases)

    def _write_configuration(self, hosts, leases):
        text = f"""[router]
external-address = "{EXTERNAL}"
tunnel-endpoint = "{ENDPOINT}"
inside-networks = ["10.0.0.0/8"]
queues = 1
[pap]
listen = ["{ROUTER[0]}:{ROUTER[1]}"]
default-lifetime = 86400
[pap.limits]
requests-per-second = 100000
[leases]
{leases}
[store]
path = "{self.store}"
[control]
socket = "{self.control}"
"""
        for number, name in enumerate(hosts, start=1):
            key = f"{self.folder}/{name}.key"
            write(key, base64.b64encode(hashlib.sha256(name.encode()).digest()).decode() + "\n")
            text += f"""[[host]]
name = "{name}"
inside-address = "{host_address(number)}"
key-id = {number}
key-file = "{key}"
"""
        write(self.configuration, text)

    def start(self, fail_point=None, patience=20.0):
        """Returns the time until it answered, or None if it died of the fail point before."""
        began = time.monotonic()
        environment = dict(os.environ, SWIFT_BACKTRACE="enable=no")
        if fail_point:
            environment["DNAT_FAIL_POINT"] = fail_point
        with open(f"{self.folder}/router.log", "ab") as log:
            self.process = subprocess.Popen(
                [self.program, "run", "--headless", "--config", self.configuration],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment)
        while time.monotonic() - began < patience:
            if self.process.poll() is not None:
                if fail_point and self.process.returncode == -signal.SIGKILL:
                    return None
                raise RuntimeError(
                    f"the engine ended: {self.process.returncode}\n{self.last_log()}")
            try:
                self.client = Client(self.control)
                self.ask("whoami")
                return time.monotonic() - began
            except (FileNotFoundError, ConnectionRefusedError):
                time.sleep(0.005)
            except Died:
                continue
        raise RuntimeError(f"no engine within {patience} s\n{self.last_log()}")

    def last_log(self):
        with open(f"{self.folder}/router.log", encoding="utf-8", errors="replace") as log:
            return "".join(log.readlines()[-8:])

    @property
    def is_alive(self):
        return self.process is not None and self.process.poll() is None

    def kill(self):
        if self.process is not None:
            if self.process.poll() is None:
                self.process.kill()
            self.process.wait()
        if self.client is not None:
            self.client.close()

    def ctl(self, *words):
        """What dnat-console ctl prints, on both of its outputs."""
        answer = subprocess.run(
            [self.program, "ctl", *words, "--socket", self.control], text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        return answer.stdout

    def another(self):
        """One more client."""
        return Client(self.control)

    def send(self, verb, **arguments):
        """Asks without waiting."""
        self.client.send(verb, **arguments)

    def receive(self):
        """The answer to the oldest question."""
        return self.client.receive()

    def ask(self, verb, **arguments):
        self.send(verb, **arguments)
        return self.receive()


class Client:
    """A connection to the control socket."""

    def __init__(self, path):
        self.stream = socket.socket(socket.AF_UNIX)
        try:
            self.stream.connect(path)
        except OSError:
            self.stream.close()
            raise
        self.lines = self.stream.makefile("rb")

    def close(self):
        self.lines.close()
        self.stream.close()

    def send(self, verb, **arguments):
        line = json.dumps({"id": 1, "verb": verb, "arguments": arguments}) + "\n"
        try:
            self.stream.sendall(line.encode())
        except (BrokenPipeError, ConnectionResetError) as error:
            raise Died from error

    def receive(self):
        """The answer to the oldest question."""
        return result_of(self.line())

    def line(self):
        """The octets of that answer."""
        try:
            line = self.lines.readline()
        except ConnectionResetError as error:
            raise Died from error
        if not line.endswith(b"\n"):
            raise Died
        return line


def result_of(line):
    answer = json.loads(line)
    if "error" in answer:
        raise Refused(answer["error"]["code"], answer["error"]["message"])
    return answer["result"]


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(path, 0o600)


def send_esp(source, spi, count=1):
    """Sends ESP packets to the external address, whoever the source is."""
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW) as raw:
        for number in range(count):
            payload = struct.pack("!II", spi, number + 1) + bytes(32)
            header = struct.pack(
                "!BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), 0, 0, 64, 50, 0,
                socket.inet_aton(source), socket.inet_aton(EXTERNAL))
            raw.sendto(header + payload, (EXTERNAL, 0))
