#!/usr/bin/env python3
"""Writes vici.json: VICI packets as strongSwan's own Python package encodes and decodes them.

Needs `pip install vici` (6.0.3 was used). Beside packets made here it reads charon-5.9.8.txt, packets
of a running charon, and has the package decode them. A tree is a list of [kind, name, content]: a
value's content is hexadecimal, a list's is a list of those, a section's is a tree.

Negative vectors are written by hand from the format's description in strongSwan's
src/libcharon/plugins/vici/README.md, and name the error that is expected: the package itself reads
past many of these faults.
"""
import json
import pathlib
import struct

from vici.protocol import FiniteStream, Message, Packet

HERE = pathlib.Path(__file__).parent


def tree(message):
    rows = []
    for name, content in message.items():
        if isinstance(content, dict):
            rows.append(["section", name, tree(content)])
        elif isinstance(content, list):
            rows.append(["list", name, [octets(item).hex() for item in content]])
        else:
            rows.append(["value", name, octets(content).hex()])
    return rows


def octets(value):
    return value if isinstance(value, bytes) else str(value).encode()


def positive(name, source, packet):
    kind = packet[0]
    parsed = {"kind": kind, "packet": None, "tree": []}
    rest = packet[1:]
    if kind in (0, 3, 4, 7):
        parsed["packet"] = rest[1:1 + rest[0]].decode()
        rest = rest[1 + rest[0]:]
    if kind in (0, 1, 7):
        parsed["tree"] = tree(Message.deserialize(FiniteStream(rest)))
    else:
        assert not rest
    return {"name": name, "source": source, "octets": packet.hex(), **parsed}


def packed(kind, name=None, message=None):
    """A packet of any type; the package makes only those that clients send."""
    result = struct.pack("!B", kind)
    if name is not None:
        result += struct.pack("!B", len(name)) + name.encode()
    return result + (Message.serialize(message) if message is not None else b"")


MESSAGES = {
    "empty": {},
    "one value": {"key": "value"},
    "empty value": {"key": ""},
    "empty name": {"": "x"},
    "any octets": {"id": bytes(range(256))},
    "longest name": {"n" * 255: "x"},
    "both octets of the length": {"key": b"\xa5" * 258},
    "name beyond ASCII": {"n\u00e4m\u00e9": "\u2713"},
    "empty list": {"list": []},
    "list": {"list": ["a", "", "ccc"]},
    "empty section": {"section": {}},
    "sections in sections": {"a": {"b": {"c": {"key": "value"}}, "list": ["x"]}, "d": "e"},
    "sixteen deep": None,
}
deep = {"key": "value"}
for level in range(16):
    deep = {f"level{level}": deep}
MESSAGES["sixteen deep"] = deep

good = [positive(f"event, {name}", "vici package", packed(7, "child-updown", message))
        for name, message in MESSAGES.items()]
good += [
    positive("request", "vici package", Packet.request("list-sas", Message.serialize({"ike": "p"}))),
    positive("request without message", "vici package", Packet.request("version")),
    positive("register", "vici package", Packet.register_event("list-sa")),
    positive("unregister", "vici package", Packet.unregister_event("list-sa")),
    positive("response", "vici package", packed(1, None, {"success": "yes"})),
    positive("command unknown", "vici package", packed(2)),
    positive("event confirm", "vici package", packed(5)),
    positive("event unknown", "vici package", packed(6)),
]
for line in (HERE / "charon-5.9.8.txt").read_text().splitlines():
    if not line.startswith("#"):
        name, text = line.split("\t")
        good.append(positive(name, "charon 5.9.8", bytes.fromhex(text)))


def negative(name, packet, error):
    return {"name": name, "octets": packet.hex(), "error": error}


head = packed(7, "e")
bad = [
    negative("nothing", b"", "truncated"),
    negative("unknown packet type", b"\x08", "unknownPacketType"),
    negative("event without name", b"\x07", "truncated"),
    negative("name cut short", b"\x07\x05abcd", "truncated"),
    negative("element type 0", head + b"\x00", "unexpectedElement"),
    negative("element type 7", head + b"\x07", "unexpectedElement"),
    negative("value without length", head + b"\x03\x01k", "truncated"),
    negative("value cut short", head + b"\x03\x01k\x00\x04abc", "truncated"),
    negative("value with one octet of length", head + b"\x03\x01k\x00", "truncated"),
    negative("name in the message cut short", head + b"\x03\x04key", "truncated"),
    negative("name is not UTF-8", head + b"\x03\x01\xff\x00\x00", "invalidName"),
    negative("end of no section", head + b"\x02", "unexpectedElement"),
    negative("section left open", head + b"\x01\x01s", "notClosed"),
    negative("list left open", head + b"\x04\x01l\x05\x00\x01x", "notClosed"),
    negative("item outside of a list", head + b"\x05\x00\x01x", "unexpectedElement"),
    negative("list ends outside of a list", head + b"\x06", "unexpectedElement"),
    negative("value in a list", head + b"\x04\x01l\x03\x01k\x00\x01v\x06", "unexpectedElement"),
    negative("section in a list", head + b"\x04\x01l\x01\x01s\x02\x06", "unexpectedElement"),
    negative("seventeen deep", head + packed(0, None, {"top": deep})[1:], "tooDeep"),
    negative("octets after a confirmation", b"\x05\x00", "trailingOctets"),
    negative("octets after a registration", b"\x03\x01ex", "trailingOctets"),
]
def lines(vectors):
    return ",\n".join(json.dumps(vector, ensure_ascii=True) for vector in vectors)


(HERE / "vici.json").write_text(f'{{"good": [\n{lines(good)}\n],\n"bad": [\n{lines(bad)}\n]}}\n')
print(len(good), "good,", len(bad), "bad")
