"""The Debian package and the image of this checkout, which several files of tests use. Each is built once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.nightly.machine import built_deb, built_image


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark all tests of this folder, and those in browsers: they run at night, too."""
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here) or item.path.is_relative_to(here.parent / "browser"):
            item.add_marker("nightly")


@pytest.fixture(scope="session")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built_deb(tmp_path_factory.mktemp("package"))


@pytest.fixture(scope="session")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built_image(tmp_path_factory.mktemp("image"))
