"""What went over the wire in this run: every message, option and code, in the direction it goes."""

import pap
from checks import expect_equal

FROM_HOSTS = {*range(1, 9), pap.WITHDRAW_NOTICE | pap.RESPONSE}
FROM_ROUTER = {
    *(kind | pap.RESPONSE for kind in range(1, 9)), pap.ANNOUNCE, pap.WITHDRAW_NOTICE}
HOST_OPTIONS = {
    pap.LIFETIME, pap.PORTS, pap.SPIS, pap.VALID, pap.INVALID, pap.PREFER_FAILURE, pap.PART,
    pap.SESSION, pap.HOST_NAME, pap.REASON, pap.AUTHENTICATION}
ROUTER_OPTIONS = {
    pap.LIFETIME, pap.PORTS, pap.SPIS, pap.INVALID, pap.EXTERNAL, pap.ENDPOINT, pap.IKE_LABEL,
    pap.PART, pap.SESSION, pap.REASON, pap.ENTRY_RESULTS, pap.AUTHENTICATION}


def check(results, record):
    hosts, router = sorted_by_sender(record)
    for name, found, wanted in (
            ("message of hosts", types(hosts), FROM_HOSTS),
            ("message of the router", types(router), FROM_ROUTER),
            ("option of hosts", kinds(hosts), HOST_OPTIONS),
            ("option of the router", kinds(router), ROUTER_OPTIONS),
            ("code", {message.code for message in router if message.response}, set(pap.CODES))):
        results.run(f"reached: every {name}", nothing_missing, found, wanted)


def sorted_by_sender(record):
    """The good messages of hosts, and all of the router's."""
    hosts, router = [], []
    for _, source, _, octets in record.datagrams:
        sender = router if source[0].startswith("10.77.0.") else hosts
        try:
            sender.append(pap.decode(octets))
        except (pap.Malformed, pap.UnknownOption):
            # The hosts send such things on purpose, and answers to unknown types have such types.
            continue
    return hosts, router


def types(messages):
    return {message.type | (pap.RESPONSE if message.response else 0) for message in messages}


def kinds(messages):
    return {kind for message in messages for kind, _ in message.options} | {
        pap.AUTHENTICATION for message in messages if message.authentication}


def nothing_missing(found, wanted):
    expect_equal("missing", sorted(wanted - found), [])
