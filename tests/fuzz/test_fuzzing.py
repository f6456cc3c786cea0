"""A short walk of the coverage-guided fuzzer; `make fuzz` takes a longer one."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from tests.length import by_day

RUNS = by_day(2_000, at_night=100_000)
"""Counted, not timed: some seconds, the seeds included."""

SLOW_INPUT_S = 60
"""The time that one input may take. `make fuzz` is stricter: here other tests take the processor away."""

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.skipif(importlib.util.find_spec("atheris") is None, reason="atheris has no wheel for this machine")
def test_no_input_of_a_short_walk_is_a_find(tmp_path: Path) -> None:
    options = [f"-runs={RUNS}", "-seed=1", f"-timeout={SLOW_INPUT_S}", "-verbosity=0", f"-artifact_prefix={tmp_path}/"]
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.fuzz_terminal", *options], cwd=ROOT, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode(errors="replace")[-4000:]
    assert list(tmp_path.iterdir()) == []
