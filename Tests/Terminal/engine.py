"""`run`: an engine of its own, which its console leaves running or stops."""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time

from suite import PROGRAM, check, eventually
from terminal import Terminal


def processes_in(space):
    answer = subprocess.run(["ip", "netns", "pids", space], text=True, capture_output=True)
    return [int(word) for word in answer.stdout.split()]


@contextlib.contextmanager
def own_router():
    """A configuration and a network namespace for a router that `run` starts."""
    space = f"dnat-run-{os.getpid()}"
    folder = tempfile.mkdtemp(prefix="dnat-terminal-", dir="/run")
    subprocess.run(["ip", "netns", "add", space], check=True)
    try:
        subprocess.run(["ip", "-n", space, "link", "set", "lo", "up"], check=True)
        subprocess.run(["ip", "-n", space, "addr", "add", "10.0.0.1/24", "dev", "lo"], check=True)
        path = f"{folder}/router.toml"
        with open(path, "w", encoding="utf-8") as file:
            file.write(f"""[router]
external-address = "198.51.100.1"
tunnel-endpoint = "10.0.0.254"
tun = "dnat0"
inside-networks = ["10.0.0.0/24"]

[pap]
listen = ["10.0.0.1:7028"]
authentication = "none"

[store]
path = "{folder}/state.sqlite"

[control]
socket = "{folder}/control.sock"

[[host]]
name = "hosta"
inside-address = "10.0.0.11"
key-id = 1
""")
        os.chmod(path, 0o600)
        yield space, path, f"{folder}/control.sock"
    finally:
        for pid in processes_in(space):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        subprocess.run(["ip", "netns", "del", space], check=False)
        shutil.rmtree(folder, ignore_errors=True)


def engine_runs(socket):
    command = [PROGRAM, "ctl", "status", "--json", "--socket", socket]
    return subprocess.run(command, capture_output=True, text=True).returncode == 0


def test_run(router):
    with own_router() as (space, path, socket):
        command = ["ip", "netns", "exec", space, PROGRAM, "run", "--config", path]

        def start():
            terminal = Terminal(command, 100, 30)
            check("run shows the console of its own engine", terminal.shows("LIVE", 20),
                  terminal.text)
            return terminal

        terminal = start()
        terminal.type("q")
        check("q asks whether the router stops", terminal.shows("Stop the router"), terminal.text)
        press = lambda label: [terminal.type("tab") for _ in range(4)
                               if not terminal.screen.display[terminal.screen.cursor.y][
                                   terminal.screen.cursor.x:].startswith(label)]
        terminal.pump(0.3)
        press("Leave it running")
        terminal.type("enter")
        check("leaving it running ends the console", terminal.ended() == 0, terminal.text)
        check("  and not the engine", engine_runs(socket))
        terminal.close()

        terminal = Terminal(command, 100, 30)
        status = terminal.ended()
        check("a second run on the same socket is refused and says what to do",
              status is not None and os.waitstatus_to_exitcode(status) == 1
              and "attach" in terminal.text(), terminal.text)
        terminal.close()
        for pid in processes_in(space):
            os.kill(pid, signal.SIGTERM)
        check("SIGTERM ends the engine", eventually(lambda: not engine_runs(socket)))

        terminal = start()
        terminal.hang_up()
        time.sleep(1)
        check("a hang-up leaves the engine running", engine_runs(socket))
        with contextlib.suppress(ChildProcessError):
            terminal.status = os.waitpid(terminal.pid, 0)[1]

        with_console = Terminal(
            [PROGRAM, "attach", "--socket", socket], 100, 30)
        check("attach finds the engine that was left",
              with_console.shows("LIVE"), with_console.text)
        with_console.type("q")
        with_console.ended()
        with_console.close()
