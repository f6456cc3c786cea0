"""The long forms of tests run at night."""

from __future__ import annotations

from pathlib import Path

_TESTS = Path(__file__).parents[1]


def test_each_file_with_a_long_form_is_run_at_night() -> None:
    """`scripts/nightly` picks tests by their marks. The laws of documents had a long form, and no mark."""
    files = [each for each in _TESTS.rglob("test_*.py") if "at_night=" in each.read_text() and each != Path(__file__)]
    assert files
    assert [each.name for each in files if "mark.long" not in each.read_text()] == []
