"""Agent, IKE daemon and router end in every way, and no working association is lost for it."""

import contextlib
import os
import signal
import socket
import subprocess
import time

from checks import Failed, eventually, expect, expect_equal
from lab import Control, HOSTS, program, run
from rekeys import agree, held, live
from wire import taps

KILLS = 10
# hosta has an association with each of so many.
PEERS = 2
BY_HAND = "203.0.113.9"
# Longer than the agent waits before it asks a silent router, or asks again for what was refused.
PATIENCE = 45
HALVES = ("0.0.0.0/1", "128.0.0.0/1")


def check(results, lab):
    results.run(f"agent: charon is killed and started again {KILLS} times", kill_charon, lab)
    results.run("agent: killed, it takes up what is there and removes what is not", kill_agent, lab)
    results.run("agent: entries by hand outlive it", by_hand, lab)
    results.run("agent: it gives everything back, and undoes all", stop_agent, lab)
    results.run("agent: the service manager hears of it", supervised, lab)
    results.run("agent: peers of the configuration are validated ahead", look_ahead, lab)
    results.run("agent: the router loses its state", kill_router, lab)
    results.run("agent: a withdrawn peer's association ends, and comes back", withdrawn, lab)


class Node:
    """A host's processes, in the namespaces that they share."""

    def __init__(self, lab, host):
        self.lab, self.host = lab, host
        self.folder = f"{lab.status['folder']}/{host}"

    @property
    def charon(self):
        with open(f"{self.folder}/charon.pid") as file:
            return int(file.read())

    @property
    def agent(self):
        """The running agent's process; nothing while there is none."""
        for process in filter(str.isdigit, os.listdir("/proc")):
            with contextlib.suppress(OSError):
                with open(f"/proc/{process}/cmdline", "rb") as file:
                    words = file.read().split(b"\0")
                if words[0].endswith(b"dnat-host") and self.config.encode() in words:
                    return int(process)
        return None

    @property
    def config(self):
        return f"{self.folder}/host.toml"

    def spawn(self, beside, log, *words, environment=None):
        """Starts a program in the namespaces of another process; it lives on by itself."""
        with open(f"{self.folder}/{log}", "ab") as output:
            return subprocess.Popen(
                ["nsenter", "--target", str(beside), "--net", "--mount", "--", *words],
                stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True,
                env={**os.environ, "STRONGSWAN_CONF": f"{self.folder}/strongswan.conf",
                     "SWANCTL_DIR": f"{self.folder}/swanctl", **(environment or {})})

    def kill_charon(self):
        end(self.charon, signal.SIGKILL)

    def start_charon(self):
        # One that was killed leaves the file, and may be waiting for its parent's interest in its end.
        process = self.spawn(
            self.agent, "charon.out", "sh", "-c", "rm -f /run/charon.pid; exec /run/bin/charon")
        with open(f"{self.folder}/charon.pid", "w") as file:
            file.write(f"{process.pid}\n")
        load = lambda: self.lab.execute(self.host, "swanctl", "--load-all", "--noprompt").code == 0
        eventually("charon takes its configuration", load)

    def start_agent(self, environment=None):
        self.spawn(self.charon, "dnat-host.log", "/run/bin/dnat-host", "run", "--config",
                   self.config, environment=environment)
        eventually("the agent answers", lambda: self.execute("status").code == 0)

    def kill_agent(self, number=signal.SIGKILL):
        end(self.agent, number)

    def execute(self, *words):
        return self.lab.execute(self.host, "dnat-host", *words)

    def log(self):
        with open(f"{self.folder}/dnat-host.log", errors="replace") as file:
            return file.read()

    def routes(self):
        text = run("ip", "netns", "exec", self.lab.namespace(self.host), "ip", "-4", "route").out
        return [line.split()[0] for line in text.splitlines()]

    def setting(self, name):
        return run("ip", "netns", "exec", self.lab.namespace(self.host), "sysctl", "-n", name).out


def end(process, number):
    """Ends a process that is not a child of ours, and waits until it is gone."""
    expect(process, "there is no such process")
    os.kill(process, number)

    def gone():
        with contextlib.suppress(ChildProcessError):
            os.waitpid(process, os.WNOHANG)
        return not os.path.exists(f"/proc/{process}") or zombie(process)
    eventually(f"process {process} is gone", gone)


def zombie(process):
    """Whether the whole process has ended: its first thread may before others, which hold its files."""
    with contextlib.suppress(OSError):
        with open(f"/proc/{process}/stat") as file:
            has_ended = file.read().rsplit(")", 1)[1].split()[0] == "Z"
        return has_ended and len(os.listdir(f"/proc/{process}/task")) == 1
    return True


def traffic(lab, host):
    """Whether every peer's packets arrive at a host."""
    with taps(lab.namespace(host)) as (tap,):
        time.sleep(1)
    return all(tap.incoming(source=lab.address[peer]) for peer in ("peer1", "peer2"))


def kill_charon(lab):
    node = Node(lab, "hosta")
    slot, agent = lab.slots()["hosta"], node.agent
    seen = set()
    # Until charon has removed what was rekeyed.
    eventually("one association with each peer", lambda: len(live(lab, "hosta")) == PEERS, 20)
    for turn in range(KILLS):
        before = live(lab, "hosta")
        node.kill_charon()
        node.start_charon()
        eventually(
            f"entries are associations after kill {turn + 1}",
            lambda: len(live(lab, "hosta")) == PEERS and agree(lab, "hosta"), 30)
        now = live(lab, "hosta")
        expect(not now & before, f"the same associations: {now & before}")
        expect(all(int(spi, 16) >> 16 == slot for _, _, spi in now), f"outside of the slot: {now}")
        seen |= now
    expect_equal("different associations", len(seen), KILLS * PEERS)
    expect_equal("the slot", lab.slots()["hosta"], slot)
    expect_equal("the agent's process", node.agent, agent)
    eventually("traffic", lambda: traffic(lab, "hosta"))


def created(lab, address):
    return {
        (row["spiIn"], row["created"]) for row in lab.ask("sa")
        if row["host"] == "hosta" and row["address"] == address}


def kill_agent(lab):
    node = Node(lab, "hosta")
    eventually("entries are associations", lambda: agree(lab, "hosta"), 30)
    before, kept = live(lab, "hosta"), created(lab, lab.address["peer1"])
    node.kill_agent()
    # Without the agent there is no way to the peer, whose consent is not waited for.
    lab.execute("hosta", "swanctl", "--terminate", "--ike", "peer2", "--force", "--timeout", "1")
    eventually("one association is gone", lambda: len(live(lab, "hosta")) == PEERS - 1)
    expect_equal("what the router holds without an agent", len(held(lab, "hosta")), 4)
    settings = f"{node.folder}/lease.conf"
    os.remove(settings)
    node.start_agent()
    eventually("what is not there any more is removed", lambda: len(held(lab, "hosta")) == 2)
    expect_equal("what is there was never interrupted", created(lab, lab.address["peer1"]), kept)
    expect(live(lab, "hosta") < before, "the other association is another one now")
    expect(os.path.exists(settings), "the settings are not written")
    eventually("charon reads them", lambda: "has read its settings again" in node.log())
    for half in HALVES:
        expect_equal(f"routes to {half}", node.routes().count(half), 1)
    answer = lab.execute("hosta", "swanctl", "--initiate", "--child", "peer2-esp-in-udp")
    expect(answer.code == 0, f"initiate: {answer}")
    eventually("entries are associations again", lambda: agree(lab, "hosta"), 20)
    eventually("traffic", lambda: traffic(lab, "hosta"))


def by_hand(lab):
    node = Node(lab, "hosta")
    spi = f"0x{lab.slots()['hosta'] << 16 | 0x1234:08x}"

    def rows():
        return {(row["protocol"], row["spiIn"]) for row in lab.entries("hosta", BY_HAND)}
    for words in (("validate", BY_HAND, "--protocol", "esp", "--spi", spi),
                  ("validate", BY_HAND, "--protocol", "ah")):
        answer = node.execute(*words)
        expect(answer.code == 0, f"{words}: {answer}")
    expect_equal("rows", rows(), {("esp", spi), ("ah", None)})
    node.kill_agent()
    lab.ask("invalidate", address=BY_HAND, host="hosta")
    node.start_agent()
    eventually("they are back", lambda: rows() == {("esp", spi), ("ah", None)}, PATIENCE)
    answer = node.execute("invalidate", BY_HAND)
    expect(answer.code == 0, f"invalidate: {answer}")
    expect_equal("rows", rows(), set())
    node.kill_agent()
    node.start_agent()
    eventually("the agent has told everything", lambda: agree(lab, "hosta"), 20)


def stop_agent(lab):
    node = Node(lab, "hosta")
    slot, ports = lab.slots()["hosta"], node.setting("net.ipv4.ip_local_port_range").split()
    host = next(row for row in lab.ask("hosts") if row["name"] == "hosta")
    expect_equal("the port range", int(ports[0]), host["ports"]["first"])
    before = live(lab, "hosta")
    node.kill_agent(signal.SIGTERM)
    host = next(row for row in lab.ask("hosts") if row["name"] == "hosta")
    expect_equal("leases", (host["slot"], host["ports"], host["entries"]), (None, None, 0))
    routes = node.routes()
    expect(not set(HALVES) & set(routes), f"routes: {routes}")
    expect(node.setting("net.ipv4.ip_local_port_range").split() != ports, "the port range stays")
    device = run("ip", "-n", lab.namespace("hosta"), "link", "show", "dnat0")
    expect(device.code != 0, f"the device is there: {device}")
    left = [name for name in os.listdir(f"{node.folder}/run") if name.startswith("dnat-host")]
    expect_equal("files left", left, [])
    node.start_agent()
    eventually("everything is back", lambda: agree(lab, "hosta"), 20)
    expect_equal("the slot", lab.slots()["hosta"], slot)
    expect_equal("the associations", live(lab, "hosta"), before)
    eventually("traffic", lambda: traffic(lab, "hosta"))


def supervised(lab):
    """What sd_notify(3) says: ready with a lease, alive, and the beginning of the end."""
    node, path = Node(lab, "hosta"), f"{lab.status['folder']}/notify"
    notes = []
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(path)
        manager.setblocking(False)

        def heard(note):
            with contextlib.suppress(BlockingIOError):
                while True:
                    notes.extend(manager.recv(4096).decode().splitlines())
            return note in notes
        node.kill_agent(signal.SIGTERM)
        node.start_agent({"NOTIFY_SOCKET": path, "WATCHDOG_USEC": "3000000"})
        slot = lab.slots()["hosta"]
        eventually("it is ready", lambda: heard("READY=1"), 5)
        eventually("its lease", lambda: any(f"slot 0x{slot:04x}" in note for note in notes), 5)
        notes.clear()
        eventually("it is alive", lambda: heard("WATCHDOG=1"), 3)
        expect("READY=1" not in notes, "it was ready twice")
        node.kill_agent(signal.SIGTERM)
        expect(heard("STOPPING=1"), f"only {notes}")
    os.remove(path)
    node.start_agent()
    eventually("everything is back", lambda: agree(lab, "hosta"), 20)


@contextlib.contextmanager
def configured(node, old, new):
    """Changes the agent's configuration for the time of the block; the agent is started again."""
    with open(node.config) as file:
        text = file.read()
    expect(old in text, f"no {old} in the configuration")
    try:
        for content in (text.replace(old, new), text):
            with open(node.config, "w") as file:
                file.write(content)
            node.kill_agent()
            node.start_agent()
            if content != text:
                yield
    finally:
        with open(node.config, "w") as file:
            file.write(text)


def look_ahead(lab):
    node = Node(lab, "hosta")
    ahead = {(lab.address[peer], "any", None) for peer in ("peer1", "peer2")}
    with configured(node, "[ike]\n", "[ike]\npre-validate = true\n"):
        eventually("both peers are validated", lambda: ahead <= held(lab, "hosta"))
    eventually("they are not any more", lambda: agree(lab, "hosta"), 20)


def kill_router(lab):
    """Everything is had again by name, without one new association."""
    before = {host: (live(lab, host), held(lab, host)) for host in HOSTS}
    slots, epoch = lab.slots(), lab.ask("status")["epoch"]
    end(lab.status["processes"]["router"], signal.SIGKILL)
    lab.control.close()
    with open(f"{lab.status['folder']}/router.log", "ab") as log:
        subprocess.Popen(
            ["ip", "netns", "exec", lab.namespace("router"), program(), "run", "--headless",
             "--config", f"{lab.status['folder']}/router.toml"],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)

    def answers():
        with contextlib.suppress(OSError, Failed):
            lab.control = Control(lab.socket)
            return lab.ask("status")["state"] == "running"
        return False
    eventually("the router answers", answers)
    eventually("slots and entries are back",
               lambda: lab.slots_or_none() == slots
               and all(held(lab, host) == before[host][1] for host in HOSTS), PATIENCE)
    for host in HOSTS:
        expect_equal(f"{host}'s associations", live(lab, host), before[host][0])
        eventually(f"{host}'s traffic", lambda: traffic(lab, host))
    print(f"     epoch {epoch} before, {lab.ask('status')['epoch']} after", flush=True)


def withdrawn(lab):
    node, address = Node(lab, "hosta"), lab.address["peer2"]

    def peers():
        return {child["peer"] for child in lab.associations("hosta")}
    answer = lab.ctl("revoke", address, "--reason", "stolen key")
    expect(answer.code == 0, f"revoke: {answer}")
    try:
        eventually("the association is gone", lambda: peers() == {"peer1"})
        expect("withdrew a peer (stolen key): ending peer2" in node.log(), "the log does not say it")
        time.sleep(3)
        expect_equal("peers while it is revoked", peers(), {"peer1"})
    finally:
        lab.ctl("unrevoke", address)
    eventually("the association is back", lambda: peers() == {"peer1", "peer2"}, PATIENCE)
    for host in HOSTS:
        eventually(f"{host}'s entries are associations", lambda: agree(lab, host), PATIENCE)
        eventually(f"{host}'s traffic", lambda: traffic(lab, host))
