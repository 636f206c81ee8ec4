"""No octet of a host's key in what is written down, not even by an engine that crashes."""

import base64
import glob
import os
import re
import signal
import subprocess

from checks import eventually, expect, expect_equal
from lab import program, run
from ownsite import HOSTS, Terminal

# So many octets of a key in a row are no accident.
OCTETS = 6
# More than Swift prints by itself: every thread, its registers and the memory that they point to.
BACKTRACE = ("enable=yes,color=no,interactive=no,symbolicate=off,threads=all,registers=all,"
             "images=none,cache=no,output-to=stderr,swift-backtrace={}")
DUMP = re.compile(rb"^rsp 0x[0-9a-f]+  ([0-9a-f]{2} ){16}", re.MULTILINE)
CORE = ("prlimit", "--core=unlimited")


def check(results, site):
    results.run("operators: keys are nowhere but in their files, after a crash as well", crash,
                site)


def backtracer():
    """The program that Swift's runtime starts when a program crashes."""
    found = run("swiftc", "-print-target-info")
    resources = re.search(r'"runtimeResourcePath": "(.*)/lib/swift"', found.out)
    expect(found.code == 0 and resources, f"swiftc: {found}")
    return f"{resources[1]}/libexec/swift/linux/swift-backtrace-static"


def crash(site):
    environment = {"SWIFT_BACKTRACE": BACKTRACE.format(backtracer())}
    client_crashes(site, environment)
    site.start(*CORE, environment=environment)
    terminal = Terminal([program(), "attach", "--socket", site.socket], 120, 40)
    try:
        busy(site, terminal)
        octets = terminal.raw
    finally:
        terminal.close()
    site.control.close()
    site.control = None
    expect_equal("how the engine ends", site.kill(signal.SIGABRT), -signal.SIGABRT)
    written = {"the console's screen": octets, "the log": site.logged().encode()}
    for path in glob.glob(f"{site.folder}/state.sqlite*"):
        written[os.path.basename(path)] = contents(path)
    expect("state.sqlite-wal" in written, f"no write-ahead log: {sorted(written)}")
    for name in HOSTS:
        file = contents(f"{site.folder}/{name}.key")
        expect(places(file, site.key(name)), "a key is not even found in its file")
        for what, data in written.items():
            found = places(data, site.key(name))
            expect(not found, f"{what} has {name}'s key: {found}")
    expect(not DUMP.search(site.logged().encode()), "the log has a dump of memory")
    for core in glob.glob(f"{site.folder}/core*"):
        left_out(site, contents(core))


def left_out(site, core):
    """The kernel was told to leave keys out of core dumps, which have all else."""
    expect(site.socket.encode() in core, "the core dump has none of the engine's memory")
    for name in HOSTS:
        found = places_in_core(core, site.key(name))
        expect(not found, f"the core dump has {name}'s key: {found}")


def contents(path):
    with open(path, "rb") as file:
        return file.read()


def busy(site, terminal):
    """Keys are used, in vain as well; operators act and look."""
    site.sessions.clear()
    for name in HOSTS:
        site.lease(name)
        site.validate(name, ["198.18.255.1"])
    stranger = site.host("hosta")
    stranger.key = b"wrong" + stranger.key[5:]
    stranger.hello()
    eventually("the refusal is counted", lambda: site.ask("status")["pap"]["notAuthenticated"])
    for verb, arguments in (("revoke", {"target": "198.18.255.1", "reason": "for the test"}),
                            ("unrevoke", {"target": "198.18.255.1"}), ("suspend", {"host": "hostb"}),
                            ("resume", {"host": "hostb"}), ("reload", {})):
        site.ask(verb, **arguments)
    expect(terminal.shows("LIVE"), f"no console:\n{terminal.text()}")
    for key in "23456?":
        terminal.type(key)
        terminal.pump(0.2)


def client_crashes(site, environment):
    """Another of the product's programs, without keys, does print what it has in memory."""
    path = f"{site.folder}/client.log"
    site.start()
    with open(path, "w+b") as log:
        process = subprocess.Popen(
            [program(), "ctl", "drops", "--follow", "--socket", site.socket],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log,
            env={**os.environ, **environment})
        try:
            eventually("it follows", lambda: site.ask("whoami")["consoles"] == 1)
            process.send_signal(signal.SIGABRT)
            eventually("its backtrace", lambda: os.path.getsize(path) and
                       DUMP.search(contents(path)), 30)
        finally:
            process.kill()
            process.wait()
    site.kill()


def places(data, key):
    """Where some octets of a key stand: as they are, in hexadecimal, or as base64; the first."""
    found = [f"octets at {data.index(some)}" for some in windows(key, OCTETS) if some in data]
    # As dumps of memory write it, too.
    plain = re.sub(rb"[\s:]|0x", b"", data.lower())
    found += [f"hexadecimal {some.hex()}" for some in windows(key, OCTETS)
              if some.hex().encode() in plain]
    for start in range(3):
        text = base64.b64encode(key[start:]).rstrip(b"=")
        found += [f"base64 {some.decode()}" for some in windows(text, OCTETS * 4 // 3 + 2)
                  if some in data]
    return found[:1]


def places_in_core(core, key):
    """The same in all of a process's memory, for half of a key, or of the text in its file."""
    return [some for octets in (key, base64.b64encode(key))
            for some in windows(octets, len(key) // 2)[::len(key) // 4] if some in core]


def windows(octets, length):
    return [octets[start:start + length] for start in range(len(octets) - length + 1)]
