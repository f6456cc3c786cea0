"""`capture-pane`: print what a session shows, or its history, as tmux does."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from itertools import zip_longest

import click

from pairterm.cli.local_query import HostLink
from pairterm.cli.shared_options import pane_option
from pairterm.cli.targets import find_pane
from pairterm.cli.window_command import print_errors_as_tmux
from pairterm.errors import SystemFault, UsageError
from pairterm.link.messages import MAX_HISTORY_LINES, Capture, Captured
from pairterm.terminal.excerpt import CapturedLines
from pairterm.terminal.frame import DEFAULT_PEN, Row

__all__ = ["capture_pane", "captured_rows", "text_of"]

_TRIES = 5
"""How often a capture begins anew because the session's size changed under it."""


@click.command("capture-pane")
@pane_option
@click.option("-p", "prints", is_flag=True, help="Print the text. There is no other way here.")
@click.option("-S", "start", metavar="LINE", default="0", help="The first line: 0 is the screen's first, -1 above it.")
@click.option("-E", "end", metavar="LINE", default="-", help="The last line; without it, or with -, the screen's last.")
@click.option("-e", "has_escapes", is_flag=True, help="With escape sequences for colours and attributes.")
@click.option("-C", "is_octal", is_flag=True, help="Print the escape character as \\033, and a backslash twice.")
@click.option("-J", "joins", is_flag=True, help="Join lines that wrapped, and keep trailing spaces that have a colour.")
@click.option("-N", "keeps_spaces", is_flag=True, help="Keep all spaces up to the right margin.")
@click.option("-a", "is_primary", is_flag=True, help="Print the screen behind a full-screen program.")
@click.option("-q", "is_quiet", is_flag=True, help="With -a: no error if there is no full-screen program.")
@click.option(
    "-b", "buffer", metavar="NAME", help="Refused here: buffers belong to a terminal, see C-b : capture-pane."
)
def capture_pane(
    target: str | None,
    prints: bool,
    start: str,
    end: str,
    has_escapes: bool,
    is_octal: bool,
    joins: bool,
    keeps_spaces: bool,
    is_primary: bool,
    is_quiet: bool,
    buffer: str | None,
) -> None:
    """Print what a pane shows.

    \b
    pairterm capture-pane -p                      the screen
    pairterm capture-pane -p -S - > history.txt   from the oldest line of the history on
    pairterm capture-pane -p -S -100 -E -1        the last 100 lines of the history
    """
    if not prints:
        advice = "at C-b : it fills a buffer of your terminal" if buffer is not None else "capture-pane -p -S - > FILE"
        raise UsageError(f"capture-pane prints here, say -p: {advice}", code="usage")
    first, last = _line(start, "-S"), _line(end, "-E")
    with print_errors_as_tmux():
        name, pane = find_pane(target)
        rows = captured_rows(name, first, last, pane=pane, is_primary=is_primary)
        if is_primary and not rows:
            if not is_quiet:
                raise UsageError("no alternate screen", code="no_screen")
            sys.stdout.write("\n")  # as tmux does
    for text in text_of(rows, has_escapes=has_escapes, joins=joins, keeps_spaces=keeps_spaces):
        sys.stdout.buffer.write(text.replace(b"\\", rb"\\").replace(b"\x1b", rb"\033") if is_octal else text)


def _line(word: str, option: str) -> int | None:
    """Return the number that an option gives; None for "-"."""
    if word == "-":
        return None
    try:
        return int(word)
    except ValueError:
        raise UsageError(f"bad line {word[:40]!r} for {option}: a number such as -100, or -", code="usage") from None


def captured_rows(
    name: str, start: int | None, end: int | None, *, pane: int | None = None, is_primary: bool = False
) -> list[Row]:
    """Return the lines from `start` to `end` of a pane: 0 is the screen's first row, -1 the line above it.

    `pane` None: the active pane of those who follow. `start` None: from the oldest line on. `end` None: to the
    screen's last row. `is_primary`: only the primary screen behind the alternate one; [] if that is not shown.

    Raises:
        UsageError: There is no such session.
        SystemFault: Its host does not answer, or its size changes all the time.
    """
    with HostLink(name) as link:
        for _ in range(_TRIES):
            rows = _captured_at_one_size(name, link, start, end, pane, is_primary=is_primary)
            if rows is not None:
                return rows
    raise SystemFault(f"the size of {name} changes all the time: try again", code="unreachable")


def _captured_at_one_size(
    name: str, link: HostLink, start: int | None, end: int | None, pane: int | None, *, is_primary: bool
) -> list[Row] | None:
    """Return the lines; None if the session's size changed meanwhile, and with it what a line is."""
    here = _ask(name, link, Capture(0, 0, pane, is_primary))
    first = here.oldest if start is None else here.scrolled + start
    last = here.scrolled + (here.size.rows - 1 if end is None else end)
    # As in tmux, a line that is not there means the nearest one that is.
    first, last = (min(max(each, here.oldest), here.scrolled + here.size.rows - 1) for each in (first, last))
    at, stop = min(first, last), max(first, last) + 1
    rows: list[Row] = []
    while at < stop:
        found = _ask(name, link, Capture(at, min(stop, at + MAX_HISTORY_LINES), pane, is_primary))
        if found.size != here.size:
            return None
        if not found.rows:
            break
        rows += found.rows
        at = found.start + len(found.rows)
    return rows


def _ask(name: str, link: HostLink, wanted: Capture) -> CapturedLines:
    from pairterm.link.history_wire import captured_lines

    link.send(wanted)
    message = link.receive()
    if not isinstance(message, Captured):
        raise SystemFault(f"the host of {name} closed the link", code="unreachable")
    return captured_lines(message)


def text_of(rows: Iterable[Row], *, has_escapes: bool, joins: bool, keeps_spaces: bool = False) -> Iterator[bytes]:
    """Yield the text of rows, line by line. Trailing spaces are dropped, but with `joins` those that have a colour.

    `keeps_spaces`: none is dropped. A screen does not know which of its spaces were printed.
    """
    kept = list(rows)
    for row, after in zip_longest(kept, kept[1:]):
        goes_on = joins and row.wrapped and after is not None
        is_gap = row.cells[-1] == " " and after is not None and after.cells[1:2] == ("",)
        if goes_on or keeps_spaces:
            length = len(row.cells) - (is_gap and goes_on)
        else:
            length = _length(row, keeps_coloured=joins or has_escapes)
        text = _with_escapes(row, length) if has_escapes else "".join(row.cells[:length]).encode()
        yield text if goes_on else text + b"\n"


def _length(row: Row, *, keeps_coloured: bool) -> int:
    length = len(row.cells)
    while length and row.cells[length - 1] == " " and not (keeps_coloured and row.pens[length - 1] != DEFAULT_PEN):
        length -= 1
    return length


def _with_escapes(row: Row, length: int) -> bytes:
    """Return a row's cells with SGR sequences between them, which end with the row."""
    from pairterm.view.pen_output import pen_table
    from pairterm.view.terminal_kind import TerminalKind

    table = pen_table(TerminalKind.of("xterm-256color", colorterm="truecolor"))
    parts: list[bytes] = []
    pen = DEFAULT_PEN
    for cell, wanted in zip(row.cells[:length], row.pens[:length], strict=True):
        new = table.reduced(wanted._replace(link=""))
        parts += [table.delta(pen, new), cell.encode()]
        pen = new
    return b"".join([*parts, table.delta(pen, DEFAULT_PEN)])
