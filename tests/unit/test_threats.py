"""docs/security.md: each row of the threats names tests, and there are tests of these names."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

WEB = {20}
"""The rows that are about a web client, which there is none of yet."""


def rows() -> dict[int, list[str]]:
    """Return the tests of each row by its number."""
    text = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    found = re.findall(r"^\| T(\d+) .*\|([^|]*)\|$", text, re.MULTILINE)
    return {int(number): re.findall(r"`(\w+)`", tests) for number, tests in found}


def defined() -> set[str]:
    """Return the names of all tests."""
    files = [path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py")]
    return {name for text in files for name in re.findall(r"^(?:async )?def (test_\w+)", text, re.MULTILINE)}


def test_all_rows_name_tests_that_are_there() -> None:
    """Also the rows that have no number."""
    text = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    table = re.findall(r"^\| (?!threat |---)(.*?) \|.*\|([^|]*)\|$", text, re.MULTILINE)
    assert len(table) > len(rows())
    known = defined()
    for threat, tests in table:
        names = set(re.findall(r"`(\w+)`", tests))
        assert names, f"{threat!r} names no test"
        assert not names - known, f"{threat!r} names tests that are not there"


def test_every_threat_has_a_row() -> None:
    assert set(rows()) == set(range(1, 24)) - WEB
