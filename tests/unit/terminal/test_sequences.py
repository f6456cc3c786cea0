"""The table of sequences names methods that exist."""

from __future__ import annotations

from operator import attrgetter

import pytest

from pairterm.terminal import Screen
from pairterm.terminal.sequences import METHOD_NAMES
from pairterm.types import Size


@pytest.mark.parametrize("name", sorted(METHOD_NAMES))
def test_a_sequence_calls_a_method_of_a_part(name: str) -> None:
    assert callable(attrgetter(name)(Screen(Size(rows=4, cols=20))))
