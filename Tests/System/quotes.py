"""ICMP errors "fragmentation needed" (RFC 792, RFC 1191), and the packets that they quote."""

import dataclasses
import socket
import struct
from dataclasses import dataclass

from wire import AH, ESP, UDP

TYPE_AND_CODE = b"\x03\x04"
# Where an IPv4 header has them (RFC 791, section 3.1).
PROTOCOL, SOURCE, DESTINATION, HEADER = 9, 12, 16, 20


@dataclass
class Quote:
    """The beginning of an IPv4 packet."""
    octets: bytearray

    @classmethod
    def make(cls, source, destination, protocol, payload, length=1480):
        """Of a packet of `length` octets, its header and these octets."""
        header = struct.pack(
            "!BBHHHBBH4s4s", 0x45, 0, length, 1, 0x4000, 63, protocol, 0,
            socket.inet_aton(source), socket.inet_aton(destination))
        return cls(bytearray(header + payload))

    @property
    def source(self):
        return socket.inet_ntoa(bytes(self.octets[SOURCE:SOURCE + 4]))

    @property
    def destination(self):
        return socket.inet_ntoa(bytes(self.octets[DESTINATION:DESTINATION + 4]))

    @property
    def protocol(self):
        return self.octets[PROTOCOL]

    @property
    def source_port(self):
        return struct.unpack_from("!H", self.octets, HEADER)[0]

    @property
    def destination_port(self):
        return struct.unpack_from("!H", self.octets, HEADER + 2)[0]

    @property
    def sequence(self):
        """Of TCP."""
        return struct.unpack_from("!I", self.octets, HEADER + 4)[0]

    @property
    def road(self):
        if self.protocol == UDP:
            return "esp-in-udp" if 4500 in (self.source_port, self.destination_port) else ""
        return {ESP: "esp", AH: "ah"}.get(self.protocol, "")

    @property
    def spi(self):
        place = {ESP: 0, AH: 4}.get(self.protocol, 8)
        return struct.unpack_from("!I", self.octets, HEADER + place)[0]

    @property
    def ike(self):
        """The initiator's SPI of an IKE message."""
        place = 12 if self.source_port == 4500 else 8
        return struct.unpack_from("!Q", self.octets, HEADER + place)[0]

    def changed(self, source=None, destination=None, protocol=None):
        quote = dataclasses.replace(self, octets=bytearray(self.octets))
        if source:
            quote.octets[SOURCE:SOURCE + 4] = socket.inet_aton(source)
        if destination:
            quote.octets[DESTINATION:DESTINATION + 4] = socket.inet_aton(destination)
        if protocol:
            quote.octets[PROTOCOL] = protocol
        return quote

    def with_header(self, place, octets):
        quote = bytearray(self.octets)
        quote[place:place + len(octets)] = octets
        return Quote(quote)

    def with_payload(self, place, octets):
        return self.with_header(HEADER + place, octets)

    def cut(self, length):
        return Quote(self.octets[:length])


@dataclass
class Error:
    """What an error says, and who said it."""
    source: str
    mtu: int
    octets: bytes

    @property
    def quote(self):
        return Quote(bytearray(self.octets))


def errors(packets):
    """The errors among ICMP packets."""
    return [
        Error(packet.source, struct.unpack("!H", packet.data[6:8])[0], packet.data[8:])
        for packet in packets if packet.data[:2] == TYPE_AND_CODE]


def forged(quote, mtu):
    """An error as an ICMP message."""
    message = bytearray(TYPE_AND_CODE + struct.pack("!HHH", 0, 0, mtu) + quote.octets)
    message[2:4] = struct.pack("!H", checksum(message))
    return bytes(message)


def checksum(octets):
    """RFC 1071."""
    octets = bytes(octets) + bytes(len(octets) % 2)
    total = sum(struct.unpack(f"!{len(octets) // 2}H", octets))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff
