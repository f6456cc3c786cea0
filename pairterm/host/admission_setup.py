"""Setting up who may come to a session: links, keys, rules, those remembered; from what `pairterm new` was told."""

from __future__ import annotations

import logging
import os
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

from pairterm.access.authorized_keys import KeyTable, fingerprint_of, parse_key_lines
from pairterm.access.invitations import InvitationTable
from pairterm.access.tokens import Tokens
from pairterm.errors import SystemFault, UsageError
from pairterm.host.key_lists import KeyLists
from pairterm.paths import state_dir
from pairterm.session.admission import AdmitMode, Door, DoorRules
from pairterm.session.durations import parse_duration
from pairterm.session.effects import Pin
from pairterm.session.house_options import set_house_option
from pairterm.session.membership import House
from pairterm.types import Role

__all__ = ["PeopleSettings", "furnish", "pin_key"]

logger = logging.getLogger(__name__)

_KNOWN_GUESTS = "known_guests"

_MAX_KNOWN_BYTES = 1 << 20
"""About 2,000 keys remembered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleSettings:
    """What the owner said at the start of who may come."""

    ro_only: bool = False
    """There is no link to type by."""
    expire: str = ""
    """How long the first links live; "": as long as the session."""
    keys: list[tuple[str, str]] = field(default_factory=list)
    """Absolute path and text of each authorized_keys file."""
    key_urls: list[str] = field(default_factory=list)
    """Where more keys are fetched, over HTTPS."""
    options: dict[str, str] = field(default_factory=dict)
    """Options of the house, as `pairterm set` takes them."""


async def furnish(
    name: str, tokens: Tokens, settings: PeopleSettings, *, prefix: str, now_s: float
) -> tuple[House, KeyLists]:
    """Return a session's house, with nobody in it, and the lists of keys that come in.

    Raises:
        UsageError: A list of keys or an option can't be used.
        SystemFault: Keys could not be fetched, and none are left from the last time.
    """
    lists = KeyLists.of(settings.keys, settings.key_urls)
    if lists.urls:
        await lists.fetch()
    first = replace(tokens, read_write="") if settings.ro_only else tokens
    expires_s = now_s + parse_duration(settings.expire) if settings.expire else None
    door = Door(
        InvitationTable(first, expires_s=expires_s),
        keys=KeyTable(lists.entries),
        pinned=_pinned(state_dir() / _KNOWN_GUESTS),
        rules=DoorRules(),
        epoch_s=time.time() - now_s,
    )
    house = House(door, name=name, prefix=prefix)
    for option, value in settings.options.items():
        set_house_option(house, option, value, None, now_s)
    if door.rules.mode is not AdmitMode.TOKEN and not len(door.keys):
        raise UsageError("nobody could come in: no list of keys has a key", code="no_keys")
    return house, lists


def _pinned(path: Path) -> dict[str, tuple[str, Role]]:
    """Return whom the owner wants to have remembered; a file that can't be read is nobody."""
    try:
        if path.stat().st_size > _MAX_KNOWN_BYTES:
            raise UsageError("it is too large", code="known_guests")
        entries = parse_key_lines(path.read_text(encoding="utf-8"), where=str(path))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, UsageError) as error:
        logger.warning("%s is not used: %s", path, error)
        return {}
    return {each.fingerprint: (each.name, each.role) for each in entries if not each.is_authority}


def pin_key(pin: Pin) -> None:
    """Remember a key for the sessions to come.

    Raises:
        SystemFault: It can't be written.
    """
    fingerprint_of(pin.key)
    line = f'role="{pin.role.value}" {pin.key} {pin.name}\n'
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
    path = state_dir() / _KNOWN_GUESTS
    try:
        fd = os.open(path, flags, 0o600)
        try:
            os.write(fd, line.encode())
        finally:
            os.close(fd)
    except OSError as error:
        raise SystemFault(f"can't write {path}: {error.strerror}", code="known_guests") from error
