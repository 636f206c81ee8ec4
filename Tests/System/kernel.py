"""An agent that follows the kernel's security associations: a daemon's, and keys set by hand.

hosta is a User-mode Linux guest, whose kernel has IPsec. Its agent is told to watch XFRM in place of
strongSwan, which goes on as a daemon that nobody talks to.
"""

import os
import re
import time

from checks import eventually, expect, expect_equal
from lab import EXTERNAL
from rekeys import agree, held
from wire import Sender, carry, taps

PEER = "192.0.2.77"
KEYS = "aead 'rfc4106(gcm(aes))' 0x" + "11" * 20 + " 128"
AUTH = "auth-trunc 'hmac(sha256)' 0x" + "22" * 32 + " 128"
# An SPI as a daemon draws it that cannot be confined to a slot.
FOREIGN = 0x1698c310
COUNT = 20
# Associations that come and go while the agent does not read: more than the kernel keeps for it.
FLOOD = 6000


def check(results, lab):
    results.run("xfrm: the agent follows a daemon that it does not talk to", switch, lab)
    with lab.attacker_paused():
        results.run("xfrm: an association with manual keys is validated, and ends", manual, lab)
        results.run("xfrm: AH, in transport mode", manual_ah, lab)
        results.run("xfrm: an SPI outside of the slot is claimed, and delivered", claim, lab)
        results.run("xfrm: an association that expires", expires, lab)
        results.run("xfrm: a rekeying of the daemon's", rekey, lab)
        results.run("xfrm: events that were lost are made up for", overrun, lab)
        results.run("xfrm: killed, the agent takes up what is there", killed, lab)
        results.run("xfrm: a flush", flush, lab)


def guest(lab, text, seconds=60):
    answer = lab.execute("hosta", "bash", "-c", text, seconds=seconds)
    expect(answer.code == 0, f"{text}: {answer}")
    return answer.out


def state(verb, spi, protocol="esp", keys=KEYS, mode="tunnel", more="", peer=PEER):
    return (f"ip xfrm state {verb} src {peer} dst {EXTERNAL} proto {protocol} spi 0x{spi:08x} "
            + (f"reqid 4711 mode {mode} {keys} {more}" if verb == "add" else ""))


def rows(lab, peer=PEER):
    return {(protocol, spi) for address, protocol, spi in held(lab, "hosta") if address == peer}


def in_slot(lab, low):
    return lab.slots()["hosta"] << 16 | low


def text(spi):
    return f"0x{spi:08x}"


def start_agent(lab):
    folder = f"{lab.status['folder']}/hosta"
    guest(lab, f"setsid /run/bin/dnat-host run --config {folder}/host.toml "
               f">> {folder}/dnat-host.log 2>&1 < /dev/null &")
    eventually("the agent answers", lambda: lab.execute("hosta", "dnat-host", "status").code == 0)


def log(lab):
    with open(f"{lab.status['folder']}/hosta/dnat-host.log", errors="replace") as file:
        return file.read()


def switch(lab):
    before = held(lab, "hosta")
    config = f"{lab.status['folder']}/hosta/host.toml"
    with open(config) as file:
        content = file.read()
    with open(config, "w") as file:
        file.write(content.replace('daemon = "strongswan"', 'daemon = "xfrm"'))
    guest(lab, "kill $(pidof dnat-host); while pidof dnat-host > /dev/null; do sleep 0.1; done")
    start_agent(lab)
    eventually("the daemon's associations are validated", lambda: held(lab, "hosta") == before, 20)
    expect('"daemon" : "xfrm"' in guest(lab, "dnat-host status --json"), "the status says another")


def manual(lab):
    spi = in_slot(lab, 0x77)
    guest(lab, state("add", spi))
    eventually("it is validated", lambda: rows(lab) == {("esp", None), ("esp", text(spi))})
    expect_equal("packets that arrive", arrivals(lab, spi), COUNT)
    guest(lab, state("delete", spi))
    eventually("its end", lambda: not rows(lab))
    expect_equal("packets that arrive afterwards", arrivals(lab, spi), 0)


def manual_ah(lab):
    spi = in_slot(lab, 0x78)
    guest(lab, state("add", spi, "ah", AUTH, "transport"))
    eventually("it is validated", lambda: rows(lab) == {("ah", None), ("ah", text(spi))})
    guest(lab, state("delete", spi, "ah"))
    eventually("its end", lambda: not rows(lab))


def arrivals(lab, spi, peer=PEER):
    """How many of COUNT packets from the peer's address to an SPI arrive at hosta."""
    marker = os.urandom(16)
    with taps(lab.namespace("hosta")) as (tap,):
        sender = Sender(lab.namespace("attacker"))
        sender.send_all(
            carry("esp", peer, EXTERNAL, spi, turn + 1, marker + bytes(32))
            for turn in range(COUNT))
        sender.close()
        time.sleep(0.1)
    return len(tap.with_marker(marker))


def claimed(lab):
    return next(row["spisClaimed"] for row in lab.ask("hosts") if row["name"] == "hosta")


def claim(lab):
    expect_equal("packets before", arrivals(lab, FOREIGN), 0)
    guest(lab, state("add", FOREIGN))
    eventually("it is validated", lambda: rows(lab) == {("esp", None), ("esp", text(FOREIGN))})
    expect_equal("claimed SPIs", claimed(lab), 1)
    expect(text(FOREIGN) in guest(lab, "dnat-host status"), "the status does not name the claim")
    expect_equal("packets that arrive", arrivals(lab, FOREIGN), COUNT)
    guest(lab, state("delete", FOREIGN))
    eventually("its end", lambda: not rows(lab) and claimed(lab) == 0)
    expect_equal("packets that arrive afterwards", arrivals(lab, FOREIGN), 0)


def expires(lab):
    spi = in_slot(lab, 0x79)
    guest(lab, state("add", spi, more="limit time-hard 3"))
    eventually("it is validated", lambda: ("esp", text(spi)) in rows(lab))
    eventually("its end", lambda: not rows(lab), 15)


def rekey(lab):
    """The new association is validated when the kernel has it, the old one until it is gone."""
    before = held(lab, "hosta")
    answer = lab.execute("hosta", "swanctl", "--rekey", "--child", "peer1-esp")
    expect(answer.code == 0, f"rekey: {answer}")
    eventually("one entry more", lambda: len(held(lab, "hosta") - before) == 1)
    eventually("the old one goes", lambda: len(before - held(lab, "hosta")) == 1, 20)
    eventually("entries are the daemon's associations", lambda: agree(lab, "hosta"), 20)


def free_stretch(lab):
    """An SPI of the host after which as many are free as the flood takes: the IKE daemon takes any."""
    taken = {int(spi, 16) for spi in re.findall(r"spi (0x[0-9a-f]+)", guest(lab, "ip xfrm state"))}
    starts = range(in_slot(lab, 0x1000), in_slot(lab, 0xe000), FLOOD + 1)
    return next(start for start in starts if taken.isdisjoint(range(start, start + FLOOD + 1)))


def overrun(lab):
    """The agent is stopped while more happens than its socket holds."""
    before, spi = held(lab, "hosta"), free_stretch(lab)
    guest(lab, "kill -STOP $(pidof dnat-host)")
    guest(lab, f"for n in $(seq {FLOOD}); do echo xfrm state add src {PEER} dst {EXTERNAL} "
               f"proto esp spi $(({spi} + n)) reqid 1 mode tunnel {KEYS}; "
               f"echo xfrm state delete src {PEER} dst {EXTERNAL} proto esp spi $(({spi} + n)); "
               "done > /run/flood; ip -batch /run/flood", seconds=120)
    guest(lab, state("add", spi))
    guest(lab, "kill -CONT $(pidof dnat-host)")
    wanted = before | {(PEER, "esp", None), (PEER, "esp", text(spi))}
    eventually("what is there is validated", lambda: held(lab, "hosta") == wanted, 30)
    expect("events of security associations were lost" in log(lab), "no event was lost")
    guest(lab, state("delete", spi))
    eventually("its end", lambda: held(lab, "hosta") == before)


def killed(lab):
    spi = in_slot(lab, 0x7a)
    guest(lab, state("add", spi))
    eventually("it is validated", lambda: ("esp", text(spi)) in rows(lab))
    before = held(lab, "hosta")
    guest(lab, "kill -KILL $(pidof dnat-host); while pidof dnat-host > /dev/null; do sleep 0.1; "
               "done; " + state("delete", spi))
    expect_equal("what the router holds without an agent", held(lab, "hosta"), before)
    start_agent(lab)
    eventually("what is gone is removed", lambda: not rows(lab), 20)
    expect_equal("what is there", held(lab, "hosta"), before - {
        (PEER, "esp", None), (PEER, "esp", text(spi))})


def flush(lab):
    guest(lab, state("add", in_slot(lab, 0x7b)))
    eventually("it is validated", lambda: rows(lab))
    # The daemon's own go too, and its policies ask for new ones.
    guest(lab, "ip xfrm state flush")
    eventually("nothing is left", lambda: not rows(lab))
