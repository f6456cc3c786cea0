"""The Debian package of this checkout, which several files of tests install. It is built once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.nightly.machine import built_deb


@pytest.fixture(scope="session")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built_deb(tmp_path_factory.mktemp("package"))
