"""Synchronize: a host's whole set of entries replaced in one step (9.3)."""

import pap
from checks import expect, expect_equal
from entries import joined
from pap import ESP, Entry


def check(results, router, record):
    for function in (one_part, parts, unfinished, repeated, refusals, later_refusal, operators):
        name = f"synchronize: {function.__doc__.splitlines()[0].rstrip('.')}"
        results.run(name, function, router, record)


def send(one, index, total, entries, *options):
    return one.request(pap.SYNCHRONIZE, pap.part(index, total), *options,
                       *(pap.valid(entry) for entry in entries))


def some(one, first, last):
    return [Entry(f"192.0.2.{number}", ESP, one.spi(number)) for number in range(first, last)]


def one_part(router, record):
    """One part is a set too; one without entries removes all."""
    one = joined(router, record)
    old, kept, new = some(one, 1, 4)
    one.validate(old, kept)
    created = router.ask("sa", host=one.name, address=kept.address)[0]["created"]
    response = send(one, 0, 1, [kept, new])
    expect_equal("code and results", (response.code, response[pap.ENTRY_RESULTS]), (0, (0, 0)))
    expect_equal("missing parts", response[pap.PART], (0, 1))
    expect(3590 <= response[pap.LIFETIME] <= 3600, f"lifetime {response[pap.LIFETIME]}")
    expect_equal("entries", router.entries(one.name), {kept, new})
    expect_equal("since when", router.ask("sa", host=one.name, address=kept.address)[0]["created"],
                 created)
    send(one, 0, 1, [kept, new])
    expect_equal("entries", router.entries(one.name), {kept, new})
    expect_equal("an empty set", send(one, 0, 1, []).code, 0)
    expect_equal("entries", router.entries(one.name), set())


def parts(router, record):
    """Nothing changes before all parts are there, in any order; then all of it at once."""
    one = joined(router, record)
    old = Entry("192.0.2.99", ESP)
    wanted = some(one, 1, 91)
    for indices in ((0, 1, 2), (2, 0, 1)):
        send(one, 0, 1, [old])
        for place, index in enumerate(indices):
            expect_equal("entries before", router.entries(one.name), {old})
            response = send(one, index, 3, wanted[30 * index:30 * index + 30])
            expect_equal(f"part {index}", (response.code, response[pap.ENTRY_RESULTS]),
                         (0, (0,) * 30))
            expect_equal("missing parts", response[pap.PART], (2 - place, 3))
            expect_equal("a lifetime", pap.LIFETIME in response, place == 2)
        expect_equal("entries after", router.entries(one.name), set(wanted))


def unfinished(router, record):
    """A set that is not finished changes nothing, and is forgotten for another."""
    one = joined(router, record)
    old, first, second, third = some(one, 1, 5)
    send(one, 0, 1, [old])
    send(one, 0, 2, [first])
    expect_equal("entries", router.entries(one.name), {old})
    one.validate(second)
    expect_equal("entries", router.entries(one.name), {old, second})
    # Another session, another total, and a part that came before each begin a new set.
    one.hello()
    send(one, 1, 2, [third])
    expect_equal("another session", router.entries(one.name), {old, second})
    send(one, 0, 3, [first])
    send(one, 0, 2, [first])
    expect_equal("another total", router.entries(one.name), {old, second})
    send(one, 0, 2, [second])
    send(one, 1, 2, [third])
    expect_equal("a part again", router.entries(one.name), {second, third})


def repeated(router, record):
    """A part that is sent again, bit for bit, is one part."""
    one = joined(router, record)
    first, second = some(one, 1, 3)
    begun = one.sealed(one.message(pap.SYNCHRONIZE, pap.part(0, 2), pap.valid(first)))
    expect_equal("the same answer", one.exchange(begun), one.exchange(begun))
    send(one, 1, 2, [second])
    expect_equal("entries", router.entries(one.name), {first, second})


def refusals(router, record):
    """Parts that cannot be are refused; entries that cannot be have their results."""
    one = joined(router, record)
    held = Entry("192.0.2.50", ESP)
    one.validate(held)
    for options in ((), (pap.valid(held),), (pap.part(1, 1),), (pap.part(0, 0),),
                    (pap.part(0, 1), pap.part(0, 1))):
        expect_equal("code", one.request(pap.SYNCHRONIZE, *options).code, pap.MALFORMED)
    most = router.limits["entries"]
    expect_equal("too many parts", send(one, 0, most + 1, []).code, pap.QUOTA_EXCEEDED)
    expect_equal("entries", router.entries(one.name), {held})
    response = send(one, 0, 1, [Entry("127.0.0.1"), Entry("192.0.2.51")])
    expect_equal("code", response.code, pap.UNACCEPTABLE_ADDRESS)
    expect_equal("results", response[pap.ENTRY_RESULTS], (pap.UNACCEPTABLE_ADDRESS, 0))
    expect(pap.LIFETIME not in response, "a lifetime")
    expect_equal("missing parts", response[pap.PART], (0, 1))
    expect_equal("entries", router.entries(one.name), {Entry("192.0.2.51")})


def later_refusal(router, record):
    """What is revoked while the parts are under way is not in the set."""
    one = joined(router, record)
    first, second = some(one, 1, 3)
    expect_equal("first part", send(one, 0, 2, [first]).code, 0)
    router.ctl("revoke", first.address)
    try:
        response = send(one, 1, 2, [second])
    finally:
        router.ctl("unrevoke", first.address)
    expect_equal("code", response.code, pap.PROHIBITED)
    expect_equal("results", response[pap.ENTRY_RESULTS], (0,))
    expect_equal("entries", router.entries(one.name), {second})


def operators(router, record):
    """What an operator added stays."""
    one = joined(router, record)
    router.ctl("validate", "192.0.2.70", "--host", one.name)
    wanted = some(one, 1, 3)
    send(one, 0, 1, wanted)
    expect_equal("entries", router.entries(one.name), {*wanted, Entry("192.0.2.70")})
    router.ctl("invalidate", "192.0.2.70")
