"""The page for browsers: its types, the tests of its pure parts, and its size. node runs them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

_WEB = Path(__file__).resolve().parents[2] / "web"

_BUILD_S = 300.0


def _run(*argv: str | Path) -> str:
    node = shutil.which("node")
    if node is None or not (_WEB / "node_modules" / "typescript").is_dir():
        why = "the page's tools are not installed: run scripts/build-web --dev"
        if os.environ.get("CI"):
            pytest.fail(why)
        pytest.skip(why)
    done = subprocess.run(
        [node, *map(str, argv)],
        cwd=_WEB,
        env={**os.environ, "PYTHON": sys.executable},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=_BUILD_S,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def test_the_types_of_the_page_are_right() -> None:
    _run("node_modules/typescript/bin/tsc")


def test_the_tests_of_the_page_pass() -> None:
    passed = re.search(r"^# pass (\d+)$", _run("test.mjs"), re.MULTILINE)
    assert passed is not None
    assert int(passed[1]) > 0


def test_the_pages_are_complete_small_and_load_nothing_from_elsewhere(tmp_path: Path) -> None:
    """The build itself fails if a page with its terminal has more than 250 KiB compressed."""
    page = tmp_path / "page"
    _run("build.mjs", page)
    pages = {name: (page / name).read_text(encoding="utf-8") for name in ("index.html", "play.html")}
    used = {name: set(re.findall(r'(?:href|src|data-licences)="([^"]*)"', html)) for name, html in pages.items()}
    assert {each.partition("-")[0] for each in used["index.html"] & used["play.html"]} == {"assets/icon"}
    built = [f"assets/{each.name}" for each in (page / "assets").iterdir() if each.suffix not in (".gz", ".br")]
    for names in used.values():
        assert len({Path(each).suffix for each in names}) == 4
        assert names <= set(built)
    for name in [*built, *pages]:
        assert re.fullmatch(
            r"assets/([a-z]+-[0-9a-f]{12}\.(js|css|svg|txt)|chunk-[0-9A-Z]{8}\.js)|(index|play)\.html", name
        )
        for variant in (name, f"{name}.gz", f"{name}.br"):
            assert (page / variant).stat().st_size > 0
    for html in pages.values():
        assert "<style" not in html
        assert not re.search(r"<script(?![^>]*\ssrc=)", html)
        assert not re.search(r"\son[a-z]+=", html)
