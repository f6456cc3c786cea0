"""`wait`: the state that it waits for, and the end of the wait."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pairterm.cli import tmate
from pairterm.errors import UsageError
from pairterm.link.messages import SessionInfo


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> Callable[[list[int | None]], None]:
    """Let each look find a session that had so many guests, or with None no session."""

    def script(found: list[int | None]) -> None:
        rest = iter(found)

        def ask(name: str) -> SessionInfo:
            guests = next(rest)
            if guests is None:
                raise UsageError(f"can't find session: {name}", code="no_session")
            return SessionInfo("work", 1, 0.0, 24, 80, "bash", "", [], None, "connected", guests_ever=guests)

        monkeypatch.setattr(tmate, "ask_info", ask)
        monkeypatch.setattr(tmate, "choose_session", lambda target: "work")
        monkeypatch.setattr("time.sleep", lambda _: None)

    return script


def test_a_session_that_does_not_exist_yet_is_waited_for(looks: Callable[[list[int | None]], None]) -> None:
    looks([None, None, 0, 0, 1])
    tmate.wait.main(["guest"], standalone_mode=False)


def test_a_session_that_ends_meanwhile_is_an_error(looks: Callable[[list[int | None]], None]) -> None:
    looks([None, 0, None])
    with pytest.raises(UsageError, match="session work has ended"):
        tmate.wait.main(["guest"], standalone_mode=False)
