"""What goes in and what must come out, of all vectors of the data path."""

import json
import os
from dataclasses import dataclass

VECTORS = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "EngineTests", "Vectors")


def load(name):
    with open(f"{VECTORS}/{name}") as file:
        return json.load(file)


SETTINGS = load("datapath.json")
EXTERNAL, ENDPOINT, MTU = (SETTINGS[key] for key in ("externalAddress", "tunnelEndpoint", "tunnelMTU"))


@dataclass
class Exchange:
    """One packet's exit."""
    name: str
    verdict: str
    reason: str
    direction: str
    host: int
    # The packet that leaves; of fragments that waited, all that it may have been.
    packets: list
    outputs: list
    # Inside addresses by host number.
    inside: dict
    # Changed on the way on purpose, behind the headers.
    damaged: bool = False


def octets(text):
    return bytes.fromhex(text)


def read():
    found = []
    for vector in SETTINGS["vectors"]:
        lines = [*SETTINGS["state"], *vector["changes"], *(step for step in vector["before"] if " " in step)]
        found.append(Exchange(
            f"{vector['direction']}: {vector['source']}: {vector['name']}", vector["verdict"], vector["reason"],
            vector["direction"], vector["host"], [octets(vector["packet"])],
            [octets(vector["output"])] if vector["output"] else [], addresses(lines)))
    for conversation in load("fragments.json")["conversations"]:
        found += exits(conversation, f"{conversation['source']}: {conversation['name']}")
    for pair in load("pairs.json")["pairs"]:
        for side in ("passes", "drops"):
            found += exits(pair[side], f"{pair['row']} {pair['direction']}, {pair['reason']}: {pair[side]['name']}")
    for conversation in load("ipsec.json")["conversations"]:
        found += exits(conversation, f"{conversation['source']}: {conversation['name']}")
    return found


def exits(conversation, name):
    """The exits of a conversation: in each step the packet's own comes first."""
    lines, waiting, found = list(SETTINGS["state"]), [], []
    for number, step in enumerate(conversation["steps"]):
        lines += step["changes"]
        packet = step["packet"] and octets(step["packet"])
        for index, exit in enumerate(step["exits"] or []):
            own = packet is not None and index == 0
            found.append(Exchange(
                f"{name}, step {number}" + ("" if own else f", exit {index}"), exit["verdict"], exit["reason"],
                exit["direction"], exit["host"], [packet] if own else list(waiting),
                [octets(output) for output in exit["outputs"]], addresses(lines),
                conversation.get("opens") is False))
        if packet:
            waiting.append(packet)
    return found


def addresses(lines):
    """Inside addresses by host number, after all changes."""
    hosts = {}
    for line in lines:
        words = line.split()
        if words[0] == "host":
            hosts[int(words[1])] = words[2]
    return hosts
