"""Laws of the mouse: a watcher's never reaches the program, and a program gets only its pane's."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from pairterm.terminal.frame import Modes, Mouse, MouseEncoding
from pairterm.types import Role
from pairterm.view import Type
from pairterm.view.mouse import mouse_report
from tests.unit.view.test_pointer import RIGHT, client_of


def _reports() -> st.SearchStrategy[bytes]:
    number = st.integers(0, 70) | st.integers(0, 99999)
    sgr = st.builds(lambda *each: b"\x1b[<%d;%d;%d%c" % each, number, number, number, st.sampled_from(b"Mm"))
    urxvt = st.builds(lambda *each: b"\x1b[%d;%d;%dM" % each, number, number, number)
    old = st.binary(min_size=3, max_size=3).map(lambda data: b"\x1b[M" + data)
    return st.one_of(sgr, sgr, urxvt, old, st.binary(max_size=4))


_MODES = st.builds(Modes, mouse=st.sampled_from(Mouse), mouse_encoding=st.sampled_from(MouseEncoding))


@given(st.lists(_reports(), max_size=8), _MODES, st.booleans())
def test_no_report_of_a_watcher_is_ever_typed(reports: list[bytes], modes: Modes, mouse: bool) -> None:
    """Law 6: a read-only client's bytes never become `Type`, whatever they are."""
    client = client_of(Role.READ_ONLY, modes=modes, mouse=mouse)
    for report in reports:
        assert not any(isinstance(action, Type) for action in client.keys(report))
        assert not any(isinstance(action, Type) for action in client.wait(0.2))


@given(st.lists(_reports().filter(lambda data: data.startswith(b"\x1b[<")), max_size=8), _MODES)
def test_a_program_gets_only_reports_of_its_pane_that_it_asked_for(reports: list[bytes], modes: Modes) -> None:
    client = client_of(modes=replace(modes, mouse_encoding=MouseEncoding.SGR))
    for report in reports:
        for action in client.keys(report):
            if isinstance(action, Type):
                moved = mouse_report(action.data)
                assert moved is not None
                assert modes.mouse is not Mouse.OFF
                assert 1 <= moved.row <= RIGHT.rows
                assert 1 <= moved.col <= RIGHT.cols
