"""PAP/2 messages, written from docs/pap.md alone: nothing here shares code with the product.

Section numbers are those of docs/pap.md.
"""

import hashlib
import hmac
import ipaddress
import struct
import unicodedata
from dataclasses import dataclass, field, replace

VERSION = 2
PORT = 7028
RESPONSE = 0x80
LONGEST = 1400
HEADER = struct.Struct(">BBBBHHII")
FROM_HOST, FROM_ROUTER = b"\0", b"\1"

# Section 5.
(PORT_REQUEST, PORT_INVALIDATE, SECURITY_REQUEST, SECURITY_INVALIDATE, ADDRESS_VALIDATE,
 ADDRESS_INVALIDATE, SYNCHRONIZE, HELLO, ANNOUNCE, WITHDRAW_NOTICE) = range(1, 11)
TYPES = range(1, 11)
# Section 6.
(SUCCESS, UNSUPPORTED_VERSION, NOT_AUTHENTICATED, MALFORMED, UNSUPPORTED_TYPE, UNSUPPORTED_OPTION,
 NO_RESOURCES, QUOTA_EXCEEDED, NOT_YOURS, PROHIBITED, NO_SESSION, IN_USE, UNACCEPTABLE_ADDRESS,
 RATE_LIMITED, REPLAYED) = range(15)
CODES = range(15)
MAY_BE_UNTAGGED = (
    UNSUPPORTED_VERSION, NOT_AUTHENTICATED, MALFORMED, NO_SESSION, RATE_LIMITED)
# Section 4.
(LIFETIME, PORTS, SPIS, VALID, INVALID, EXTERNAL, ENDPOINT, IKE_LABEL) = range(1, 9)
PREFER_FAILURE, PART, SESSION = 10, 11, 12
HOST_NAME, REASON, ENTRY_RESULTS, AUTHENTICATION = 128, 129, 130, 255
LENGTHS = {
    LIFETIME: (4, 4), PORTS: (4, 4), SPIS: (8, 8), VALID: (16, 16), INVALID: (16, 16),
    EXTERNAL: (4, 4), ENDPOINT: (8, 8), IKE_LABEL: (16, 16), PREFER_FAILURE: (0, 0), PART: (4, 4),
    SESSION: (20, 20), HOST_NAME: (1, 63), REASON: (0, 127), ENTRY_RESULTS: (0, 96),
    AUTHENTICATION: (28, 28)}
MOST_ENTRIES = 48
ANY, ESP, AH = 0, 50, 51


class Malformed(Exception):
    """What a message breaks."""


class UnknownOption(Exception):
    """A kind below 128 that section 4 does not list."""


def quad(text):
    return ipaddress.IPv4Address(text).packed


def dotted(octets):
    return str(ipaddress.IPv4Address(octets))


@dataclass(frozen=True)
class Entry:
    address: str
    protocol: int = ANY
    spi_in: int = 0
    spi_out: int = 0

    def octets(self):
        return quad(self.address) + struct.pack(
            ">BxxxII", self.protocol, self.spi_in, self.spi_out)

    @classmethod
    def read(cls, value):
        protocol, reserved, spi_in, spi_out = struct.unpack(">B3sII", value[4:])
        if protocol not in (ANY, ESP, AH):
            raise Malformed(f"protocol {protocol}")
        if any(reserved):
            raise Malformed("reserved octets of an entry")
        return cls(dotted(value[:4]), protocol, spi_in, spi_out)


@dataclass(frozen=True)
class Authentication:
    key_id: int
    session: int
    sequence: int
    tag: bytes = bytes(16)


# Options are pairs of kind and value; these make them. ------------------------------------------

def lifetime(seconds):
    return LIFETIME, struct.pack(">I", seconds)


def ports(first, count):
    return PORTS, struct.pack(">HH", first, count)


def spis(first, count):
    return SPIS, struct.pack(">II", first, count)


def valid(entry):
    return VALID, entry.octets()


def invalid(entry):
    return INVALID, entry.octets()


def part(index, total):
    return PART, struct.pack(">HH", index, total)


def session(number, nonce):
    return SESSION, struct.pack(">I", number) + nonce


def prefer_failure():
    return PREFER_FAILURE, b""


def host_name(text):
    return HOST_NAME, text.encode()


def reason(text):
    return REASON, text.encode()


def read_value(kind, value):
    """The value of an option of a known kind and length, as Python has it."""
    if kind == LIFETIME:
        return struct.unpack(">I", value)[0]
    if kind in (PORTS, PART):
        pair = struct.unpack(">HH", value)
        if kind == PART and pair[0] >= pair[1]:
            raise Malformed(f"part {pair[0]} of {pair[1]}")
        return pair
    if kind == SPIS:
        return struct.unpack(">II", value)
    if kind in (VALID, INVALID):
        return Entry.read(value)
    if kind == EXTERNAL:
        return dotted(value)
    if kind == ENDPOINT:
        if value[4] != 4:
            raise Malformed(f"tunnel type {value[4]}")
        return dotted(value[:4]), struct.unpack(">H", value[6:])[0]
    if kind == IKE_LABEL:
        return struct.unpack(">QQ", value)
    if kind == PREFER_FAILURE:
        return True
    if kind == SESSION:
        return struct.unpack(">I", value[:4])[0], value[4:]
    if kind in (HOST_NAME, REASON):
        return read_text(value)
    if kind == ENTRY_RESULTS:
        if any(code not in CODES for code in value):
            raise Malformed("an unknown code among the entry results")
        return tuple(value)
    return Authentication(*struct.unpack(">III16s", value))


def read_text(value):
    try:
        text = value.decode()
    except UnicodeDecodeError:
        raise Malformed("text that is not UTF-8") from None
    if any(unicodedata.category(character) == "Cc" for character in text):
        raise Malformed("control characters")
    return text


@dataclass(frozen=True)
class Message:
    type: int
    response: bool = False
    code: int = 0
    transaction: int = 0
    epoch: int = 0
    options: tuple = ()
    authentication: Authentication = None
    # Only in what was read: the decoded values by kind, entries as lists.
    values: dict = field(default_factory=dict, compare=False)

    def __contains__(self, kind):
        return kind in self.values

    def __getitem__(self, kind):
        return self.values[kind]

    def get(self, kind, otherwise=None):
        return self.values.get(kind, otherwise)

    def octets(self, version=VERSION, flags=0, length=None, reserved=0):
        """The message as it is sent, with a tag of zeros if it has one at all."""
        options = list(self.options)
        if self.authentication:
            a = self.authentication
            options.append(
                (AUTHENTICATION, struct.pack(">III16s", a.key_id, a.session, a.sequence, a.tag)))
        body = b"".join(option(kind, value) for kind, value in options)
        return HEADER.pack(
            version, self.type | (RESPONSE if self.response else 0), self.code, flags,
            HEADER.size + len(body) if length is None else length, reserved, self.transaction,
            self.epoch) + body

    def sealed(self, key, direction, key_id, session_id, sequence, **header):
        """The message with the authentication option, tagged (7.1)."""
        whole = replace(
            self, authentication=Authentication(key_id, session_id, sequence)).octets(**header)
        return seal(whole, key, direction)


def option(kind, value, reserved=0, length=None, padding=None):
    length = len(value) if length is None else length
    padding = bytes(-len(value) % 4) if padding is None else padding
    return struct.pack(">BBH", kind, reserved, length) + value + padding


def tag(zeroed, key, direction):
    return hmac.new(key, direction + zeroed, hashlib.sha256).digest()[:16]


def seal(zeroed, key, direction):
    """Puts the tag where zeros stand, at the end of the message."""
    return zeroed[:-16] + tag(zeroed, key, direction)


def is_authentic(octets, key, direction):
    zeroed = octets[:-16] + bytes(16)
    return hmac.compare_digest(tag(zeroed, key, direction), octets[-16:])


def hkdf(key, salt, info):
    """RFC 5869 with SHA-256 and 32 octets of output: one block."""
    extracted = hmac.new(salt, key, hashlib.sha256).digest()
    return hmac.new(extracted, info + b"\1", hashlib.sha256).digest()


def session_key(host_key, host_nonce, router_nonce):
    return hkdf(host_key, host_nonce + router_nonce, b"PAP/2 session")


def walk(octets):
    """Kind and value of each option, in order (section 4)."""
    place, last = HEADER.size, None
    while place < len(octets):
        if last == AUTHENTICATION:
            raise Malformed("an option behind the authentication")
        kind, reserved, length = struct.unpack_from(">BBH", octets, place)
        if reserved:
            raise Malformed("reserved octet of an option")
        end = place + 4 + length
        padded = end + -length % 4
        if padded > len(octets):
            raise Malformed("an option reaches beyond the message")
        if any(octets[end:padded]):
            raise Malformed("padding")
        yield kind, octets[place + 4:end]
        place, last = padded, kind


def decode(octets):
    """Reads a message by all rules of sections 3 and 4; raises what it breaks."""
    if len(octets) < HEADER.size:
        raise Malformed("shorter than a header")
    version, kind, code, flags, length, _, transaction, epoch = HEADER.unpack_from(octets)
    if length != len(octets):
        raise Malformed("length")
    if version != VERSION:
        raise Malformed("version")
    if length > LONGEST or length % 4 or flags:
        raise Malformed("length or flags")
    response, kind = bool(kind & RESPONSE), kind & ~RESPONSE
    if kind not in TYPES or (response and kind == ANNOUNCE):
        raise Malformed(f"type {kind}")
    if code not in CODES or (code and not response):
        raise Malformed(f"code {code}")
    options, values = [], {VALID: [], INVALID: []}
    unknown = None
    for option_kind, value in walk(octets):
        if option_kind not in LENGTHS:
            unknown = option_kind if option_kind < 128 and unknown is None else unknown
            continue
        least, most = LENGTHS[option_kind]
        if not least <= len(value) <= most:
            raise Malformed(f"length of option {option_kind}")
        read = read_value(option_kind, value)
        options.append((option_kind, value))
        if option_kind in (VALID, INVALID):
            values[option_kind].append(read)
            if len(values[option_kind]) > MOST_ENTRIES:
                raise Malformed("too many entries")
        elif option_kind in values:
            raise Malformed(f"option {option_kind} twice")
        else:
            values[option_kind] = read
    if unknown is not None:
        raise UnknownOption(unknown)
    authentication = values.pop(AUTHENTICATION, None)
    if authentication:
        options.pop()
    return Message(
        kind, response, code, transaction, epoch, tuple(options), authentication, values)


class Window:
    """Accepts each sequence once (7.3)."""

    WIDTH = 64

    def __init__(self):
        self.highest = 0
        self.seen = set()

    def accept(self, sequence):
        if sequence <= max(0, self.highest - self.WIDTH) or sequence in self.seen:
            return False
        self.highest = max(self.highest, sequence)
        self.seen = {one for one in self.seen if one > self.highest - self.WIDTH} | {sequence}
        return True
