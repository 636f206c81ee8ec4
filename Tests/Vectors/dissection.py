"""Packets as tshark reads them."""

import os
import struct
import subprocess

from checks import Failed

# Those of each IPv4 header, outermost first.
LAYER = ("src", "dst", "ttl", "dsfield", "id", "flags.rb", "flags.df", "flags.mf", "frag_offset", "proto", "len",
         "checksum.status")
# Those further in; of a packet that passes, none may change.
WITHIN = (
    "icmp.type", "icmp.code", "icmp.ident", "icmp.seq", "icmp.mtu", "icmp.checksum", "udp.srcport", "udp.dstport",
    "udp.length", "udp.checksum", "tcp.srcport", "tcp.dstport", "tcp.seq_raw", "tcp.checksum", "esp.spi",
    "esp.sequence", "ah.spi", "ah.sequence", "ah.icv", "isakmp.ispi", "isakmp.rspi", "isakmp.version",
    "isakmp.exchangetype", "isakmp.flags", "isakmp.messageid")
STATUS = ("icmp.checksum.status", "udp.checksum.status", "tcp.checksum.status")
FIELDS = ("frame.protocols", *(f"ip.{name}" for name in LAYER), *WITHIN, *STATUS, "_ws.expert.message",
          "_ws.malformed")
BETWEEN_FIELDS, BETWEEN_VALUES = "\x1f", "\x1e"
# Applications that tshark would look for behind ports of the vectors.
NOT_MEANT = ("dns", "tls", "http", "http2", "data-l1-events", "quic", "stun")
LINKTYPE_RAW = 101

BAD, GOOD, UNVERIFIED, NOT_PRESENT = "0", "1", "2", "3"


class Frame:
    """One packet; a field that occurs several times is a list, outermost first."""

    def __init__(self, line):
        texts = line.split(BETWEEN_FIELDS)
        self.fields = {
            name: text.split(BETWEEN_VALUES) if text else [] for name, text in zip(FIELDS, texts)}
        self.protocols = (self.fields["frame.protocols"] or [""])[0]
        self.layers = [
            dict(zip(LAYER, values)) for values in zip(*(self.fields[f"ip.{name}"] for name in LAYER))]

    def __getitem__(self, name):
        return self.fields[name]

    @property
    def within(self):
        return {name: self.fields[name] for name in WITHIN}

    @property
    def complaints(self):
        """What tshark finds odd, but for what a quote may well be."""
        return set(self.fields["_ws.expert.message"])


def write_pcap(packets, path):
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, LINKTYPE_RAW))
        for number, packet in enumerate(packets):
            file.write(struct.pack("<IIII", number, 0, len(packet), len(packet)) + packet)


def tshark(packets, folder, fields, options=()):
    """A line for each packet, of the values of the fields."""
    path = os.path.join(folder, "vectors.pcap")
    write_pcap(packets, path)
    command = ["tshark", "-n", "-r", path, "-T", "fields", "-E", f"separator={BETWEEN_FIELDS}",
               "-E", f"aggregator={BETWEEN_VALUES}"]
    for field in fields:
        command += ["-e", field]
    run = subprocess.run([*command, *options], capture_output=True, text=True, timeout=300)
    lines = run.stdout.split("\n")[:-1]
    if run.returncode != 0 or len(lines) != len(packets):
        raise Failed(f"tshark reads {len(lines)} of {len(packets)} packets: {run.stderr}")
    return lines


def dissect(packets, folder):
    options = []
    for preference in ("ip.check_checksum:TRUE", "udp.check_checksum:TRUE", "tcp.check_checksum:TRUE",
                       "ip.defragment:FALSE", "esp.do_esp_sequence_analysis:FALSE",
                       "tcp.analyze_sequence_numbers:FALSE"):
        options += ["-o", preference]
    for protocol in NOT_MEANT:
        options += ["--disable-protocol", protocol]
    return [Frame(line) for line in tshark(packets, folder, FIELDS, options)]
