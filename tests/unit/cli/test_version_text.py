"""The libraries that `pairterm --version` prints, and those that `doctor` finds missing or too old."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Callable

import pytest

import pairterm
from pairterm.cli.version_text import library_versions, unmet_requirements, version_text

REQUIRES = ["asyncssh<2.25,>=2.24.1", "click>=8.1", "pyte>=0.8.2", "uv>=0.5; extra == 'dev'"]


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Let pairterm require `REQUIRES`, and let these versions be installed."""

    def install(**versions: str) -> None:
        def version(name: str) -> str:
            if name not in versions:
                raise importlib.metadata.PackageNotFoundError(name)
            return versions[name]

        monkeypatch.setattr(importlib.metadata, "requires", lambda name: REQUIRES)
        monkeypatch.setattr(importlib.metadata, "version", version)

    return install


def test_versions_that_fit(installed: Callable[..., None]) -> None:
    installed(asyncssh="2.24.1", click="8.1", pyte="0.8.10", cryptography="50.0.2")
    assert unmet_requirements() == []
    assert library_versions() == {"asyncssh": "2.24.1", "click": "8.1", "pyte": "0.8.10", "cryptography": "50.0.2"}


@pytest.mark.parametrize("version", ["2.24", "2.24.0", "2.25", "2.25.0", "3.0"])
def test_a_version_outside_of_the_limits(installed: Callable[..., None], version: str) -> None:
    installed(asyncssh=version, click="8.2.0", pyte="0.8.2")
    assert unmet_requirements() == [f"asyncssh {version} is not <2.25,>=2.24.1"]


def test_a_missing_library(installed: Callable[..., None]) -> None:
    installed(asyncssh="2.24.9", pyte="0.8.2")
    assert unmet_requirements() == ["click is missing"]
    assert "click missing" in version_text()


def test_the_first_line_is_the_version_alone() -> None:
    lines = version_text().splitlines()
    assert lines[0] == f"pairterm {pairterm.__version__}"
    assert [each.partition(":")[0] for each in lines[1:]] == ["build", "Python", "libraries", "system"]
