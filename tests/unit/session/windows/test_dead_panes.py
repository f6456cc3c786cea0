"""Panes that stay when their program ends: what they show, what reaches them, and their next program."""

from __future__ import annotations

import pytest

from pairterm.errors import UsageError
from pairterm.session.effects import Closed, EndProgram, StartProgram
from pairterm.types import PaneId
from tests.unit.session.sessions import Session

FIRST = PaneId(0)


def with_dead_pane(*, status: int = 1, output: bytes = b"output") -> Session:
    session = Session()
    session.core.started_with(("make", "test"))
    session.core.started(FIRST, 77, "/dev/pts/7")
    session.order("set -g remain-on-exit on")
    session.take(session.core.feed(FIRST, output, session.now_s))
    session.take(session.core.finish(FIRST, status, session.now_s, when="then"))
    return session


def lines(session: Session) -> list[str]:
    return [each.text.rstrip() for each in session.core.frame(FIRST).rows]


def test_the_last_pane_keeps_its_session_and_its_output_and_says_how_its_program_ended() -> None:
    session = with_dead_pane(output=b"one\r\ntwo")
    assert not session.found(Closed)
    assert lines(session)[0] == "two"
    assert lines(session)[-1] == "Pane is dead (status 1, then)"
    assert session.order("display-message -p '#{pane_dead} #{pane_dead_status} #{pane_pid}'") == "1 1 77"
    assert "(dead)" in session.order("list-panes")


@pytest.mark.parametrize(
    "output",
    [
        b"\x1b[3;5r\x1b[?6h",
        b"\x1b]2;half a title",
        b"\x1b(0\x1b[7m",
        b"\x1b[?1049h\x1b[4h",
        b"\x1b[?2026hhalf",
        b"\xe2\x82",
    ],
)
def test_whatever_a_program_left_behind_the_line_is_whole(output: bytes) -> None:
    session = with_dead_pane(output=output)
    assert lines(session)[-1] == "Pane is dead (status 1, then)"
    pane = session.core.pane(FIRST)
    assert pane is not None
    assert pane.may_publish


def test_keys_for_a_dead_pane_are_dropped_and_a_second_end_changes_nothing() -> None:
    session = with_dead_pane()
    before = lines(session)
    assert [each.pane for each in session.found(EndProgram)] == [FIRST]
    assert session.core.finish(FIRST, 0, session.now_s) == []
    assert lines(session) == before


def test_a_program_that_failed_stays_and_one_that_succeeded_goes() -> None:
    session = Session()
    session.order("new-window -d")
    session.order("new-window -d")
    session.order("set -g remain-on-exit failed")
    session.take(session.core.finish(PaneId(1), 0, session.now_s))
    session.take(session.core.finish(PaneId(2), 2, session.now_s))
    assert session.order("list-panes -s -F '#D #{pane_dead}'") == "%0 0\n%2 1"


def test_a_pane_gets_its_program_again_with_an_empty_screen() -> None:
    session = with_dead_pane()
    assert session.order("respawn-pane") == ""
    [started] = session.found(StartProgram)
    assert (started.pane, started.command, started.directory) == (FIRST, ("make", "test"), "")
    assert lines(session) == [""] * 24
    assert session.order("display-message -p '#{pane_dead}'") == "0"
    session.order("respawn-pane -k -c /srv -e A=b -e C=d=e top")
    started = session.found(StartProgram)[-1]
    assert (started.command, started.directory) == (("top",), "/srv")
    assert started.environment == (("A", "b"), ("C", "d=e"))
    assert session.order("display-message -p '#{pane_start_command} #{pane_start_path}'") == "top /srv"


def test_a_program_that_cant_be_started_again_leaves_the_pane_dead() -> None:
    """A new pane goes then; this one had output that somebody may want to read."""
    session = with_dead_pane()
    session.order("respawn-pane nosuchprogram")
    session.take(session.core.failed(FIRST, None, "no such command", session.now_s))
    assert session.order("display-message -p '#{pane_dead_status}'") == "127"
    assert not session.found(Closed)


def test_a_line_that_waits_for_the_owner_goes_with_the_program() -> None:
    session = Session()
    session.order("set -g remain-on-exit on")
    session.order("set confirm-enter on")
    writer = session.writer()
    session.types(writer, b"ls\r")
    assert session.core.requests
    session.take(session.core.finish(FIRST, 0, session.now_s))
    assert not session.core.requests
    assert session.told(writer)[-1] == "the pane of your line has closed"


def test_names_follow_programs_as_the_option_says() -> None:
    session = Session()
    session.take(session.core.take_command(FIRST, "vim", "", session.now_s))
    session.order("set -g automatic-rename off")
    session.take(session.core.take_command(FIRST, "bash", "", session.now_s))
    assert session.order("display-message -p '#W'") == "vim"
    session.order("new-window")
    session.take(session.core.take_command(PaneId(1), "top", "", session.now_s))
    session.take(session.core.take_command(PaneId(1), "ls", "", session.now_s))
    assert session.order("display-message -p '#W'") == "top"
    session.order("setw automatic-rename on")
    assert session.order("display-message -p '#W'") == "ls"


def test_only_the_owner_sets_options_and_guests_get_no_facts_of_the_machine() -> None:
    session = with_dead_pane()
    session.parts.host_name = "ship.example"
    watcher, writer = session.watcher(), session.writer()
    for guest in (watcher, writer):
        session.say(guest, "setw monitor-bell off")
        assert session.told(guest)[-1] == "only the owner may do this"
    facts = "display-message '#{pane_pid}|#{pane_tty}|#H|#h|#{pane_start_command}|#{pane_pipe}'"
    session.say(watcher, facts)
    assert session.told(watcher)[-1] == "|||||"
    assert session.order(facts.replace("-message", "-message -p")) == "77|/dev/pts/7|ship.example|ship|make test|0"
    session.say(watcher, "display-message '#{client_name} #{client_width}x#{client_height} #{client_readonly}'")
    assert session.told(watcher)[-1].endswith("80x24 1")


def test_an_option_of_the_session_is_not_one_of_windows() -> None:
    session = Session()
    with pytest.raises(UsageError, match="seat is an option of the session"):
        session.order("setw seat on")
    with pytest.raises(UsageError, match="panes are numbered from 0"):
        session.order("setw pane-base-index 1")
    with pytest.raises(UsageError, match="unknown option"):
        session.order("set -w nonsense 1")
