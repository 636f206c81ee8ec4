"""Sizes, kinds of terminals, colours."""

import os
import pathlib
import random
import tempfile

from suite import ROOT, check, children, console, cpu_in


def test_sizes(router):
    with console(router) as terminal:
        terminal.shows("LIVE")
        for columns, rows in ((132, 43), (80, 24), (60, 16), (40, 10), (20, 5), (12, 3), (5, 2),
                              (1, 1), (200, 50), (80, 24)):
            terminal.size(columns, rows)
            terminal.pump(0.4)
            for view in "123456789":
                terminal.type(view)
            filled = terminal.until(lambda t: columns * rows < 20 or t.strip(), 3)
            check(f"{columns}x{rows} shows something", filled and terminal.ended(0.1) is None,
                  terminal.text)
        check("after all sizes it is whole again", terminal.shows("LIVE"), terminal.text)


def colours(terminal):
    """Foreground and background of every cell."""
    return {(cell.fg, cell.bg) for row in terminal.screen.buffer.values() for cell in row.values()}


def test_terminal_types(router):
    """Each kind of terminal in either locale: lines where its font surely has them, colours where they
    can be had."""
    for term in ("xterm-256color", "tmux-256color", "screen", "linux", "vt220", "vt100"):
        for locale in ("C.UTF-8", "C"):
            env = {"LANG": locale, "LC_ALL": locale}
            with console(router, 100, 30, term, env) as terminal:
                terminal.shows("LIVE")
                terminal.type("2")
                shown = terminal.shows("192.0.2.10") and terminal.shows("hosta")
                is_ascii = all(octet < 128 for octet in terminal.raw)
                wants_ascii = locale == "C" or term == "linux" or term.startswith("vt")
                check(f"TERM={term} LC_ALL={locale}", shown and is_ascii == wants_ascii
                      and ("─" in terminal.text()) == (not wants_ascii), terminal.text)
                check(f"  with {'no colour' if term.startswith('vt') else 'colours'}",
                      (colours(terminal) == {("default", "default")}) == term.startswith("vt"),
                      lambda: colours(terminal))
                terminal.type("q")
                check(f"  and it leaves {term} as it was",
                      terminal.ended() == 0 and terminal.restored())
    for term in ("dumb", "no-such-terminal"):
        for locale in ("C.UTF-8", "C"):
            env = {"LANG": locale, "LC_ALL": locale}
            with console(router, term=term, env=env) as terminal:
                status = terminal.ended()
                check(f"TERM={term} LC_ALL={locale} is refused with advice",
                      status is not None and os.waitstatus_to_exitcode(status) == 1
                      and "ctl" in terminal.text().replace("\n", "")
                      and b"\x1b" not in terminal.raw, terminal.text)


def test_no_color(router):
    for value, plain in (("1", True), ("", False)):
        with console(router, env={"NO_COLOR": value}) as terminal:
            terminal.shows("LIVE")
            for view in "1246":
                terminal.type(view)
                terminal.pump(0.3)
            check(f"NO_COLOR={value} shows {'no colour' if plain else 'colours'}",
                  (colours(terminal) == {("default", "default")}) == plain
                  and terminal.shows("LIVE"), lambda: colours(terminal))


def test_themes(router):
    looks = {}
    for theme in sorted(path.stem for path in (ROOT / "themes").glob("*.toml")):
        file = str(ROOT / "themes" / f"{theme}.toml")
        with console(router, options=["--theme", file]) as terminal:
            shown = terminal.shows("LIVE") and terminal.shows("spi-not-leased")
            check(f"theme {theme}", shown and "theme" not in terminal.lines()[-1], terminal.text)
            looks[theme] = frozenset(colours(terminal))
    check("each theme has colours of its own", len(set(looks.values())) == len(looks), looks)
    check("mono has none", looks["mono"] == {("default", "default")}, looks["mono"])
    with console(router, options=["--theme", "nosuch"]) as terminal:
        check("a theme that is not there is said", terminal.shows("there is no theme 'nosuch'"),
              terminal.text)


def test_theme_follows_its_file(router):
    theme = (pathlib.Path(ROOT) / "themes/default-dark.toml").read_text()
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "mine.toml")
        path.write_text(theme)
        with console(router, options=["--theme", str(path)]) as terminal:
            terminal.shows("LIVE")

            def backgrounds():
                return {cell.bg for row in terminal.screen.buffer.values()
                        for cell in row.values()}
            first = backgrounds()
            path.write_text(theme.replace("c256 = 233", "c256 = 17"))
            check("a changed theme shows at once", terminal.until(
                lambda _: backgrounds() != first, 4))
            terminal.pump(1)
            second = backgrounds()
            path.write_text(theme + "\n[roles\n")
            check("a broken one is said", terminal.shows("stays as it was", 4),
                        terminal.text)
            check("and the last good one stays", backgrounds() == second)


def test_resize_storm(router):
    choose = random.Random(7)
    with console(router, 80, 24) as terminal:
        terminal.shows("LIVE")
        terminal.type("2")
        for _ in range(300):
            terminal.size(choose.randrange(1, 220), choose.randrange(1, 70))
            terminal.pump(0.005)
        terminal.size(100, 30)
        check("after a storm of resizes the screen is whole",
                    terminal.shows("LIVE") and terminal.shows("192.0.2.10"), terminal.text)
        pid = children(terminal.pid)[0]
        check("and nothing goes on working", cpu_in(pid, 1) < 0.3)
