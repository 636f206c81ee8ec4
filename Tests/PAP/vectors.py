"""The test vectors of docs/pap.md: what they say is what comes out, computed here anew."""

import re

import pap
from checks import expect, expect_equal
from lab import REPOSITORY

FIELDS = (
    "host key", "key id", "host's nonce", "router's nonce", "session id", "epoch", "HKDF PRK",
    "session key")
MESSAGES = (
    "hello", "hello response", "security-request", "security-request response", "address-validate",
    "address-validate response")


def check(results):
    results.run("document: the session key follows from the nonces", session_key)
    for name in MESSAGES:
        results.run(f"document: vector {name}", vector, name)


def blocks():
    with open(f"{REPOSITORY}/docs/pap.md") as file:
        text = file.read().split("## 17 Test vectors", 1)[1]
    return re.findall(r"```\n(.*?)```", text, re.DOTALL)


def fields():
    found = {}
    for line in blocks()[0].splitlines():
        name, value = re.split(r"\s{2,}", line.strip())
        found[name] = value
    expect_equal("fields", tuple(found), FIELDS)
    return found


def octets(name):
    for block in blocks():
        first, *rest = block.splitlines()
        if first == name:
            return bytes.fromhex("".join(rest))
    raise AssertionError(f"no vector {name}")


def session_key():
    found = {name: value for name, value in fields().items()}
    key = pap.session_key(*(
        bytes.fromhex(found[name]) for name in ("host key", "host's nonce", "router's nonce")))
    expect_equal("session key", key.hex(), found["session key"])


def expected(name, found):
    """The message that the text describes."""
    epoch = int(found["epoch"], 16)
    session = int(found["session id"], 16)
    host, router = (bytes.fromhex(found[f"{who}'s nonce"]) for who in ("host", "router"))
    entry = pap.Entry("192.0.2.10", pap.ESP, 0x7c010001, 0xc0ffee01)
    endpoint = pap.quad("10.0.0.254") + bytes((4, 0, 5, 200))
    label = (0x7c01 << 48).to_bytes(8, "big") + (0xffff << 48).to_bytes(8, "big")
    return {
        "hello": pap.Message(pap.HELLO, False, 0, 1, 0, (pap.session(0, host),)),
        "hello response": pap.Message(
            pap.HELLO, True, 0, 1, epoch,
            (pap.session(session, router), (pap.EXTERNAL, pap.quad("198.51.100.1")),
             (pap.ENDPOINT, endpoint))),
        "security-request": pap.Message(
            pap.SECURITY_REQUEST, False, 0, 2, epoch, (pap.lifetime(3600), pap.spis(0, 65536))),
        "security-request response": pap.Message(
            pap.SECURITY_REQUEST, True, 0, 2, epoch,
            (pap.spis(0x7c010000, 65536), (pap.IKE_LABEL, label), pap.lifetime(3600))),
        "address-validate": pap.Message(
            pap.ADDRESS_VALIDATE, False, 0, 3, epoch, (pap.valid(entry),)),
        "address-validate response": pap.Message(
            pap.ADDRESS_VALIDATE, True, 0, 3, epoch,
            (pap.lifetime(3599), (pap.ENTRY_RESULTS, b"\0"))),
    }[name]


def vector(name):
    found = fields()
    whole = octets(name)
    message = pap.decode(whole)
    is_hello = name.startswith("hello")
    key = bytes.fromhex(found["host key" if is_hello else "session key"])
    direction = pap.FROM_ROUTER if name.endswith("response") else pap.FROM_HOST
    session = 0 if is_hello else int(found["session id"], 16)
    sequence = {"hello": 0, "secur": 1, "addre": 2}[name[:5]]
    sealed = expected(name, found).sealed(key, direction, 1, session, sequence)
    expect_equal("octets", sealed.hex(), whole.hex())
    expect(pap.is_authentic(whole, key, direction), "the tag")
    other = pap.FROM_HOST if direction == pap.FROM_ROUTER else pap.FROM_ROUTER
    expect(not pap.is_authentic(whole, key, other), "the tag holds in the other direction")
    expect_equal("authentication", (
        message.authentication.key_id, message.authentication.session,
        message.authentication.sequence), (1, session, sequence))
