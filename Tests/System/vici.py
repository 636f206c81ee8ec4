"""A client of charon's control socket, written from strongSwan's vici/README.md alone."""

import socket
import struct
import time

from checks import Failed

REQUEST, RESPONSE, UNKNOWN, REGISTER, CONFIRM, EVENT = 0, 1, 2, 3, 5, 7
SECTION, END, VALUE, LIST, ITEM, LIST_END = 1, 2, 3, 4, 5, 6


def name(text):
    return bytes([len(text)]) + text.encode()


def encode(values):
    return b"".join(
        bytes([VALUE]) + name(key) + struct.pack("!H", len(str(value))) + str(value).encode()
        for key, value in values.items())


def decode(octets):
    """A message as a dictionary: texts, lists of texts, dictionaries."""
    place = 0

    def take(count):
        nonlocal place
        place += count
        return octets[place - count:place]

    def text(width):
        return take(int.from_bytes(take(width), "big")).decode(errors="replace")

    stack = [{}]
    while place < len(octets):
        kind = take(1)[0]
        if kind == SECTION:
            stack.append(stack[-1].setdefault(text(1), {}))
        elif kind == END:
            stack.pop()
        elif kind == VALUE:
            key = text(1)
            stack[-1][key] = text(2)
        elif kind == LIST:
            items = stack[-1].setdefault(text(1), [])
            while take(1)[0] == ITEM:
                items.append(text(2))
    return stack[0]


class VICI:
    """One connection; events wait in a list until somebody asks for them."""

    def __init__(self, path, *events):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(20)
        self.socket.connect(path)
        self.events = []
        for event in events:
            self.send(bytes([REGISTER]) + name(event))
            while self.packet()[0] != CONFIRM:
                pass

    def send(self, packet):
        self.socket.sendall(struct.pack("!I", len(packet)) + packet)

    def read(self, count):
        octets = b""
        while len(octets) < count:
            more = self.socket.recv(count - len(octets))
            if not more:
                raise Failed("charon closed its control socket")
            octets += more
        return octets

    def packet(self):
        """The next packet; an event is kept, too."""
        packet = self.read(struct.unpack("!I", self.read(4))[0])
        if packet[0] == EVENT:
            length = packet[1]
            self.events.append((packet[2:2 + length].decode(), decode(packet[2 + length:])))
        return packet

    def ask(self, command, **values):
        self.send(bytes([REQUEST]) + name(command) + encode(values))
        while True:
            packet = self.packet()
            if packet[0] == UNKNOWN:
                raise Failed(f"charon does not know {command}")
            if packet[0] == RESPONSE:
                answer = decode(packet[1:])
                if answer.get("success", "yes") != "yes":
                    raise Failed(f"{command} {values}: {answer.get('errmsg')}")
                return answer

    def wait(self, event, wanted, seconds=20):
        """The first event of that name for which `wanted` gives something, and what it gives."""
        deadline = time.monotonic() + seconds
        while True:
            while self.events:
                found, message = self.events.pop(0)
                answer = wanted(message) if found == event else None
                if answer is not None:
                    return answer
            if time.monotonic() > deadline:
                raise Failed(f"no {event} within {seconds} s")
            self.packet()

    def close(self):
        self.socket.close()
