"""The people of a session, as a list: a key gives a command about the chosen person, and the list stays open."""

from __future__ import annotations

from typing import ClassVar

from pairterm.view.choice_page import ChoicePage

__all__ = ["PeoplePage"]


class PeoplePage(ChoicePage):
    """A page on which each line after the first is a person."""

    __slots__ = ()

    commands: ClassVar = {
        b"w": "grant {} rw",
        b"o": "revoke {}",
        b"g": "give {}",
        b"K": "kick {}",
        b"B": "kick {} --ban",
    }
    renewal = "who"
    """The command that brings the list anew, after each command about a person."""
    keys = " w lets them type  o lets them watch  g gives the keyboard  K kicks  B bans"
