"""The files that `pairterm export` writes: for whom, and the picture that the real `agg` makes."""

from __future__ import annotations

import os
import shutil
import stat
import struct
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pairterm.cli.export import export
from pairterm.errors import SystemFault

ROOT = Path(__file__).resolve().parents[2]

CAST = (
    '{"version": 3, "term": {"cols": 40, "rows": 6}}\n'
    '[0.5, "o", "hello"]\n[1, "m", "here"]\n[1, "o", "\\r\\nworld"]\n[5, "o", "!"]\n'
)


@pytest.fixture
def cast(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    path = tmp_path / "pair.cast"
    path.write_text(CAST)
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)
    before = os.umask(0o022)
    yield path
    os.umask(before)


def exported(cast: Path, form: str, output: Path, *options: str) -> Result:
    return CliRunner().invoke(export, [str(cast), "--format", form, "-o", str(output), *options])


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("form", ["txt", "svg", "cast2", "json"])
def test_an_export_is_for_its_owner_unless_its_file_is_there(cast: Path, form: str) -> None:
    """A recording has the mode 0600. Its exports had that of the umask, and show the same."""
    fresh, known = cast.with_name("fresh"), cast.with_name("known")
    known.write_text("older and longer than what comes" * 1000)
    known.chmod(0o644)
    for each in (fresh, known):
        assert exported(cast, form, each).exit_code == 0
    assert (mode(fresh), mode(known)) == (0o600, 0o644)
    assert fresh.read_bytes() == known.read_bytes()
    assert len(fresh.read_bytes()) > 10


@pytest.mark.parametrize("form", ["json", "cast2", "cast3", "html"])
def test_what_was_typed_is_exported_on_request(cast: Path, form: str) -> None:
    """Only the page asked for the request. The others had it always, also for those to whom they were sent."""
    if form == "html" and not (ROOT / "pairterm" / "web_page" / "play.html").exists():
        pytest.skip("the page is not built")
    with cast.open("a") as file:
        file.write('[0.1, "p", "[\\"typed-text\\",\\"ada\\",\\"hunter2\\"]"]\n[0, "i", "hunter2"]\n')
    without, with_it = cast.with_name("without"), cast.with_name("with")
    assert exported(cast, form, without).exit_code == 0
    assert exported(cast, form, with_it, "--with-input").exit_code == 0
    assert b"hunter2" not in without.read_bytes()
    assert b"ada" in without.read_bytes(), "that ada typed stays"
    assert b"hunter2" in with_it.read_bytes()


def test_agg_makes_a_gif_of_a_part(cast: Path) -> None:
    if shutil.which("agg") is None:
        pytest.skip("there is no agg for this machine")
    whole, part = cast.with_name("whole.gif"), cast.with_name("part.gif")
    assert exported(cast, "gif", whole).exit_code == 0
    assert exported(cast, "gif", part, "--to", "2s").exit_code == 0
    assert mode(whole) == 0o600
    size = struct.unpack("<HH", whole.read_bytes()[6:10])
    assert (whole.read_bytes()[:6], size) == (b"GIF89a", struct.unpack("<HH", part.read_bytes()[6:10]))
    assert frames(whole) > frames(part) > 0


def test_agg_that_fails_leaves_no_file(cast: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    programs = cast.with_name("bin")
    programs.mkdir()
    (programs / "agg").write_text("#!/bin/sh\necho half > $2; exit 3\n")
    (programs / "agg").chmod(0o755)
    monkeypatch.setenv("PATH", str(programs), prepend=os.pathsep)
    done = exported(cast, "gif", cast.with_name("no.gif"))
    assert isinstance(done.exception, SystemFault)
    assert "agg failed with status 3" in done.exception.message
    assert not cast.with_name("no.gif").exists()


def frames(gif: Path) -> int:
    """Return how many pictures a GIF has: each has a Graphic Control Extension (GIF89a, section 23)."""
    return gif.read_bytes().count(b"\x21\xf9\x04")
