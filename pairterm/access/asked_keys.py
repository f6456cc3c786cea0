"""What a guest is asked for when a session's keys open it. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from pairterm.access.proved_key import is_authority, line_fingerprint
from pairterm.access.verdicts import AskKey

__all__ = ["asked_for"]


def asked_for(lines: Sequence[str], principals: set[str]) -> AskKey:
    """Return the question for one of these keys. `principals` hold where the line of an authority names none."""
    named = ",".join(sorted(principals - {""}))
    return AskKey(
        frozenset(filter(None, (line_fingerprint(each) for each in lines if not is_authority(each)))),
        tuple(
            each.replace(" ", f',principals="{named}" ', 1) if each.startswith("cert-authority ") else each
            for each in lines
            if is_authority(each)
        ),
    )
