"""The owner's settings for admission: what a guest must show, whether they must knock, and how many may join."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from pairterm.types import MAX_CLIENTS

__all__ = ["AdmissionSettings", "AdmitMode"]


class AdmitMode(enum.Enum):
    """What a guest must show."""

    TOKEN = "token"  # noqa: S105 -- the word, no token
    """A link is enough. A key on a list is enough as well, if there is a list."""
    KEY = "key"
    """A key on a list is needed. Links open nothing."""
    BOTH = "token+key"
    """A link and a key on a list are both needed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AdmissionSettings:
    """The owner's settings for admission."""

    mode: AdmitMode = AdmitMode.TOKEN
    asks: bool = False
    """Every guest who comes by a link must knock."""
    max_guests: int = MAX_CLIENTS
