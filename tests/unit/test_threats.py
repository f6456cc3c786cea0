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


def test_every_threat_has_a_row() -> None:
    assert set(rows()) == set(range(1, 24)) - WEB


def test_every_row_names_tests_that_are_there() -> None:
    files = [path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py")]
    defined = {name for text in files for name in re.findall(r"^(?:async )?def (test_\w+)", text, re.MULTILINE)}
    for number, names in rows().items():
        assert names, f"T{number} names no test"
        assert not set(names) - defined, f"T{number} names tests that are not there"
