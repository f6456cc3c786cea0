"""Times as people say them."""

from __future__ import annotations

import pytest

from pairterm.errors import UsageError
from pairterm.session.durations import parse_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90", 90),
        ("90s", 90),
        ("10m", 600),
        ("1h", 3600),
        ("1h30m", 5400),
        ("1h5s", 3605),
        ("1d", 86_400),
        (" 2m ", 120),
    ],
)
def test_durations(text: str, seconds: int) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "0", "0m", "m", "-5", "10 m", "1.5h", "30m1h", "401d", "9" * 9, "٣m"])
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(UsageError, match="bad time"):
        parse_duration(text)
