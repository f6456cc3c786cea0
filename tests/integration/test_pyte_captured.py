"""pyte's own captured screens, driven through `PyteScreen`.

The captures are in pyte's source distribution and stay there: they are LGPL, so no copy is
kept in this repository. pip fetches them from PyPI, once for each test cache.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pyte
import pytest

from pairterm.terminal.pyte_screen import PyteScreen

pytestmark = pytest.mark.slow

_NAMES = ("cat-gpl3", "find-etc", "htop", "ls", "mc", "top", "vi")
_TIMEOUT_S = 300


@pytest.fixture(scope="module")
def captured(pytestconfig: pytest.Config) -> Iterator[tarfile.TarFile]:
    """pyte's source distribution, of the version that is installed."""
    release = version("pyte")
    directory = Path(pytestconfig.cache.mkdir("pyte-sdist"))
    path = directory / f"pyte-{release}.tar.gz"
    if not path.exists():
        fetch = [sys.executable, "-m", "pip", "download", "--no-deps", "--no-binary", "pyte", f"pyte=={release}"]
        done = subprocess.run(fetch, cwd=directory, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False)
        if not path.exists():
            pytest.skip(f"pip can't fetch pyte's source distribution: {done.stderr.strip()[-300:]}")
    with tarfile.open(path) as archive:
        yield archive


def _read(archive: tarfile.TarFile, name: str) -> bytes:
    file = archive.extractfile(f"pyte-{version('pyte')}/tests/captured/{name}")
    assert file is not None
    return file.read()


@pytest.mark.parametrize("piece_bytes", [7, 1 << 20], ids=["in pieces", "whole"])
@pytest.mark.parametrize("name", _NAMES)
def test_a_captured_screen_is_as_pyte_expects(captured: tarfile.TarFile, name: str, piece_bytes: int) -> None:
    data = _read(captured, f"{name}.input")
    screen = PyteScreen(80, 24)
    stream = pyte.ByteStream(screen)
    for start in range(0, len(data), piece_bytes):
        stream.feed(data[start : start + piece_bytes])
    assert screen.display == json.loads(_read(captured, f"{name}.output"))
