"""Each row of the table of threats in docs/security.md names tests, and these tests exist."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

HEADER = "| threat | what pairterm does | shown by |\n|---|---|---|\n"


def table() -> str:
    """Return the rows of the table of threats, without the other tables of the page."""
    text = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    assert text.count(HEADER) == 1
    return text.partition(HEADER)[2].partition("\n\n")[0]


def rows() -> dict[int, list[str]]:
    """Return the tests of each row that has a number."""
    found = re.findall(r"^\| T(\d+) .*\|([^|]*)\|$", table(), re.MULTILINE)
    return {int(number): re.findall(r"`(\w+)`", tests) for number, tests in found}


def defined() -> set[str]:
    """Return the names of all tests."""
    files = [path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py")]
    return {name for text in files for name in re.findall(r"^(?:async )?def (test_\w+)", text, re.MULTILINE)}


def test_all_rows_name_tests_that_are_there() -> None:
    """A row without a number names tests too."""
    found = re.findall(r"^\| (.*?) \|.*\|([^|]*)\|$", table(), re.MULTILINE)
    assert len(found) == len(table().splitlines()) > len(rows())
    known = defined()
    for threat, tests in found:
        names = set(re.findall(r"`(\w+)`", tests))
        assert names, f"{threat!r} names no test"
        assert not names - known, f"{threat!r} names tests that are not there"


def test_every_threat_has_a_row() -> None:
    assert set(rows()) == set(range(1, 25))
