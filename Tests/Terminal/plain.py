"""The console without a screen: lines in, sentences out."""

import os
import select
import subprocess
import time

from suite import PROGRAM, check, eventually


def test_plain(router):
    command = [PROGRAM, "attach", "--plain", "--socket", router.socket]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               env=dict(os.environ, TERM="dumb"))
    said = b""

    def hears(what, seconds=15):
        nonlocal said
        end = time.monotonic() + seconds
        while what.encode() not in said and (left := end - time.monotonic()) > 0:
            if select.select([process.stdout], [], [], left)[0]:
                data = os.read(process.stdout.fileno(), 65536)
                if not data:
                    break
                said += data
        return what.encode() in said

    def tell(line):
        process.stdin.write(line.encode() + b"\n")
        process.stdin.flush()

    try:
        check("plain: it says how the router is",
                    hears("Router 198.51.100.1 is running"), lambda: said.decode())
        tell("sa")
        check("plain: a verb of ctl is a command", hears("192.0.2.20"), lambda: said.decode())
        tell("revoke 203.0.113.99 --reason 'just a test'")
        check("plain: it acts", eventually(
            lambda: "203.0.113.99/32" in router.revoked()), lambda: said.decode())
        router.ctl("unrevoke", "203.0.113.99")
        check("plain: it says what others do",
                    hears("lift") or hears("unrevoke 203.0.113.99"), lambda: said.decode())
        tell("nosuchverb")
        check("plain: what is no command is said", hears("nosuchverb"), lambda: said.decode())
        tell("quit")
        check("plain: quit leaves", process.wait(10) == 0)
        said += process.stdout.read()
        check("plain: no escape sequence is written", b"\x1b" not in said)
    finally:
        process.kill()
        process.wait()
    piped = subprocess.run(command, input=b"status\n", capture_output=True, timeout=30)
    check("plain: the end of the input ends it",
                piped.returncode == 0 and b"198.51.100.1" in piped.stdout, piped.stderr.decode())
    bare = subprocess.run([PROGRAM, "attach", "--socket", router.socket],
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=30)
    check("without a terminal attach names ctl and --plain", bare.returncode == 1
                and b"ctl" in bare.stderr and b"--plain" in bare.stderr, bare.stderr.decode())
