"""What all tests share: the hypothesis profiles, and worlds for those that run real processes."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests.e2e.world import World, open_world
from tests.length import NIGHTLY

# No deadline and no too_slow: nothing passes or fails by the clock.
settings.register_profile(
    "ci", max_examples=200, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile(
    "long", max_examples=5000, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))

# They boot machines and build packages: `make nightly` runs them.
collect_ignore = [] if NIGHTLY else ["nightly"]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what `make nightly` runs, and begin the slow tests first: none of them runs alone in the end."""
    if not NIGHTLY:
        left_out = [item for item in items if item.get_closest_marker("nightly") is not None]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item.get_closest_marker("nightly") is None]
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.fixture
def world() -> Iterator[World]:
    """A pairterm world of this test's own."""
    _need("tmux", "ssh")
    with open_world() as opened:
        yield opened


@pytest.fixture(scope="module")
def town() -> Iterator[World]:
    """A world that the tests of one file share; each makes sessions of its own in it."""
    _need("tmux", "ssh")
    with open_world() as opened:
        yield opened


def _need(*programs: str) -> None:
    missing = [program for program in programs if shutil.which(program) is None]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")
