"""A host that speaks PAP/2, written from docs/pap.md alone."""

import itertools
import os
import random
import socket
import threading
import time

import pap
from checks import Failed, expect, expect_equal

# Section 2: seconds before each repeat, and for the answer to the last.
WAITS = (0.25, 0.5, 1, 2, 4, 4, 4)


class Silence(Failed):
    """The router does not answer."""


class Refused(Failed):
    """A response with a code other than 0."""

    def __init__(self, response):
        super().__init__(f"refused with code {response.code}")
        self.response = response


class Record:
    """Every datagram between hosts and router, in order, for replays and for the dissector."""

    def __init__(self):
        self.lock = threading.Lock()
        self.datagrams = []

    def add(self, source, destination, octets):
        with self.lock:
            self.datagrams.append((time.time(), source, destination, octets))


class Host:
    """One host: its identity, its socket, its session."""

    # Two clients of one identity must not draw the same nonces.
    number = itertools.count()

    def __init__(self, name, address, key_id, key, router, seed=0, record=None):
        self.name = name
        self.address = address
        self.key_id = key_id
        self.key = key
        self.router = router
        self.record = record
        self.random = random.Random(f"{seed}/{name}/{next(Host.number)}")
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((address, 0))
        self.epoch = 0
        self.session = None
        self.session_key = None
        self.sequence = 0
        self.window = pap.Window()
        self.external = self.endpoint = None
        self.slot = self.ports = None
        # What the router has said by itself.
        self.announcements = []
        self.notices = []
        # Datagrams that were no answer to what was asked, and hints.
        self.dropped = 0
        self.hints = []
        self.repeats = 0

    def close(self):
        self.socket.close()

    # Octets ---------------------------------------------------------------------------------------

    def send(self, octets):
        if self.record:
            self.record.add(self.socket.getsockname(), self.router, octets)
        self.socket.sendto(octets, self.router)

    def receive(self, seconds):
        """The next datagram of the router's, or nothing."""
        self.socket.settimeout(max(seconds, 0.0005))
        try:
            octets, source = self.socket.recvfrom(65535)
        except (socket.timeout, ConnectionRefusedError):
            return None
        if source != self.router:
            self.dropped += 1
            return None
        if self.record:
            self.record.add(source, self.socket.getsockname(), octets)
        return octets

    def drain(self):
        """What has come already, raw."""
        found = []
        while True:
            octets = self.receive(0)
            if octets is None:
                return found
            found.append(octets)

    def exchange(self, octets, seconds=5):
        """Sends octets as they are, and returns the one datagram that comes back, or nothing.

        What the router says by itself is taken in on the way.
        """
        self.send(octets)
        deadline = time.monotonic() + seconds
        while (rest := deadline - time.monotonic()) > 0:
            answer = self.receive(rest)
            if answer is not None and not self.unasked(answer):
                return answer
        return None

    # Messages -------------------------------------------------------------------------------------

    def message(self, kind, *options, response=False, transaction=None):
        if transaction is None:
            transaction = self.random.getrandbits(32)
        return pap.Message(
            kind, response=response, transaction=transaction, epoch=self.epoch,
            options=tuple(options))

    def sealed(self, message, **header):
        """The message under the next sequence of the session."""
        expect(self.session is not None, f"{self.name} has no session")
        self.sequence += 1
        return message.sealed(
            self.session_key, pap.FROM_HOST, self.key_id, self.session, self.sequence, **header)

    def request(self, kind, *options):
        """Sends a request as section 2 says and returns the response, whatever its code."""
        message = self.message(kind, *options)
        return self.ask(message, self.sealed(message))

    def ask(self, message, octets, waits=WAITS):
        for place, wait in enumerate(waits):
            self.repeats += place > 0
            self.send(octets)
            deadline = time.monotonic() + wait * self.random.uniform(0.9, 1.1)
            while (rest := deadline - time.monotonic()) > 0:
                answer = self.receive(rest)
                if answer is None:
                    continue
                response = self.take(answer, message)
                if response is not None:
                    return response
        raise Silence(f"{self.name}: no answer to type {message.type}")

    def take(self, octets, request):
        """The response to the request if that is what it is (section 13)."""
        if self.unasked(octets):
            return None
        response = pap.decode(octets)
        if not response.response or response.transaction != request.transaction \
                or response.type != request.type:
            self.dropped += 1
            return None
        authentication = response.authentication
        if authentication is None:
            expect(response.code in pap.MAY_BE_UNTAGGED, f"code {response.code} without a tag")
            self.hints.append(response)
            return None
        is_hello = request.type == pap.HELLO
        key = self.key if is_hello else self.session_key
        session = 0 if is_hello else self.session
        if (authentication.key_id, authentication.session) != (self.key_id, session) \
                or not pap.is_authentic(octets, key, pap.FROM_ROUTER):
            self.dropped += 1
            return None
        if is_hello:
            expect_equal("the sequence of a hello's response", authentication.sequence, 0)
        elif not self.window.accept(authentication.sequence):
            self.dropped += 1
            return None
        self.epoch = response.epoch
        return response

    def unasked(self, octets):
        """Takes what the router says by itself; whether it was that."""
        if len(octets) < 2 or octets[1] not in (pap.ANNOUNCE, pap.WITHDRAW_NOTICE):
            return False
        message = pap.decode(octets)
        if message.type == pap.ANNOUNCE:
            self.announcements.append(message)
            return True
        authentication = message.authentication
        expect(authentication is not None, "a notice without a tag")
        if authentication.session == self.session and pap.is_authentic(
                octets, self.session_key, pap.FROM_ROUTER):
            self.notices.append((message, self.window.accept(authentication.sequence)))
        else:
            self.dropped += 1
        return True

    def acknowledge(self, notice):
        """The acknowledgement of a withdraw-notice, ready to send (section 11)."""
        return self.sealed(self.message(
            pap.WITHDRAW_NOTICE, response=True, transaction=notice.transaction))

    # What a host does -----------------------------------------------------------------------------

    def hello_message(self, nonce, *options):
        message = self.message(pap.HELLO, pap.session(0, nonce), *options)
        return message, message.sealed(self.key, pap.FROM_HOST, self.key_id, 0, 0)

    def hello(self, *options, nonce=None):
        nonce = self.random.randbytes(16) if nonce is None else nonce
        response = self.ask(*self.hello_message(nonce, *options))
        if response.code:
            raise Refused(response)
        self.begin(nonce, response)
        return response

    def begin(self, nonce, response):
        """A session from the response to a hello (7.2)."""
        self.session, router_nonce = response[pap.SESSION]
        expect(self.session != 0, "session id 0")
        self.session_key = pap.session_key(self.key, nonce, router_nonce)
        self.sequence = 0
        self.window = pap.Window()
        self.external = response[pap.EXTERNAL]
        self.endpoint = response[pap.ENDPOINT]
        self.slot = response[pap.SPIS][0] >> 16 if pap.SPIS in response else None
        self.ports = response.get(pap.PORTS)

    def granted(self, kind, *options):
        response = self.request(kind, *options)
        if response.code:
            raise Refused(response)
        return response

    def lease_slot(self, *options):
        response = self.granted(pap.SECURITY_REQUEST, *options)
        first, count = response[pap.SPIS]
        expect_equal("SPIs in a slot", (first & 0xffff, count), (0, 65536))
        expect_equal("the IKE label", response[pap.IKE_LABEL], (first << 32, 0xffff << 48))
        expect(120 <= response[pap.LIFETIME] <= 86400, f"lifetime {response[pap.LIFETIME]}")
        self.slot = first >> 16
        expect(self.slot != 0, "slot 0")
        return response

    def lease_ports(self, *options):
        response = self.granted(pap.PORT_REQUEST, *options)
        first, count = self.ports = response[pap.PORTS]
        expect(count >= 1024 and count & (count - 1) == 0 and first % count == 0,
               f"ports {first}, {count}")
        expect_equal("the external address", response[pap.EXTERNAL], self.external)
        return response

    def validate(self, *entries, seconds=None):
        options = [pap.valid(entry) for entry in entries]
        if seconds is not None:
            options.append(pap.lifetime(seconds))
        return self.request(pap.ADDRESS_VALIDATE, *options)

    def invalidate(self, *entries):
        return self.request(pap.ADDRESS_INVALIDATE, *(pap.invalid(entry) for entry in entries))

    def synchronize(self, entries, size=pap.MOST_ENTRIES - 8):
        """Sends the whole set, in as many parts as it takes; returns all responses."""
        entries = list(entries)
        parts = [entries[place:place + size] for place in range(0, len(entries), size)] or [[]]
        return [
            self.request(
                pap.SYNCHRONIZE, pap.part(index, len(parts)), *(pap.valid(one) for one in some))
            for index, some in enumerate(parts)]

    def spi(self, offset):
        return self.slot << 16 | offset

    def give_back(self):
        if self.ports:
            self.granted(pap.PORT_INVALIDATE, pap.ports(*self.ports))
            self.ports = None
        if self.slot:
            self.granted(pap.SECURITY_INVALIDATE, pap.spis(self.slot << 16, 65536))
            self.slot = None


def new_key():
    return os.urandom(32)
