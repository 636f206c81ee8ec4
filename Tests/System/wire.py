"""Packets: made by hand, sent from a namespace, and seen at a network interface of another.

Nothing here shares code with the product: a packet is counted as the kernel hands it over.
"""

import contextlib
import ctypes
import os
import select
import socket
import struct
import threading
import time
from dataclasses import dataclass

ESP, AH, UDP, TCP, IPIP, ICMP = 50, 51, 17, 6, 4, 1
ETH_P_ALL = 0x0003
PACKET_OUTGOING = 4
SO_TIMESTAMPNS = 35
CLONE_NEWNET = 0x40000000

_libc = ctypes.CDLL(None, use_errno=True)


def in_namespace(name, function):
    """Calls the function on a thread of its own inside a network namespace.

    Sockets that it makes stay in that namespace, wherever they are used afterwards.
    """
    result = []

    def work():
        try:
            with open(f"/run/netns/{name}") as namespace:
                if _libc.setns(namespace.fileno(), CLONE_NEWNET) != 0:
                    raise OSError(ctypes.get_errno(), f"cannot enter {name}")
            result.append((function(), None))
        except Exception as error:
            result.append((None, error))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    value, error = result[0]
    if error:
        raise error
    return value


# Making packets -----------------------------------------------------------------------------------


def ipv4(source, destination, protocol, payload):
    """RFC 791, section 3.1. The kernel fills in the checksum and the identification."""
    return struct.pack(
        "!BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), 0, 0, 64, protocol, 0,
        socket.inet_aton(source), socket.inet_aton(destination)) + payload


def udp(source_port, destination_port, data):
    """RFC 768, without a checksum."""
    return struct.pack("!HHHH", source_port, destination_port, 8 + len(data), 0) + data


def esp(spi, sequence, payload):
    """RFC 4303, section 2."""
    return struct.pack("!II", spi, sequence) + payload


def ah(spi, sequence, payload, next_header=IPIP):
    """RFC 4302, section 2, with a check value of 16 octets."""
    return struct.pack("!BBHII", next_header, 5, 0, spi, sequence) + bytes(16) + payload


def ike(initiator, responder, is_response):
    """The header of an IKEv2 INFORMATIONAL message (RFC 7296, section 3.1).

    A response comes from the responder, a request from it too: the I flag is clear.
    """
    return struct.pack(
        "!QQBBBBII", initiator, responder, 0, 0x20, 37, 0x20 if is_response else 0, 1, 28)


def carry(road, source, destination, spi, sequence, payload):
    """One packet of an IPsec association that goes by a road."""
    if road == "esp":
        return ipv4(source, destination, ESP, esp(spi, sequence, payload))
    if road == "ah":
        return ipv4(source, destination, AH, ah(spi, sequence, payload))
    return ipv4(source, destination, UDP, udp(4500, 4500, esp(spi, sequence, payload)))


class Sender:
    """Sends whole packets from a namespace."""

    def __init__(self, namespace):
        def make():
            raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 << 20)
            return raw
        self.socket = in_namespace(namespace, make)

    def send(self, packet):
        self.socket.sendto(packet, (socket.inet_ntoa(packet[16:20]), 0))

    def send_all(self, packets, gap=0.001):
        """Slowly enough that no queue on the way overflows."""
        for packet in packets:
            self.send(packet)
            time.sleep(gap)

    def close(self):
        self.socket.close()


# Seeing packets -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Packet:
    """An IPv4 packet as it passed an interface; the inner one if it was IP in IP, and whole."""
    time: float
    outgoing: bool
    tunnelled: bool
    source: str
    destination: str
    protocol: int
    # The whole packet.
    octets: bytes = b""
    spi: int = 0
    sequence: int = 0
    source_port: int = 0
    destination_port: int = 0
    data: bytes = b""
    # Of the packet with its header; whether there is more of it in other packets.
    length: int = 0
    fragment: bool = False

    @property
    def road(self):
        """Which road of an IPsec association it goes, or nothing."""
        return {ESP: "esp", AH: "ah"}.get(self.protocol, "esp-in-udp" if self.spi else "")


def is_fragment(packet):
    return struct.unpack("!H", packet[6:8])[0] & 0x3fff != 0


def dissect(frame, moment, outgoing):
    """Reads an Ethernet frame; None unless it holds a whole IPv4 packet."""
    if len(frame) < 34 or frame[12:14] != b"\x08\x00":
        return None
    packet, tunnelled = frame[14:], False
    if packet[9] == IPIP and not is_fragment(packet):
        packet, tunnelled = packet[(packet[0] & 15) * 4:], True
        if len(packet) < 20:
            return None
    protocol = packet[9]
    length = struct.unpack("!H", packet[2:4])[0]
    data = packet[(packet[0] & 15) * 4:length]
    fields = {"length": length, "fragment": is_fragment(packet)}
    if protocol == ESP and len(data) >= 8:
        fields["spi"], fields["sequence"] = struct.unpack("!II", data[:8])
    elif protocol == AH and len(data) >= 12:
        fields["spi"], fields["sequence"] = struct.unpack("!II", data[4:12])
    elif protocol in (UDP, TCP) and len(data) >= 8:
        fields["source_port"], fields["destination_port"] = struct.unpack("!HH", data[:4])
        # RFC 3948: behind the ports of NAT traversal, a first word of 0 is IKE and not an SPI.
        if protocol == UDP and 4500 in struct.unpack("!HH", data[:4]) and len(data) >= 16:
            fields["spi"], fields["sequence"] = struct.unpack("!II", data[8:16])
    return Packet(
        moment, outgoing, tunnelled, socket.inet_ntoa(packet[12:16]),
        socket.inet_ntoa(packet[16:20]), protocol, data=data,
        octets=packet[:(packet[0] & 15) * 4] + data, **fields)


class Tap:
    """Sees every packet at an interface of a namespace while it is open."""

    def __init__(self, namespace, interface="eth0"):
        def make():
            tap = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
            tap.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16 << 20)
            tap.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
            tap.bind((interface, ETH_P_ALL))
            return tap
        self.socket = in_namespace(namespace, make)
        self.packets = []
        self.stopping, self.stop = os.pipe()
        self.thread = threading.Thread(target=self._collect, daemon=True)
        self.thread.start()

    def _collect(self):
        while True:
            ready = select.select([self.socket, self.stopping], [], [])[0]
            if self.socket in ready:
                self._take()
            elif ready:
                return

    def _take(self):
        frame, extra, _, address = self.socket.recvmsg(65535, 128)
        moment = time.time()
        for level, kind, data in extra:
            if level == socket.SOL_SOCKET and kind == SO_TIMESTAMPNS:
                seconds, nanoseconds = struct.unpack("qq", data[:16])
                moment = seconds + nanoseconds / 1e9
        packet = dissect(frame, moment, address[2] == PACKET_OUTGOING)
        if packet:
            self.packets.append(packet)

    def close(self):
        """Ends the watch, after what is still on its way has been seen."""
        time.sleep(0.15)
        os.write(self.stop, b".")
        self.thread.join()
        for descriptor in (self.stopping, self.stop):
            os.close(descriptor)
        self.socket.close()
        return self

    def incoming(self, **wanted):
        """The packets that came in through the tunnel with these fields."""
        return self._select(False, tunnelled=True, **wanted)

    def incoming_plain(self, **wanted):
        """The packets that came in by themselves."""
        return self._select(False, tunnelled=False, **wanted)

    def outgoing(self, **wanted):
        return self._select(True, **wanted)

    def _select(self, outgoing, **wanted):
        return [
            packet for packet in self.packets
            if packet.outgoing == outgoing
            and all(getattr(packet, field) == value for field, value in wanted.items())]

    def with_marker(self, marker):
        """The packets that came in with these octets in them.

        One that goes out may quote them in an ICMP error.
        """
        return [packet for packet in self.packets if marker in packet.data and not packet.outgoing]


@contextlib.contextmanager
def taps(*places):
    """Taps at several namespaces; after the block they are closed and full."""
    open_taps = [Tap(place) if isinstance(place, str) else Tap(*place) for place in places]
    try:
        yield open_taps
    finally:
        for tap in open_taps:
            tap.close()
