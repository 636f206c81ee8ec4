"""Who may look and who may act: real users in real groups, and a reload that changes the groups."""

import contextlib
import grp
import os
import socket
import struct
import subprocess
import sys

from checks import Failed, eventually, expect, expect_equal
from lab import Control, Refused, program, run

TARGET, OTHER = "203.0.113.77", "203.0.113.78"
ACTS = (("validate", {"address": OTHER, "host": "hosta"}),
        ("invalidate", {"address": OTHER, "host": "hosta"}), ("revoke", {"target": OTHER}),
        ("unrevoke", {"target": f"{TARGET}/32"}), ("suspend", {"host": "hosta"}),
        ("resume", {"host": "hosta"}), ("reload", {}), ("stop", {}))
# Connects as whoever runs it and hands the connection over.
CONNECT = """
import socket, sys
client = socket.socket(socket.AF_UNIX)
client.connect(sys.argv[1])
socket.send_fds(socket.socket(fileno=int(sys.argv[2])), [b"."], [client.fileno()])
"""


def check(results, site):
    with Accounts(site) as accounts:
        for title, function in (
                ("a new group counts from the next reload on", new_group),
                ("files and socket have the modes of the design", modes),
                ("members of one act, of the other look, others do neither", roles),
                ("a reload ends rights of connected clients at once", reload)):
            results.run(f"operators: groups: {title}", function, site, accounts)


class Accounts:
    """Groups and users of the machine, for the time of the block."""

    def __init__(self, site):
        self.site = site
        self.operators = site.settings["operators"]
        self.viewers = site.settings["viewers"]
        # Their members, and one who is in neither.
        self.users = {role: f"{site.name}-{role}" for role in ("act", "look", "none")}

    def __enter__(self):
        try:
            for group in (self.operators, self.viewers):
                self._run("groupadd", group)
            for role, user in self.users.items():
                groups = {"act": ["--groups", self.operators],
                          "look": ["--groups", self.viewers], "none": []}[role]
                self._run("useradd", "--no-create-home", "--no-user-group", "--gid", "nogroup",
                          "--shell", "/usr/sbin/nologin", *groups, user)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for user in self.users.values():
            run("userdel", user)
        for group in (self.operators, self.viewers):
            run("groupdel", group)

    @staticmethod
    def _run(*words):
        answer = run(*words)
        expect(answer.code == 0, f"{words}: {answer}")

    def options(self, role):
        """How `subprocess` starts something as that user."""
        user = self.users[role]
        groups = [group.gr_gid for group in grp.getgrall() if user in group.gr_mem]
        return {"user": user, "group": "nogroup", "extra_groups": groups}

    def ctl(self, role, *words):
        """The exit code of ctl, and what it says is wrong."""
        answer = subprocess.run(
            [program(), "ctl", *words, "--socket", self.site.socket], capture_output=True,
            text=True, timeout=30, cwd="/", stdin=subprocess.DEVNULL, **self.options(role))
        return answer.returncode, answer.stderr

    def connect(self, role):
        """A connection of that user's, which this process uses."""
        here, there = socket.socketpair()
        with here, there:
            subprocess.run(
                [sys.executable, "-c", CONNECT, self.site.socket, str(there.fileno())], cwd="/",
                check=True, timeout=30, pass_fds=[there.fileno()], **self.options(role))
            return Connected(socket.recv_fds(here, 1, 1)[1][0])


class Connected(Control):
    """A client of the control socket whose connection somebody else has made."""

    def __init__(self, descriptor):
        self.socket = socket.socket(fileno=descriptor)
        self.socket.settimeout(20)
        self.file, self.number = self.socket.makefile("rb"), 0

    def refusal(self, verb, arguments):
        """The code by which a request is refused; nothing where it is not."""
        try:
            self.ask(verb, **arguments)
        except Refused as refused:
            return refused.code
        return None


def access_list(path):
    """The groups that may use a file besides its own, with their permissions (acl(5))."""
    octets = os.getxattr(path, "system.posix_acl_access")[4:]
    entries = struct.iter_unpack("<HHI", octets)
    return {grp.getgrgid(number).gr_name: permissions
            for tag, permissions, number in entries if tag == 0x08}


def new_group(site, accounts):
    """The engine began before there was any of these groups."""
    for role in ("act", "look"):
        expect_equal("exit code before", accounts.ctl(role, "status")[0], 1)
    answer = site.ctl("reload")
    expect_equal("reload", (answer.code, answer.out), (0, "nothing changed\n"))
    for role in ("act", "look"):
        expect_equal("exit code and errors", accounts.ctl(role, "status"), (0, ""))


def modes(site, accounts):
    def mode(path):
        return f"{os.stat(path).st_mode & 0o7777:o}"
    folder = os.path.dirname(site.socket)
    expect_equal("mode of the folder", mode(folder), "750")
    expect_equal("mode of the socket", mode(site.socket), "660")
    groups = (accounts.operators, accounts.viewers)
    expect_equal("who may enter the folder", access_list(folder), dict.fromkeys(groups, 5))
    expect_equal("who may use the socket", access_list(site.socket), dict.fromkeys(groups, 6))
    for name in os.listdir(site.folder):
        # The keys are the test's; what names the engine's process is nobody's secret.
        if name.startswith("state.sqlite") and not name.endswith(".pid"):
            expect_equal(f"mode of {name}", mode(f"{site.folder}/{name}"), "600")


def roles(site, accounts):
    expect_equal("the operator's revoke", accounts.ctl("act", "revoke", TARGET), (0, ""))
    row = site.ask("audit", limit=1)[0]
    user = accounts.users["act"]
    expect_equal("actor", (row["action"], row["actor"]["name"]), ("revoke", user))
    for words in (("status",), ("sa",), ("audit",), ("revocations",)):
        expect_equal(f"the viewer's {words}", accounts.ctl("look", *words), (0, ""))
    before = (site.ask("sa"), site.ask("revocations"), site.ask("audit")[-1]["sequence"])
    code, errors = accounts.ctl("look", "unrevoke", TARGET)
    expect(code == 1 and "may look, but not" in errors, f"the viewer's unrevoke: {code}, {errors}")
    with contextlib.closing(accounts.connect("look")) as viewer:
        expect_equal("the viewer's role", viewer.ask("whoami")["role"], "viewer")
        for verb, arguments in ACTS:
            expect_equal(f"the viewer's {verb}", viewer.refusal(verb, arguments), "not-permitted")
    after = (site.ask("sa"), site.ask("revocations"), site.ask("audit")[-1]["sequence"])
    expect_equal("the state after all that", after, before)
    code, errors = accounts.ctl("none", "status")
    expect(code == 1 and errors.strip(), f"another user's status: {code}, {errors}")
    expect_equal("the operator's unrevoke", accounts.ctl("act", "unrevoke", TARGET), (0, ""))


def reload(site, accounts):
    operators, viewers = accounts.operators, accounts.viewers
    with (contextlib.closing(accounts.connect("act")) as operator,
          contextlib.closing(accounts.connect("look")) as viewer):
        for client in (operator, viewer):
            client.ask("subscribe", events=["changes"])
        try:
            # The other way round.
            change(site, operators=viewers, viewers=operators)
            expect_equal("role", operator.ask("whoami")["role"], "viewer")
            expect_equal("revoke", operator.refusal("revoke", {"target": TARGET}), "not-permitted")
            expect_equal("revoke", viewer.refusal("revoke", {"target": TARGET}), None)
            # Nobody may look any more; both are members of nothing that counts.
            change(site, operators=operators, viewers=f"{viewers}-none")
            expect_equal("role", operator.ask("whoami")["role"], "operator")
            ended(viewer)
            expect(accounts.ctl("look", "status")[0] == 1, "who may not look still looks")
            expect_equal("who may use the socket", access_list(site.socket), {operators: 6})
            change(site, operators=f"{operators}-none", viewers=viewers)
            ended(operator)
            expect(accounts.ctl("act", "revoke", OTHER)[0] == 1, "who may not act still acts")
            targets = {row["target"] for row in site.ask("revocations")}
            expect(f"{TARGET}/32" in targets and f"{OTHER}/32" not in targets, "another's revoke")
        finally:
            change(site, operators=operators, viewers=viewers)
            site.ask("unrevoke", target=TARGET)


def change(site, **groups):
    site.configure(**groups)
    answer = site.ctl("reload")
    expect(answer.code == 0, f"reload: {answer}")


def ended(client):
    """The engine has closed the connection, and serves nothing on it."""
    def is_closed():
        try:
            client.ask("status")
        except (Failed, OSError):
            return True
        raise Failed("who may not look any more is answered")
    eventually("the connection ends", is_closed)
