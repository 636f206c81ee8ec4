#!/usr/bin/env python3
"""Writes pap.json and crypto.json: PAP/2 messages built from pap.md, and published test vectors.

Only Python's standard library is used, and none of the code under test. Run it in this folder after
a change; the output is the same each time.
"""

import base64
import hashlib
import hmac
import json
import struct

# --- pap.md, sections 1, 4 and 6 -----------------------------------------------------------------

TYPES = {
    "port-request": 1, "port-invalidate": 2, "security-request": 3, "security-invalidate": 4,
    "address-validate": 5, "address-invalidate": 6, "synchronize": 7, "hello": 8, "announce": 9,
    "withdraw-notice": 10,
}
CODES = [
    "success", "unsupported-version", "not-authenticated", "malformed", "unsupported-type",
    "unsupported-option", "no-resources", "quota-exceeded", "not-yours", "prohibited",
    "no-session", "in-use", "unacceptable-address", "rate-limited", "replayed",
]
PROTOCOLS = {"any": 0, "esp": 50, "ah": 51}


def address(text):
    return bytes(int(part) for part in text.split("."))


def raw_option(kind, value, reserved=0, length=None, padding=None):
    length = len(value) if length is None else length
    padding = bytes(-len(value) % 4) if padding is None else padding
    return struct.pack(">BBH", kind, reserved, length) + value + padding


def entry_value(entry, reserved=b"\0\0\0"):
    return (address(entry["address"]) + bytes([PROTOCOLS[entry["protocol"]]]) + reserved
            + struct.pack(">II", entry.get("spiIn") or 0, entry.get("spiOut") or 0))


def option_octets(option):
    """The octets of an option that the JSON describes."""
    name = option["option"]
    if name == "lifetime":
        return raw_option(1, struct.pack(">I", option["seconds"]))
    if name == "ports":
        return raw_option(2, struct.pack(">HH", option["first"], option["count"]))
    if name == "spis":
        return raw_option(3, struct.pack(">II", option["first"], option["count"]))
    if name == "valid-address":
        return raw_option(4, entry_value(option["entry"]))
    if name == "invalid-address":
        return raw_option(5, entry_value(option["entry"]))
    if name == "external-address":
        return raw_option(6, address(option["address"]))
    if name == "tunnel-endpoint":
        value = address(option["address"]) + struct.pack(">BBH", 4, 0, option["mtu"])
        return raw_option(7, value)
    if name == "ike-label":
        return raw_option(8, bytes.fromhex(option["label"]) + bytes.fromhex(option["mask"]))
    if name == "prefer-failure":
        return raw_option(10, b"")
    if name == "part":
        return raw_option(11, struct.pack(">HH", option["index"], option["total"]))
    if name == "session":
        return raw_option(12, struct.pack(">I", option["id"]) + bytes.fromhex(option["nonce"]))
    if name == "host-name":
        return raw_option(128, option["text"].encode())
    if name == "reason":
        return raw_option(129, option["text"].encode())
    if name == "entry-results":
        return raw_option(130, bytes(CODES.index(code) for code in option["codes"]))
    if name == "authentication":
        value = struct.pack(">III", option["keyID"], option["sessionID"], option["sequence"])
        return raw_option(255, value + bytes.fromhex(option["tag"]))
    raise ValueError(name)


def raw_message(type_octet, body=b"", version=2, code=0, flags=0, length=None, reserved=0,
                transaction=0x01020304, epoch=0):
    length = 16 + len(body) if length is None else length
    return struct.pack(">BBBBHHII", version, type_octet, code, flags, length, reserved,
                       transaction, epoch) + body


def message_octets(message):
    """The octets of a message that the JSON describes."""
    return raw_message(
        TYPES[message["type"]] | (0x80 if message["response"] else 0),
        b"".join(option_octets(option) for option in message["options"]),
        code=CODES.index(message["code"]), transaction=message["transaction"],
        epoch=message["epoch"])


def message(kind, *options, response=False, code="success", transaction=0xdecafbad, epoch=0):
    return {"type": kind, "response": response, "code": code, "transaction": transaction,
            "epoch": epoch, "options": list(options)}


def response(kind, *options, code="success", epoch=0x5eed0001):
    return message(kind, *options, response=True, code=code, epoch=epoch)


def opt(name, **fields):
    return {"option": name, **fields}


def entry(text, protocol, spi_in=None, spi_out=None):
    return {"address": text, "protocol": protocol, "spiIn": spi_in, "spiOut": spi_out}


# --- messages that must be read ------------------------------------------------------------------

NONCE = "000102030405060708090a0b0c0d0e0f"
TAG = "f0e1d2c3b4a5968778695a4b3c2d1e0f"
AUTHENTICATION = opt("authentication", keyID=1, sessionID=0x0a0b0c0d, sequence=7, tag=TAG)
HELLO_AUTHENTICATION = opt("authentication", keyID=1, sessionID=0, sequence=0, tag=TAG)
PEER = entry("192.0.2.10", "esp", 0x1a2b0001, 0xc0ffee01)
SLOT_SPIS = opt("spis", first=0x1a2b0000, count=65536)
LABEL = opt("ike-label", label="1a2b000000000000", mask="ffff000000000000")
PORTS = opt("ports", first=40960, count=1024)
SHARED = opt("external-address", address="198.51.100.1")


def positives():
    rows = []

    def row(name, described, octets=None):
        octets = message_octets(described) if octets is None else octets
        rows.append({
            "name": name, "hex": octets.hex(), "message": described,
            "canonical": octets == message_octets(described)})

    row("port request: any 1024 ports",
        message("port-request", opt("ports", first=0, count=1024), opt("lifetime", seconds=3600),
                AUTHENTICATION))
    row("port request: prefer failure",
        message("port-request", opt("ports", first=2048, count=2048), opt("prefer-failure"),
                AUTHENTICATION, epoch=0xffffffff))
    row("port response",
        response("port-request", PORTS, SHARED, opt("lifetime", seconds=3600), AUTHENTICATION))
    row("port invalidate", message("port-invalidate", PORTS, AUTHENTICATION))
    row("port invalidate response", response("port-invalidate", AUTHENTICATION))
    row("security request: a slot",
        message("security-request", opt("spis", first=0, count=65536), AUTHENTICATION))
    row("security request: a claim",
        message("security-request", opt("spis", first=0xdeadbeef, count=1), AUTHENTICATION))
    row("security response",
        response("security-request", SLOT_SPIS, LABEL, opt("lifetime", seconds=86400),
                 AUTHENTICATION))
    row("security invalidate", message("security-invalidate", SLOT_SPIS, AUTHENTICATION))
    row("security invalidate response", response("security-invalidate", AUTHENTICATION))
    row("validate ESP with both SPIs",
        message("address-validate", opt("valid-address", entry=PEER),
                opt("lifetime", seconds=600), AUTHENTICATION))
    row("validate AH, any SPI",
        message("address-validate", opt("valid-address", entry=entry("203.0.113.5", "ah")),
                AUTHENTICATION))
    row("validate both protocols, own SPI only",
        message("address-validate",
                opt("valid-address", entry=entry("203.0.113.5", "any", 0xffffffff)),
                AUTHENTICATION))
    row("validate 48 entries, the most",
        message("address-validate",
                *[opt("valid-address", entry=entry(f"192.0.2.{n}", "esp", 0x1a2b0000 + n))
                  for n in range(48)], AUTHENTICATION))
    row("validate response with entry results",
        response("address-validate",
                 opt("entry-results",
                     codes=["success", "not-yours", "prohibited", "unacceptable-address",
                            "quota-exceeded"]),
                 AUTHENTICATION, code="not-yours"))
    row("invalidate",
        message("address-invalidate", opt("invalid-address", entry=PEER), AUTHENTICATION))
    row("invalidate every SPI of an address",
        message("address-invalidate",
                opt("invalid-address", entry=entry("192.0.2.10", "any")), AUTHENTICATION))
    row("invalidate response", response("address-invalidate", AUTHENTICATION))
    row("synchronize, second of three parts",
        message("synchronize", opt("part", index=1, total=3),
                opt("valid-address", entry=PEER), AUTHENTICATION))
    row("synchronize, the last of the most parts",
        message("synchronize", opt("part", index=65534, total=65535), AUTHENTICATION))
    row("synchronize response", response("synchronize", AUTHENTICATION))
    row("hello",
        message("hello", opt("session", id=0, nonce=NONCE), opt("host-name", text="hosta"),
                HELLO_AUTHENTICATION))
    row("hello response",
        response("hello", opt("session", id=0x0a0b0c0d, nonce=NONCE[::-1]), SHARED,
                 opt("tunnel-endpoint", address="10.0.0.254", mtu=1480), SLOT_SPIS, LABEL, PORTS,
                 HELLO_AUTHENTICATION))
    row("announce", message("announce", transaction=0, epoch=0x5eed0002))
    row("withdraw notice",
        message("withdraw-notice", opt("invalid-address", entry=PEER),
                opt("reason", text="key leaked"), AUTHENTICATION, epoch=0x5eed0001))
    row("withdraw notice of leases",
        message("withdraw-notice", PORTS, SLOT_SPIS, opt("reason", text=""), AUTHENTICATION,
                epoch=0x5eed0001))
    row("withdraw notice response",
        response("withdraw-notice", AUTHENTICATION))
    for code in CODES:
        row(f"response with code {code}",
            response("address-validate", opt("lifetime", seconds=30), code=code))
    row("host name of 1 octet", message("hello", opt("host-name", text="h")))
    row("host name of 63 octets", message("hello", opt("host-name", text="h" * 63)))
    row("reason of 127 octets", message("withdraw-notice", opt("reason", text="r" * 127)))
    row("reason in many scripts", message("withdraw-notice", opt("reason", text="schluß 日本 🔑")))
    row("no entry results", response("synchronize", opt("entry-results", codes=[])))
    row("largest numbers",
        message("port-request", opt("lifetime", seconds=0xffffffff),
                opt("ports", first=65535, count=65535),
                opt("spis", first=0xffffffff, count=0xffffffff),
                opt("external-address", address="255.255.255.255"),
                opt("tunnel-endpoint", address="255.255.255.255", mtu=65535),
                opt("ike-label", label="f" * 16, mask="f" * 16), transaction=0xffffffff))

    # Octets that are read, but not written that way: section 3, reserved is ignored; section 4,
    # kinds from 128 may be skipped.
    lifetime = opt("lifetime", seconds=60)
    row("reserved octets of the header are ignored", message("port-request", transaction=9),
        raw_message(1, reserved=0xffff, transaction=9))
    row("unknown option 131 is skipped", message("port-request", lifetime, transaction=9),
        raw_message(1, raw_option(131, b"abcde") + option_octets(lifetime), transaction=9))
    row("unknown option 254 may come twice", message("port-request", lifetime, transaction=9),
        raw_message(1, raw_option(254, b"") * 2 + option_octets(lifetime), transaction=9))
    endpoint = opt("tunnel-endpoint", address="10.0.0.254", mtu=1480)
    row("reserved octet of the tunnel endpoint is ignored",
        response("hello", endpoint, epoch=0),
        raw_message(0x88, raw_option(7, address("10.0.0.254") + b"\x04\xff\x05\xc8"),
                    transaction=0xdecafbad))
    return rows


# --- octets that must be refused -----------------------------------------------------------------

def negatives():
    rows = []

    def row(rule, octets, code, offset):
        rows.append({"rule": rule, "hex": octets.hex(), "code": code, "offset": offset})

    whole = raw_message(1)
    seconds = option_octets(opt("lifetime", seconds=60))
    authentication = option_octets(AUTHENTICATION)
    valid = entry_value(PEER)

    # Section 6: dropped, not answered.
    row("shorter than a header: nothing", b"", None, 0)
    row("shorter than a header: 15 octets", whole[:15], None, 0)
    row("another version and a wrong length", raw_message(1, version=1, length=20), None, 4)
    row("a response is never answered", raw_message(0x81, flags=1), None, 3)
    row("a response of an unknown type is never answered", raw_message(0x8b), None, 1)
    # Section 3.
    row("version 1", raw_message(1, version=1), "unsupported-version", 0)
    row("version 3", raw_message(1, seconds, version=3), "unsupported-version", 0)
    row("version 0", raw_message(1, version=0), "unsupported-version", 0)
    row("flags not 0", raw_message(1, flags=0x80), "malformed", 3)
    row("length too large", raw_message(1, length=20), "malformed", 4)
    row("length too small", raw_message(1, seconds, length=16), "malformed", 4)
    row("length 0", raw_message(1, length=0), "malformed", 4)
    row("not a multiple of 4", raw_message(1, b"\0"), "malformed", 4)
    row("not a multiple of 4, an option cut", raw_message(1, seconds[:6]), "malformed", 4)
    row("1404 octets", raw_message(1, raw_option(200, bytes(1384))), "malformed", 4)
    row("code in a request", raw_message(1, code=1), "malformed", 2)
    row("code in an announce", raw_message(9, code=1), "malformed", 2)
    row("type 0", raw_message(0), "unsupported-type", 1)
    row("type 11", raw_message(11), "unsupported-type", 1)
    row("type 127", raw_message(127), "unsupported-type", 1)
    row("response to an announce", raw_message(0x89), None, 1)
    row("code 15 in a response", raw_message(0x81, code=15), None, 2)
    # Section 4: the frame of an option.
    row("an option longer than the message", raw_message(1, raw_option(1, b"", length=4)),
        "malformed", 18)
    row("an option of 65535 octets",
        raw_message(1, raw_option(1, bytes(4), length=65535)), "malformed", 18)
    row("reserved octet of an option", raw_message(1, raw_option(1, bytes(4), reserved=1)),
        "malformed", 17)
    row("padding not 0", raw_message(8, raw_option(128, b"hosta", padding=b"\0\0\1")),
        "malformed", 27)
    row("padding of an unknown option not 0",
        raw_message(8, raw_option(200, b"hosta", padding=b"\1\0\0")), "malformed", 25)
    for kind in (0, 9, 13, 100, 127):
        row(f"unknown option {kind}", raw_message(1, seconds + raw_option(kind, b"")),
            "unsupported-option", 24)
    once = {
        1: bytes(4), 2: bytes(4), 3: bytes(8), 6: bytes(4), 7: bytes(4) + b"\4\0\5\xc8",
        8: bytes(16), 10: b"", 128: b"h", 129: b"r", 130: b"",
    }
    for kind, value in once.items():
        one = raw_option(kind, value)
        row(f"option {kind} twice", raw_message(1, one + one), "malformed", 16 + len(one))
    for kind, type_octet, value in ((11, 7, b"\0\0\0\1"), (12, 8, bytes(20))):
        one = raw_option(kind, value)
        row(f"option {kind} twice", raw_message(type_octet, one + one), "malformed",
            16 + len(one))
        row(f"option {kind} in another type", raw_message(1, one), "unsupported-option", 16)
    row("49 valid addresses", raw_message(5, raw_option(4, valid) * 49), "malformed",
        16 + 48 * 20)
    row("49 invalid addresses", raw_message(6, raw_option(5, valid) * 49), "malformed",
        16 + 48 * 20)
    row("option after the authentication", raw_message(1, authentication + seconds),
        "malformed", 16 + 32)
    row("unknown option after the authentication",
        raw_message(1, authentication + raw_option(200, b"")), "malformed", 16 + 32)
    row("two authentications", raw_message(1, authentication * 2), "malformed", 16 + 32)
    # Section 4: the length of each value, one unit too short and too long.
    lengths = {
        1: (0, 3, 5, 8), 2: (0, 3, 5, 8), 3: (0, 4, 7, 12), 4: (0, 12, 15, 17, 20),
        5: (0, 12, 15, 17, 20), 6: (0, 3, 5, 8), 7: (0, 7, 9, 12), 8: (0, 8, 15, 17, 20),
        10: (1, 4), 11: (0, 3, 5, 8), 12: (0, 19, 21, 24), 128: (0, 64, 80), 129: (128, 200),
        130: (97, 200), 255: (0, 12, 27, 29, 32),
    }
    only = {11: 7, 12: 8}
    for kind, wrong in lengths.items():
        for length in wrong:
            row(f"option {kind} of {length} octets",
                raw_message(only.get(kind, 5), raw_option(kind, bytes(length))), "malformed", 18)
    # Section 5 and the values of section 4.
    for kind, type_octet in ((4, 5), (5, 6)):
        for protocol in (1, 17, 49, 52, 255):
            value = valid[:4] + bytes([protocol]) + valid[5:]
            row(f"option {kind} with protocol {protocol}",
                raw_message(type_octet, raw_option(kind, value)), "malformed", 24)
        for place in (5, 6, 7):
            value = valid[:place] + b"\1" + valid[place + 1:]
            row(f"option {kind} with reserved octet {place} not 0",
                raw_message(type_octet, raw_option(kind, value)), "malformed", 20 + place)
    for tunnel in (0, 47, 41):
        value = address("10.0.0.254") + struct.pack(">BBH", tunnel, 0, 1480)
        row(f"tunnel type {tunnel}", raw_message(8, raw_option(7, value)), "malformed", 24)
    for index, total in ((0, 0), (1, 1), (3, 2)):
        row(f"part {index} of {total}",
            raw_message(7, raw_option(11, struct.pack(">HH", index, total))), "malformed", 20)
    row("entry result 15", raw_message(5, raw_option(130, b"\0\x0f")), "malformed", 21)
    texts = {
        "a newline": b"a\nb", "an escape": b"\x1b[2J", "a zero": b"a\0b", "DEL": b"a\x7f",
        "a C1 control": "a\u009b".encode(), "a lone continuation": b"a\x80",
        "an overlong slash": b"\xc0\xaf", "a surrogate": b"\xed\xa0\x80",
        "past U+10FFFF": b"\xf4\x90\x80\x80", "a cut character": b"a\xe2\x82", "Latin-1": b"stra\xdfe",
    }
    for what, text in texts.items():
        row(f"host name with {what}", raw_message(8, raw_option(128, text)), "malformed", 20)
        row(f"reason with {what}", raw_message(10, raw_option(129, text)), "malformed", 20)
    return rows


# --- section 7: tags and session keys ------------------------------------------------------------

def tag_of(octets, direction, key):
    zeroed = octets[:-16] + bytes(16)
    return hmac.new(key, bytes([direction]) + zeroed, hashlib.sha256).digest()[:16]


def tagged(octets, direction, key):
    return octets[:-16] + tag_of(octets, direction, key)


def tags():
    rows = []
    key = bytes(range(32))
    other = bytes(range(1, 33))

    def row(name, octets, direction, key, valid, described=None):
        rows.append({"name": name, "hex": octets.hex(), "key": key.hex(),
                     "direction": ["host", "router"][direction], "valid": valid,
                     "message": described})

    described = {
        "hello": message("hello", opt("session", id=0, nonce=NONCE), HELLO_AUTHENTICATION),
        "hello response": response("hello", opt("session", id=0x0a0b0c0d, nonce=NONCE),
                                   SHARED, HELLO_AUTHENTICATION),
        "validate": message("address-validate", opt("valid-address", entry=PEER),
                            AUTHENTICATION),
        "bare": message("security-request", AUTHENTICATION),
        "largest sequence": message(
            "port-request", opt("authentication", keyID=0xffffffff, sessionID=0xffffffff,
                                sequence=0xffffffff, tag=TAG)),
    }
    for name, value in described.items():
        direction = 1 if value["response"] else 0
        good = tagged(message_octets(value), direction, key)
        sealed = json.loads(json.dumps(value))
        sealed["options"][-1]["tag"] = good[-16:].hex()
        row(name, good, direction, key, True, sealed)
        row(f"{name}: reflected", good, 1 - direction, key, False)
        row(f"{name}: another key", good, direction, other, False)
        row(f"{name}: tag of zeros", good[:-16] + bytes(16), direction, key, False)
        for place in (0, 1, 2, 3, 7, 8, 15, len(good) - 28, len(good) - 17, len(good) - 1):
            bad = bytearray(good)
            bad[place] ^= 1
            row(f"{name}: octet {place} changed", bytes(bad), direction, key, False)

    good = tagged(message_octets(described["validate"]), 0, key)
    row("an octet cut off", good[:-1], 0, key, False)
    row("an octet added", good + b"\0", 0, key, False)
    unsealed = message_octets(message("port-request", opt("lifetime", seconds=1)))
    row("no authentication", unsealed, 0, key, False)
    row("no options", raw_message(1), 0, key, False)
    row("nothing", b"", 0, key, False)
    full = hmac.new(key, b"\0" + good[:-16] + bytes(16), hashlib.sha256).digest()
    row("the digest's other half", good[:-16] + full[16:], 0, key, False)
    # The right tag in the last octets of an option that is none.
    hidden = raw_message(1, raw_option(200, option_octets(AUTHENTICATION)))
    row("authentication inside another option", tagged(hidden, 0, key), 0, key, False)
    early = raw_message(1, option_octets(AUTHENTICATION) + option_octets(SHARED))
    row("authentication not last", early, 0, key, False)
    # A message that is refused for its value can still be known to come from the host.
    unknown = raw_message(11, raw_option(100, b"") + option_octets(AUTHENTICATION))
    row("unknown type and option", tagged(unknown, 0, key), 0, key, True)
    short = raw_message(1, raw_option(1, b"\1\2\3") + option_octets(AUTHENTICATION))
    row("an option of a wrong length", tagged(short, 0, key), 0, key, True)
    return rows


def hkdf(key, salt, info, count):
    """RFC 5869, section 2, with SHA-256."""
    extracted = hmac.new(salt or bytes(32), key, hashlib.sha256).digest()
    output = block = b""
    counter = 1
    while len(output) < count:
        block = hmac.new(extracted, block + info + bytes([counter]), hashlib.sha256).digest()
        output += block
        counter += 1
    return output[:count]


def session_keys():
    rows = []
    for seed in range(4):
        key, first, second = (hashlib.sha256(f"{what} {seed}".encode()).digest()
                              for what in ("key", "host nonce", "router nonce"))
        first, second = first[:16], second[:16]
        rows.append({
            "name": f"session {seed}", "hostKey": key.hex(), "hostNonce": first.hex(),
            "routerNonce": second.hex(),
            "sessionKey": hkdf(key, first + second, b"PAP/2 session", 32).hex()})
    return rows


def keys_as_text():
    rows = []

    def row(name, text, octets=None):
        rows.append({"name": name, "text": text, "octets": octets and octets.hex()})

    for name, octets in {"zeros": bytes(32), "ones": b"\xff" * 32, "counting": bytes(range(32)),
                         "all of the alphabet": hashlib.sha256(b"alphabet").digest()}.items():
        row(name, base64.b64encode(octets).decode(), octets)
    good = base64.b64encode(b"\xfb\xff" * 16).decode()
    row("empty", "")
    row("31 octets", base64.b64encode(bytes(31)).decode())
    row("33 octets", base64.b64encode(bytes(33)).decode())
    row("64 octets", base64.b64encode(bytes(64)).decode())
    row("no padding", good[:-1])
    row("too much padding", good + "=")
    row("a newline after it", good + "\n")
    row("a space before it", " " + good)
    row("a space in it", good[:20] + " " + good[20:])
    row("URL alphabet", base64.urlsafe_b64encode(b"\xfb\xff" * 16).decode())
    row("stray bits in the last character", base64.b64encode(bytes(32)).decode()[:-2] + "B=")
    row("a zero in it", good[:20] + "\0" + good[21:])
    row("another script", good[:20] + "ä" + good[22:])
    return rows


# --- published vectors ---------------------------------------------------------------------------

# RFC 4231, section 4: key, data, HMAC-SHA-256. Case 5 is cut to 128 bits there.
RFC_4231 = [
    ("case 1", "0b" * 20, b"Hi There".hex(),
     "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
    ("case 2", b"Jefe".hex(), b"what do ya want for nothing?".hex(),
     "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
    ("case 3", "aa" * 20, "dd" * 50,
     "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"),
    ("case 4", bytes(range(1, 26)).hex(), "cd" * 50,
     "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"),
    ("case 5", "0c" * 20, b"Test With Truncation".hex(), "a3b6167473100ee06e0c796c2955552b"),
    ("case 6", "aa" * 131, b"Test Using Larger Than Block-Size Key - Hash Key First".hex(),
     "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"),
    ("case 7", "aa" * 131,
     (b"This is a test using a larger than block-size key and a larger than block-size data. "
      b"The key needs to be hashed before being used by the HMAC algorithm.").hex(),
     "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"),
]

# RFC 5869, appendix A.1 to A.3: input key, salt, info, output.
RFC_5869 = [
    ("A.1", "0b" * 22, bytes(range(0x0d)).hex(), bytes(range(0xf0, 0xfa)).hex(),
     "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"),
    ("A.2", bytes(range(0x00, 0x50)).hex(), bytes(range(0x60, 0xb0)).hex(),
     bytes(range(0xb0, 0x100)).hex(),
     "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c6"
     "5e590e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87"),
    ("A.3", "0b" * 22, "", "",
     "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"),
]

# FIPS 180-4 examples, and the digest of nothing.
SHA_256 = [
    ("nothing", "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", b"abc".hex(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    ("two blocks", b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".hex(),
     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"),
]


def check_published():
    """Slips of the pen in the tables above would show here."""
    for name, key, data, digest in RFC_4231:
        found = hmac.new(bytes.fromhex(key), bytes.fromhex(data), hashlib.sha256).hexdigest()
        assert found.startswith(digest), name
    for name, key, salt, info, output in RFC_5869:
        found = hkdf(*(bytes.fromhex(text) for text in (key, salt, info)), len(output) // 2)
        assert found.hex() == output, name
    for name, data, digest in SHA_256:
        assert hashlib.sha256(bytes.fromhex(data)).hexdigest() == digest, name


def write(name, value):
    with open(name, "w", encoding="utf-8") as file:
        json.dump(value, file, indent=1, ensure_ascii=False)
        file.write("\n")


check_published()
write("pap.json", {
    "messages": positives(), "refusals": negatives(), "tags": tags(),
    "sessionKeys": session_keys(), "keyTexts": keys_as_text()})
write("crypto.json", {
    "hmac": [{"name": f"RFC 4231 {n}", "key": k, "message": m, "digest": d}
             for n, k, m, d in RFC_4231],
    "hkdf": [{"name": f"RFC 5869 {n}", "inputKey": k, "salt": s, "info": i, "output": o}
             for n, k, s, i, o in RFC_5869],
    "sha256": [{"name": f"SHA-256 of {n}", "message": m, "digest": d} for n, m, d in SHA_256]})
