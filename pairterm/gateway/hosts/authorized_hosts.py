"""The rule for hosts: which keys and certificates, and which local users, may share through this gateway.

The file `authorized_hosts` has the form of OpenSSH's authorized_keys (sshd(8)), with
`cert-authority` lines. Of its options, `name-prefix=` lets a host ask for fixed names
that begin with it, `max-sessions=` limits its sessions, and `expiry-time=` (as in sshd(8))
ends its right. The file is read for every login, so a change holds at once. A host whose
key is removed is disconnected (`HostAdmission.look`).
"""

from __future__ import annotations

import logging
import os
import pwd
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import asyncssh

from pairterm.access.authorized_keys import expiry_epoch_s, fingerprint_of
from pairterm.access.proved_key import ProvedKey
from pairterm.config import HostsConfig
from pairterm.errors import UsageError
from pairterm.gateway.hosts.local_users import is_member
from pairterm.gateway.hosts.owners import HostOwner, certificate_id, key_id
from pairterm.types import whole_number

__all__ = ["HostAdmission", "HostKeys"]

logger = logging.getLogger(__name__)

_MOST_SESSIONS = 100_000
"""The most sessions that a gateway may have in all."""


class HostAdmission:
    """The operator's rule for hosts."""

    def __init__(self, config: HostsConfig, directory: Path, *, max_sessions: int) -> None:
        """Read the rule from the configuration.

        Args:
            config: The operator's configuration.
            directory: Holds the file of keys, unless the configuration names another.
            max_sessions: How many sessions an owner may have if their line does not say.
        """
        self._config = config
        self._path = Path(config.authorized_hosts) if config.authorized_hosts else directory / "authorized_hosts"
        self.max_sessions = max_sessions
        """How many sessions an owner may have if their line does not say."""
        self.pushed = ""
        """Further lines of keys, for all gateways of a service."""
        self._seen = self._settled = self._stamp()

    @property
    def takes_remote(self) -> bool:
        """Whether any host may come over SSH."""
        return self._config.allow != "none"

    def keys(self) -> HostKeys:
        """Return the keys that are allowed now: one object for each connection. It remembers the key that logged in."""
        text = ""
        try:
            text = self._text()
        except (OSError, UnicodeDecodeError) as error:
            logger.warning("no host can log in: %s: %s", self._path, error)
        return self._keys_of(text)

    def problem(self) -> str:
        """Return why no host can log in by a key although the operator allows it; "" if there is no problem."""
        if not self.takes_remote:
            return ""
        try:
            self._text()
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
            # The number, and no name: a user need not be in the user database, and to ask it would block the loop.
            return (
                f"no host can log in: {self._path}: {reason}; the gateway runs as uid {os.getuid()} and has to read it"
            )
        return ""

    def look(self) -> bool:
        """Return whether the file has changed since `settle`, but not since the last look: nobody is writing it now."""
        before, self._seen = self._seen, self._stamp()
        return self._seen == before and self._seen != self._settled

    def settle(self) -> None:
        """Note that the file, as it was at the last look, is carried out. Without this, `look` returns True again."""
        self._settled = self._seen

    def lets_in(self, owner: HostOwner) -> bool:
        """Return whether an owner that came over SSH may come now too. A file that can't be read changes nothing."""
        if owner.proof is None:
            return True
        try:
            text = self._text()
        except (OSError, UnicodeDecodeError):
            return True
        return self._keys_of(text).validate(*owner.proof) is not None

    def _text(self) -> str:
        """Return the text of the file, and what was pushed.

        Raises:
            OSError: The file can't be read.
            UnicodeDecodeError: It is not UTF-8.
        """
        try:
            return f"{self._path.read_text(encoding='utf-8')}\n{self.pushed}"
        except FileNotFoundError:
            return self.pushed

    def _stamp(self) -> tuple[int, int, int, str]:
        try:
            found = self._path.stat()
        except OSError:
            return 0, 0, 0, self.pushed
        return found.st_mtime_ns, found.st_size, found.st_ino, self.pushed

    def _keys_of(self, text: str) -> HostKeys:
        return HostKeys(text, takes_anyone=self._config.allow == "anyone", max_sessions=self.max_sessions)

    def local_owner(self, uid: int) -> HostOwner | None:
        """Return the owner for a local user; None if they may not share here.

        It blocks while the user database answers: call it in a thread (see `local_users`).
        """
        try:
            entry = pwd.getpwuid(uid)
        except KeyError:
            return (
                None
                if self._config.group
                else HostOwner(f"uid {uid}", self.max_sessions, None, may_be_away=False, uid=uid)
            )
        if self._config.group and uid != 0 and not is_member(entry, self._config.group):
            return None
        return HostOwner(f"uid {uid}", self.max_sessions, entry.pw_name, may_be_away=False, uid=uid)

    @property
    def group(self) -> str:
        """The group that local users have to be in; "" allows all users."""
        return self._config.group


class HostKeys(asyncssh.SSHAuthorizedKeys):
    """The keys that are allowed for one login, and its owner. asyncssh asks it about each key that a client offers."""

    def __init__(self, text: str, *, takes_anyone: bool, max_sessions: int) -> None:
        super().__init__()
        self._takes_anyone = takes_anyone
        self._max_sessions = max_sessions
        self.owner: HostOwner | None = None
        """The owner of the key that was asked about last. After the login, this is the key that logged in."""
        for number, line in enumerate(text.splitlines(), 1):
            try:
                self.load(line)
            except ValueError as error:
                if line.strip() and not line.lstrip().startswith("#"):
                    logger.warning("authorized_hosts, line %d: %s", number, error)

    def validate(
        self,
        key: asyncssh.SSHKey,
        client_host: str,
        client_addr: str,
        cert_principals: Sequence[str] | None = None,
        ca: bool = False,
    ) -> dict[str, object] | None:
        """Return the options of the line that allows the key; None if no line does."""
        self.owner = None
        found = super().validate(key, client_host, client_addr, cert_principals, ca)
        options = dict(found) if found is not None else None
        if options is None and self._takes_anyone and not ca:
            options = {}
        if options is None or _is_expired(options, time.time()) or (ca and not cert_principals):
            return None  # A certificate without principals would be valid for any: sshd(8) refuses it too.
        fingerprint = key.get_fingerprint()
        self.owner = HostOwner(
            certificate_id(fingerprint, "") if ca else key_id(fingerprint),
            _number(options, "max-sessions", self._max_sessions),
            _text(options, "name-prefix"),
            may_be_away=True,
            key="" if ca else " ".join(key.export_public_key().decode().split()[:2]),
            address=client_addr,
            proof=(key, client_host, client_addr, cert_principals, ca),
        )
        return options

    def proved_owner(self, proved: ProvedKey) -> HostOwner | None:
        """Return the owner that logged in with the key that was proved: one for each key id that an authority signed.

        A certificate without a key id belongs to its key, because its authority does not name its holder.
        """
        if self.owner is None or not proved.authority:
            return self.owner
        return replace(self.owner, id=certificate_id(proved.authority, proved.name or fingerprint_of(proved.key)))


def check_lines(text: str) -> None:
    """Check the lines of a list of hosts before it replaces another.

    Raises:
        UsageError: A line can't be read.
    """
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() and not line.lstrip().startswith("#"):
            try:
                asyncssh.SSHAuthorizedKeys().load(line)
            except ValueError as error:
                raise UsageError(f"authorized_hosts, line {number}: {error}", code="authorized_hosts") from error


def _text(options: dict[str, object], name: str) -> str | None:
    """Return the value of an option; None if the line does not have it."""
    values = options.get(name)
    return str(values[0]) if isinstance(values, list) and values else None


def _number(options: dict[str, object], name: str, default: int) -> int:
    text = _text(options, name)
    if text is None:
        return default
    number = whole_number(text, most=_MOST_SESSIONS)
    if number is None:
        logger.warning("authorized_hosts: %s=%.30r is no number up to %d: ignored", name, text, _MOST_SESSIONS)
        return default
    return number


def _is_expired(options: dict[str, object], now_s: float) -> bool:
    """Return whether a line has expired; True as well if its time can't be read."""
    text = _text(options, "expiry-time")
    if text is None:
        return "expiry-time" in options
    try:
        return now_s >= expiry_epoch_s(text)
    except UsageError as error:
        logger.warning("authorized_hosts: %s: the line counts as expired", error.message)
        return True
