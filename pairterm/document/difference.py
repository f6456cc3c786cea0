"""The difference of two texts as one replaced range.

Lines that are common at the head and at the tail stay. This is all for typing, pastes
and deletions. For a text that changed in two places it includes what lies between them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import msgspec

__all__ = ["Replacement", "common_head", "common_tail", "difference"]

_RUN = 512
"""Items that are compared in one step: a comparison of slices costs a fraction of one loop turn an item."""

_Item = TypeVar("_Item")


class Replacement(msgspec.Struct, frozen=True):
    """`removed` lines from `first` on give way to `lines`.

    The first `head` characters of the first removed line stay in front of the first new one, and the last
    `tail` characters of the last removed line stay behind the last new one. Both are 0 if no line is removed, or
    no line is new.
    """

    first: int
    removed: int
    lines: tuple[str, ...]
    head: int = 0
    tail: int = 0

    def full_lines(self, before: Sequence[str]) -> list[str]:
        """Return the new lines with what stays of the old ones in `before`."""
        lines = list(self.lines)
        if lines and self.tail:
            last = before[self.first + self.removed - 1]
            lines[-1] += last[len(last) - self.tail :]
        if lines and self.head:
            lines[0] = before[self.first][: self.head] + lines[0]
        return lines


def difference(before: Sequence[str], after: Sequence[str]) -> Replacement | None:
    """Return what makes `after` out of `before`; None: they are the same. Cost: O(lines), and O(changed text)."""
    shorter = min(len(before), len(after))
    head = common_head(before, after, shorter)
    if head == len(before) == len(after):
        return None
    tail = common_tail(before, after, shorter - head)
    removed = before[head : len(before) - tail]
    lines = after[head : len(after) - tail]
    if not removed or not lines:
        return Replacement(head, len(removed), tuple(lines))
    kept_head = common_head(removed[0], lines[0], min(len(removed[0]), len(lines[0])))
    old_room = len(removed[-1]) - (kept_head if len(removed) == 1 else 0)
    new_room = len(lines[-1]) - (kept_head if len(lines) == 1 else 0)
    kept_tail = common_tail(removed[-1], lines[-1], min(old_room, new_room))
    new = list(lines)
    new[-1] = new[-1][: len(new[-1]) - kept_tail]
    new[0] = new[0][kept_head:]
    return Replacement(head, len(removed), tuple(new), kept_head, kept_tail)


def common_head(before: Sequence[_Item], after: Sequence[_Item], most: int, *, start: int = 0) -> int:
    """Return where the first items from `start` on lie that differ; `most` if none does before."""
    at = start
    while at < most:
        step = min(_RUN, most - at)
        if before[at : at + step] == after[at : at + step]:
            at += step
            continue
        while before[at] == after[at]:
            at += 1
        break
    return at


def common_tail(before: Sequence[_Item], after: Sequence[_Item], most: int) -> int:
    """Return how many items at the end are equal, `most` at most."""
    at = 0
    ends = len(before), len(after)
    while at < most:
        step = min(_RUN, most - at)
        if before[ends[0] - at - step : ends[0] - at] == after[ends[1] - at - step : ends[1] - at]:
            at += step
            continue
        while before[ends[0] - at - 1] == after[ends[1] - at - 1]:
            at += 1
        break
    return at
