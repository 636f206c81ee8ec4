"""Another configuration while the router runs: whole or not at all, for packets at once."""

import json
import os
import re
import signal
import time

from admission import STRANGERS
from checks import eventually, expect, expect_equal
from lab import HOSTS
from revocation import ENOUGH, UNDER_WAY, Flow
from wire import taps

SUMMARY = {"changed", "hostsAdded", "hostsRemoved", "hostsChanged"}


def check(results, lab):
    kind = "plain" if lab.plain else "full"
    file = File(f"{lab.status['folder']}/router.toml")
    with lab.attacker_paused():
        for title, function in (
                ("says that nothing changed", nothing),
                ("with a bad file changes nothing", bad_file),
                ("of what needs a restart changes nothing", needs_restart),
                ("changes numbers, by ctl and by SIGHUP", numbers),
                ("by SIGHUP with a bad file changes nothing", bad_signal),
                ("removes a host at once, and lets it back", remove_host)):
            try:
                results.run(f"{kind}: reload {title}", function, lab, file)
            finally:
                file.restore()
                lab.ctl("reload")


class File:
    """The router's configuration, and how it was."""

    def __init__(self, path):
        self.path = path
        with open(path, encoding="utf-8") as file:
            self.text = file.read()

    def write(self, text):
        """In one step, and with the rights of the old one."""
        new = f"{self.path}.new"
        with open(new, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(new, os.stat(self.path).st_mode & 0o777)
        os.rename(new, self.path)

    def restore(self):
        self.write(self.text)

    def without(self, host):
        tables = re.split(r"(?=^\[\[host\]\]$)", self.text, flags=re.MULTILINE)
        kept = [table for table in tables if f'name = "{host}"' not in table]
        expect_equal("tables without the host", len(kept), len(tables) - 1)
        return "".join(kept)


def state(lab):
    """What a reload that is refused must not change."""
    status = lab.ask("status")
    rows = [(row["host"], row["address"], row["spiIn"]) for row in lab.ask("sa")]
    return (status["epoch"], lab.slots_or_none(), sorted(map(str, rows)))


def summary(lab):
    answer = lab.ctl("reload", "--json")
    expect_equal("exit code and errors", (answer.code, answer.err), (0, ""))
    found = json.loads(answer.out)
    expect_equal("keys of the summary", set(found), SUMMARY)
    return found


def hang_up(lab):
    with open(f"{lab.socket}.pid", encoding="utf-8") as file:
        os.kill(int(file.read().split()[0]), signal.SIGHUP)


def nothing(lab, _):
    before = state(lab)
    expect_equal("summary", summary(lab), {key: [] for key in SUMMARY})
    answer = lab.ctl("reload")
    expect_equal("ctl reload", (answer.code, answer.out), (0, "nothing changed\n"))
    expect_equal("the state", state(lab), before)


def bad_file(lab, file):
    before = state(lab)
    for text, wanted in (
            (file.text.replace("[pap]", "[pap]\nlifetime = 5"), "key 'pap.lifetime'"),
            (file.text.replace("pap.key", "no.key"), "no.key"), (file.text + "[[", ""), ("", "")):
        file.write(text)
        answer = lab.ctl("reload")
        expect_equal("exit code", (answer.code, answer.out), (2, ""))
        expect(re.search(r"router\.toml(:\d+)?: ", answer.err), answer.err)
        expect(wanted in answer.err, answer.err)
        expect_equal("the state", state(lab), before)
    file.restore()
    os.chmod(file.path, 0o666)
    try:
        expect_equal("exit code for a file that all may write", lab.ctl("reload").code, 2)
    finally:
        os.chmod(file.path, 0o600)


def needs_restart(lab, file):
    before = state(lab)
    text = file.without("hostb").replace('"dnat0"', '"dnat9"')
    file.write(text.replace("tunnel-mtu = 1480", "tunnel-mtu = 1400"))
    answer = lab.ctl("reload")
    expect_equal("exit code", (answer.code, answer.out), (1, ""))
    for key in ("router.tun", "router.tunnel-mtu"):
        expect(re.search(rf"'{key}': .*restart the engine to change it", answer.err), answer.err)
    expect_equal("the state", state(lab), before)


def numbers(lab, file):
    file.write(file.text + "[leases]\nspi-quarantine = 7\n")
    change = {"key": "leases.spi-quarantine", "old": "600", "new": "7"}
    expect_equal("changes", summary(lab)["changed"], [change])
    file.restore()
    hang_up(lab)
    eventually("SIGHUP has changed it back", lambda: [
        row for row in lab.ask("audit", limit=1)
        if row["detail"]["message"] == "leases.spi-quarantine: 7 -> 600"])


def bad_signal(lab, file):
    before = state(lab)
    count = lab.ask("audit")[-1]["sequence"]
    file.write(file.without("hostb") + "x = 1\n")
    hang_up(lab)
    eventually("the refusal is in the audit log", lambda: [
        row for row in lab.ask("audit", limit=1)
        if row["sequence"] > count and row["result"] == "bad-configuration"])
    expect_equal("the state", state(lab), before)


def remove_host(lab, file):
    numbers_of = {host: slot << 16 | 0x4242 for host, slot in lab.slots().items()}
    for host, source in zip(HOSTS, STRANGERS):
        lab.ask("validate", address=source, host=host, protocol="esp")
    file.write(file.without("hostb"))
    with taps(*(lab.namespace(host) for host in HOSTS)) as (stays, goes):
        flow, other = (
            Flow(lab, "esp", source, numbers_of[host])
            for host, source in zip(reversed(HOSTS), reversed(STRANGERS)))
        flow.start()
        other.start()
        eventually("packets before", lambda: flow.sent >= ENOUGH, seconds=30)
        time.sleep(UNDER_WAY)
        removed = summary(lab)["hostsRemoved"]
        last = flow.sent
        eventually("packets afterwards", lambda: flow.sent >= last + ENOUGH, seconds=30)
        flow.end()
        other.end()
    expect_equal("removed", removed, ["hostb"])
    arrived = flow.arrived(goes)
    expect(len(arrived) >= ENOUGH // 2, f"only {len(arrived)} packets arrived before")
    late = [number for number in arrived if number > last]
    expect(not late, f"after number {last} was acknowledged, {late[:5]}... arrived")
    expect_equal("arrivals at the host that stays", len(other.arrived(stays)), other.sent)
    expect_equal("hosts", set(lab.slots_or_none()), {"hosta"})
    expect(not [row for row in lab.ask("sa") if row["host"] == "hostb"], "entries are left")
    lab.ask("invalidate", address=STRANGERS[0], host="hosta")
    file.restore()
    expect_equal("added", summary(lab)["hostsAdded"], ["hostb"])
    # Its agent says hello again within half a minute.
    eventually("hostb leases again", lambda: lab.slots_or_none()["hostb"], seconds=60)
    eventually("hostb validates again", lambda: [
        row for row in lab.ask("sa") if row["host"] == "hostb"], seconds=60)
