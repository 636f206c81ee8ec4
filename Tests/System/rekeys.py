"""Many rekeyings of real associations: SPIs stay in the block, and nothing is lost to admission."""

import time

from checks import eventually, expect, expect_equal
from lab import EXTERNAL, HOSTS
from vici import VICI
from wire import taps

# What a rekeying could lose packets to, if the agent or the router did not keep up.
REASONS = ("address-not-validated", "spi-not-leased", "ike-no-owner", "ike-spi-not-owned",
           "host-suspended", "malformed")
# Every so many rekeyings of a child, the IKE association is rekeyed too.
EVERY = 10


def check(results, lab, count):
    with lab.attacker_paused():
        results.run(f"agent: {count} rekeyings lose nothing to admission", rekey, lab, count)


def speakers(lab):
    """A connection to charon on each node that rekeys."""
    return {
        node: VICI(f"{lab.status['folder']}/{node}/run/vici", "child-rekey", "ike-rekey")
        for node in ("hosta", "peer1", "peer2")}


def new_spi(child):
    """Reads hosta's `child-rekey` for one of its children: the new inbound SPI."""
    def read(message):
        for connection in message.values():
            found = isinstance(connection, dict) and connection.get("child-sas", {}).get(child)
            if found:
                return int(found["new"]["spi-in"], 16)
        return None
    return read


def rekey(lab, count):
    slot = lab.slots()["hosta"]
    charons = speakers(lab)
    hosta, before, spis = charons["hosta"], lab.drops(), []
    began = time.monotonic()
    with taps(lab.namespace("hosta")) as (tap,):
        for turn in range(count):
            peer = ("peer1", "peer2")[turn % 2]
            child = f"{peer}-esp-in-udp"
            starter = hosta if turn % 4 < 2 else charons[peer]
            starter.ask("rekey", child=child)
            spis.append(hosta.wait("child-rekey", new_spi(child)))
            if turn % EVERY == EVERY - 1:
                hosta.ask("rekey", ike=peer)
                hosta.wait("ike-rekey", lambda message: True)
    seconds = time.monotonic() - began
    for charon in charons.values():
        charon.close()
    now = lab.drops()
    lost = {reason: now[reason] - before[reason] for reason in REASONS}
    outside = [f"0x{spi:08x}" for spi in spis if spi >> 16 != slot]
    sent = len([p for p in tap.outgoing(source=EXTERNAL) if p.road])
    came = len([p for p in tap.incoming(destination=EXTERNAL) if p.road])
    print(f"     {len(spis)} rekeyings of children, {count // EVERY} of IKE associations in "
          f"{seconds:.0f} s; {len(set(spis))} SPIs; {sent} packets out, {came} in; "
          f"lost to admission: {sum(lost.values())}", flush=True)
    expect_equal("rekeyings", len(spis), count)
    expect_equal("SPIs outside of the slot", outside, [])
    expect_equal("packets dropped", {k: v for k, v in lost.items() if v}, {})
    # charon's own change of keys may lose one; admission would lose all for a while.
    expect(came >= sent - count // 20 - 4, f"{sent} packets out, {came} in")
    for host in HOSTS:
        eventually(f"{host}'s entries are its associations", lambda: agree(lab, host), 30)


def live(lab, host):
    """The associations that charon holds."""
    return {
        (lab.address[child["peer"]], child["protocol"].lower(), f"0x{int(child['spi-in'], 16):08x}")
        for child in lab.associations(host)}


def held(lab, host):
    """What the router holds for them."""
    return {
        (row["address"], row["protocol"], row["spiIn"]) for row in lab.ask("sa")
        if row["host"] == host}


def agree(lab, host):
    """Whether the router holds an entry for each association, one for its peer, and no other."""
    associations = live(lab, host)
    every = {(address, protocol, None) for address, protocol, _ in associations}
    return bool(associations) and held(lab, host) == associations | every
