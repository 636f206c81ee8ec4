#!/usr/bin/env python3
"""Prints xfrm-6.1.txt: what a kernel says while `ip xfrm` changes its security associations.

Run as root in an empty network namespace of a kernel with IPsec, such as that of a User-mode Linux
guest of the demonstration network:

    dnat-console lab exec hosta -- unshare --net python3 /run/dnat-console/lab/hosta/THIS

Each line is a name and the octets of one read from the netlink socket: a read of a list holds several
messages.
"""
import os
import socket
import struct
import subprocess
import time

NETLINK_XFRM, GETSA, REQUEST_DUMP = 6, 0x12, 0x301
GROUP_EXPIRE, GROUP_SA = 2, 3
SHARED, PEER = "198.51.100.1", "192.0.2.10"
AEAD = "aead rfc4106(gcm(aes)) 0x" + "11" * 20 + " 128"
AUTH = "auth-trunc hmac(sha256) 0x" + "22" * 32 + " 128"
INWARD, OUTWARD = f"src {PEER} dst {SHARED}", f"src {SHARED} dst {PEER}"
seen = {}


def netlink(groups=0):
    made = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_XFRM)
    made.bind((0, groups))
    made.settimeout(0.3)
    return made


def show(name, source):
    while True:
        try:
            octets = source.recv(65536)
        except socket.timeout:
            return
        seen[name] = seen.get(name, 0) + 1
        print(name if seen[name] == 1 else f"{name}-{seen[name]}", octets.hex(), sep="\t")


def xfrm(command, name):
    subprocess.run(f"ip xfrm state {command}".split(), check=True, stdout=subprocess.DEVNULL)
    show(name, monitor)


monitor = netlink(1 << (GROUP_EXPIRE - 1) | 1 << (GROUP_SA - 1))
print(f"# Messages of Linux {os.uname().release} about IPsec: name, then octets.")
xfrm(f"add {INWARD} proto esp spi 0x12340001 reqid 7 mode tunnel {AEAD}", "newsa-esp-tunnel-in")
xfrm(f"add {OUTWARD} proto esp spi 0xc0ffee01 reqid 7 mode tunnel {AEAD}", "newsa-esp-tunnel-out")
xfrm(f"add {INWARD} proto ah spi 0x12340002 reqid 8 mode transport {AUTH}",
     "newsa-ah-transport-in")
xfrm(f"add {INWARD} proto esp spi 0x1698c310 reqid 9 mode tunnel {AEAD}"
     " encap espinudp 4500 4500 0.0.0.0", "newsa-esp-in-udp-in")
xfrm(f"update {INWARD} proto esp spi 0x12340001 reqid 7 mode tunnel {AEAD}", "updsa-esp-tunnel-in")
xfrm(f"allocspi {INWARD} proto esp mode tunnel min 0x12345000 max 0x12345000", "allocspi")
lister = netlink()
lister.send(struct.pack("=IHHII", 16 + 40, GETSA, REQUEST_DUMP, 77, 0) + bytes(40))
show("dump", lister)
xfrm(f"delete {INWARD} proto ah spi 0x12340002", "delsa-ah-transport-in")
xfrm(f"add {INWARD} proto esp spi 0x12340009 reqid 7 mode tunnel {AEAD}"
     " limit time-soft 1 limit time-hard 2", "newsa-limited")
time.sleep(3)
show("expire", monitor)
xfrm("flush", "flush-all")
