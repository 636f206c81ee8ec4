"""The craft of the console on a terminal: frames, answers, what is no key."""

import os
import re
import select
import statistics
import time

from suite import PROGRAM, check, console, show_entries
from terminal import Terminal

QUERY = b"\x1b[5n"


def octets_in(terminal, seconds):
    before = len(terminal.raw)
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        terminal.pump(left)
    return len(terminal.raw) - before


# Octets of a second at most, by view and size.
MOST = {
    "SA table": ("2", {(80, 24): 250, (132, 43): 300, (200, 50): 350}),
    "overview": ("1", {(80, 24): 600, (132, 43): 1400, (200, 50): 2100}),
    "drop log": ("5", {(80, 24): 1000, (132, 43): 3000, (200, 50): 3000}),
}


def test_frame_sizes(router):
    for view, (key, sizes) in MOST.items():
        for (columns, rows), most in sizes.items():
            with console(router, columns, rows) as terminal:
                terminal.shows("LIVE")
                show_entries(terminal)
                terminal.type(key)
                terminal.pump(2)
                got = octets_in(terminal, 5) / 5
                check(f"{columns}x{rows}: a second of the {view} takes {got:.0f} octets, "
                      f"at most {most}", got <= most)
    with console(router, 80, 24) as terminal:
        terminal.shows("LIVE")
        show_entries(terminal)
        terminal.type("p")
        terminal.shows("FROZEN")
        terminal.pump(1)
        check("frozen, nothing is written", (got := octets_in(terminal, 3)) == 0, str(got))
        # Without the details below, which are those of another row each time.
        terminal.type("d")
        terminal.pump(0.5)
        before = len(terminal.raw)
        terminal.type("down")
        terminal.pump(0.5)
        got = len(terminal.raw) - before
        check(f"a move of the cursor takes {got} octets, at most 260", 0 < got <= 260)


def test_frames_add_up(router):
    """What the frames have left on the screen is what a whole painting shows."""
    def seen(terminal):
        cells = [[row[x] for x in range(terminal.screen.columns)]
                 for _, row in sorted(terminal.screen.buffer.items())]
        # Of a blank only the background is seen.
        return [[(cell.data, cell.bg, cell.reverse) if cell.data == " " else cell for cell in row]
                for row in cells]

    for term in ("xterm-256color", "linux", "vt100"):
        with console(router, 132, 43, term) as terminal:
            terminal.shows("LIVE")
            for keys in (("1",), ("2", "down", "down"), ("4", ">"), ("5", "pagedown", "up"), ("6",)):
                terminal.type(*keys)
                terminal.pump(0.5)
                octets_in(terminal, 3)
                terminal.type("p")
                terminal.shows("FROZEN")
                terminal.pump(0.5)
                before, text = seen(terminal), terminal.text()
                terminal.type("\x0c")
                terminal.pump(0.8)
                wrong = [(y, x, old, new)
                         for y, rows in enumerate(zip(before, seen(terminal)))
                         for x, (old, new) in enumerate(zip(*rows)) if old != new]
                check(f"{term}: the frames of {keys[0]} add up to the whole screen",
                      not wrong, lambda: f"{wrong[:5]}\n{text}\n\n{terminal.text()}")
                terminal.type("p")
                terminal.shows("LIVE")


def test_latency(router):
    """Measured and printed; the bound is generous, since others use the machine."""
    with console(router, 80, 24) as terminal:
        terminal.shows("LIVE")
        show_entries(terminal)
        taken = []
        for number in range(120):
            terminal.pump(0.02)
            began = time.monotonic()
            os.write(terminal.master, b"\x1b[B" if number % 2 else b"\x1b[A")
            if select.select([terminal.master], [], [], 1)[0]:
                taken.append((time.monotonic() - began) * 1000)
        taken.sort()
        check(f"a key is answered after {statistics.median(taken):.1f} ms, 99 of 100 within "
              f"{taken[len(taken) * 99 // 100]:.1f} ms", len(taken) == 120
              and statistics.median(taken) <= 100, taken)


def test_one_frame_in_flight(router):
    with console(router, 80, 24) as terminal:
        terminal.shows("LIVE")
        terminal.pump(1.5)
        check("a frame ends with the query", terminal.raw.endswith(QUERY),
                    lambda: repr(terminal.raw[-80:]))
        # From here on the terminal does not answer, as one at the end of a stuck line.
        answer = terminal.screen.write_process_input
        terminal.screen.write_process_input = lambda text: None
        terminal.pump(1.2)
        quiet = octets_in(terminal, 0.6)
        check("without its answer no periodic frame is sent", quiet == 0, str(quiet))
        terminal.type("3")
        check("but keys repaint", terminal.shows("SPI RANGE", 1), terminal.text)
        terminal.pump(2.5)
        before = len(terminal.raw)
        terminal.pump(3)
        rest = terminal.raw[before:]
        check("a terminal that never answers is not waited for",
                    len(rest) > 0 and QUERY not in rest, lambda: repr(rest[-80:]))
        terminal.screen.write_process_input = answer
        terminal.type("/")
        terminal.pump(0.2)
        os.write(terminal.master, b"\x1b[0n\x1b[0n")
        os.write(terminal.master, b"\x1b[")
        time.sleep(0.005)
        os.write(terminal.master, b"0n")
        terminal.pump(0.5)
        line = next((line for line in terminal.lines() if "filter:" in line), "")
        check("answers are no keys", re.search(r"filter:\s+1-", line)
                    or re.search(r"filter:\s*$", line) or "0n" not in line, line)
        before = len(terminal.raw)
        terminal.pump(2)
        check("and bring the queries back", QUERY in terminal.raw[before:])


def test_typed_ahead(router):
    command = [PROGRAM, "attach", "--socket", router.socket]
    for delay in (0, 0.03, 0.1):
        terminal = Terminal(command, 100, 30)
        time.sleep(delay)
        os.write(terminal.master, b"3")
        check(f"a key typed {delay} s after the start counts",
                    terminal.shows("SPI RANGE", 5), terminal.text)
        terminal.close()


def test_paste(router):
    with console(router, 100, 30) as terminal:
        terminal.shows("LIVE")
        check("bracketed paste is on", b"\x1b[?2004h" in terminal.raw)
        show_entries(terminal)
        terminal.type("\x1b[200~xxqq\r\x1b[201~")
        terminal.pump(0.5)
        check("pasted keys do nothing in the table", terminal.ended(0.1) is None
                    and "Revoke" not in terminal.text(), terminal.text)
        terminal.type("/", "\x1b[200~192.0.2.20\r\nq\x1b[201~")
        check("pasted text is text in the filter",
                    terminal.shows("192.0.2.20 q"), terminal.text)
        terminal.type("escape", "q")
        check("and bracketed paste is off at the end",
                    terminal.ended() == 0 and terminal.raw.rfind(b"\x1b[?2004l")
                    > terminal.raw.rfind(b"\x1b[?2004h"))


def test_copy(router):
    with console(router, 100, 30) as terminal:
        terminal.shows("LIVE")
        show_entries(terminal)
        terminal.type("y")
        terminal.shows("clipboard")

        copied = terminal.clipboard
        check("y copies the row", re.match(r"host[ab]  192\.0\.2\.", copied()), copied)
        terminal.type("enter", "y")
        terminal.pump(0.5)
        check("in the details, all of them", copied().count("\n") > 5, copied)
        terminal.type("escape", "Y")
        terminal.pump(0.5)
        cells = [cell for row in terminal.screen.buffer.values() for cell in row.values()]
        check("copy mode has no frames and no colours",
                    "─" not in terminal.text() and "192.0.2.10" in terminal.text()
                    and {(cell.fg, cell.bg, cell.bold) for cell in cells}
                    == {("default", "default", False)}, terminal.text)
        terminal.pump(1.5)
        check("and stands still", octets_in(terminal, 2.5) == 0)
        terminal.type("escape")
        check("a key goes back", terminal.shows("─"), terminal.text)


def test_mouse(router):
    with console(router, 100, 30) as terminal:
        terminal.shows("LIVE")
        check("the mouse is left to the terminal", b"\x1b[?1000h" not in terminal.raw)
        terminal.type("M")
        check("M takes it", terminal.shows("mouse on") and b"\x1b[?1006h" in terminal.raw)
        x = terminal.lines()[1].index("Peers") + 1
        terminal.type(f"\x1b[<0;{x};2M\x1b[<0;{x};2m")
        check("a click on a name goes to the view",
                    terminal.shows("ADDRESS") and terminal.shows("192.0.2.20"), terminal.text)
        row = next(y for y, line in enumerate(terminal.lines()) if "192.0.2.20" in line)
        terminal.type(f"\x1b[<0;9;{row + 1}M")
        check("a click selects", terminal.until(
            lambda text: text.splitlines()[row].startswith("▌")), terminal.text)
        terminal.type(f"\x1b[<0;9;{row + 1}M")
        check("a second one opens", terminal.shows("Esc back"), terminal.text)
        terminal.type("escape", "q")
        check("at the end it is the terminal's again", terminal.ended() == 0
                    and terminal.raw.rfind(b"\x1b[?1006l") > terminal.raw.rfind(b"\x1b[?1006h"))
