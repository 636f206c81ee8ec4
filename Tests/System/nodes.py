"""What the nodes of a lab do and count, by their own kernels and tools."""

import contextlib
import itertools
import json
import os
import re
import shutil
from concurrent.futures import ThreadPoolExecutor

from checks import Failed, eventually, expect, expect_equal
from lab import HOSTS, run

TRAFFIC = os.path.join(os.path.dirname(os.path.abspath(__file__)), "traffic.py")
PYTHON = "/usr/bin/python3"
# Of `ip xfrm state`, for each road.
PROTOCOL = {"esp": "esp", "ah": "ah", "esp-in-udp": "esp"}


def at_once(function, items):
    """Calls the function for all items at the same time; the answers in their order."""
    with ThreadPoolExecutor(max_workers=len(items)) as pool:
        return list(pool.map(function, items))


def shell(lab, node, text, seconds=60):
    """What a command line writes in a node."""
    answer = lab.execute(node, "bash", "-c", text, seconds=seconds)
    expect(answer.code == 0, f"{text!r} on {node}: {answer}")
    return answer.out


# Traffic ------------------------------------------------------------------------------------------


class Worker:
    """traffic.py at work in a node, until the lab goes."""

    def __init__(self, lab, node):
        self.folder = f"{lab.status['folder']}/{node}/traffic"
        os.mkdir(self.folder)
        # Guests see the lab's folder, and not always the repository.
        program = f"{self.folder}/traffic.py"
        shutil.copyfile(TRAFFIC, program)
        shell(lab, node,
              f"{PYTHON} {program} {self.folder} > {self.folder}/log 2>&1 < /dev/null &")
        self.number = itertools.count()

    def do(self, jobs, seconds):
        """What came of the jobs, in their order."""
        file = f"{self.folder}/{next(self.number)}"
        with open(f"{file}.part", "w", encoding="ascii") as text:
            json.dump(jobs, text)
        os.rename(f"{file}.part", f"{file}.jobs")
        eventually(f"an answer to {jobs}", lambda: os.path.exists(f"{file}.done"), seconds, 0.03)
        with open(f"{file}.done", encoding="ascii") as text:
            return json.load(text)


def move(lab, jobs, seconds=150):
    """Does each node's jobs (traffic.py), all nodes at once; the answers by node, in order."""
    for node in jobs:
        if node not in lab.workers:
            lab.workers[node] = Worker(lab, node)
    answers = at_once(lambda node: lab.workers[node].do(jobs[node], seconds), list(jobs))
    return dict(zip(jobs, answers))


class Plan:
    """Connections between nodes, made together and judged together."""

    def __init__(self, lab):
        self.lab = lab
        self.jobs = {}
        self.pairs = []
        self.port = 7001

    def connect(self, client, source, server, address, *, up, down, port=0):
        """A TCP connection with so many octets each way; returns the server's port."""
        port = port or self.next_port()
        name = f"{client} {source} {server} {port} {os.urandom(4).hex()}"
        near = self._add(client, do="connect", source=source, address=address, port=port,
                         send=up, seed=name + " up")
        far = self._add(
            server, do="serve", address=address, port=port, send=down, seed=name + " down")
        self.pairs.append((near, far, up, down))
        return port

    def next_port(self):
        self.port += 1
        return self.port - 1

    def _add(self, node, **job):
        self.jobs.setdefault(node, []).append(job)
        return node, len(self.jobs[node]) - 1

    def run(self):
        """Moves everything; whatever arrived is what was sent, and all of it."""
        answers = move(self.lab, self.jobs)
        for (near, nth), (far, mth), up, down in self.pairs:
            client, server = answers[near][nth], answers[far][mth]
            what = f"{near} {self.jobs[near][nth]['source']} with {far}"
            for side in (client, server):
                expect("error" not in side, f"{what}: {client}, {server}")
            expect_equal(f"octets of {what}", (server["octets"], client["octets"]), (up, down))
            expect_equal(f"what {far} got of {what}", server["received"], client["sent"])
            expect_equal(f"what {near} got of {what}", client["received"], server["sent"])


def iperf3(lab, flows, *options):
    """One iperf3 test for each flow, all at once, both directions; their ends by flow."""
    flows = list(enumerate(flows, start=5201))

    def serve(node):
        ports = " ".join(f"{port}:{flow['peerInner']}" for port, flow in flows
                         if flow["peer"] == node)
        shell(lab, node, f"for at in {ports}; do"
              " timeout 60 iperf3 -s -1 -p ${at%:*} -B ${at#*:} > /dev/null & done; wait")

    def measure(host):
        # The server may not be there at once. With -J the exit code is 0 in any case.
        words = " ".join(options)
        tests = "".join(
            f"""{{ for turn in {{1..40}}; do
              timeout 60 iperf3 -J -c {flow['peerInner']} -B {flow['hostInner']} -p {port} \
                --bidir {words} > /tmp/iperf-{port} 2>&1
              grep -q '"error"' /tmp/iperf-{port} || break; sleep 0.2; done; }} &
            """ for port, flow in flows if flow["host"] == host)
        text = f"{tests} wait; " + "".join(
            f"echo; echo '@{port}'; cat /tmp/iperf-{port};"
            for port, flow in flows if flow["host"] == host)
        return shell(lab, host, text, seconds=90)

    peers = sorted({flow["peer"] for _, flow in flows})
    hosts = sorted({flow["host"] for _, flow in flows})
    with ThreadPoolExecutor(max_workers=len(peers)) as pool:
        serving = [pool.submit(serve, peer) for peer in peers]
        said = "".join(at_once(measure, hosts))
        for server in serving:
            server.result()
    ends = {}
    for port, flow in flows:
        text = re.search(rf"^@{port}\n(.*?)(?=^@|\Z)", said, re.S | re.M)
        try:
            answer = json.loads(text[1])
        except (TypeError, ValueError):
            raise Failed(f"iperf3 of {flow}: {text and text[1]}") from None
        expect("error" not in answer, f"iperf3 of {flow}: {answer.get('error')}")
        ends[flow["host"], flow["child"]] = answer["end"]
    return ends


# Counters -----------------------------------------------------------------------------------------


def states(lab, node):
    """What a guest's kernel counted under each security association, by (destination, protocol,
    SPI): packets that were good, those that came again (`replay`) or too late (`window`), and those
    that were not authentic (`failed`)."""
    found = {}
    # One line for each association.
    for text in re.split(r"^(?=src )", shell(lab, node, "ip -s xfrm state"), flags=re.M):
        head = re.match(r"src \S+ dst (\S+)\n\s+proto (\w+) spi 0x([0-9a-f]+)", text)
        if not head:
            continue
        packets = re.search(r"lifetime current:\s+\d+\(bytes\), (\d+)\(packets\)", text)
        faults = re.search(r"stats:\s+replay-window (\d+) replay (\d+) failed (\d+)", text)
        window, replay, failed = map(int, faults.groups())
        found[head[1], head[2], int(head[3], 16)] = {
            "packets": int(packets[1]), "replay": replay, "window": window, "failed": failed}
    return found


def faults(lab, node):
    """What a guest's kernel counted of packets under no association it knows, and the like."""
    lines = shell(lab, node, "cat /proc/net/xfrm_stat").splitlines()
    return {name: int(count) for name, count in map(str.split, lines) if int(count)}


@contextlib.contextmanager
def pings_stopped(lab):
    """The hosts' own traffic rests; nothing else sends unasked but IKE, now and then."""
    at_once(lambda host: shell(lab, host, "pkill -STOP -x ping"), HOSTS)
    try:
        yield
    finally:
        at_once(lambda host: shell(lab, host, "pkill -CONT -x ping"), HOSTS)


def device_drops(lab):
    """Packets that the kernel's own devices dropped, in all of the lab's namespaces."""
    total = 0
    for node in lab.status["nodes"]:
        answer = run("ip", "-n", node["namespace"], "-s", "-j", "link")
        for link in json.loads(answer.out):
            counted = link.get("stats64", {})
            total += counted.get("rx", {}).get("dropped", 0)
            total += counted.get("tx", {}).get("dropped", 0)
    return total


def refused_by_size(lab):
    """Packets that did not fit where the router's kernel sent them, and forbade fragments."""
    answer = run("ip", "netns", "exec", lab.namespace("router"), "cat", "/proc/net/snmp")
    names, values = [line.split() for line in answer.out.splitlines() if line.startswith("Ip:")]
    return int(values[names.index("FragFails")])
