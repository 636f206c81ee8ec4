"""Many revocations under load: none of the packets that are sent after one is acknowledged arrives."""

import time

from checks import eventually, expect, expect_equal
from numbered import addresses

REVOKED, BYSTANDERS = 1000, 100
FIRST, RATE = "198.18.0.1", 20_000


def check(results, site):
    results.run(f"operators: {REVOKED:,} revocations under {RATE:,} packets a second, each at once",
                cut_off, site)


def cut_off(site):
    slot, everyone = site.lease("hosta"), addresses(FIRST, REVOKED + BYSTANDERS)
    site.validate("hosta", everyone)
    before = site.ask("status")
    with (site.receiver(FIRST, len(everyone)) as receiver,
          site.sender(FIRST, len(everyone), slot << 16 | 0x4242, RATE) as sender):
        eventually("packets from everyone", lambda: all(receiver.report().counts), 20)
        began, acknowledged = time.monotonic(), []
        for number, address in enumerate(everyone[:REVOKED]):
            sender.at(number)
            site.ask("revoke", target=address)
            acknowledged.append(time.monotonic_ns())
        took = time.monotonic() - began
        # More comes from the last ones, too.
        sofar = sender.report().total
        eventually("packets afterwards", lambda: sender.report().total > sofar + RATE // 10, 20)
        sent = sender.end()
        found = eventually("all that the engine has let pass has arrived",
                           lambda: arrived(site, before, sent, receiver), 20)
    judge(sent, found, acknowledged)
    print(f"     {sent.total} packets, {RATE} a second wanted; {REVOKED} revocations in "
          f"{took:.1f} s; {found.total} packets arrived", flush=True)


def arrived(site, before, sent, receiver):
    """What has arrived, once every packet that was sent has come to its end."""
    now = site.ask("status")
    packets = {key: now["packets"][key] - before["packets"][key]
               for key in ("received", "forwardedInbound")}
    revoked = now["drops"]["address-revoked"] - before["drops"]["address-revoked"]
    found = receiver.report()
    if (packets["received"] < sent.total or packets["forwardedInbound"] != found.total
            or revoked + found.total != sent.total):
        return None
    return found


def judge(sent, found, acknowledged):
    late = [(number, found.newest[number] - moment)
            for number, moment in enumerate(acknowledged) if found.newest[number] > moment]
    expect(not late, f"{len(late)} addresses' packets arrived that were sent after the "
           f"acknowledgement, as (number, ns after it): {late[:10]}")
    tried = sum(sent.newest[number] > moment for number, moment in enumerate(acknowledged))
    expect_equal("addresses that went on sending when they were revoked", tried, REVOKED)
    # Nothing of the others is lost.
    expect_equal("packets of bystanders", found.counts[REVOKED:], sent.counts[REVOKED:])
