"""Where forges have people's public keys: `https://github.com/NAME.keys` and the like. Addresses only; no network."""

from __future__ import annotations

import re
from collections.abc import Mapping

from pairterm.errors import UsageError

__all__ = ["BASE_URLS", "key_url"]

BASE_URLS = {
    "github": "https://github.com/{}.keys",
    "gitlab": "https://gitlab.com/{}.keys",
    "codeberg": "https://codeberg.org/{}.keys",
    "srht": "https://meta.sr.ht/~{}.keys",
}
"""By the forge's short name; `{}` is the person's."""

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}")
"""A name that all forges allow, without characters that have a meaning in an address."""


def key_url(forge: str, name: str, bases: Mapping[str, str]) -> str:
    """Return where a person's keys are; `bases` goes before the usual places.

    Raises:
        UsageError: The name or the place can't be used.
    """
    base = bases.get(forge) or BASE_URLS[forge]
    if not _NAME.fullmatch(name):
        raise UsageError(f"bad name {name[:60]!r} for {forge}", code="key_source")
    if base.count("{}") != 1 or not base.startswith("https://"):
        raise UsageError(
            f"a source of keys is an https:// address with {{}} for the name: {base[:80]!r}", code="config"
        )
    return base.format(name)
