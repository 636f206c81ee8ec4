"""What scripts rely on: the keys of every answer, and the exit codes."""

import json
import re
import subprocess
import time

from checks import eventually, expect, expect_equal
from lab import EXTERNAL, console, program

# design.md, sections 3.3 and 5, word by word.
REASONS = set("""
    malformed ip-options unsupported-protocol spi-reserved spi-not-leased address-not-validated
    address-revoked host-suspended ike-no-owner ike-rate-limited port-not-leased icmp-no-owner
    icmp-rate-limited fragment-invalid fragment-timeout fragment-overflow ttl-expired too-big
    tunnel-unknown-host tunnel-nested source-not-external destination-forbidden port-not-owned
    ike-spi-not-owned ecn-invalid hairpin-disabled write-failed""".split())
KEYS = {
    "status": """version epoch state externalAddress tunnelEndpoint tun queues uptimeSeconds hosts
        slotsLeased saEntries revocations packets bytes drops pap unstored storeProblem
        alarms""",
    "sa": """host address protocol spiIn spiOut origin created expires packets bytes lastSeen
        packetsPerSecond bitsPerSecond drops""",
    "hosts": """name keyId insideAddress state slot firstSPI spiCount spisInUse spisClaimed ports
        entries leaseExpires lastSeen packets bytes drops violations packetsPerSecond
        bitsPerSecond""",
    "drops": """time direction reason source destination protocol spi sourcePort destinationPort
        host length count""",
    "stats": "since drops topSources forwarded pap",
    "revocations": "target host by reason created expires durable",
}
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
SPI = re.compile(r"0x[0-9a-f]{8}")
SLOT = re.compile(r"0x[0-9a-f]{4}")
ADDRESS = re.compile(r"\d+\.\d+\.\d+\.\d+")


def check(results, lab):
    kind = "plain" if lab.plain else "full"
    results.run(f"{kind}: ctl --json has the keys of the contract", keys, lab)
    results.run(f"{kind}: ctl --json has the forms of the contract", forms, lab)
    results.run(f"{kind}: ctl drops --follow", follow, lab)
    results.run(f"{kind}: ctl acts, and exit codes tell what came of it", exit_codes, lab)


def ctl_json(lab, *words):
    answer = lab.ctl(*words, "--json")
    expect(answer.code == 0, f"ctl {words}: {answer}")
    return json.loads(answer.out)


def keys(lab):
    lab.ask("revoke", target="203.0.113.0/24", reason="for the test")
    try:
        for verb, wanted in KEYS.items():
            found = ctl_json(lab, verb)
            for row in found if isinstance(found, list) else [found]:
                expect_equal(f"keys of {verb}", set(row), set(wanted.split()))
            expect(found, f"{verb} is empty")
    finally:
        lab.ask("unrevoke", target="203.0.113.0/24")
    status, stats = ctl_json(lab, "status"), ctl_json(lab, "stats")
    both = {"received", "forwardedInbound", "forwardedOutbound"}
    expect_equal("status.packets", set(status["packets"]),
                 both | {"answered", "consumed", "held", "dropped"})
    expect_equal("status.bytes", set(status["bytes"]), both)
    expect_equal("status.drops", set(status["drops"]), REASONS)
    expect_equal("stats.drops", set(stats["drops"]), REASONS)
    for drops in stats["drops"].values():
        expect_equal("a reason's keys", set(drops), {"count", "perSecond"})
    for source in stats["topSources"]:
        expect_equal("a source's keys", set(source),
                     {"address", "count", "perSecond", "lastReason"})
    for row in ctl_json(lab, "hosts"):
        expect_equal("a host's ports", set(row["ports"]), {"first", "count"})


def forms(lab):
    status = ctl_json(lab, "status")
    expect_equal("externalAddress", status["externalAddress"], EXTERNAL)
    expect_equal("tunnelEndpoint", status["tunnelEndpoint"], "10.0.0.254")
    expect_equal("hosts, slots", (status["hosts"], status["slotsLeased"]), (2, 2))
    for row in ctl_json(lab, "sa"):
        for key, form in (("spiIn", SPI), ("spiOut", SPI), ("created", TIME), ("expires", TIME),
                          ("lastSeen", TIME), ("address", ADDRESS)):
            expect(row[key] is None or form.fullmatch(row[key]), f"{key}: {row[key]}")
        expect(row["protocol"] in ("esp", "ah", "any"), f"protocol: {row['protocol']}")
        expect(row["origin"] in ("host", "operator"), f"origin: {row['origin']}")
    for row in ctl_json(lab, "hosts"):
        expect(SLOT.fullmatch(row["slot"]), f"slot: {row['slot']}")
        expect_equal("firstSPI", row["firstSPI"], row["slot"] + "0000")
        expect_equal("spiCount", row["spiCount"], 65536)
        first, count = row["ports"]["first"], row["ports"]["count"]
        expect(count >= 1024 and first % count == 0, f"ports: {row['ports']}")
    for row in ctl_json(lab, "drops", "--last", "20"):
        expect(row["reason"] in REASONS, f"reason: {row['reason']}")
        expect(row["direction"] in ("inbound", "outbound"), f"direction: {row['direction']}")
        expect(TIME.fullmatch(row["time"]), f"time: {row['time']}")
    few = ctl_json(lab, "sa", "--host", "hosta", "--limit", "2")
    expect_equal("rows of sa --host --limit", [row["host"] for row in few], ["hosta"] * 2)
    chosen = ctl_json(lab, "drops", "--reason", "spi-not-leased")
    expect_equal("reasons of drops --reason", {row["reason"] for row in chosen}, {"spi-not-leased"})


def follow(lab):
    """One object a line, as long as the reader wants."""
    process = subprocess.Popen(
        [program(), "ctl", "drops", "--follow", "--json", "--socket", lab.socket],
        stdout=subprocess.PIPE, text=True)
    try:
        began = time.monotonic()
        rows = [json.loads(process.stdout.readline()) for _ in range(8)]
        expect(time.monotonic() - began < 20, "the attacker's drops took too long")
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
    for row in rows:
        expect_equal("keys", set(row), set(KEYS["drops"].split()))


def exit_codes(lab):
    """0 done, 1 refused or failed, 2 usage, 3 no engine; the reason on standard error."""
    target = "203.0.113.7"
    for words in (("validate", target, "--host", "hosta", "--protocol", "ah", "--for", "5m"),
                  ("invalidate", target, "--host", "hosta"), ("revoke", target),
                  ("unrevoke", target), ("suspend", "hosta"), ("resume", "hosta")):
        answer = lab.ctl(*words)
        expect_equal(f"exit code of {words}", (answer.code, answer.err), (0, ""))
    refusals = (
        (1, ("validate", target, "--host", "nobody")), (1, ("suspend", "nobody")),
        (1, ("validate", EXTERNAL, "--host", "hosta")),
        (1, ("validate", "10.0.0.12", "--host", "hosta")),
        (2, ("validate", "203.0.113", "--host", "hosta")), (2, ("validate", target)),
        (2, ("revoke", "203.0.113.7/24")), (2, ("frobnicate",)), (2, ("sa", "--limit", "many")))
    for code, words in refusals:
        answer = lab.ctl(*words)
        expect_equal(f"exit code of {words}", answer.code, code)
        expect(answer.err.strip(), f"{words}: nothing on standard error")
        expect(not answer.out.strip(), f"{words}: {answer.out}")
    answer = console("ctl", "status", "--socket", f"{lab.status['folder']}/nobody.sock")
    expect_equal("exit code without an engine", answer.code, 3)
    named = console("ctl", "status", "--json", environment={"DNAT_CONSOLE_SOCKET": lab.socket})
    expect_equal("exit code with the environment's socket", named.code, 0)
    lab.ask("status")
    eventually("hosta is back", lambda: lab.entries("hosta", "peer1"))
