"""The header and the events of a recording, as asciicast has them.

Times are seconds since the recording began. The codes `o`, `i`, `r`, `m` and `x` are
asciicast's own. pairterm's two further codes are ignored by other players: `p` tells of
the people, and `h` seals all lines before it (`record.chain`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from pairterm.types import Size

__all__ = [
    "EXIT",
    "INPUT",
    "MARKER",
    "OUTPUT",
    "PEOPLE",
    "RESIZE",
    "SEAL",
    "Event",
    "Header",
    "PeopleKind",
    "people_data",
    "read_people",
]

OUTPUT = "o"
INPUT = "i"
RESIZE = "r"
MARKER = "m"
EXIT = "x"
PEOPLE = "p"
SEAL = "h"

PeopleKind: TypeAlias = Literal["joined", "left", "role", "keyboard", "typed", "typed-text", "window", "chat"]


@dataclass(frozen=True, slots=True)
class Event:
    """One line after the header."""

    time_s: float
    code: str
    data: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The first line."""

    size: Size
    timestamp: int = 0
    """When the recording began, in seconds since 1970. 0: unknown."""
    title: str = ""
    version: int = 3
    key: str = ""
    """The public key of the owner, which signs the seals, in base64. "": the file has no seals."""
    follows: str = ""
    """The last seal's hash of the file that this one continues. "": it is the first file."""
    idle_limit_s: float | None = None
    is_pictures: bool = False
    """pairterm wrote it: each output is the step from one picture to the next, never half of a sequence."""
    env: dict[str, str] = field(default_factory=dict)


def people_data(kind: PeopleKind, name: str, text: str = "") -> str:
    """Return the data of an event about a person."""
    return json.dumps([kind, name, text] if text else [kind, name], ensure_ascii=False, separators=(",", ":"))


def read_people(data: str) -> tuple[str, str, str]:
    """Return kind, name and text of an event about a person; three times "" if it is none of ours."""
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return "", "", ""
    if not (isinstance(found, list) and 2 <= len(found) <= 3 and all(isinstance(each, str) for each in found)):
        return "", "", ""
    return found[0], found[1], found[2] if len(found) == 3 else ""
