"""Times as people say them."""

from __future__ import annotations

import pytest

from pairterm.errors import UsageError
from pairterm.session.durations import duration_text, parse_duration


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


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.2, "0s"), (58, "58s"), (60, "1m"), (595, "9m55s"), (3600, "1h"), (3605, "1h"), (7084, "1h58m"),
        (90_000, "1d1h"), (86_400 * 3 + 60, "3d"), (-1, "0s"),
    ],
)  # fmt: skip
def test_a_duration_is_shown_as_it_is_given(seconds: float, text: str) -> None:
    assert duration_text(seconds) == text
    if seconds >= 1:
        assert seconds - 3600 < parse_duration(text) <= seconds
