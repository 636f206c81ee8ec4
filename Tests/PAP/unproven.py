"""A router that was told to take messages without proof, for a lab (15)."""

import pap
from checks import expect, expect_equal

HOST = "host1"


def check(results, router, record):
    for function in (everything, repeats, strangers):
        name = f"without proof: {function.__doc__.splitlines()[0].rstrip('.')}"
        results.run(name, function, router, record)


def ask(one, kind, *options):
    message = one.message(kind, *options)
    answer = one.exchange(message.octets())
    expect(answer is not None, f"no answer to type {kind}")
    response = pap.decode(answer)
    expect(response.authentication is None, "a tag")
    expect_equal("transaction id", response.transaction, message.transaction)
    return response


def everything(router, record):
    """Hosts are known by their address, and can do all that others can."""
    one = router.host(HOST, record=record)
    hello = ask(one, pap.HELLO)
    expect_equal("addresses", (hello[pap.EXTERNAL], hello[pap.ENDPOINT]),
                 (router.external, ("192.168.77.254", 1480)))
    expect(pap.SESSION not in hello, "a session")
    one.slot = ask(one, pap.SECURITY_REQUEST)[pap.SPIS][0] >> 16
    entry = pap.Entry("192.0.2.1", pap.ESP, one.spi(1))
    expect_equal("validating", ask(one, pap.ADDRESS_VALIDATE, pap.valid(entry)).code, 0)
    expect_equal("entries", router.entries(HOST), {entry})
    expect_equal("hello", ask(one, pap.HELLO)[pap.SPIS], (one.slot << 16, 65536))
    code = ask(one, pap.SYNCHRONIZE, pap.part(0, 1)).code
    expect_equal("synchronizing", (code, router.entries(HOST)), (0, set()))
    given_back = ask(one, pap.SECURITY_INVALIDATE, pap.spis(one.slot << 16, 65536))
    expect_equal("giving back", given_back.code, 0)


def repeats(router, record):
    """The same octets again have the same answer."""
    one = router.host(HOST, record=record)
    request = one.message(pap.SECURITY_REQUEST, pap.lifetime(1000)).octets()
    first = one.exchange(request)
    expect_equal("the answer", one.exchange(request), first)
    ask(one, pap.SECURITY_REQUEST)


def strangers(router, record):
    """Who is at no host's address is refused."""
    one = router.host(HOST, record=record)
    router.names.append("nobody")
    stranger = type(one)("nobody", router.address("nobody"), 1, one.key, router.endpoint)
    router.names.remove("nobody")
    expect_equal("code", ask(stranger, pap.SECURITY_REQUEST).code, pap.NOT_AUTHENTICATED)
