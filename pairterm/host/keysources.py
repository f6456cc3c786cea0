"""Lists of public keys from a forge, over HTTPS: `https://github.com/NAME.keys` and the like.

What was fetched is kept for a while, and used when the forge is away; a list older
than `STALE_S` is not, since a key may have been taken off it. Blocking: call it in
a thread. No redirection leads off HTTPS, and no list may be endless.
"""

from __future__ import annotations

import hashlib
import http.client
import logging
import os
import ssl
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from pairterm.errors import SystemFault
from pairterm.paths import state_dir

__all__ = ["FRESH_S", "STALE_S", "fetch_keys"]

logger = logging.getLogger(__name__)

FRESH_S = 300.0
"""A list younger than this is not fetched again: several sessions in a row."""

STALE_S = 86_400.0
"""A list older than this is not used, also when the forge is away."""

_TIMEOUT_S = 10.0

_MAX_BYTES = 256 << 10
"""A person has a handful of keys; GitHub's most is far under this."""


class _HttpsOnly(urllib.request.HTTPRedirectHandler):
    """Follows a redirection to HTTPS, no other."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        if urlsplit(newurl).scheme != "https":
            raise urllib.error.HTTPError(req.full_url, code, "a redirection off HTTPS", headers, fp)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def fetch_keys(url: str) -> str:
    """Return the list of keys at `url`, from the last time if that is not long ago.

    Raises:
        SystemFault: It can't be had.
    """
    kept = state_dir() / f"keys-{hashlib.sha256(url.encode()).hexdigest()[:16]}"
    age_s = _age_s(kept)
    if age_s < FRESH_S:
        return kept.read_text(encoding="utf-8")
    try:
        text = _fetched(url)
    except (OSError, ssl.SSLError, http.client.HTTPException, UnicodeDecodeError, ValueError) as error:
        if age_s < STALE_S:
            logger.warning("%s can't be fetched, the list of %d s ago is used: %s", url, age_s, error)
            return kept.read_text(encoding="utf-8")
        reason = getattr(error, "reason", error)
        raise SystemFault(f"can't fetch the keys at {url}: {reason}", code="key_source") from error
    _keep(kept, text)
    return text


def _fetched(url: str) -> str:
    opener = urllib.request.build_opener(
        urllib.request.HTTPSHandler(context=ssl.create_default_context()), _HttpsOnly()
    )
    request = urllib.request.Request(url, headers={"User-Agent": "pairterm"})  # noqa: S310 -- https, checked where the address was made
    with opener.open(request, timeout=_TIMEOUT_S) as answer:
        data = answer.read(_MAX_BYTES + 1)
    if len(data) > _MAX_BYTES:
        raise ValueError("a list without end")
    return str(data.decode("utf-8"))


def _age_s(path: Path) -> float:
    try:
        return max(0.0, time.time() - path.stat().st_mtime)
    except OSError:
        return float("inf")


def _keep(path: Path, text: str) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with os.fdopen(fd, "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(temporary, path)
