"""A lab leaves nothing behind, however it ends, and touches nothing that is not its own."""

import os
import pty
import re
import select
import signal
import subprocess
import time

from checks import eventually, expect, expect_equal
from lab import Lab, console, leftovers, program, run

# Seconds after which `lab up` must be ready, on a machine that has nothing else to do.
READY = 30
# Seconds after which `lab up` is killed. A plain lab takes two of them, a full one four to ten.
MOMENTS = {True: (0.05, 0.3, 0.7), False: (0.2, 1.5, 3.5)}


def comes_up(lab):
    lab.up()
    # Others may be at work on the machine: a minute's average of those who want a processor.
    share = max(1, os.getloadavg()[0] / os.cpu_count())
    expect(lab.seconds < READY * share, f"ready after {lab.seconds:.1f} s")
    steps = [line for line in lab.progress.splitlines() if re.search(r"\.\. \d+\.\d s$", line)]
    expect(len(steps) >= 5, f"no progress: {lab.progress}")
    expect("ready after" in lab.progress, lab.progress)
    expect_equal("state", lab.status["state"], "up")
    expect_equal("roads", {flow["road"] for flow in lab.status["flows"]},
                 {"esp-in-udp"} if lab.plain else {"esp", "ah", "esp-in-udp"})
    again = lab.command("up")
    expect_equal("exit code of a second lab up", again.code, 1)


def goes_down(lab):
    answer = lab.down()
    expect(answer.code == 0, f"lab down: {answer}")
    expect_equal("left behind", leftovers(lab.name), [])
    again = lab.command("down")
    expect_equal("exit code of a second lab down", again.code, 0)
    gone = console("ctl", "status", "--socket", f"/run/dnat-console/{lab.name}.sock")
    expect_equal("exit code without a lab", gone.code, 3)


def check(results):
    results.section("leftovers")
    for plain, moments in MOMENTS.items():
        for moment in moments:
            results.run(
                f"leftovers: kill -9 of lab up{' --plain' if plain else ''} after {moment} s",
                killed, plain, moment)
    results.run("leftovers: kill -9 of lab run under its console", killed_run)
    results.run("leftovers: an interrupted lab up takes everything back", interrupted)
    results.run("leftovers: lab down after kill -9 of starter and keeper", killed_both)
    results.run("leftovers: what is not the lab's stays", foreign)


def start(name, plain):
    words = [program(), "lab", "up", "--name", name] + (["--plain"] if plain else [])
    return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def nothing_left(name, seconds=10):
    # Looked at twice: what the dead starter had begun may come late.
    eventually(f"nothing of {name}", lambda: not leftovers(name), seconds)
    time.sleep(0.3)
    expect_equal("left behind", leftovers(name), [])


def killed(plain, moment):
    name = f"k{os.getpid()}"
    process = start(name, plain)
    time.sleep(moment)
    process.kill()
    process.wait()
    process.stdout.close()
    nothing_left(name)


def interrupted():
    name = f"i{os.getpid()}"
    process = start(name, True)
    began = lambda: any("/run/netns" in found for found in leftovers(name))
    eventually("it has begun", began, 5, 0.01)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=20)
    expect_equal("exit code", process.returncode, 1)
    expect(b"interrupted" in output, output.decode())
    expect_equal("left behind", leftovers(name), [])


def killed_both():
    name = f"b{os.getpid()}"
    process = start(name, True)

    def keepers():
        return [int(found.split()[1].rstrip(":")) for found in leftovers(name)
                if "lab keeper" in found]
    keeper = eventually("a keeper", keepers, 30)
    expect_equal("keepers", len(keeper), 1)
    time.sleep(0.3)
    os.kill(keeper[0], signal.SIGKILL)
    process.kill()
    process.wait()
    process.stdout.close()
    expect(leftovers(name), "the lab had not begun")
    answer = console("lab", "down", "--name", name)
    expect(answer.code == 0, f"lab down: {answer}")
    expect_equal("left behind", leftovers(name), [])


def killed_run():
    """The console of `lab run` is on the screen when its starter dies."""
    name = f"r{os.getpid()}"
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [program(), "lab", "run", "--plain", "--name", name], stdin=slave, stdout=slave,
        stderr=slave, start_new_session=True, env={**os.environ, "TERM": "xterm-256color"})
    os.close(slave)
    seen = b""
    deadline = time.monotonic() + 40
    # The alternate screen is the console's.
    while b"\x1b[?1049h" not in seen and time.monotonic() < deadline:
        if select.select([master], [], [], 0.2)[0]:
            try:
                seen += os.read(master, 65536)
            except OSError:
                break
        if b"opens it now" in seen:
            os.write(master, b"\n")
            seen = seen.replace(b"opens it now", b"")
    shown = b"\x1b[?1049h" in seen
    process.kill()
    process.wait()
    os.close(master)
    nothing_left(name, 15)
    expect(shown, f"no console: {seen[-300:]!r}")


def foreign():
    """A namespace and a folder whose names only begin like the lab's."""
    name = f"f{os.getpid()}"
    mine, folder = f"dnat-{name}-other", f"/run/dnat-console/{name}x"
    expect(run("ip", "netns", "add", mine).code == 0, "cannot make a namespace")
    sleeper = subprocess.Popen(["ip", "netns", "exec", mine, "sleep", "60"])
    try:
        os.makedirs(folder)
        lab = Lab(name, plain=True)
        lab.up()
        answer = lab.down()
        expect(answer.code == 0, f"lab down: {answer}")
        expect(os.path.exists(f"/run/netns/{mine}"), "the namespace is gone")
        expect(sleeper.poll() is None, "the process in it is gone")
        expect(os.path.isdir(folder), "the folder is gone")
    finally:
        sleeper.kill()
        sleeper.wait()
        run("ip", "netns", "delete", mine)
        os.rmdir(folder)
        # Only if nothing else is there.
        run("rmdir", "--ignore-fail-on-non-empty", "/run/dnat-console")
    expect_equal("left behind", leftovers(name), [])
