"""Every golden case shows what its file says, whole and byte by byte.

xterm.js has to show the same, unless the case says why not.
"""

from __future__ import annotations

import pytest

from tests.golden.cases import CASES, Case, input_of, read_cases, seen, shown, size_of
from tests.judge import JudgeFailed, judge_or_skip

ALL = [
    pytest.param(case, id=f"{path.stem}: {case['name']}")
    for path in sorted(CASES.glob("*.golden"))
    for case in read_cases(path)
]
_SAID = ("shows", "cursor", "pens", "replies", "title", "modes", "bells", "history")


@pytest.mark.parametrize("case", ALL)
def test_case_shows_what_it_says(case: Case) -> None:
    expected = {key: case[key] for key in _SAID if key in case}
    assert shown(case) == expected
    assert shown(case, piece_bytes=1) == expected


@pytest.mark.parametrize("case", ALL)
def test_xterm_js_shows_the_same_or_the_case_says_why_not(case: Case) -> None:
    try:
        verdict = judge_or_skip().show(input_of(case), size_of(case))
    except JudgeFailed:
        pytest.skip("xterm.js itself fails on these bytes")
    theirs = seen(verdict.frame, verdict.replies)
    ours = shown(case)
    keys = ("shows", "cursor", "pens", "replies")
    is_same = all(ours.get(key) == theirs.get(key) for key in keys)
    assert is_same != ("differs" in case), {key: (ours.get(key), theirs.get(key)) for key in keys}
