"""Setting up who may join a session: its invitations, keys, rules and remembered guests, as `pairterm new` says."""

from __future__ import annotations

import logging
import os
import time
from dataclasses import replace
from pathlib import Path

import msgspec

from pairterm.access.authorized_keys import KeyTable, fingerprint_of, parse_key_lines
from pairterm.access.invitations import InvitationTable
from pairterm.access.tokens import Tokens
from pairterm.errors import SystemFault, UsageError
from pairterm.host.key_lists import KeyLists
from pairterm.paths import state_dir
from pairterm.session.admission_settings import AdmitMode
from pairterm.session.commands.option_table import change_option
from pairterm.session.durations import parse_duration
from pairterm.session.effects import Pin
from pairterm.session.session_admission import Admission
from pairterm.session.session_parts import SessionParts
from pairterm.types import Role

__all__ = ["PeopleSettings", "pin_key", "set_up_session"]

logger = logging.getLogger(__name__)

_KNOWN_GUESTS = "known_guests"

_MAX_KNOWN_BYTES = 1 << 20
"""Room for about 2,000 remembered keys."""


class PeopleSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The owner's settings at the start: who may join."""

    ro_only: bool = False
    """There is no invitation that lets its guests type."""
    expire: str = ""
    """How long the first invitations live; "": as long as the session."""
    keys: list[tuple[str, str]] = msgspec.field(default_factory=list)
    """The absolute path and the text of each authorized_keys file."""
    key_urls: list[str] = msgspec.field(default_factory=list)
    """The URLs from which more keys are fetched, over HTTPS."""
    options: dict[str, str] = msgspec.field(default_factory=dict)
    """Options of the session, as `pairterm set` takes them."""


async def set_up_session(
    name: str, tokens: Tokens, settings: PeopleSettings, *, prefix: str, now_s: float
) -> tuple[SessionParts, KeyLists]:
    """Return the parts of a session with nobody in it, and the lists of keys that open it.

    Raises:
        UsageError: A list of keys or an option can't be used.
        SystemFault: Keys could not be fetched, and none are left from the last time.
    """
    lists = KeyLists.of(settings.keys, settings.key_urls)
    if lists.urls:
        await lists.fetch()
    first = replace(tokens, read_write="") if settings.ro_only else tokens
    expires_s = now_s + parse_duration(settings.expire) if settings.expire else None
    admission = Admission(
        InvitationTable(first, expires_s=expires_s),
        keys=KeyTable(lists.entries),
        pinned=_pinned(state_dir() / _KNOWN_GUESTS),
        epoch_s=time.time() - now_s,
    )
    parts = SessionParts(admission, name=name, prefix=prefix)
    for option, value in settings.options.items():
        change_option(parts, option, value, None, now_s)
    if admission.settings.mode is not AdmitMode.TOKEN and not len(admission.keys):
        raise UsageError("nobody could join: no list of keys has a key", code="no_keys")
    return parts, lists


def _pinned(path: Path) -> dict[str, tuple[str, Role]]:
    """Return the guests whom the owner remembered: name and role by fingerprint. A file that can't be read is empty."""
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
    """Remember a key for later sessions.

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
