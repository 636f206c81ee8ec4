"""What an operator does to peers and hosts, and what the router then does to packets."""

import os
import re

from acting import ballast
from suite import check, confirm, console, eventually, pinging, press_button


def test_revoke(router):
    """Finds a peer, revokes it by keys, sees its drops rise; the other peer goes on; lifts it."""
    with ballast(router), pinging(router, "peer2", "198.51.100.1"), console(router, 100, 30) as terminal:
        terminal.shows("LIVE")
        terminal.type("4")
        terminal.shows("192.0.2.20")
        terminal.type("/", "192.0.2.20", "enter")
        terminal.pump(2.5)  # until the router has measured the pings
        check("the filter leaves the peer alone",
              terminal.until(lambda t: "192.0.2.20" in t and "192.0.2.10" not in t), terminal.text)

        terminal.type("x")
        check("x asks before it revokes", terminal.shows("Revoke an address"), terminal.text)
        check("the question says what would happen", terminal.shows("Now:"), terminal.text)
        terminal.pump(0.3)
        terminal.type("escape")
        terminal.hides("Revoke an address")
        os.write(terminal.master, b"x\r\rx")
        terminal.pump(1.0)
        check("keys typed ahead revoke nothing", terminal.shows("Revoke an address")
              and router.revoked() == [], terminal.text)
        terminal.type("enter")
        check("the question opens on Cancel", terminal.hides("Revoke an address")
              and router.revoked() == [], terminal.text)

        before = router.drops("address-revoked")
        terminal.type("x")
        check("the button Revoke can be reached", press_button(terminal, "Revoke"), terminal.text)
        check("the router has the revocation",
              eventually(lambda: router.revoked() == ["192.0.2.20/32"]), router.revoked)
        rows = router.ctl("revocations")
        check("it says who revoked", rows and rows[0]["by"], lambda: str(rows))
        check("no entry of the peer is left", router.ctl("sa", "--address", "192.0.2.20") == [])
        check("the screen says revoked", terminal.shows("revoked"), terminal.text)
        check("its packets are dropped as revoked",
              eventually(lambda: router.drops("address-revoked") > before + 3))

        terminal.type("6")
        terminal.shows("address-revoked")

        def shown_count():
            terminal.pump(0.3)
            line = next((l for l in terminal.lines() if "address-revoked" in l), "")
            numbers = re.findall(r"\d+", line.split("address-revoked")[-1])
            return int(numbers[0]) if numbers else -1

        first = shown_count()
        check("the drops view shows them rise",
              eventually(lambda: shown_count() > first > -1), terminal.text)
        other = router.packets("192.0.2.10")
        check("the other peer's traffic goes on",
              eventually(lambda: router.packets("192.0.2.10") > other + 3))

        terminal.type("4")
        check("the view has kept its filter",
              terminal.until(lambda t: "192.0.2.20" in t and "192.0.2.10" not in t), terminal.text)
        terminal.type("X")
        check("lifting it asks", confirm(terminal, "Lift"), terminal.text)
        check("the revocation is lifted", eventually(lambda: router.revoked() == []))
    check("the peer is validated again and its traffic flows",
          eventually(lambda: router.packets("192.0.2.20") > 3, 60))


def test_validate_and_invalidate(router):
    with ballast(router), console(router, 140, 40) as terminal:
        terminal.shows("LIVE")
        terminal.type("v")
        terminal.shows("Validate an address")
        terminal.pump(0.3)
        for _ in range(12):
            x, y = terminal.screen.cursor.x, terminal.screen.cursor.y
            if " Address " in terminal.screen.display[y][:x]:
                break
            terminal.type("tab")
        for _ in range(20):
            terminal.type("backspace")
        terminal.type("203.0.113.7")
        check("the button Validate can be reached", press_button(terminal, "Validate"),
              terminal.text)
        check("the router has the operator's entry", eventually(
            lambda: [r["origin"] for r in router.ctl("sa", "--address", "203.0.113.7")]
            == ["operator"]), terminal.text)
        terminal.type("2", "/", "203.0.113.7", "enter")
        check("the SA table shows it", terminal.until(
            lambda t: any("203.0.113.7" in l and "operator" in l for l in t.splitlines())),
            terminal.text)
        terminal.type("i")
        check("i asks before it removes it", confirm(terminal, "Invalidate"), terminal.text)
        check("the router has it no more",
              eventually(lambda: router.ctl("sa", "--address", "203.0.113.7") == []))


def test_suspend(router):
    def state():
        return {row["name"]: row["state"] for row in router.ctl("hosts")}["hostb"]

    with ballast(router), console(router, 100, 30) as terminal:
        terminal.shows("LIVE")
        terminal.type("3", "/", "hostb", "enter")
        terminal.until(lambda t: "hostb" in t and "10.0.0.11" not in t)
        terminal.type("z")
        check("z asks before it suspends", confirm(terminal, "Suspend"), terminal.text)
        check("the host is suspended", eventually(lambda: state() == "suspended"))
        check("the screen says so", terminal.shows("suspended"), terminal.text)
        terminal.type("z")
        check("and before it resumes", confirm(terminal, "Resume"), terminal.text)
        check("the host is active again", eventually(lambda: state() == "active"))


def test_read_only(router):
    with console(router, 100, 30, options=["--read-only"]) as terminal:
        terminal.shows("LIVE")
        terminal.type("4")
        terminal.shows("192.0.2.20")
        terminal.type("x")
        check("a read-only console asks no question, and says why",
              not terminal.shows("Revoke an address", 1.5) and "may only look" in terminal.text(),
              terminal.text)
