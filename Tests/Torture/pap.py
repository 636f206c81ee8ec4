"""The inside host's side of PAP/2, written from the protocol's description alone."""

import hashlib
import hmac
import os
import socket
import struct

PORT_REQUEST, PORT_INVALIDATE, SECURITY_REQUEST, SECURITY_INVALIDATE = 1, 2, 3, 4
ADDRESS_VALIDATE, ADDRESS_INVALIDATE, HELLO = 5, 6, 8
LIFETIME, PORTS, SPIS, VALID, INVALID, SESSION, AUTHENTICATION = 1, 2, 3, 4, 5, 12, 255
SUCCESS, NO_RESOURCES, NOT_YOURS, PROHIBITED, IN_USE = 0, 6, 8, 9, 11
SLOT_SPIS = 65536


def option(kind, value):
    return struct.pack("!BBH", kind, 0, len(value)) + value + bytes(-len(value) % 4)


def lifetime(seconds):
    return option(LIFETIME, struct.pack("!I", seconds))


def spis(first, count=SLOT_SPIS):
    return option(SPIS, struct.pack("!II", first, count))


def ports(first, count=1024):
    return option(PORTS, struct.pack("!HH", first, count))


def entry(kind, address, protocol=50, spi_in=0, spi_out=0):
    value = socket.inet_aton(address) + struct.pack("!B3xII", protocol, spi_in, spi_out)
    return option(kind, value)


class Answer:
    def __init__(self, octets):
        self.type, self.code = octets[1], octets[2]
        self.epoch, = struct.unpack("!I", octets[12:16])
        self.options, place = {}, 16
        while place < len(octets):
            kind, _, length = struct.unpack("!BBH", octets[place:place + 4])
            self.options[kind] = octets[place + 4:place + 4 + length]
            place += 4 + length + -length % 4

    @property
    def slot(self):
        """The number of the slot that is granted, or None."""
        if SPIS not in self.options:
            return None
        return struct.unpack("!I", self.options[SPIS][:4])[0] >> 16

    @property
    def ports(self):
        """First port and count of the block that is granted, or None."""
        return struct.unpack("!HH", self.options[PORTS]) if PORTS in self.options else None


class Host:
    """A host with its key and its session; it has at most one question on its way."""

    def __init__(self, name, key_id, address, router):
        self.name, self.key_id, self.address, self.router = name, key_id, address, router
        self.key = hashlib.sha256(name.encode()).digest()
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((address, 0))
        self.socket.setblocking(False)
        self.session, self.session_key, self.sequence, self.asked = 0, b"", 0, b""
        self.nonce = b""

    def send(self, octets):
        self.asked = octets
        self.repeat()

    def repeat(self):
        """Sends the last question once more, octet by octet the same."""
        try:
            self.socket.sendto(self.asked, self.router)
        except ConnectionRefusedError:
            pass  # The router was killed; an answer will not come.

    def hello(self):
        self.nonce = os.urandom(16)
        self.send(self._sealed(
            HELLO, option(SESSION, bytes(4) + self.nonce), self.key, session=0, sequence=0))

    def ask(self, kind, options):
        self.sequence += 1
        self.send(self._sealed(kind, options, self.session_key, self.session, self.sequence))

    def answer(self):
        """The answer to the last question, or None: not there yet, or not the router's."""
        while True:
            try:
                octets = self.socket.recv(2000)
            except (BlockingIOError, ConnectionRefusedError):
                return None
            is_hello = self.asked[1] == HELLO
            key = self.key if is_hello else self.session_key
            if octets[8:12] != self.asked[8:12] or not self._is_tagged(octets, key):
                continue
            answer = Answer(octets)
            if is_hello:
                value = answer.options[SESSION]
                self.session, self.sequence = struct.unpack("!I", value[:4])[0], 0
                secret = hmac.new(self.nonce + value[4:], self.key, hashlib.sha256).digest()
                self.session_key = hmac.new(
                    secret, b"PAP/2 session\x01", hashlib.sha256).digest()
            return answer

    def _sealed(self, kind, options, key, session, sequence):
        value = struct.pack("!III", self.key_id, session, sequence) + bytes(16)
        body = options + option(AUTHENTICATION, value)
        message = struct.pack(
            "!BBBBHHII", 2, kind, 0, 0, 16 + len(body), 0, int.from_bytes(os.urandom(4)), 0) + body
        return message[:-16] + hmac.new(key, b"\x00" + message, hashlib.sha256).digest()[:16]

    def _is_tagged(self, octets, key):
        if len(octets) < 48 or octets[-32] != AUTHENTICATION:
            return False
        plain = octets[:-16] + bytes(16)
        return hmac.compare_digest(
            octets[-16:], hmac.new(key, b"\x01" + plain, hashlib.sha256).digest()[:16])
