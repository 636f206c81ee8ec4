"""Whether what the router writes in ESP and AH can be opened by who has the keys, and only unchanged."""

from dataclasses import dataclass, field

from checks import expect, expect_equal, expect_octets
from dissection import tshark
from exchanges import load, octets
from scapy.layers.inet import IP
from scapy.layers.ipsec import AH, ESP, IPSecIntegrityError, SecurityAssociation
from scapy.packet import Raw

HEADER = 20


@dataclass
class Sealed:
    """A packet in ESP or AH as it arrives at its receiver."""
    name: str
    association: dict
    payload: bytes
    # Whether the receiver can open it; None: it does not arrive.
    opens: bool
    sent: list
    arrived: list
    seen: dict = field(default_factory=dict)


def read():
    content = load("ipsec.json")
    associations = {association["name"]: association for association in content["associations"]}
    found = []
    for conversation in content["conversations"]:
        inbound = conversation["steps"][0]["exits"][0]["direction"] == "inbound"
        outputs = [octets(output) for step in conversation["steps"] for exit in step["exits"]
                   for output in exit["outputs"]]
        sent = [octets(step["packet"]) for step in conversation["steps"]]
        found.append(Sealed(
            f"{conversation['source']}: {conversation['name']}", associations[conversation["association"]],
            octets(conversation["payload"]), conversation["opens"],
            # The tunnel's header is taken off by host or router.
            [packet if inbound else packet[HEADER:] for packet in sent],
            [packet[HEADER:] if inbound else packet for packet in outputs]))
    return associations, found


def whole(packets):
    """A packet put together, and its identification checked in each part."""
    parts = sorted((IP(packet) for packet in packets), key=lambda part: part.frag)
    data = b""
    for part in parts:
        expect_equal("identification", part.id, parts[0].id)
        expect_equal("fragment offset", part.frag * 8, len(data))
        data += bytes(part)[HEADER:part.len]
    expect(not parts[-1].flags.MF, "the end is missing")
    header = IP(bytes(parts[0])[:HEADER])
    del header.chksum, header.len
    header.flags.MF, header.frag = False, 0
    return bytes(header / Raw(data))


def open_by_scapy(sealed):
    if sealed.opens is None:
        expect_equal("packets that arrived", len(sealed.arrived), 0)
        return
    identifications = {IP(packet).id for packet in sealed.sent}
    packet = whole(sealed.arrived)
    expect_equal("identification", {IP(packet).id}, identifications)
    expect_octets("protected octets", packet[HEADER:], whole(sealed.sent)[HEADER:])
    opened = unseal(sealed.association, packet)
    if sealed.opens:
        expect(opened is not None, "does not verify")
        expect_octets("payload", opened, sealed.payload)
    else:
        expect(opened is None, "verifies, though it was changed")


def unseal(association, packet):
    """What was sealed; None if it does not verify."""
    key = bytes.fromhex(association["key"])
    options = {"tunnel_header": IP(src=association["source"], dst=association["destination"])} if association["tunnel"] else {}
    if association["udp"]:
        packet = bytes(IP(src=association["source"], dst=association["destination"], proto=50) / packet[HEADER + 8:])
    if association["protocol"] == "esp":
        sa = SecurityAssociation(ESP, int(association["spi"], 16), crypt_algo="AES-GCM", crypt_key=key, **options)
    else:
        sa = SecurityAssociation(AH, int(association["spi"], 16), auth_algo="SHA2-256-128", auth_key=key, **options)
    try:
        opened = sa.decrypt(IP(packet))
    except IPSecIntegrityError:
        return None
    # In AH's tunnel mode scapy leaves the inner packet as octets.
    inner = opened if isinstance(opened, IP) else IP(bytes(opened))
    return bytes(inner.payload)


# ------------------------------------------------------------------------------------------- tshark

FIELDS = ("esp.icv_good", "frame.protocols")


def dissect_all(conversations, associations, folder):
    """Has tshark decrypt all ESP at once; the association of each SPI is the same but for the mode."""
    rows, packets, owners = set(), [], []
    for association in associations.values():
        if association["protocol"] == "esp":
            rows.add('uat:esp_sa:"IPv4","{source}","{destination}","{spi}",'
                     '"AES-GCM with 16 octet ICV [RFC4106]","0x{key}","NULL",""'.format(**association))
    for sealed in conversations:
        if sealed.association["protocol"] == "esp" and sealed.opens is not None:
            packets.append(whole(sealed.arrived))
            owners.append(sealed)
    options = ["-o", "esp.enable_encryption_decode:TRUE", "-o", "esp.enable_authentication_check:TRUE"]
    for row in sorted(rows):
        options += ["-o", row]
    for sealed, line in zip(owners, tshark(packets, folder, FIELDS, options)):
        sealed.seen = dict(zip(FIELDS, line.split("\x1f")))


def opened_by_tshark(sealed):
    if sealed.opens is None:
        expect_equal("packets that arrived", len(sealed.arrived), 0)
        return
    good = sealed.seen["esp.icv_good"] in ("1", "True")
    expect_equal("the check value is good", good, sealed.opens)
    if sealed.opens:
        # Behind its own way in tshark finds what was sealed, which begins with a port.
        within = {"tcp": b"\x28\x00", "udp": b"\x00\x07"}
        wanted, = (name for name, port in within.items() if sealed.payload.startswith(port))
        stack = sealed.seen["frame.protocols"].split("esp", 1)[-1]
        expect(f":{wanted}" in stack, f"stack {sealed.seen['frame.protocols']}")
