"""Every action of the program's own table, by every key that the table gives it.

Each proof says what is done first, and what the screen has only once the key was pressed. An action
of the table without a proof fails, as does a proof of something that is no action any more.
"""

import contextlib
import re
import subprocess

from acting import BALLAST, ballast, ends, filtered
from suite import LOOK, PROGRAM, check, children, press_button, state
from terminal import KEYS, Terminal


# MARK: - What is on the screen

def text(pattern):
    return lambda terminal: re.search(pattern, terminal.text())


def without(pattern):
    return lambda terminal: not re.search(pattern, terminal.text())


def header(pattern):
    """The line with the names of the columns."""
    return lambda terminal: re.search(pattern, terminal.lines()[4])


def last(pattern):
    return lambda terminal: re.search(pattern, terminal.lines()[-1])


def cursor(pattern):
    """The row under the cursor."""
    return lambda terminal: any(
        line.startswith("▌") and re.search(pattern, line) for line in terminal.lines())


def row(first, last=None):
    """The cursor is on one of those rows of a table; from the end if they are negative."""
    def found(terminal):
        place = re.search(r" (\d+)-\d+ of (\d+) ─", terminal.lines()[3])
        line = next((y for y, line in enumerate(terminal.lines()) if line.startswith("▌")), None)
        if not place or line is None:
            return False
        here, count = int(place[1]) + line - 5, int(place[2])
        wanted = [number if number > 0 else count + 1 + number for number in (first, last or first)]
        return wanted[0] <= here <= wanted[1]
    return found


def both(one, other):
    return lambda terminal: one(terminal) and other(terminal)


def is_stopped(terminal):
    """The console stands, and the terminal is as it was found."""
    job = children(terminal.pid)[0]
    stands = all(state(pid) == "T" for pid in [job, *children(job)])
    return stands and terminal.restored()


def copied(address):
    """The clipboard of the terminal has a row with that address."""
    return lambda terminal: terminal.clipboard() and address in terminal.clipboard()


# MARK: - What is done before and after

def until(condition):
    return lambda terminal, router: terminal.until(lambda _: condition(terminal))


def only(view, words):
    """One row alone in a view."""
    def narrow(terminal, router):
        filtered(terminal, view, words)
        terminal.until(lambda shown: " 1-1 of 1" in shown)
    return narrow


def accept(terminal, router):
    """Says yes to a question in one line."""
    ends(terminal, "y yes")
    terminal.pump(0.3)
    terminal.type("y")


def wiped(terminal, router):
    """Another program has cleared the screen."""
    terminal.pump(0.3)
    terminal.stream.feed(b"\x1b[2J")


def go_on(terminal, router):
    """The shell fetches the job that was stopped."""
    terminal.type("enter")
    terminal.shows("LIVE")


def revoke_own_address(terminal, router):
    """The console's own SSH session comes from there: the revocation is provisional."""
    only("4", BALLAST[1])(terminal, router)
    terminal.type("x")
    terminal.shows("unless K keeps it")
    terminal.pump(0.3)
    press_button(terminal, "Revoke")
    ends(terminal, r"K keep \(")


def lift_all(terminal, router):
    for target in router.revoked():
        router.ctl("unrevoke", target)


VIEWS = list("123456789")


class Proof:
    """`before` and `after` are keys and functions; `effect` comes true by the key alone."""

    def __init__(self, before, effect, after=("escape",)):
        self.before, self.effect, self.after = before, effect, after


def goes_to(place):
    return Proof(("1" if place else "2",), text(LOOK[place]), ())


PROOFS = {
    "cursor-up": Proof(("4", "g", "j", "j", until(row(3))), row(2)),
    "cursor-down": Proof(("4", "g", until(row(1))), row(2)),
    "scroll-left": Proof(("2", "l", until(header("^(?!.*PEER)"))), header("HOST.*PEER"), ()),
    "scroll-right": Proof(("2", until(header("PEER"))), header("^(?!.*PEER).*HOST"), ("h",)),
    "page-up": Proof(("4", "G", until(row(-1))), row(2, -10), ()),
    "page-down": Proof(("4", "g", until(row(1))), row(10, -2), ()),
    "first": Proof(("4", "G", until(row(-1))), row(1), ()),
    "last": Proof(("4", "g", until(row(1))), row(-1), ()),
    **{f"go-{name}": goes_to(place) for place, name in enumerate(
        ("overview", "sa", "hosts", "peers", "log", "drops", "ike", "ports", "audit"))},
    "next-view": Proof(("2", until(text(LOOK[1]))), text(LOOK[2]), ()),
    "previous-view": Proof(("2", until(text(LOOK[1]))), text(LOOK[0]), ()),
    "details": Proof(("2", "g"), both(without(LOOK[1]), text("Validated by"))),
    "back": Proof(("2", "enter", until(without(LOOK[1]))), text(LOOK[1]), ()),
    "help": Proof(("2",), text("── Keys ─")),
    "command": Proof(("2",), text("Tab completes")),
    "history-back": Proof(("3", "4", until(text(LOOK[3]))), text(LOOK[2]), ()),
    "history-forward": Proof(("3", "4", "[", until(text(LOOK[2]))), text(LOOK[3]), ()),

    "filter": Proof(("2",), both(text("\n filter: "), last("Enter keep"))),
    "show-in-log": Proof(("4", "g"), both(text("Drop log"), text("filter: source="))),
    "show-entries": Proof(("3", "g"), both(text(LOOK[1]), text("filter: host=hosta"))),
    "sort-left": Proof(("2", "s", "g", "enter", ">", until(header("PEER[▲▼]"))),
                       header("HOST[▲▼]"), ()),
    "sort-right": Proof(("2", "s", "g", "enter", until(header("HOST[▲▼]"))),
                        header("PEER[▲▼]"), ("<",)),
    "reverse": Proof(("4", until(header("ADDRESS▲"))), header("ADDRESS▼"), ("r",)),
    "strip": Proof(("2",), without("d hides"), ("d",)),
    "find": Proof(("2",), both(text("\n find: "), last("Enter find"))),
    "find-next": Proof(("4", "g", "f3", "\x15203.0.113.13", "enter",
                        until(cursor("113.130"))), cursor("113.131"), ()),
    "find-previous": Proof(("4", "g", "f3", "\x15203.0.113.13", "enter", "n",
                            until(cursor("113.131"))), cursor("113.130"), ()),
    "filter-by-cell": Proof(("2", "g"), text("─ Filter by")),
    "sort-menu": Proof(("2",), text("─ Sort SA by")),
    "columns": Proof(("2",), text("─ Columns of SA")),
    "follow": Proof(("5", "j", "j", until(without("FOLLOW"))), text("FOLLOW"), ()),

    "drop-table": Proof(("6", until(text(LOOK[5]))), text("Drops by source"), ("b", "b")),
    "graph-span": Proof(("6", until(text("trend of 1 min"))), text("trend of 10 min"), ("w", "w")),
    "interval": Proof(("6",), text("of the last interval"), ("t",)),
    "zero": Proof(("6",), text(r"── Drops by reason.* since "), ()),

    "mark": Proof(("4", "g"), text("1 marked"), ("U",)),
    "mark-range": Proof(("4", "g", "V", "j", "j"), text("3 marked"), ("U",)),
    "mark-all": Proof(("4",), text(r"4\d marked"), ("U",)),
    "mark-none": Proof(("4", "g", " ", until(text("1 marked"))), without(r"marked \("), ()),
    "marked-only": Proof(("4", "g", " ", until(text("1 marked"))), text("marked only"),
                         ("m", "U")),

    "validate": Proof(("4",), text("─ Validate an address")),
    "invalidate": Proof((only("4", BALLAST[0]),), last("invalidate .*y yes"),
                        ("n", "escape", "escape")),
    "revoke": Proof((only("4", BALLAST[0]),), last("revoke .*y yes"), ("n", "escape", "escape")),
    "lift": Proof((lambda _, router: router.ctl("revoke", "203.0.113.77"),
                   only("4", "203.0.113.77")), last("lift .*y yes"),
                  ("n", "escape", "escape", lift_all)),
    "suspend": Proof((only("3", "hosta"),), text("Suspend .*host|suspend hosta"),
                     ("escape", "escape", "escape")),
    "undo": Proof((only("4", BALLAST[0]), "x", accept, until(last("u undo"))),
                  last("undo revoke .*y yes"), (accept, "escape", "escape")),
    "keep": Proof((revoke_own_address,), without(r"K keep \("), (lift_all, "escape", "escape")),
    "reason": Proof(("4",), last("reason of the following actions:")),
    "lock": Proof(("4",), text("read-only"), ("L", accept)),

    "time-format": Proof(("2",), last("times: "), ()),
    "slower": Proof(("2",), last(r"refresh: 0\.5 Hz"), ()),
    "faster": Proof(("2",), last("refresh: 1 Hz"), ()),
    "settings": Proof(("2",), text("─ Settings ─")),
    "freeze": Proof(("2",), text("FROZEN")),
    "copy": Proof((only("4", BALLAST[7]),), copied(BALLAST[7]), ("escape",)),
    "copy-mode": Proof(("2",), without("─")),
    "export": Proof(("2",), text("─ Export ")),
    "mouse": Proof(("2",), lambda terminal: terminal.has_mouse(), ("M",)),
    "redraw": Proof(("2", until(text(LOOK[1])), wiped), text(LOOK[1]), ()),
    "stop": Proof(("2",), is_stopped, (go_on,)),
    "quit": Proof(("2",), lambda terminal: terminal.ended(0.1) == 0, ()),
}


def table():
    """The program's own list: the keys of each action."""
    said = subprocess.run([PROGRAM, "keys"], capture_output=True, text=True, check=True).stdout
    rows = [re.split(r" {2,}", line.strip()) for line in said.splitlines()
            if line.startswith("  ")]
    return {row[1]: row[0].split(" ") for row in rows}


def octets(label):
    """What a terminal sends for a key as the table writes it."""
    names = {"PgUp": "pageup", "PgDn": "pagedown", "Esc": "escape", "S-Tab": "backtab"}
    if label == "Space":
        return " "
    if re.fullmatch(r"\^[A-Z]", label):
        return chr(ord(label[1]) - 64)
    name = names.get(label, label.lower())
    return KEYS[name] if len(label) > 1 else label


def act(terminal, router, steps):
    for step in steps:
        step(terminal, router) if callable(step) else terminal.type(step)
        # Keys of rows mean nothing before a view has rows.
        if step in VIEWS:
            terminal.until(lambda _: cursor("")(terminal) or step == "1")
            terminal.shows(LOOK[int(step) - 1])


def prove(terminal, router, name, label):
    """The screen has the effect with the key, and has not without."""
    proof = PROOFS[name]
    act(terminal, router, proof.before)
    terminal.pump(0.1)
    alone = terminal.until(lambda _: not proof.effect(terminal), 8)
    terminal.type(octets(label))
    done = terminal.until(lambda _: proof.effect(terminal), 8)
    check(f"{label}: {name}", alone and done,
          lambda: ("" if alone else "before the key:\n") + terminal.text())
    # A dialog takes no keys in its first moments.
    terminal.pump(0.25)
    if terminal.status is None:
        act(terminal, router, proof.after)


def job(router, env):
    """A console as the job of a shell: stopped, it gives the terminal back until Enter."""
    shell = 'set -m; "$@"; end=$?; [ $end = 148 ] && read -r _ && fg && end=$?; exit $end'
    command = [PROGRAM, "attach", "--socket", router.socket]
    return Terminal(["bash", "-c", shell, "-", *command], 110, 32, env=env)


def test_every_action(router):
    keys = table()
    check("the table of actions is read", len(keys) > 60, keys)
    check("every action of the table has a proof here", set(keys) <= set(PROOFS),
          sorted(set(keys) - set(PROOFS)))
    check("and every proof is of an action", set(PROOFS) <= set(keys),
          sorted(set(PROOFS) - set(keys)))
    session = {"SSH_CONNECTION": f"{BALLAST[1]} 50000 198.51.100.1 22"}
    pairs = [(name, label) for name, labels in keys.items() for label in labels
             if name in PROOFS]
    with ballast(router):
        while pairs:
            with contextlib.closing(job(router, session)) as terminal:
                terminal.shows("LIVE")
                while pairs and terminal.status is None:
                    prove(terminal, router, *pairs.pop(0))
