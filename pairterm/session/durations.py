"""Durations as people write them: `90s`, `10m`, `1h30m`."""

from __future__ import annotations

import re

from pairterm.errors import UsageError

__all__ = ["duration_text", "parse_duration"]

_MAX_DURATION_S = 400 * 86_400
"""A little more than a year. People who say more mean for ever."""

_FORM = re.compile(r"(?:(\d{1,8})d)?(?:(\d{1,8})h)?(?:(\d{1,8})m)?(?:(\d{1,8})s?)?", re.ASCII)


def parse_duration(text: str) -> float:
    """Return the seconds of `90`, `90s`, `10m`, `2h`, `1d` or `1h30m`.

    Raises:
        UsageError: It is no duration, or a longer one than the limit.
    """
    found = _FORM.fullmatch(text.strip())
    days, hours, minutes, seconds = (int(each or 0) for each in found.groups()) if found else (0, 0, 0, 0)
    total_s = ((days * 24 + hours) * 60 + minutes) * 60 + seconds
    if not 0 < total_s <= _MAX_DURATION_S:
        raise UsageError(f"bad time {text[:30]!r}: say 90s, 10m, 2h or 1d", code="duration")
    return float(total_s)


def duration_text(seconds: float) -> str:
    """Return a duration as `parse_duration` takes it, in its two largest units: `58s`, `9m55s`, `1h58m`."""
    rest_s, words = max(0, round(seconds)), list[str]()
    for unit, unit_s in (("d", 86_400), ("h", 3600), ("m", 60), ("s", 1)):
        count, rest_s = divmod(rest_s, unit_s)
        if count or words:
            words.append(f"{count}{unit}" if count else "")
        if len(words) == 2:
            break
    return "".join(words) or "0s"
