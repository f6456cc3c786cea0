"""One HTTP POST of JSON, for webhooks and hooks. Blocking: call it in a thread."""

from __future__ import annotations

from collections.abc import Mapping

from pairterm import __version__
from pairterm.errors import SystemFault

__all__ = ["is_web_address", "post_json"]

_MAX_ANSWER_BYTES = 1024
"""The part of an answer that is read; nothing is done with it."""

_SCHEMES = ("https://", "http://")


def is_web_address(text: str) -> bool:
    """Return whether `post_json` can send to this address."""
    return text.startswith(_SCHEMES)


def post_json(url: str, body: bytes, *, timeout_s: float, headers: Mapping[str, str] | None = None) -> None:
    """Send `body` to `url`. `timeout_s` is for each step (connecting, each piece of the answer).

    Raises:
        SystemFault: The receiver did not take it: there is no connection, or the status is not 2xx.
    """
    # Here, not at the top: most sessions send nothing, and an HTTPS client takes a third of a host's memory.
    import http.client
    import urllib.error
    import urllib.request

    if not is_web_address(url):
        raise SystemFault("not an http:// or https:// address", code="http")
    sent = {"Content-Type": "application/json", "User-Agent": f"pairterm/{__version__}", **(headers or {})}
    request = urllib.request.Request(url, body, sent, method="POST")  # noqa: S310 -- the scheme is checked above
    try:
        with urllib.request.urlopen(request, timeout=timeout_s) as answer:  # noqa: S310 -- likewise
            answer.read(_MAX_ANSWER_BYTES)
    except urllib.error.HTTPError as error:
        status = error.code
        error.close()
        raise SystemFault(f"status {status}", code="http") from error
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise SystemFault(str(error), code="http") from error
