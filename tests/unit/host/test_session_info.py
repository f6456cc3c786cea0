"""The description of a session for its owner."""

from __future__ import annotations

from pairterm.host.session_info import describe
from pairterm.types import PaneId
from tests.unit.session.sessions import SIZE, Session


def test_a_session_whose_program_has_ended_is_described() -> None:
    """`pairterm new -F -- true` failed with 'the host did not start' when the program was faster than the host."""
    session = Session()

    def described() -> tuple[str, int]:
        info = describe(session.core, command="true", created_s=0.0, registered=None, gateway="", now_s=session.now_s)
        return info.session, info.cols

    assert described() == ("our_session", SIZE.cols)
    session.take(session.core.finish(PaneId(0), 0, session.now_s))
    assert not session.core.has_window
    assert described()[0] == "our_session"
