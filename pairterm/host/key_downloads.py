"""Lists of public keys from a forge, over HTTPS: `https://github.com/NAME.keys` and the like.

A copy of each list is kept, and used while the forge can't be reached. A copy older than
`STALE_S` is not used, because a key may have been removed from the list since. If the disk can't
keep a copy, lists are fetched as before. A redirection to anything but HTTPS is refused, and so
is a list that is too long. Blocking: call it in a thread.
"""

from __future__ import annotations

import contextlib
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
"""A copy younger than this is used without a download, for several sessions in a row."""

STALE_S = 86_400.0
"""A copy older than this is not used, even if the forge can't be reached."""

_TIMEOUT_S = 10.0
"""For each piece of an answer."""

_WHOLE_TIMEOUT_S = 30.0
"""For a whole answer: a forge that sends a byte now and then must not block the thread."""

_MAX_BYTES = 256 << 10
"""The longest list. A person has a handful of keys, and the longest list at GitHub is far shorter."""


class _HttpsOnly(urllib.request.HTTPRedirectHandler):
    """Follows redirections to HTTPS only."""

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
            raise urllib.error.HTTPError(req.full_url, code, "a redirection to something else than HTTPS", headers, fp)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def fetch_keys(url: str) -> tuple[str, float]:
    """Return the list of keys at `url`, and the time at which it was fetched (seconds since the epoch).

    Raises:
        SystemFault: The list can't be fetched, and there is no copy of the last day.
    """
    path, copy = _copy(url)
    now_s = time.time()
    if copy is not None and now_s - copy[1] < FRESH_S:
        return copy
    try:
        text = _fetched(url)
    except (OSError, http.client.HTTPException, ValueError) as error:
        if copy is not None and now_s - copy[1] < STALE_S:
            logger.warning("can't fetch %s, so the copy of %d s ago is used: %s", url, now_s - copy[1], error)
            return copy
        reason = getattr(error, "reason", error)
        raise SystemFault(f"can't fetch the keys at {url}: {reason}", code="key_source") from error
    if path is not None:
        _keep(path, text)
    return text, now_s


def _copy(url: str) -> tuple[Path | None, tuple[str, float] | None]:
    """Return the path for the copy of a list, None if it can't be kept; and the copy with its time, None for none."""
    path: Path | None = None
    try:
        path = state_dir() / f"keys-{hashlib.sha256(url.encode()).hexdigest()[:16]}"
        with path.open(encoding="utf-8") as file:
            # A time in the future means that the clock was set back: the copy counts as fetched now.
            return path, (file.read(), min(time.time(), os.fstat(file.fileno()).st_mtime))
    except (OSError, UnicodeDecodeError, SystemFault):
        return path, None


def _fetched(url: str) -> str:
    opener = urllib.request.build_opener(
        urllib.request.HTTPSHandler(context=ssl.create_default_context()), _HttpsOnly()
    )
    request = urllib.request.Request(url, headers={"User-Agent": "pairterm"})  # noqa: S310 -- https, checked where the address was made
    until_s = time.monotonic() + _WHOLE_TIMEOUT_S
    data = bytearray()
    with opener.open(request, timeout=_TIMEOUT_S) as answer:
        while piece := answer.read1(_MAX_BYTES):
            data += piece
            if len(data) > _MAX_BYTES or time.monotonic() > until_s:
                raise ValueError("the list is too long, or comes too slowly")
    return data.decode("utf-8")


def _keep(path: Path, text: str) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        with os.fdopen(fd, "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(temporary, path)
    except OSError as error:
        logger.warning("can't keep a copy of the list: %s", error)
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
