"""Tables: order, columns, finding, filters, and the way back."""

import os
import pathlib
import re
import tempfile

from suite import check, console, eventually, kept


def test_sort_and_bad_filter(router):
    with console(router, 100, 30) as terminal:
        terminal.shows("LIVE")
        terminal.type("2")
        terminal.shows("SPI IN")

        def hosts():
            terminal.pump(0.5)
            return [m.group(0) for line in terminal.lines()
                    if (m := re.search(r"\bhost[ab]\b", line)) and "0x" in line]

        for _ in range(14):
            if (seen := hosts()) and seen == sorted(seen) and len(set(seen)) == 2:
                break
            terminal.type("<")
        check("rows can be sorted by host", seen == sorted(seen) and len(set(seen)) == 2,
              terminal.text)
        terminal.type("r")
        check("and the order reversed", eventually(
            lambda: (now := hosts()) == sorted(now, reverse=True) and len(set(now)) == 2),
            terminal.text)
        terminal.type("/", "nosuchfield=1", "enter")
        check("a wrong filter is explained", terminal.shows("nosuchfield"), terminal.text)
        terminal.type("escape", "escape")
        check("and leaving it brings the rows back", terminal.shows("hosta"), terminal.text)


def test_columns_and_order(router):
    with tempfile.TemporaryDirectory() as folder:
        env = {"XDG_CONFIG_HOME": folder}
        with console(router, env=env) as terminal:
            terminal.shows("LIVE")
            terminal.type("2")
            terminal.shows("SPI IN")
            terminal.type("C")
            check("C lists the columns", terminal.shows("Columns of SA"), terminal.text)
            terminal.type("j", " ", "escape")
            check("a column can be hidden", terminal.until(lambda t: " PROTO " not in t),
                  terminal.text)
            check("it is kept at once", eventually(lambda: '"PROTO"' in kept(folder)),
                  lambda: kept(folder))
            mode = os.stat(f"{folder}/dnat-console/state.toml").st_mode & 0o777
            check("in a file that others cannot write", mode == 0o600, oct(mode))
            terminal.type("s", "G", "enter")
            check("s sorts by a column", eventually(lambda: 'sort = "origin"' in kept(folder)),
                  lambda: kept(folder))
            terminal.type("T", "T")
            check("T writes times by the clock",
                  terminal.until(lambda t: re.search(r"\d\d:\d\d:\d\d +(\d\d-\d\d )?\d\d:\d\d", t)),
                  terminal.text)
            terminal.type("}", "}", "}")
            check("} makes the refresh faster", terminal.shows("refresh: 10 Hz"), terminal.text)
        with console(router, env=env) as terminal:
            terminal.shows("LIVE")
            terminal.type("2")
            terminal.shows("SPI IN")
            check("the next console has it all", " PROTO " not in terminal.text()
                  and 'refresh = "10"' in kept(folder) and 'time = "utc"' in kept(folder),
                  lambda: terminal.text() + kept(folder))
            for _ in range(14):
                terminal.type("l")
            check("l scrolls to the last column and keeps the first", terminal.until(
                lambda t: "BY" in t and "HOST" in t and "hosta" in t), terminal.text)
            for _ in range(14):
                terminal.type("h")
            check("h scrolls back", terminal.until(lambda t: "PEER" in t and "SPI IN" in t),
                  terminal.text)


def test_settings_that_cannot_be_kept(router):
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "dnat-console").write_text("in the way")
        with console(router, 100, 30, env={"XDG_CONFIG_HOME": folder}) as terminal:
            terminal.shows("LIVE")
            terminal.type("d")
            terminal.type("{")
            check("that settings cannot be kept is said", terminal.shows("settings are not kept"),
                  terminal.text)
            terminal.type("}", "2")
            check("once, and the console goes on", terminal.hides("settings are not kept", 12)
                  and terminal.shows("SPI IN"), terminal.text)


def test_find(router):
    with console(router, 100, 30) as terminal:
        terminal.shows("LIVE")
        terminal.type("2")
        terminal.shows("SPI IN")
        terminal.type("f3")
        check("F3 asks for a text", terminal.shows("find:"), terminal.text)
        terminal.type("192.0.2.20", "enter")
        check("F3 goes to a row with the text", terminal.until(
            lambda t: any("192.0.2.20" in l and "──" in l for l in t.splitlines())),
            terminal.text)
        terminal.type("n")
        terminal.pump(0.5)
        terminal.type("N")
        check("n and N go on and back", terminal.until(
            lambda t: any("192.0.2.20" in l and "──" in l for l in t.splitlines())),
            terminal.text)
        terminal.type("f3", "no-such-text", "enter")
        check("a text that is nowhere is said", terminal.shows("no row has 'no-such-text'"),
              terminal.text)


def test_find_beyond_the_screen(router):
    """The log is longer than the screen: what is found need not be on it."""
    oldest = eventually(lambda: (rows := router.ctl("drops", "--last", "400")) and len(rows) > 120
                        and rows, 60)
    with console(router, 100, 30) as terminal:
        terminal.shows("LIVE")
        terminal.type("5")
        terminal.shows("FOLLOW")
        spi = next((row["spi"] for row in oldest if row["spi"]), None)
        terminal.type("f3", spi, "enter")
        check("a row far below is found", terminal.until(lambda t: spi in t and "FOLLOW" not in t),
              terminal.text)
        terminal.type("p", "end")
        check("End thaws and follows again", terminal.shows("FOLLOW"), terminal.text)


def test_filter_by_cell(router):
    with console(router, 100, 30) as terminal:
        terminal.shows("LIVE")
        terminal.type("2")
        terminal.shows("192.0.2.20")
        terminal.type("/", "hostb", "enter", "=")
        check("= lists the cells of the row", terminal.shows("host=hostb"), terminal.text)
        terminal.type("!")
        check("! takes them away", terminal.shows("nothing matches the filter"), terminal.text)
        terminal.type("escape")
        terminal.shows("hosta")
        terminal.pump(0.5)
        terminal.type("=")
        terminal.shows("Filter by")
        terminal.type("enter")
        check("Enter keeps only these", terminal.until(lambda t: re.search(r"filter: host=host[ab]", t)),
              terminal.text)


def test_places(router):
    with console(router, 100, 30) as terminal:
        terminal.shows("LIVE")
        terminal.type("4")
        terminal.shows("ADDRESS")
        terminal.type("o")
        check("o goes to the log of a peer", terminal.shows("filter: source="), terminal.text)
        terminal.type("2")
        terminal.shows("Established SAs")
        terminal.type("[")
        check("[ goes back to it, filter and all", terminal.shows("filter: source="), terminal.text)
        terminal.type("[")
        check("and to the peers", terminal.shows("Peers, valid and revoked"), terminal.text)
        terminal.type("]", "]")
        check("] goes forward again", terminal.shows("Established SAs"), terminal.text)
