"""What an operator sees: each view, and what the router says of the same."""

import re

from suite import check, console, eventually


def test_views(router):
    with console(router, 120, 36) as terminal:
        shown = terminal.shows("LIVE") and terminal.shows("198.51.100.1")
        check("the console shows the router, live", shown, terminal.text)
        expected = {
            "2": ["SPI IN", "hosta", "hostb", "192.0.2.10", "192.0.2.20"],
            "3": ["SPI RANGE", "hosta", "10.0.0.11", "hostb", "10.0.0.12"],
            "4": ["ADDRESS", "192.0.2.10", "192.0.2.20", "valid"],
            "5": ["REASON", "SOURCE", "192.0.2.66"],
            "6": ["RATE/S", "spi-not-leased", "address-not-validated"],
            "7": ["INITIATOR SPI", "label", "open", "192.0.2.10", "192.0.2.20"],
            "8": ["QUARANTINE", "leased", "hosta", "hostb", "Occupancy", "reserved"],
            # The oldest row: what the router did first.
            "9G": ["ACTION", "leased slot", "router"],
            "1": ["spi-not-leased", "192.0.2.66"],
        }
        for key, texts in expected.items():
            terminal.type(*key)
            missing = [text for text in texts if not terminal.shows(text, 8)]
            check(f"view {key[0]} shows {', '.join(texts)}", not missing,
                  lambda: f"missing: {missing}\n{terminal.text()}")


def test_drop_statistics(router):
    """Three tables, three spans of time, counters since they were zeroed, and the offers of a drop."""
    with console(router, 120, 36) as terminal:
        terminal.shows("LIVE")
        terminal.type("6")
        check("drops by reason", terminal.shows("Drops by reason"), terminal.text)
        terminal.type("b")
        check("b shows them by source",
              terminal.shows("Drops by source") and terminal.shows("192.0.2.66"), terminal.text)
        terminal.type("b")
        check("and by host", terminal.shows("Drops by host") and terminal.shows("VIOLATIONS"),
              terminal.text)
        terminal.type("b", "w", "w")
        check("w shows a day of them", terminal.shows("24 h"), terminal.text)
        terminal.type("w")

        def count():
            terminal.pump(0.3)
            line = next((l for l in terminal.lines() if "spi-not-leased" in l), "")
            numbers = re.findall(r"\d+", line.split("spi-not-leased")[-1])
            return int(numbers[0]) if numbers else -1

        # Enough that what comes while the screen changes is still less.
        eventually(lambda: count() >= 20, 30)
        before, engine = count(), router.drops("spi-not-leased")
        terminal.type("Z")
        check("Z lets the counters begin anew", terminal.shows("since")
              and eventually(lambda: -1 < count() < before), terminal.text)
        check("and the router's go on", router.drops("spi-not-leased") >= engine > 0)
        terminal.type("t")
        check("t shows the last interval", terminal.shows("of the last interval"), terminal.text)
        terminal.type("5")
        terminal.shows("REASON")
        terminal.type("/", "reason=address-not-validated", "enter")
        terminal.until(lambda t: "port-not-leased" not in t)
        terminal.type("enter")
        check("the details of a drop offer what to do", terminal.shows("What can be done")
              and terminal.shows("validate 192.0.2."), terminal.text)
        terminal.type("O")
        check("and its keys do it", terminal.shows("Established SAs"), terminal.text)


def test_audit_shows_actions(router):
    """What an operator does by keys stands in the audit view, whole."""
    with console(router, 110, 40) as terminal:
        terminal.shows("LIVE")
        router.ctl("revoke", "203.0.113.77", "--reason", "seen-in-audit")
        terminal.type("9")
        check("an action is there at once", terminal.shows("203.0.113.77"), terminal.text)
        terminal.type("/", "203.0.113.77", "enter")
        terminal.until(lambda t: "leased slot" not in t)
        terminal.type("enter")
        check("with before, after and hash", terminal.shows("Before") and terminal.shows("SHA-256")
              and terminal.shows("seen-in-audit"), terminal.text)
        newest = router.ctl("audit")[-1]
        check("the hash is that of the log", terminal.shows(newest["hash"][:40]), terminal.text)
        router.ctl("unrevoke", "203.0.113.77")


def test_host_whole(router):
    with console(router, 110, 50) as terminal:
        terminal.shows("LIVE")
        terminal.type("3")
        terminal.shows("10.0.0.11")
        terminal.type("enter")
        check("Enter shows one host whole", terminal.shows("Busiest peers")
              and terminal.shows("IKE SA") and terminal.shows("192.0.2."), terminal.text)


def test_spi_allocations(router):
    """The screen has the slots that the router says it leased."""
    slots = {row["name"]: row["firstSPI"] for row in router.ctl("hosts")}
    with console(router, 132, 43) as terminal:
        terminal.shows("LIVE")
        terminal.type("3")
        for host, first in slots.items():
            line = eventually(
                lambda: next((l for l in terminal.lines() if host in l and first[2:] in l), None)
                or terminal.pump(0.1))
            check(f"the hosts view shows the SPI block of {host} ({first})", line, terminal.text)
