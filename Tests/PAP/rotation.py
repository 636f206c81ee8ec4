"""A host's key is changed: for a while the router takes two, then the new one alone (7.1)."""

import client
import pap
from checks import expect_equal
from router import Router
from sessions import untagged

HOST, NEW_ID = "host1", 1001


def check(results, record):
    router = Router(2, listen="10.77.0.4:7028")
    old = router.keys[HOST][0]
    new = NEW_ID, client.new_key()
    router.keys[HOST] = [old, new]

    def during():
        results.run("keys: both are taken while a key is changed", both, router, record)
        results.run("keys: a session rests on the key that it began with", own, router, record)

    def after():
        router.keys[HOST] = [new]
        results.run("keys: then only the new one is", only_new, router, record, old)

    results.section("a change of keys")
    router.serve(results, "keys", during, after)


def both(router, record):
    one, two = router.host(HOST, record=record), router.host(HOST, key=1, record=record)
    one.hello()
    one.lease_slot()
    response = two.hello()
    expect_equal("what the host holds", response[pap.SPIS], (one.slot << 16, 65536))
    one.lease_slot()
    two.lease_slot()
    expect_equal("slot", two.slot, one.slot)
    request = one.sealed(one.message(pap.SECURITY_REQUEST))
    untagged(one.exchange(request), pap.NO_SESSION, request)
    one.hello()
    one.lease_slot()


def own(router, record):
    one, two = router.host(HOST, record=record), router.host(HOST, key=1, record=record)
    one.hello()
    mixed = one.message(pap.SECURITY_REQUEST).sealed(
        one.session_key, pap.FROM_HOST, two.key_id, one.session, 1)
    untagged(one.exchange(mixed), pap.NO_SESSION, mixed)
    for key, number in ((one.key, two.key_id), (two.key, one.key_id)):
        mixed = one.message(pap.HELLO, pap.session(0, bytes(16))).sealed(
            key, pap.FROM_HOST, number, 0, 0)
        untagged(one.exchange(mixed), pap.NOT_AUTHENTICATED, mixed)
    one.lease_slot()


def only_new(router, record, old):
    router.restart()
    one = router.host(HOST, record=record)
    one.hello()
    one.lease_slot()
    gone = client.Host(HOST, one.address, *old, router.endpoint, record=record)
    hello = gone.hello_message(gone.random.randbytes(16))[1]
    untagged(gone.exchange(hello), pap.NOT_AUTHENTICATED, hello)
    one.lease_slot()
