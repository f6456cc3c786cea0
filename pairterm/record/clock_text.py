"""A time of a recording, as people read it."""

from __future__ import annotations

__all__ = ["clock_text"]


def clock_text(seconds: float) -> str:
    """Return a time as `M:SS`, or from an hour on as `H:MM:SS`."""
    minutes, second = divmod(int(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"
