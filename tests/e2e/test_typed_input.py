"""What reaches the program of what a client's terminal sends: keys and pastes, never answers; and what it is left as.

The session runs a program that records what reaches it. The client is a pty of the
test's own, so it can send what no keyboard does.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pairterm.terminal.frame import PLAIN_MODES
from pairterm.types import Size
from tests.e2e.recorder import RECORDER
from tests.e2e.terminal import eventually
from tests.e2e.watcher import Watcher
from tests.e2e.world import World
from tests.judge import judge_or_skip

ANSWERS = {
    "DA1": b"\x1b[?62;22c",
    "DA2": b"\x1b[>41;354;0c",
    "DA3": b"\x1bP!|00000000\x1b\\",
    "DSR": b"\x1b[0n",
    "cursor": b"\x1b[12;40R",
    "DECRPM": b"\x1b[?2026;2$y",
    "colour": b"\x1b]11;rgb:0000/0000/0000\x1b\\",
    "colour, BEL": b"\x1b]10;rgb:ffff/ffff/ffff\x07",
    "palette": b"\x1b]4;1;rgb:cdcd/0000/0000\x07",
    "clipboard": b"\x1b]52;c;cm0gLXJmIH4K\x07",
    "DECRQSS": b"\x1bP1$r0m\x1b\\",
    "XTGETTCAP": b"\x1bP1+r544e=787465726d\x1b\\",
    "XTVERSION": b"\x1bP>|xterm(370)\x1b\\",
    "kitty flags": b"\x1b[?0u",
    "kitty graphics": b"\x1b_Gi=31;OK\x1b\\",
    "title": b"\x1b]lrm -rf ~\x1b\\",
    "window": b"\x1b[8;24;80t",
}

MODED = "printf '\\033[?1049h\\033[?1003h\\033[?1006h\\033[?2004h\\033[?1h\\033=\\033[?25l\\033[?1004h\\033[5 q" + (
    "\\033]2;a title\\007painted'; stty -echo; read -r line; printf after; read -r line"
)


@contextmanager
def recorded(world: World, name: str, *, prologue: bytes = b"") -> Iterator[tuple[Watcher, Path]]:
    """Start a session that records what reaches it, with a guest in it; `prologue` is printed first."""
    record = world.root / f"{name}.record"
    start = f"printf '{prologue.decode()}'; exec {sys.executable} {RECORDER} {record}"
    links = world.new(name, "sh", "-c", start)
    guest = Watcher(world, judge_or_skip(), world.ssh_command(links.rw), Size(rows=24, cols=80))
    try:
        guest.sees("recording")
        yield guest, record
    finally:
        guest.close()
        world.run("kill", "-t", name)


def recorded_is(record: Path, expected: bytes) -> None:
    """Wait until the program got this and nothing else."""
    eventually(lambda: record.read_bytes().endswith(expected[-1:]), lambda: repr(record.read_bytes()))
    assert record.read_bytes() == expected


@pytest.mark.parametrize("step", [1, 1000], ids=["by single bytes", "whole"])
def test_answers_of_a_clients_terminal_are_never_typed(town: World, step: int) -> None:
    with recorded(town, f"answers-{step}") as (guest, record):
        for number, answer in enumerate(ANSWERS.values()):
            for at in range(0, len(answer), step):
                guest.type(answer[at : at + step])
            guest.type(b"k")
            eventually(
                lambda number=number: record.read_bytes() == b"k" * (number + 1),  # type: ignore[misc]
                lambda number=number: f"{list(ANSWERS)[number]}: {record.read_bytes()!r}",  # type: ignore[misc]
            )
        guest.type(b"!")
        recorded_is(record, b"k" * len(ANSWERS) + b"!")


def test_keys_arrive_as_they_are(town: World) -> None:
    keys = b"\x1b[A\x1bOP\x1b[15~\x1bx\xc3\xa9\xf0\x9f\x99\x82\x7f\t\x03\x1a\x1b"
    with recorded(town, "keys") as (guest, record):
        guest.type(keys)
        eventually(lambda: record.read_bytes() == keys, lambda: repr(record.read_bytes()))


def test_a_paste_is_bracketed_when_the_program_asked_and_holds_no_keys_of_ours(town: World) -> None:
    paste = b"\x1b[200~first\rsecond \x02d \x02[ \x1b]52;c;AAAA\x07\x1b[201~"
    with recorded(town, "pasted", prologue=b"\\033[?2004h") as (guest, record):
        eventually(lambda: guest.frame().modes.bracketed_paste, "the program's mode never came")
        for at in range(0, len(paste), 7):
            guest.type(paste[at : at + 7])
        guest.type(b"!")
        recorded_is(record, paste + b"!")


def test_a_terminal_that_was_not_asked_does_not_bracket(town: World) -> None:
    with recorded(town, "unasked") as (guest, _):
        assert not guest.frame().modes.bracketed_paste


def test_on_leaving_everything_is_as_it_was(town: World) -> None:
    links = town.new("modes", "sh", "-c", MODED)
    guest = Watcher(town, judge_or_skip(), town.ssh_command(links.rw), Size(rows=24, cols=80))
    guest.sees("painted")
    on = guest.verdict()
    assert on.frame.is_alternate
    assert on.frame.title == "a title"
    assert on.frame.modes.bracketed_paste
    assert on.frame.modes.application_cursor
    assert on.frame.modes.mouse
    assert not on.frame.cursor.is_visible
    guest.type(b"\x02d")
    eventually(lambda: guest.process.poll() is not None, "never left")
    eventually(lambda: "[detached from modes]" in guest.screen(), guest.screen)
    off = guest.verdict()
    assert not off.frame.is_alternate
    assert off.frame.modes == PLAIN_MODES
    assert off.frame.cursor.is_visible
    assert off.frame.cursor.shape == 0
    assert not any(off.modes[name] for name in ("insert", "origin", "synchronised"))
    assert off.modes["wraparound"]
    assert off.frame.rows[0].text.strip() == "[detached from modes]"
    received = guest.received
    assert received.count(b"\x1b[22;0;0t") == received.count(b"\x1b[23;0;0t") == 1
    assert received.index(b"\x1b[22;0;0t") < received.index(b"a title") < received.index(b"\x1b[23;0;0t")
    guest.close()
    town.run("kill", "-t", "modes")
