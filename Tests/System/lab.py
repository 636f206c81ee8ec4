"""A lab under test: its router by the control socket and by ctl, its hosts by their own tools."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import time

from checks import Failed, expect

REPOSITORY = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
HOSTS = ("hosta", "hostb")
EXTERNAL = "198.51.100.1"


def program():
    """dnat-console: the one named by the environment, else what was built."""
    named = os.environ.get("DNAT_CONSOLE")
    built = [f"{REPOSITORY}/.build/{kind}/dnat-console" for kind in ("release", "debug")]
    for path in [named] if named else built:
        if os.access(path, os.X_OK):
            return path
    raise SystemExit("dnat-console is not built: run make build")


class Answer:
    """How a program ended and what it wrote."""

    def __init__(self, finished):
        self.code = finished.returncode
        self.out = finished.stdout
        self.err = finished.stderr

    def __repr__(self):
        return f"exit code {self.code}\n{self.out}{self.err}"


def run(*arguments, seconds=60, environment=None):
    """Runs a program to its end."""
    return Answer(subprocess.run(
        arguments, capture_output=True, text=True, timeout=seconds, stdin=subprocess.DEVNULL,
        env={**os.environ, **(environment or {})}))


def console(*arguments, **options):
    """Runs dnat-console."""
    return run(program(), *arguments, **options)


class Refused(Exception):
    def __init__(self, error):
        super().__init__(error["message"])
        self.code = error["code"]


class Control:
    """A client of the control socket, written from the contract alone."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(20)
        self.socket.connect(path)
        self.file = self.socket.makefile("rb")
        self.number = 0

    def ask(self, verb, **arguments):
        self.number += 1
        request = {"id": self.number, "verb": verb, "arguments": arguments}
        self.socket.sendall(json.dumps(request).encode() + b"\n")
        while True:
            line = self.file.readline()
            if not line:
                raise Failed("the engine closed the control socket")
            answer = json.loads(line)
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise Refused(answer["error"])
                return answer["result"]

    def close(self):
        self.file.close()
        self.socket.close()


class Lab:
    def __init__(self, name, plain):
        self.name = name
        self.plain = plain
        self.seconds = None
        # What works in its nodes for tests (nodes.py).
        self.workers = {}

    def up(self):
        began = time.monotonic()
        answer = self.command("up", *(["--plain"] if self.plain else []), seconds=300)
        self.seconds = time.monotonic() - began
        expect(answer.code == 0, f"lab up: {answer}")
        self.progress = answer.out
        self.status = json.loads(self.command("status", "--json").out)
        self.socket = self.status["socket"]
        self.control = Control(self.socket)
        self.address = {node["name"]: node.get("address") for node in self.status["nodes"]}

    def down(self):
        with contextlib.suppress(AttributeError):
            self.control.close()
        return self.command("down")

    def command(self, verb, *arguments, **options):
        return console("lab", verb, "--name", self.name, *arguments, **options)

    def namespace(self, node):
        return f"dnat-{self.name}-{node}"

    def roads(self):
        """Each road with the peer that it leads to."""
        return sorted({(flow["road"], flow["peer"]) for flow in self.status["flows"]})

    # The router -----------------------------------------------------------------------------------

    def ctl(self, *arguments, **options):
        return console("ctl", *arguments, "--socket", self.socket, **options)

    def ask(self, verb, **arguments):
        return self.control.ask(verb, **arguments)

    def drops(self):
        return self.ask("status")["drops"]

    def slots(self):
        """Each host's slot as a number."""
        return {row["name"]: int(row["slot"], 16) for row in self.ask("hosts")}

    def slots_or_none(self):
        """The same while hosts may hold none."""
        return {
            row["name"]: row["slot"] and int(row["slot"], 16) for row in self.ask("hosts")}

    def entries(self, host, peer):
        return [
            row for row in self.ask("sa")
            if row["host"] == host and row["address"] == self.address.get(peer, peer)]

    # Nodes ----------------------------------------------------------------------------------------

    def execute(self, node, *command, seconds=60):
        return self.command("exec", node, "--", *command, seconds=seconds)

    def associations(self, node):
        """The CHILD_SAs that strongSwan holds there, as its own tool tells."""
        answer = self.execute(node, "swanctl", "--list-sas", "--raw")
        expect(answer.code == 0, f"swanctl on {node}: {answer}")
        found = []
        for line in answer.out.splitlines():
            if line.startswith("list-sa event"):
                for connection, ike in parse_raw(line[len("list-sa event"):]).items():
                    for child in ike.get("child-sas", {}).values():
                        found.append({**child, "peer": ike.get("remote-id"), "ike": connection})
        return found

    def installed(self, host):
        """A host's CHILD_SAs that are in use, by name."""
        return {
            child["name"]: child for child in self.associations(host)
            if child["state"] == "INSTALLED"}

    def association(self, host, peer, road):
        """The one CHILD_SA of a host with a peer by a road."""
        name = f"{peer}-{road}"
        found = [
            child for child in self.associations(host)
            if child["name"] == name and child["state"] == "INSTALLED"]
        if len(found) != 1:
            raise Failed(f"{host} has {len(found)} of {name}: {found}")
        return found[0]

    @contextlib.contextmanager
    def validated(self, address, host, protocol, spi=None):
        """The operator validates an address for the time of the block."""
        arguments = {"spi": f"0x{spi:08x}"} if spi else {}
        self.ask("validate", address=address, host=host, protocol=protocol, **arguments)
        try:
            yield
        finally:
            # A revocation has removed the entry already.
            with contextlib.suppress(Refused):
                self.ask("invalidate", address=address, host=host)

    @contextlib.contextmanager
    def revoked_later(self, address):
        """Gives a function that revokes the address until the end of the block."""
        with contextlib.ExitStack() as stack:
            yield lambda: stack.enter_context(self.revoked(address))

    @contextlib.contextmanager
    def revoked(self, target, **arguments):
        """An address or prefix is revoked for the time of the block."""
        self.ask("revoke", target=target, **arguments)
        try:
            yield
        finally:
            host = {"host": arguments["host"]} if "host" in arguments else {}
            self.ask("unrevoke", target=target, **host)

    @contextlib.contextmanager
    def attacker_paused(self):
        """Nothing but the associations' own traffic and what the test sends."""
        process = self.status["processes"]["attacker"]
        os.kill(process, signal.SIGSTOP)
        try:
            time.sleep(0.1)
            yield
        finally:
            os.kill(process, signal.SIGCONT)


def parse_raw(text):
    """What `swanctl --raw` prints: `{key=value list=[a b] section {...}}`.

    A value goes on to the next key or bracket, as some hold spaces.
    """
    key = r"[\w.%-]+"
    value = rf"\[[^\]]*\]|[^{{}}\[\]]*?(?= {key}=| {key} \{{|\}}|$)"
    stack = [{}]
    for token in re.findall(rf"{key} \{{|{key}=(?:{value})|\}}|\{{", text):
        if token == "{":
            continue
        if token == "}":
            if len(stack) > 1:
                stack.pop()
        elif token.endswith(" {"):
            section = {}
            stack[-1][token[:-2]] = section
            stack.append(section)
        else:
            key, value = token.split("=", 1)
            stack[-1][key] = value.strip()
    return stack[0]


def leftovers(name):
    """Whatever is there of a lab: namespaces, files, processes."""
    def listed(folder):
        with contextlib.suppress(FileNotFoundError):
            return os.listdir(folder)
        return []

    found = [f"/run/netns/{entry}" for entry in listed("/run/netns")
             if entry.startswith(f"dnat-{name}-")]
    found += [f"/run/dnat-console/{entry}" for entry in listed("/run/dnat-console")
              if entry == name or entry.startswith((f"{name}.", f".{name}."))]
    home = os.path.expanduser("~/.uml")
    found += [f"{home}/{entry}" for entry in listed(home) if f"-{name}-" in entry]
    marks = (f"dnat-{name}-", f"/run/dnat-console/{name}/", f"--name {name}")
    for process in filter(str.isdigit, os.listdir("/proc")):
        if int(process) == os.getpid():
            continue
        with contextlib.suppress(OSError):
            with open(f"/proc/{process}/cmdline", "rb") as file:
                words = file.read().replace(b"\0", b" ").decode(errors="replace")
            if any(mark in words + " " for mark in marks):
                found.append(f"process {process}: {words[:120]}")
    return found
