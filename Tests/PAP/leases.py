"""Leases: slots, claims and ports, how they are renewed and given back (8)."""

import pap
from checks import expect, expect_equal

HOST, OTHER = "host1", "host2"


def check(results, router, record):
    for function in (
            slot, lifetimes, slot_by_number, strict_slot, foreign_spis, ports, ports_by_number,
            strict_ports, foreign_ports, quarantine, claims, claims_refused, claim_limit):
        name = f"leases: {function.__doc__.splitlines()[0].rstrip('.')}"
        results.run(name, function, router, record)


def joined(router, record, name=HOST):
    one = router.host(name, record=record)
    one.hello()
    one.give_back()
    return one


def refused(one, code, kind, *options):
    before = holdings(one)
    response = one.request(kind, *options)
    expect_equal("code", response.code, code)
    expect(not {pap.SPIS, pap.PORTS, pap.IKE_LABEL} & set(response.values), "it grants something")
    expect_equal("what it holds", holdings(one), before)


def holdings(one):
    """What the router says in a hello's response, in a session of its own."""
    probe = type(one)(one.name, one.address, one.key_id, one.key, one.router)
    try:
        response = probe.hello()
        return response.get(pap.SPIS), response.get(pap.PORTS)
    finally:
        probe.close()


def slot(router, record):
    """A slot is leased once, stays the same, and comes back."""
    one, other = joined(router, record), joined(router, record, OTHER)
    one.lease_slot()
    other.lease_slot()
    expect(one.slot != other.slot, "two hosts have one slot")
    first = one.slot
    for options in ((), (pap.spis(0, 0),), (pap.spis(0, 1),), (pap.spis(0, 1 << 31),),
                    (pap.spis(other.slot << 16, 65536),), (pap.prefer_failure(),),
                    (pap.spis(first << 16, 65536), pap.prefer_failure())):
        one.lease_slot(*options)
        expect_equal("slot", one.slot, first)
    one.give_back()
    expect_equal("after giving back", holdings(one), (None, None))
    one.lease_slot()
    expect_equal("slot again", one.slot, first)
    row = router.row(one.name)
    expect_equal("what the operator sees", (row["slot"], row["firstSPI"], row["spiCount"]),
                 (f"0x{first:04x}", f"0x{first << 16:08x}", 65536))


def lifetimes(router, record):
    """Lifetimes are those asked for, from 120 s to a day, else the default."""
    one = joined(router, record)
    for wanted, granted in ((None, 3600), (0, 120), (119, 120), (120, 120), (121, 121),
                            (86400, 86400), (86401, 86400), (0xffffffff, 86400), (300, 300)):
        options = () if wanted is None else (pap.lifetime(wanted),)
        expect_equal(f"slot for {wanted}", one.lease_slot(*options)[pap.LIFETIME], granted)
        expect_equal(f"ports for {wanted}", one.lease_ports(*options)[pap.LIFETIME], granted)


def slot_by_number(router, record):
    """A host that the router remembers nothing of gets the slot that it names."""
    name = "host9"
    one = joined(router, record, name)
    expect_equal("what the operator sees", router.row(name)["slot"], None)
    one.lease_slot(pap.spis(0x4a5b0007, 2))
    expect_equal("slot", one.slot, 0x4a5b)
    two = joined(router, record, "host10")
    two.lease_slot(pap.spis(0x4a5b0000, 65536))
    expect(two.slot != 0x4a5b, "another's slot")
    one.give_back()


def strict_slot(router, record):
    """Under prefer failure, other SPIs or more than those named are refused."""
    one = joined(router, record)
    one.lease_slot()
    strict = pap.prefer_failure()
    first = one.slot << 16
    for options in ((pap.spis(0, 65536),), (pap.spis(0, 1),), (pap.spis(first, 65536),),
                    (pap.spis(first + 10, 65526),)):
        one.lease_slot(*options, strict)
    for options in ((pap.spis(0, 65537),), (pap.spis(first, 65537),), (pap.spis(first + 1, 65536),),
                    (pap.spis((first + 65536) & 0xffffffff or 65536, 2),),
                    (pap.spis(0, 0xffffffff),), (pap.spis(first, 0xffffffff),)):
        refused(one, pap.NO_RESOURCES, pap.SECURITY_REQUEST, *options, strict)


def foreign_spis(router, record):
    """Only a lease that is one's own, and all of it, can be given back."""
    one, other = joined(router, record), joined(router, record, OTHER)
    kind = pap.SECURITY_INVALIDATE
    refused(one, pap.MALFORMED, kind)
    refused(one, pap.NOT_YOURS, kind, pap.spis(0x12340000, 65536))
    one.lease_slot()
    other.lease_slot()
    first = one.slot << 16
    for spis in ((other.slot << 16, 65536), (first, 65535), (first, 1), (first + 1, 65536), (0, 0),
                 (0, 65536), (first, 65537), (first, 0)):
        refused(one, pap.NOT_YOURS, kind, pap.spis(*spis))
    one.give_back()
    refused(one, pap.NOT_YOURS, kind, pap.spis(first, 65536))
    other.give_back()


def ports(router, record):
    """A port block is leased once, aligned, stays the same, and comes back."""
    one, other = joined(router, record), joined(router, record, OTHER)
    one.lease_ports()
    other.lease_ports()
    expect(one.ports != other.ports, "two hosts have one block")
    first = one.ports
    expect_equal("size", first[1], 1024)
    expect(first[0] >= 1024 and not first[0] <= 4500 < first[0] + 1024, f"block {first}")
    for options in ((), (pap.ports(0, 0),), (pap.ports(0, 4096),), (pap.ports(*other.ports),),
                    (pap.ports(*first), pap.prefer_failure())):
        one.lease_ports(*options)
        expect_equal("block", one.ports, first)
    one.give_back()
    one.lease_ports()
    expect_equal("block again", one.ports, first)
    expect_equal("what the operator sees", router.row(one.name)["ports"],
                 {"first": first[0], "count": 1024})
    one.give_back()
    other.give_back()


def ports_by_number(router, record):
    """A number of ports is rounded up, and a first port is a wish."""
    sizes = ((1, 1024), (1024, 1024), (1025, 2048), (5000, 8192))
    for place, (wanted, granted) in enumerate(sizes):
        one = joined(router, record, f"host{11 + place}")
        one.lease_ports(pap.ports(0, wanted))
        expect_equal(f"size for {wanted}", one.ports[1], granted)
        one.give_back()
    one = joined(router, record, "host15")
    # Some blocks are in quarantine from before.
    wish = next(port for port in range(20001, 65001, 2500) if not one.request(
        pap.PORT_REQUEST, pap.ports(port, 2), pap.prefer_failure()).code)
    one.lease_ports()
    expect_equal(f"block of port {wish}", one.ports, (wish & ~1023, 1024))
    two = joined(router, record, "host16")
    two.lease_ports(pap.ports(wish, 2))
    expect(two.ports != one.ports, "another's block")
    one.give_back()
    two.give_back()


def strict_ports(router, record):
    """Under prefer failure, other ports or fewer than asked for are refused."""
    one = joined(router, record)
    one.lease_ports()
    first, _ = one.ports
    strict = pap.prefer_failure()
    for ports in ((0, 1024), (first, 1024), (first + 1, 1023)):
        one.lease_ports(pap.ports(*ports), strict)
    for options in ((pap.ports(0, 1025),), (pap.ports(first + 1, 1024),),
                    (pap.ports(first ^ 1024, 1),), (pap.ports(0, 65535),)):
        refused(one, pap.NO_RESOURCES, pap.PORT_REQUEST, *options, strict)
    one.give_back()


def foreign_ports(router, record):
    """Only a block that is one's own, and all of it, can be given back."""
    one, other = joined(router, record), joined(router, record, OTHER)
    kind = pap.PORT_INVALIDATE
    refused(one, pap.MALFORMED, kind)
    refused(one, pap.NOT_YOURS, kind, pap.ports(2048, 1024))
    one.lease_ports()
    other.lease_ports()
    first, count = one.ports
    for block in (other.ports, (first, 512), (first + 1, count), (0, 0), (0, count), (first, 2048)):
        refused(one, pap.NOT_YOURS, kind, pap.ports(*block))
    one.give_back()
    other.give_back()


def quarantine(router, record):
    """What was given back goes to nobody else, and to the same host again."""
    one, other = joined(router, record, "host17"), joined(router, record, "host18")
    one.lease_slot()
    one.lease_ports()
    slot, (first, count) = one.slot, one.ports
    one.give_back()
    other.lease_slot(pap.spis(slot << 16, 65536))
    other.lease_ports(pap.ports(first, count))
    expect(other.slot != slot and other.ports != (first, count), "no quarantine")
    other.give_back()
    # While the block is in quarantine its last holder gets no other.
    one.lease_ports(pap.ports(0, 4096))
    one.lease_slot()
    expect_equal("what it gets", (one.slot, one.ports), (slot, (first, count)))
    one.give_back()


# Claims (8.2) ----------------------------------------------------------------------------------

CLAIM = 0x0000c001


def claims(router, record):
    """A single SPI is claimed, renewed, used without a slot, and given back."""
    one = joined(router, record)
    for seconds, granted in ((None, 3600), (10, 120), (500, 500)):
        options = () if seconds is None else (pap.lifetime(seconds),)
        response = one.granted(pap.SECURITY_REQUEST, pap.spis(CLAIM, 1), *options)
        expect_equal("SPIs", response[pap.SPIS], (CLAIM, 1))
        expect(pap.IKE_LABEL not in response, "a claim has no label")
        expect_equal("lifetime", response[pap.LIFETIME], granted)
    row = router.row(one.name)
    expect_equal("claims and slot", (row["spisClaimed"], row["slot"]), (1, None))
    entry = pap.Entry("192.0.2.9", pap.ESP, CLAIM, 7)
    expect_equal("validating", one.validate(entry).code, 0)
    expect_equal("another SPI", one.validate(pap.Entry("192.0.2.9", pap.ESP, CLAIM + 1)).code,
                 pap.NOT_YOURS)
    expect_equal("entries", router.entries(one.name), {entry})
    one.lease_slot()
    one.granted(pap.SECURITY_INVALIDATE, pap.spis(CLAIM, 1))
    expect_equal("entries", router.entries(one.name), set())
    expect_equal("claims", router.row(one.name)["spisClaimed"], 0)
    refused(one, pap.NOT_YOURS, pap.SECURITY_INVALIDATE, pap.spis(CLAIM, 1))


def claims_refused(router, record):
    """An SPI of somebody's, or one in a slot, cannot be claimed, nor given back by others."""
    one, other = joined(router, record), joined(router, record, OTHER)
    other.lease_slot()
    one.granted(pap.SECURITY_REQUEST, pap.spis(CLAIM, 1))
    refused(other, pap.IN_USE, pap.SECURITY_REQUEST, pap.spis(CLAIM, 1))
    refused(other, pap.NOT_YOURS, pap.SECURITY_INVALIDATE, pap.spis(CLAIM, 1))
    refused(one, pap.IN_USE, pap.SECURITY_REQUEST, pap.spis(other.spi(5), 1))
    refused(other, pap.IN_USE, pap.SECURITY_REQUEST, pap.spis(other.spi(5), 1))
    one.granted(pap.SECURITY_INVALIDATE, pap.spis(CLAIM, 1))
    # In quarantine for all others, and not for the one that had it.
    response = other.request(pap.SECURITY_REQUEST, pap.spis(CLAIM, 1))
    expect_equal("in quarantine", response.code, pap.IN_USE)
    one.granted(pap.SECURITY_REQUEST, pap.spis(CLAIM, 1))
    one.granted(pap.SECURITY_INVALIDATE, pap.spis(CLAIM, 1))


def claim_limit(router, record):
    """A host claims as many SPIs as it may and no more."""
    one = joined(router, record)
    most = router.limits["claimed-spis"]
    for number in range(most):
        one.granted(pap.SECURITY_REQUEST, pap.spis(0xd000 + number, 1))
    refused(one, pap.QUOTA_EXCEEDED, pap.SECURITY_REQUEST, pap.spis(0xe000, 1))
    one.granted(pap.SECURITY_REQUEST, pap.spis(0xd000, 1))
    expect_equal("claims", router.row(one.name)["spisClaimed"], most)
    for number in range(most):
        one.granted(pap.SECURITY_INVALIDATE, pap.spis(0xd000 + number, 1))
    expect_equal("claims", router.row(one.name)["spisClaimed"], 0)
