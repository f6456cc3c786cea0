"""docs/logs.md explains each line that pairterm logs, once, and no other."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pairterm

PACKAGE = Path(pairterm.__file__).parent
PAGE = PACKAGE.parent / "docs" / "logs.md"

LEVELS = {"info": "INFO", "warning": "WARNING", "error": "ERROR", "exception": "ERROR", "critical": "ERROR"}
"""The calls and the level that a line has. DEBUG is for developers."""


def lines_of(source: str) -> Iterator[tuple[str, str]]:
    """Yield the level and the text of each call that logs, with `…` for what the arguments fill in."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="logger"), attr=name), args=[first, *_]):
                if name in LEVELS:
                    assert isinstance(first, ast.Constant), f"a text that is no constant can't be explained: {name}"
                    yield LEVELS[name], re.sub(r"%(?!%)[-.\d]*[a-z]", "…", str(first.value))


def logged() -> set[tuple[str, str]]:
    return {line for path in PACKAGE.rglob("*.py") for line in lines_of(path.read_text(encoding="utf-8"))}


def explained() -> list[tuple[str, str]]:
    return re.findall(r"^\| (INFO|WARNING|ERROR) \| `(.*)` \| \S", PAGE.read_text(encoding="utf-8"), re.MULTILINE)


def test_each_line_is_explained_once() -> None:
    assert sorted(explained()) == sorted(logged())


def test_a_line_can_be_told_from_the_others() -> None:
    """`grep` finds a line by its text, so no line is only made of what its arguments fill in."""
    assert all(re.search(r"[a-z]{4}", text) for _, text in logged())


def test_the_check_sees_all_kinds_of_calls() -> None:
    source = 'logger.info("a %s is %.30r", a, b)\nlogger.exception("it "\n  "failed")\nlogger.debug("no")\n'
    assert list(lines_of(source)) == [("INFO", "a … is …"), ("ERROR", "it failed")]
