"""The inputs that fuzzing begins with pass, so that a find is a find."""

from __future__ import annotations

import pytest

from tests.fuzz.terminal_input import check, seeds


@pytest.mark.parametrize("start", [b"\x00\x07", b"\x0b\x00"])
def test_every_seed_passes(start: bytes) -> None:
    for seed in seeds():
        check(start + seed)
