"""Acting safely: marks, the tiers of asking, undo, provisional changes, locking, presence."""

import contextlib
import re

from suite import check, console, eventually, pinging, press_button

# Addresses that only the operator validates: entries without traffic, so that a peer of the
# laboratory is not a quarter of all.
BALLAST = [f"203.0.113.{number}" for number in range(100, 140)]


@contextlib.contextmanager
def ballast(router):
    router.ask([("validate", {"address": address, "host": "hosta", "for": 3600})
                for address in BALLAST])
    try:
        yield
    finally:
        router.ask([("unrevoke", {"target": target}) for target in router.revoked()])
        router.ask([("invalidate", {"address": address}) for address in BALLAST])


def last(terminal):
    terminal.pump(0.1)
    return terminal.lines()[-1]


def ends(terminal, pattern, seconds=8.0):
    """Whether the last line comes to hold a pattern."""
    return terminal.until(lambda text: re.search(pattern, text.splitlines()[-1]), seconds)


def filtered(terminal, view, text, seconds=15.0):
    """Shows a view with a filter, and waits for its rows."""
    terminal.type(view, "/")
    terminal.type("\x15" + text, "enter")
    return terminal.until(lambda shown: f"filter: {text}" in shown, seconds)


def test_marks(router):
    with ballast(router), console(router, 100, 30) as terminal:
        terminal.shows("LIVE")
        terminal.type("3")
        terminal.until(lambda shown: re.search("^.. hostb", shown, re.MULTILINE))
        terminal.type("g", " ", " ")
        check("Space marks and goes on", terminal.shows("2 marked (0 hidden)"), terminal.text)
        rows = [line for line in terminal.lines() if re.search(r"\*host[ab]", line)]
        check("marked rows have a glyph", len(rows) == 2, terminal.text)
        terminal.type(">", "r")
        check("marks stay through another order", terminal.shows("2 marked (0 hidden)")
              and len(re.findall(r"\*host[ab]", terminal.text())) == 2, terminal.text)
        filtered(terminal, "3", "hostb")
        check("what the filter hides is counted", terminal.shows("2 marked (1 hidden)"),
              terminal.text)
        filtered(terminal, "3", "10.0.0.99")
        check("all of it", terminal.shows("2 marked (2 hidden)"), terminal.text)
        terminal.type("z")
        check("and not acted on", terminal.shows("hidden by the filter"), terminal.text)
        check("  so no host is suspended",
              all(row["state"] != "suspended" for row in router.ctl("hosts")))
        terminal.type("U")
        check("U takes all marks off", terminal.hides("marked ("), terminal.text)

        filtered(terminal, "4", "203.0.113.0/24")
        terminal.shows("203.0.113.100")
        terminal.type("*")
        check("* marks all that match", terminal.shows(f"{len(BALLAST)} marked (0 hidden)"),
              terminal.text)
        terminal.type("escape")
        check("Escape takes marks before the filter", terminal.hides("marked (")
              and "filter: 203.0.113.0/24" in terminal.text(), terminal.text)
        terminal.type("g", "V", "down", "down", "V")
        check("V marks a range", terminal.shows("3 marked (0 hidden)"), terminal.text)
        terminal.type("m")
        check("m shows marked rows only", terminal.until(
            lambda text: "203.0.113.102" in text and "203.0.113.103" not in text),
            terminal.text)
        router.ctl("invalidate", "203.0.113.101")
        check("what is gone loses its mark, and that is said",
              terminal.shows("1 marked row is gone") and terminal.shows("2 marked (0 hidden)"),
              terminal.text)
        terminal.type("m")
        check("m again shows all", terminal.shows("203.0.113.103"), terminal.text)


def test_lines(router):
    """Tier 1: one line, only y; undo with its countdown."""
    address = BALLAST[0]
    with ballast(router), console(router, 100, 30) as terminal:
        terminal.shows("LIVE")
        filtered(terminal, "4", address)
        terminal.until(lambda text: "203.0.113.101" not in text and address in text)
        for key in ("n", "x", "enter", "escape"):
            terminal.type("x")
            shown = ends(terminal, f"revoke {address} for all hosts\\?.*y yes")
            check(f"x asks in one line, {key} is no", shown, terminal.text)
            terminal.pump(0.3)
            terminal.type(key)
            terminal.pump(0.3)
        terminal.type("xy")
        terminal.pump(1.0)
        terminal.type("escape")
        check("nothing of it was done, nor what was typed ahead", router.revoked() == [],
              router.revoked)
        terminal.type("x")
        ends(terminal, "y yes")
        terminal.pump(0.3)
        terminal.type("y")
        check("y revokes", eventually(lambda: router.revoked() == [f"{address}/32"]),
              terminal.text)
        check("the answer and the countdown stand in one line",
              ends(terminal, r"\[ok\].*u undo \([45]:\d\d\)"), terminal.text)
        terminal.type("u")
        check("u asks", ends(terminal, f"undo revoke {address} for all hosts\\?"),
              terminal.text)
        terminal.pump(0.3)
        terminal.type("y")
        check("the revocation is lifted", eventually(lambda: router.revoked() == []),
              terminal.text)
        check("  and its entry is back",
              eventually(lambda: len(router.ctl("sa", "--address", address)) == 1))
        check("  and the countdown is over", terminal.hides("u undo ("), terminal.text)
        terminal.type("u")
        check("nothing is left to undo", terminal.shows("there is nothing to undo"),
              terminal.text)


def test_lists(router):
    """Tiers 2 to 4: dialog, list with count and reason, the router's name."""
    with ballast(router), pinging(router, "peer2", "198.51.100.1"), \
            console(router, 110, 36) as terminal:
        terminal.shows("LIVE")
        filtered(terminal, "4", "192.0.2.20")
        terminal.until(lambda text: "192.0.2.20" in text and "192.0.2.10" not in text)
        terminal.pump(2.5)  # until the router has measured the pings
        terminal.type("x")
        check("live traffic opens a dialog", terminal.shows("Revoke an address")
              and terminal.shows("packets/s now"), terminal.text)
        check("  that asks for no count", "Count" not in terminal.text(), terminal.text)
        terminal.pump(0.3)
        terminal.type("escape")
        terminal.hides("Revoke an address")

        filtered(terminal, "4", "203.0.113.0/24")
        terminal.shows("203.0.113.100")
        terminal.type("g", " ", " ", " ", "x")
        check("several objects are listed", terminal.shows("Revoke the marked rows")
              and terminal.shows("* 203.0.113.102"), terminal.text)
        check("  and their count is to be typed", terminal.shows("type 3, the objects"),
              terminal.text)
        router.ctl("revoke", "203.0.113.101")
        router.ctl("unrevoke", "203.0.113.101")
        terminal.pump(0.3)
        check("Revoke alone is not enough", press_button(terminal, "Revoke")
              and terminal.shows("a reason is required") and router.revoked() == [],
              terminal.text)
        terminal.type("maintenance", "tab")
        shown = terminal.text()
        count = re.search(r"type (\d+), the objects", shown)
        terminal.type(count.group(1) if count else "?", "tab")
        press_button(terminal, "Revoke")
        wanted = {"203.0.113.100/32", "203.0.113.102/32"}
        check("reason and count revoke them",
              eventually(lambda: wanted <= set(router.revoked())), terminal.text)
        reasons = {row["reason"] for row in router.ctl("revocations")}
        check("  with the reason", reasons == {"maintenance"}, lambda: str(reasons))
        check("one line answers", ends(terminal, r"\[(ok|!!)\]"), terminal.text)
        terminal.type("u")
        ends(terminal, r"undo revoke \d addresses\?")
        terminal.pump(0.3)
        terminal.type("y")
        check("one undo lifts all of them",
              eventually(lambda: router.revoked() == []), terminal.text)

        terminal.type("escape", "escape")
        filtered(terminal, "4", "203.0.113.0/24")
        terminal.shows("203.0.113.102")
        terminal.type("*")
        terminal.shows("marked (0 hidden)")
        terminal.type("x")
        check("more than a quarter wants the router's name",
              terminal.shows("type 198.51.100.1, this router"), terminal.text)
        count = re.search(r"type (\d+), the objects", terminal.text())
        terminal.pump(0.3)
        press_button(terminal, "Revoke")
        terminal.type("drill", "tab", count.group(1) if count else "?", "tab")
        terminal.type("198.51.100.2", "tab")
        press_button(terminal, "Revoke")
        check("another name is refused", terminal.shows("is not 198.51.100.1")
              and router.revoked() == [], terminal.text)
        terminal.type("\x15198.51.100.1", "tab")
        press_button(terminal, "Revoke")
        check("the right one revokes all", eventually(
            lambda: count and len(router.revoked()) == int(count.group(1))), terminal.text)
        check("the marks of what is done are gone", terminal.hides("marked ("), terminal.text)


def test_provisional(router):
    """What covers the operator's own address is rolled back, unless K keeps it."""
    address = BALLAST[1]
    session = {"SSH_CONNECTION": f"{address} 50000 198.51.100.1 22"}

    def revoke(terminal):
        terminal.shows("LIVE")
        filtered(terminal, "4", address)
        terminal.until(lambda text: "203.0.113.100" not in text and address in text)
        terminal.type("x")
        warned = terminal.shows("unless K keeps it")
        terminal.pump(0.3)
        press_button(terminal, "Revoke")
        done = eventually(lambda: router.revoked() == [f"{address}/32"])
        return warned, done

    with ballast(router):
        with console(router, 100, 30, env=session) as terminal:
            warned, done = revoke(terminal)
            check("the own address is warned of", warned, terminal.text)
            check("  and can be revoked", done, terminal.text)
            check("K counts down", ends(terminal, r"K keep \([01]:\d\d\)"), terminal.text)
            terminal.hang_up()
            check("a hang-up rolls it back at once",
                  eventually(lambda: router.revoked() == [], 5))
        with console(router, 100, 30, env=session) as terminal:
            revoke(terminal)
            ends(terminal, "K keep")
            terminal.type("K")
            check("K keeps it", terminal.hides("K keep ("), terminal.text)
            terminal.type("q")
            terminal.ended()
            check("  beyond the session", router.revoked() == [f"{address}/32"],
                  router.revoked)


def test_lock_and_reason(router):
    with ballast(router), console(router, 100, 30) as terminal:
        terminal.shows("LIVE")
        filtered(terminal, "4", BALLAST[2])
        terminal.until(lambda text: "203.0.113.100" not in text and BALLAST[2] in text)
        terminal.type("L")
        check("L locks at once", terminal.shows("read-only"), terminal.text)
        terminal.type("x")
        check("a locked console says how it is unlocked",
              terminal.shows("this console is locked; L unlocks it"), terminal.text)
        terminal.type("L")
        ends(terminal, "unlock this console")
        terminal.pump(0.3)
        terminal.type("n")
        check("unlocking asks, and n is no", terminal.shows("read-only"), terminal.text)
        terminal.type("L")
        ends(terminal, "unlock this console")
        terminal.pump(0.3)
        terminal.type("y")
        check("y unlocks", terminal.hides("read-only"), terminal.text)
        terminal.type("R", "INC-4711", "enter")
        check("the reason that is set is shown", terminal.shows("reason: INC-4711"),
              terminal.text)
        terminal.type("x")
        check("and stays beside the question", ends(terminal, "y yes")
              and "reason: INC-4711" in terminal.text(), terminal.text)
        terminal.pump(0.3)
        terminal.type("y")
        eventually(lambda: router.revoked() != [])
        rows = router.ctl("revocations")
        check("and goes with the action", [row["reason"] for row in rows] == ["INC-4711"],
              lambda: str(rows))


def test_presence(router):
    with console(router, 100, 30) as one:
        one.shows("LIVE")
        check("alone, nobody is named", "  with " not in one.lines()[0], one.text)
        with console(router, 100, 30) as other:
            other.shows("LIVE")
            check("another console is named in the title",
                  one.until(lambda text: "  with " in text.splitlines()[0]), one.text)
            check("  in both", other.until(lambda text: "  with " in text.splitlines()[0]),
                  other.text)
            one.type("4")
            one.shows("192.0.2.20")
            router.ctl("revoke", "192.0.2.99")
            check("what others do is shown", one.shows("192.0.2.99", 3), one.text)
            router.ctl("unrevoke", "192.0.2.99")
        check("and it goes when it is gone",
              one.until(lambda text: "  with " not in text.splitlines()[0]), one.text)
