"""Entries: validated, refreshed, invalidated, ended by the operator (9.1, 9.2)."""

import pap
from checks import expect, expect_equal
from pap import AH, ANY, ESP, Entry

HOST, OTHER = "host3", "host4"


def check(results, router, record):
    for function in (
            validate, several, unacceptable, not_yours, refresh, lifetimes, many, quota,
            invalidate, end_with_lease, revoked, suspended):
        name = f"entries: {function.__doc__.splitlines()[0].rstrip('.')}"
        results.run(name, function, router, record)


def joined(router, record, name=HOST):
    """A host with a slot and no entries."""
    one = router.host(name, record=record)
    one.hello()
    one.lease_slot()
    one.granted(pap.SECURITY_INVALIDATE, pap.spis(one.slot << 16, 65536))
    one.lease_slot()
    return one


def validate(router, record):
    """What is validated stands in the table."""
    one = joined(router, record)
    wanted = {
        Entry("192.0.2.10", ESP, one.spi(1), 0xc0ffee01), Entry("192.0.2.10", AH, one.spi(1), 0),
        Entry("192.0.2.10", ANY, 0, 0), Entry("203.0.113.255", ANY, one.spi(0xffff), 0xffffffff)}
    for entry in wanted:
        response = one.validate(entry)
        expect_equal("code", (response.code, response[pap.ENTRY_RESULTS]), (0, (0,)))
        expect(3590 <= response[pap.LIFETIME] <= 3600, f"lifetime {response[pap.LIFETIME]}")
    expect_equal("entries", router.entries(one.name), wanted)
    expect_equal("no entry", one.request(pap.ADDRESS_VALIDATE).code, pap.MALFORMED)
    expect_equal("no entry", one.request(pap.ADDRESS_INVALIDATE).code, pap.MALFORMED)


def several(router, record):
    """Each entry of a message has its own result; the code is that of the first refused."""
    one = joined(router, record)
    good, also = Entry("192.0.2.11", ESP, one.spi(1)), Entry("192.0.2.12", ESP)
    bad, foreign = Entry("127.0.0.1", ESP), Entry("192.0.2.13", ESP, one.spi(1) ^ 0x10000)
    response = one.validate(good, foreign, bad, also)
    expect_equal("results", response[pap.ENTRY_RESULTS],
                 (0, pap.NOT_YOURS, pap.UNACCEPTABLE_ADDRESS, 0))
    expect_equal("code", response.code, pap.NOT_YOURS)
    expect(pap.LIFETIME not in response, "a lifetime")
    expect_equal("entries", router.entries(one.name), {good, also})


def unacceptable(router, record):
    """Addresses that nobody outside can have are not accepted."""
    one = joined(router, record)
    bad = ("0.0.0.0", "0.255.255.255", "127.0.0.1", "127.255.255.255", "224.0.0.0",
           "255.255.255.255", "240.0.0.1", router.external, "10.77.0.0", "10.77.255.255")
    for address in bad:
        expect_equal(address, one.validate(Entry(address)).code, pap.UNACCEPTABLE_ADDRESS)
    good = ("1.0.0.0", "126.255.255.255", "128.0.0.0", "223.255.255.255", "10.76.255.255",
            "10.78.0.0", "198.51.100.99")
    for address in good:
        expect_equal(address, one.validate(Entry(address)).code, 0)
    expect_equal("entries", router.entries(one.name), {Entry(address) for address in good})


def not_yours(router, record):
    """A host without SPIs validates nothing, and nobody another's SPIs."""
    one, other = joined(router, record), joined(router, record, OTHER)
    entry = Entry("192.0.2.14", ESP, other.spi(1))
    expect_equal("another's", one.validate(entry).code, pap.NOT_YOURS)
    expect_equal("nobody's", one.validate(Entry("192.0.2.14", ESP, 0x100)).code, pap.NOT_YOURS)
    expect_equal("its own", other.validate(entry).code, 0)
    one.invalidate(entry)
    one.invalidate(Entry("192.0.2.14"))
    expect_equal("entries of the other", router.entries(OTHER), {entry})
    other.give_back()
    expect_equal("without a slot", other.validate(Entry("192.0.2.14")).code, pap.NOT_YOURS)
    expect_equal("entries of the other", router.entries(OTHER), set())


def refresh(router, record):
    """To validate again refreshes, and another outbound SPI replaces the old one."""
    one = joined(router, record)
    for spi_out, stands in ((0, 0), (7, 7), (0, 7), (8, 8), (8, 8)):
        expect_equal("code", one.validate(Entry("192.0.2.15", ESP, one.spi(2), spi_out)).code, 0)
        expect_equal("entries", router.entries(one.name),
                     {Entry("192.0.2.15", ESP, one.spi(2), stands)})


def lifetimes(router, record):
    """An entry lives as asked, from 120 s to the rest of the lease, else with the lease."""
    one = joined(router, record)
    one.lease_slot(pap.lifetime(1000))
    for place, (wanted, granted) in enumerate(
            ((0, 120), (119, 120), (300, 300), (5000, 1000), (0xffffffff, 1000), (None, 1000))):
        address = f"192.0.2.{20 + place}"
        given = one.validate(Entry(address), seconds=wanted)[pap.LIFETIME]
        expect(granted - 3 <= given <= granted, f"{given} s for {wanted}")
        row = router.ctl("sa", "--host", one.name, "--address", address)[0]
        expect(row["expires"] is not None or wanted is None, f"no end: {row}")


def many(router, record):
    """A message takes 48 entries, and not 49."""
    one = joined(router, record)
    entries = [Entry(f"192.0.2.{number}", ESP, one.spi(number)) for number in range(1, 50)]
    expect_equal("49", one.validate(*entries).code, pap.MALFORMED)
    expect_equal("entries", router.entries(one.name), set())
    response = one.validate(*entries[:48])
    expect_equal("results", response[pap.ENTRY_RESULTS], (0,) * 48)
    expect_equal("entries", router.entries(one.name), set(entries[:48]))
    expect_equal("48 gone", one.invalidate(*entries[:48])[pap.ENTRY_RESULTS], (0,) * 48)
    expect_equal("entries", router.entries(one.name), set())


def quota(router, record):
    """A host has as many entries as it may, and no more."""
    one = joined(router, record)
    most = router.limits["entries"]
    entries = [Entry(f"192.0.2.{number % 250}", ESP, one.spi(number)) for number in range(most)]
    for place in range(0, most, 48):
        expect_equal("code", one.validate(*entries[place:place + 48]).code, 0)
    more = Entry("192.0.2.251", ESP)
    expect_equal("one more", one.validate(more).code, pap.QUOTA_EXCEEDED)
    expect_equal("a refresh", one.validate(entries[0]).code, 0)
    response = one.validate(more, entries[1], more)
    expect_equal("results", response[pap.ENTRY_RESULTS],
                 (pap.QUOTA_EXCEEDED, 0, pap.QUOTA_EXCEEDED))
    one.invalidate(entries[0])
    expect_equal("after one less", one.validate(more).code, 0)
    expect_equal("entries", router.entries(one.name), set(entries[1:]) | {more})


def invalidate(router, record):
    """SPI 0 stands for every SPI, protocol 0 for every protocol; what is not there is success."""
    one = joined(router, record)
    everything = [
        Entry(address, protocol, spi)
        for address in ("192.0.2.1", "192.0.2.2") for protocol in (ANY, ESP, AH)
        for spi in (0, one.spi(1), one.spi(2))]

    def left(*named):
        one.validate(*everything)
        response = one.invalidate(*named)
        expect_equal("code", response.code, 0)
        expect_equal("results", response[pap.ENTRY_RESULTS], (0,) * len(named))
        return router.entries(one.name)

    cases = (
        [Entry("192.0.2.1", ESP, one.spi(1))], [Entry("192.0.2.1", ESP)], [Entry("192.0.2.1")],
        [Entry("192.0.2.1", ANY, one.spi(2))], [Entry("192.0.2.3")],
        [Entry("192.0.2.2", AH, one.spi(3))], [Entry("192.0.2.1", AH), Entry("192.0.2.2", ESP)],
        [Entry("192.0.2.1", ESP, one.spi(1), 99)])
    for named in cases:
        gone = {
            entry for entry in everything for name in named
            if entry.address == name.address and name.protocol in (ANY, entry.protocol)
            and name.spi_in in (0, entry.spi_in)}
        expect_equal(f"left after {named}", left(*named), set(everything) - gone)
    expect_equal("left after both", left(Entry("192.0.2.1"), Entry("192.0.2.2")), set())
    one.invalidate(Entry("127.0.0.1"))


def end_with_lease(router, record):
    """When the slot is given back its entries end."""
    one = joined(router, record)
    one.validate(Entry("192.0.2.30", ESP, one.spi(1)), Entry("192.0.2.31"))
    one.give_back()
    expect_equal("entries", router.entries(one.name), set())
    one.lease_slot()
    expect_equal("entries", router.entries(one.name), set())


def revoked(router, record):
    """What the operator has revoked is prohibited until that is lifted."""
    one, other = joined(router, record), joined(router, record, OTHER)
    entry = Entry("192.0.2.40", ESP, one.spi(1))
    one.validate(entry)
    for target, host in (("192.0.2.40", None), ("192.0.2.0/24", None), ("192.0.2.40", HOST)):
        scope = ("--host", host) if host else ()
        router.ctl("revoke", target, *scope)
        expect_equal("entries", router.entries(one.name), set())
        response = one.validate(entry, Entry("198.18.0.1"))
        one.invalidate(Entry("198.18.0.1"))
        expect_equal("results", response[pap.ENTRY_RESULTS], (pap.PROHIBITED, 0))
        expect_equal("the other", other.validate(Entry("192.0.2.40")).code,
                     0 if host else pap.PROHIBITED)
        router.ctl("unrevoke", target, *scope)
        expect_equal("lifted", one.validate(entry).code, 0)


def suspended(router, record):
    """A suspended host gets nothing, keeps what it has, and can give it back."""
    one = joined(router, record)
    one.lease_ports()
    held = Entry("192.0.2.41", ESP, one.spi(1)), Entry("192.0.2.42")
    one.validate(*held)
    router.ctl("suspend", one.name)
    try:
        for kind, options in (
                (pap.PORT_REQUEST, ()), (pap.SECURITY_REQUEST, ()),
                (pap.SECURITY_REQUEST, (pap.spis(0xc002, 1),)),
                (pap.ADDRESS_VALIDATE, (pap.valid(Entry("192.0.2.43")),)),
                (pap.SYNCHRONIZE, (pap.part(0, 1),))):
            expect_equal(f"type {kind}", one.request(kind, *options).code, pap.PROHIBITED)
        expect_equal("entries", router.entries(one.name), set(held))
        expect_equal("invalidating", one.invalidate(held[0]).code, 0)
        response = one.hello()
        expect_equal("slot", response[pap.SPIS], (one.slot << 16, 65536))
        one.granted(pap.PORT_INVALIDATE, pap.ports(*one.ports))
    finally:
        router.ctl("resume", one.name)
    expect_equal("entries", router.entries(one.name), {held[1]})
    one.lease_slot()
    expect_equal("after", one.validate(held[0]).code, 0)
