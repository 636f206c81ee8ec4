#!/usr/bin/python3
"""Works inside a node: sends, receives, asks the kernel. What it moved is told by its hash.

    traffic.py FOLDER

Does each FOLDER/N.jobs once, and leaves FOLDER/N.done. It goes on until it is killed, as a start
costs a guest seconds where the machine is busy; guests have Python's own library and nothing else.
A file holds an array, jobs and answers alike; jobs of one file are done at once. Each is an object:
  serve / connect   one TCP connection, both directions at once: each side sends `send` octets made
                    from `seed`, and reads until the other has ended; with `until`, the connection
                    rests afterwards until that file is there
  tell / hear       a UDP datagram of `send` octets that may be cut on the way, told until it is
                    answered with its hash
  raw               whole packets, in hexadecimal, each after what was learned of paths is
                    forgotten, and followed until the path to its destination has another MTU
  forget            all that was learned of paths
  path_mtu          what is known of the path to `address`
`address` and `port` are the serving or hearing side's, `source` is the other's own address.
"""

import hashlib
import json
import os
import socket
import sys
import threading
import time

PATIENCE = 60
# Not in Python's socket module.
IP_MTU_DISCOVER, IP_PMTUDISC_DONT, IP_MTU = 10, 0, 14


def content(seed, octets):
    return hashlib.shake_256(seed.encode()).digest(octets)


def digest(data):
    return hashlib.sha256(data).hexdigest()


def exchange(connection, job):
    data = content(job["seed"], job["send"])

    def send():
        connection.sendall(data)
        while "until" in job and not os.path.exists(job["until"]):
            time.sleep(0.1)
        connection.shutdown(socket.SHUT_WR)

    sender = threading.Thread(target=send)
    sender.start()
    received = bytearray()
    while block := connection.recv(1 << 16):
        received += block
    sender.join()
    return {"sent": digest(data), "received": digest(received), "octets": len(received)}


def serve(job):
    with socket.create_server((job["address"], job["port"])) as server:
        server.settimeout(PATIENCE)
        connection, _ = server.accept()
        with connection:
            connection.settimeout(PATIENCE)
            return exchange(connection, job)


def connect(job):
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            connection = socket.create_connection(
                (job["address"], job["port"]), PATIENCE, (job["source"], job.get("from", 0)))
            break
        except (ConnectionRefusedError, socket.timeout):
            # The other side is not there yet.
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
    with connection:
        return exchange(connection, job)


def tell(job):
    data = content(job["seed"], job["send"])
    deadline = time.monotonic() + PATIENCE
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.setsockopt(socket.IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DONT)
        sender.bind((job["source"], 0))
        sender.settimeout(0.5)
        while True:
            sender.sendto(data, (job["address"], job["port"]))
            try:
                return {"sent": digest(data), "answer": sender.recv(1 << 16).decode()}
            except socket.timeout:
                if time.monotonic() > deadline:
                    raise


def hear(job):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind((job["address"], job["port"]))
        receiver.settimeout(PATIENCE)
        data, sender = receiver.recvfrom(1 << 16)
        receiver.sendto(digest(data).encode(), sender)
        return {"received": digest(data), "octets": len(data)}


def raw(job):
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW) as sender:
        for text in job["packets"]:
            packet = bytes.fromhex(text)
            destination = {"address": socket.inet_ntoa(packet[16:20])}
            forget({})
            before = path_mtu(destination)
            sender.sendto(packet, (destination["address"], 0))
            deadline = time.monotonic() + 10
            while path_mtu(destination) == before and time.monotonic() < deadline:
                time.sleep(0.02)
    return {}


def forget(_):
    with open("/proc/sys/net/ipv4/route/flush", "w", encoding="ascii") as setting:
        setting.write("1")
    return {}


def path_mtu(job):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        # Nothing is sent: the kernel only looks the route up.
        probe.connect((job["address"], 9))
        return {"mtu": probe.getsockopt(socket.IPPROTO_IP, IP_MTU)}


def do(file):
    with open(file, encoding="ascii") as text:
        jobs = json.load(text)
    results = [None] * len(jobs)

    def work(number, job):
        try:
            results[number] = globals()[job["do"]](job)
        except Exception as error:
            results[number] = {"error": f"{type(error).__name__}: {error}"}

    threads = [threading.Thread(target=work, args=pair) for pair in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    done = file.replace(".jobs", ".done")
    with open(done + ".part", "w", encoding="ascii") as text:
        json.dump(results, text)
    os.rename(done + ".part", done)


def main():
    folder = sys.argv[1]
    seen = set()
    while True:
        for name in os.listdir(folder):
            if name.endswith(".jobs") and name not in seen:
                seen.add(name)
                threading.Thread(target=do, args=(f"{folder}/{name}",)).start()
        time.sleep(0.05)


if __name__ == "__main__":
    main()
