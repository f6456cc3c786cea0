"""The public keys that open a session: the lines of an authorized_keys file, and the table made of them. Pure.

A line is what sshd takes (sshd(8), AUTHORIZED_KEYS FILE FORMAT). Of its options
`expiry-time`, `cert-authority` and `principals` mean what they mean there, and
`role="ro"` or `role="rw"` is ours. All other options of sshd limit a shell, which
nobody gets here, and are ignored. The exception is `from`: a line with it is refused,
because to ignore it would allow more than the line says. Fingerprints are OpenSSH's:
`SHA256:` and base64.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from pairterm.errors import UsageError
from pairterm.types import Role

__all__ = ["MAX_KEYS", "MAX_LINE_CHARS", "KeyEntry", "KeyTable", "expiry_epoch_s", "fingerprint_of", "parse_key_lines"]

MAX_KEYS = 2000
"""Keys of one session: a company's directory, and a bound on the table that a gateway keeps."""

MAX_LINE_CHARS = 4096
"""An RSA key of 16,384 bits takes 2,800."""

_TYPES = (
    "ssh-ed25519", "ssh-rsa", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521",
    "sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com",
)  # fmt: skip

_OPTION = re.compile(r'([A-Za-z0-9-]+)(?:="((?:[^"\\]|\\.)*)")?(?:,|(?=\s)|$)')

_PRINCIPAL = re.compile(r"[!-~]{1,256}")


@dataclass(frozen=True, slots=True)
class KeyEntry:
    """One key that opens a session."""

    key: str
    """`TYPE BASE64`."""
    fingerprint: str
    name: str = ""
    """The comment: the name of its holder, for people."""
    role: Role = Role.READ_WRITE
    expires_epoch_s: float | None = None
    is_authority: bool = False
    """It signs certificates, and does not open the session itself."""
    principals: tuple[str, ...] = ()
    """A certificate has to name one of these; () for the name of the session."""

    @property
    def line(self) -> str:
        """The line as a gateway takes it: the key, and what the gateway has to check."""
        if not self.is_authority:
            return self.key
        names = ",".join(self.principals)
        return (f'cert-authority,principals="{names}" ' if names else "cert-authority ") + self.key


def fingerprint_of(key: str) -> str:
    """Return the fingerprint of a key in one-line form.

    Raises:
        UsageError: It is no key.
    """
    kind, _, rest = key.strip().partition(" ")
    try:
        blob = base64.b64decode(rest.split(" ")[0], validate=True)
    except (binascii.Error, ValueError) as error:
        raise UsageError("not a public key", code="key") from error
    named = blob[4 : 4 + int.from_bytes(blob[:4], "big")] if len(blob) > 4 else b""
    if kind not in _TYPES or named != kind.encode():
        raise UsageError(f"not a public key of a kind that is allowed here: {kind[:40]!r}", code="key")
    import hashlib  # Here, not at the top: it loads OpenSSL into each `pairterm new`.

    return "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")


def parse_key_lines(text: str, *, where: str, role: Role = Role.READ_WRITE) -> list[KeyEntry]:
    """Return the keys of an authorized_keys text; `where` names it in errors, `role` is for lines without one.

    Raises:
        UsageError: A line is no key, has an option that can't be kept, or there are too many lines. A list
            with such a line lets nobody in: half a list is not what its writer meant.
    """
    entries: list[KeyEntry] = []
    for number, line in enumerate(text.splitlines(), 1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        if len(entries) >= MAX_KEYS:
            raise UsageError(f"{where}: more than {MAX_KEYS} keys", code="key")
        try:
            entries.append(_entry(line, role))
        except UsageError as error:
            raise UsageError(f"{where}, line {number}: {error.message}", code="key") from error
    return entries


def _entry(line: str, role: Role) -> KeyEntry:
    if len(line) > MAX_LINE_CHARS:
        raise UsageError("a line without end", code="key")
    options: dict[str, str] = {}
    if line.split(None, 1)[0] not in _TYPES:
        options, line = _options(line)
    words = line.split(None, 2)
    if len(words) < 2:
        raise UsageError("not a public key", code="key")
    key = f"{words[0]} {words[1]}"
    name = words[2].strip() if len(words) > 2 else ""
    return _with_options(KeyEntry(key, fingerprint_of(key), name, role), options)


def _options(line: str) -> tuple[dict[str, str], str]:
    """Return the options at the line's start, and the rest."""
    options: dict[str, str] = {}
    at = 0
    while found := _OPTION.match(line, at):
        options[found[1].lower()] = re.sub(r"\\(.)", r"\1", found[2] or "")
        at = found.end()
        if line[at - 1] != ",":
            break
    if not at or not line[at : at + 1].isspace():
        raise UsageError("not a public key, and no options of one", code="key")
    return options, line[at:].strip()


def _with_options(entry: KeyEntry, options: dict[str, str]) -> KeyEntry:
    if "from" in options:
        raise UsageError('from="…" can\'t be kept here: take the line out, or its option', code="key")
    if "role" in options:
        if options["role"] not in (Role.READ_WRITE.value, Role.READ_ONLY.value):
            raise UsageError('a role is "rw" or "ro"', code="key")
        entry = replace(entry, role=Role(options["role"]))
    if "expiry-time" in options:
        entry = replace(entry, expires_epoch_s=expiry_epoch_s(options["expiry-time"]))
    if "cert-authority" in options:
        names = tuple(each for each in options.get("principals", "").split(",") if each)
        if not all(_PRINCIPAL.fullmatch(each) and '"' not in each and "\\" not in each for each in names):
            raise UsageError("a principal with characters that none has", code="key")
        entry = replace(entry, is_authority=True, principals=names)
    return entry


def expiry_epoch_s(text: str) -> float:
    """Return the time of an `expiry-time`, `YYYYMMDD[HHMM[SS]][Z]`, in seconds since the epoch.

    Z or z means UTC; without it the time is local (sshd(8)).

    Raises:
        UsageError: It has another form.
    """
    is_utc = text[-1:] in ("Z", "z")
    digits = text[:-1] if is_utc else text
    form = {8: "%Y%m%d", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S"}.get(len(digits))
    try:
        found = datetime.strptime(digits, form or "")
    except ValueError as error:
        raise UsageError(
            f"bad expiry-time {text[:30]!r}: YYYYMMDD, or YYYYMMDDHHMM with Z for UTC", code="key"
        ) from error
    return (found.replace(tzinfo=UTC) if is_utc else found).timestamp()


class KeyTable:
    """The keys of one session."""

    def __init__(self, entries: Iterable[KeyEntry] = ()) -> None:
        self._entries: dict[tuple[str, bool], KeyEntry] = {}
        for each in entries:
            self._entries.setdefault((each.fingerprint, each.is_authority), each)

    def __len__(self) -> int:
        return len(self._entries)

    def find(self, fingerprint: str, authority: str, now_epoch_s: float) -> KeyEntry | None:
        """Return the entry of a key, or of the authority that signed it; None if there is none."""
        for wanted in ((fingerprint, False), (authority, True)):
            entry = self._entries.get(wanted)
            if entry is not None and (entry.expires_epoch_s is None or entry.expires_epoch_s > now_epoch_s):
                return entry
        return None

    def lines(self, now_epoch_s: float) -> list[str]:
        """Return the lines for a gateway."""
        return [
            each.line
            for each in self._entries.values()
            if each.expires_epoch_s is None or each.expires_epoch_s > now_epoch_s
        ]
