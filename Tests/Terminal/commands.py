"""The command line, keys of one's own, help, and keys that mean nothing."""

import os
import pathlib
import tempfile

from acting import ballast
from suite import check, command, confirm, console, eventually, kept, pinging


def test_command_line(router):
    with ballast(router), pinging(router, "peer2", "198.51.100.1"), console(router, 100, 30) as terminal:
        terminal.shows("LIVE")
        terminal.pump(2.5)  # until the router has measured the pings
        terminal.type(":")
        check(": lists what can be done", terminal.shows("Tab completes"), terminal.text)
        terminal.type("rvk", "tab", " 192.0.2.2")
        check("peers are completed", terminal.until(lambda t: "192.0.2.20" in t), terminal.text)
        terminal.type("tab", "--f", "tab", "1h", "enter")
        check("a verb asks as its key does", terminal.shows("Revoke an address")
              and terminal.shows("Now:"), terminal.text)
        terminal.pump(0.3)
        terminal.type("enter")
        terminal.hides("Revoke an address")
        check("and opens on Cancel", router.revoked() == [], router.revoked)
        command(terminal, "revoke 203.0.113.77 --for 1h --reason test")
        check("what carries nothing asks in a line", confirm(terminal, "Revoke"), terminal.text)
        check("the router has the revocation",
              eventually(lambda: router.revoked() == ["203.0.113.77/32"]), router.revoked)
        rows = router.ctl("revocations")
        check("with its end and reason", rows[0]["reason"] == "test" and rows[0]["expires"], rows)
        command(terminal, "revocations")
        check("a looking verb goes to its view", terminal.shows("filter: state=revoked")
              and terminal.shows("203.0.113.77"), terminal.text)
        command(terminal, "unrevoke 203.0.113.77")
        check("lifting it asks", confirm(terminal, "Lift"), terminal.text)
        check("the revocation is lifted", eventually(lambda: router.revoked() == []))
        command(terminal, "revoke 1.2.3")
        check("a mistake has a caret", terminal.until(
            lambda t: any(l.find("^ '1.2.3' is not") == 9 for l in t.splitlines())),
            terminal.text)
        terminal.type("escape")
        terminal.hides(":revoke")
        terminal.type(":", "up", "up")
        check("lines are remembered", terminal.shows(":revocations"), terminal.text)
        terminal.type("escape", "escape")


def test_command_line_read_only(router):
    with console(router, 100, 30, options=["--read-only"]) as terminal:
        terminal.shows("LIVE")
        terminal.type(":", "rev")
        check("what cannot be done is listed with its reason",
              terminal.shows("(this console may only look)"), terminal.text)
        terminal.type("oke 203.0.113.77", "enter")
        check("and not done", terminal.hides("Tab completes")
              and "Revoke an address" not in terminal.text() and router.revoked() == [],
              terminal.text)


def test_theme_by_command(router):
    with tempfile.TemporaryDirectory() as folder:
        with console(router, 100, 30, env={"XDG_CONFIG_HOME": folder}) as terminal:
            terminal.shows("LIVE")

            def colours():
                terminal.pump(0.3)
                return {(c.fg, c.bg) for row in terminal.screen.buffer.values()
                        for c in row.values()}

            check("there are colours", len(colours()) > 1, colours)
            command(terminal, "theme mono")
            check(":theme changes them at once",
                  eventually(lambda: colours() == {("default", "default")}), colours)
            check("and is kept", eventually(lambda: 'theme = "mono"' in kept(folder)),
                  lambda: kept(folder))
            terminal.type("f2")
            check("F2 shows the settings", terminal.shows("Settings")
                  and terminal.shows("Lines and graphs"), terminal.text)
            terminal.type("right")
            check("and changes the theme", eventually(lambda: len(colours()) > 1), colours)
            terminal.type("j", "j", "j", "left")
            check("and the glyphs", terminal.until(lambda t: "─" not in t), terminal.text)


def test_own_keys(router):
    with tempfile.TemporaryDirectory() as folder:
        os.mkdir(f"{folder}/dnat-console")
        keys = pathlib.Path(folder, "dnat-console", "console.toml")
        env = {"XDG_CONFIG_HOME": folder}
        keys.write_text('[keys]\nfreeze = "f"\nquit = ["q", "F10"]\n')
        with console(router, 100, 30, env=env) as terminal:
            terminal.shows("LIVE")
            terminal.type("f")
            check("a key of one's own works", terminal.shows("FROZEN"), terminal.text)
            terminal.type("f")
            terminal.shows("LIVE")
            terminal.type("p")
            check("the other one no more", terminal.shows("p does nothing here"), terminal.text)
            terminal.type("\x1b[21~")
            check("F10 quits", terminal.ended() == 0, terminal.text)
        keys.write_text('[keys]\nfreeze = "x"\nnosuch = "f"\n')
        with console(router, 140, 30, env=env) as terminal:
            terminal.shows("LIVE")
            check("a conflict is said with its line", terminal.shows("console.toml:"),
                  terminal.text)
            terminal.type("x")
            check("and stops nothing", terminal.shows("FROZEN"), terminal.text)
            terminal.type("q")
            terminal.ended()
            said = terminal.raw.decode(errors="replace")
            check("all of it is said at the end", "console.toml:3" in said
                  and "is unknown" in said and "takes x from revoke" in said, said[-600:])


def test_help_names_every_key(router):
    with console(router, 120, 60) as terminal:
        terminal.shows("LIVE")
        terminal.type("?")
        words = ["revoke", "validate", "invalidate", "suspend", "filter", "freeze", "quit", "help"]
        missing = [word for word in words if not terminal.shows(word, 3)]
        check("the help lists the actions", not missing,
              lambda: f"missing {missing}\n{terminal.text()}")
        terminal.type("escape")


def test_wrong_keys(router):
    with console(router) as terminal:
        terminal.shows("LIVE")
        for keys in ("@#$%^*()[]", "\x1b[15~\x1b[99~\x1bOP", "\x01\x02\x05\x06\x0b", "äöü漢字🙂",
                     "\x1b[<0;10;10M", "\x00\x1d\x1e\x1f"):
            terminal.type(keys)
        terminal.type("escape", "escape", "1")
        check("wrong keys do no harm", terminal.shows("LIVE") and terminal.ended(0.1) is None
              and router.revoked() == [], terminal.text)
