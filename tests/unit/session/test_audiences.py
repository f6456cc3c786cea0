"""A large audience: more people than a lecture hall has."""

from __future__ import annotations

from pairterm.session.effects import Refuse, Welcome
from pairterm.types import MAX_CLIENTS
from tests.unit.session.sessions import Session


def test_a_session_takes_more_than_a_thousand_watchers() -> None:
    """The 1001st watcher was refused: issue 19 asks for two thousand."""
    session = Session()
    session.owner()
    for number in range(1100):
        session.effects.clear()
        client = session.watcher(address=f"198.51.{number >> 8}.{number & 255}")
        assert session.found(Welcome, client)
    assert not session.found(Refuse, client)
    assert len(session.core.people) == 1101 < MAX_CLIENTS
