"""The session that `-t` means."""

import pytest

from pairterm.cli import local_query as ask
from pairterm.cli.local_query import choose_session
from pairterm.errors import UsageError


def test_the_beginning_of_several_names_lists_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error was `can't find session: ab`, as if there were none."""
    monkeypatch.setattr(ask, "session_names", lambda: ["abe", "abc", "ab-x", "b"])
    with pytest.raises(UsageError, match=r"ambiguous session: ab \(could be ab-x, abc, abe\)"):
        choose_session("ab")
    assert choose_session("abc") == "abc"
    assert choose_session("b") == "b"
    assert choose_session("ab-") == "ab-x"
    assert choose_session("zz") == "zz"  # whoever asks it says that it is not there
