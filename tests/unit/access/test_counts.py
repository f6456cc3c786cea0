"""Counts follow what comes and goes, and forget kinds of which there is none."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pairterm.access.counts import Counts


@given(st.lists(st.tuples(st.booleans(), st.sampled_from("abc"))))
def test_they_are_what_a_counter_has(story: list[tuple[bool, str]]) -> None:
    counts: Counts[str] = Counts()
    model: Counter[str] = Counter()
    for is_added, kind in story:
        if is_added:
            counts.add(kind)
            model[kind] += 1
        elif model[kind]:
            counts.remove(kind)
            model[kind] -= 1
    assert [counts[each] for each in "abc"] == [model[each] for each in "abc"]
    assert counts.total == model.total()
    assert len(counts) == len(+model)


def test_what_was_not_added_is_not_removed() -> None:
    with pytest.raises(KeyError):
        Counts[str]().remove("a")
