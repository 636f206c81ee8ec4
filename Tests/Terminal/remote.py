"""Through a real sshd on the loopback."""

import contextlib
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time

from suite import PROGRAM, check, eventually, show_entries
from terminal import Terminal


@contextlib.contextmanager
def sshd(folder, port):
    """A server of its own with keys of its own, for root, on the loopback."""
    for name in ("host", "user"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", f"{folder}/{name}"],
                       check=True)
    shutil.copy(f"{folder}/user.pub", f"{folder}/authorized_keys")
    pathlib.Path(folder, "config").write_text(f"""Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host
PidFile {folder}/pid
AuthorizedKeysFile {folder}/authorized_keys
StrictModes no
UsePAM no
PermitRootLogin yes
PasswordAuthentication no
""")
    pathlib.Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    server = subprocess.Popen([shutil.which("sshd") or "/usr/sbin/sshd", "-D", "-e", "-f",
                               f"{folder}/config"], stderr=subprocess.PIPE)
    try:
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield ["ssh", "-tt", "-i", f"{folder}/user", "-p", str(port), "-o",
               "StrictHostKeyChecking=no", "-o", f"UserKnownHostsFile={folder}/known",
               "-o", "LogLevel=ERROR", "root@127.0.0.1"]
    finally:
        server.terminate()
        server.wait()


def test_ssh(router):
    with tempfile.TemporaryDirectory(prefix="dnat-ssh-") as folder, \
            sshd(folder, 20_000 + os.getpid() % 20_000) as ssh:
        command = [*ssh, f"LC_ALL=C.UTF-8 exec {PROGRAM} attach --socket {router.socket}"]

        def consoles():
            answer = subprocess.run(["pgrep", "-f", f"show-console --socket {router.socket}"],
                                    text=True, capture_output=True)
            return answer.stdout.split()

        terminal = Terminal(command, 100, 30)
        check("through sshd the console shows", terminal.shows("LIVE", 60), terminal.text)
        terminal.type("2")
        check("and takes keys", show_entries(terminal), terminal.text)
        terminal.size(72, 20)
        check("and follows the size", terminal.until(
            lambda text: "LIVE" in text and max(map(len, text.splitlines())) <= 72), terminal.text)
        check("one console runs", len(consoles()) == 1, str(consoles()))
        os.kill(terminal.pid, signal.SIGKILL)
        began = time.monotonic()
        gone = eventually(lambda: not consoles(), 5)
        check(f"it is gone {time.monotonic() - began:.1f} s after the session was cut",
                    gone and time.monotonic() - began < 1.5)
        terminal.close()
    check("the router goes on", router.ctl("status")["state"] == "running")
