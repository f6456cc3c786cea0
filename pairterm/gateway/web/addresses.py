"""Which addresses a browser may name for this gateway: the page's URL, its origin, and the hosts of requests. Pure.

A page of another site can open a websocket to us with the visitor's network behind it. A browser
then says in `Origin` which site that is, and in `Host` which name it resolved. So both must be ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from pairterm.errors import UsageError
from pairterm.safe_text import is_host
from pairterm.types import MAX_PORT, whole_number

__all__ = ["Origin", "WebAddresses"]

_DEFAULT_PORTS = {"http": 80, "https": 443}

_LOOPBACK_HOSTS = ("localhost", "127.0.0.1", "::1")

_FORM = re.compile(r"(?:(https?)://)?(\[[0-9A-Fa-f:.]+\]|[^/:@?#\s\[\]]+)(?::(\d{1,5}))?/?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Origin:
    """A scheme, a host and a port (RFC 6454)."""

    scheme: str
    host: str
    """In lower case; an IPv6 address has no brackets."""
    port: int

    @classmethod
    def parse(cls, text: str, *, scheme: str, port: int = 0) -> Origin:
        """Read `https://HOST`, `https://HOST:PORT`, `HOST` or `HOST:PORT`.

        Without a scheme, it is `scheme`, and without both, the port is `port` (0: the scheme's own).

        Raises:
            UsageError: The text has none of these forms.
        """
        found = _FORM.fullmatch(text)
        host = found[2].strip("[]").lower() if found else ""
        number = whole_number(found[3], least=1, most=MAX_PORT) if found and found[3] else 0
        if found is None or number is None or not is_host(host):
            raise UsageError(f"bad address {text[:80]!r}: use https://HOST or https://HOST:PORT", code="address")
        named = found[1] or scheme
        return cls(named, host, number or (0 if found[1] else port) or _DEFAULT_PORTS[named])

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}"

    @property
    def authority(self) -> str:
        """The host and, if it is not the scheme's own, the port: what a browser sends as `Host`."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"


class WebAddresses:
    """The addresses of one gateway's page."""

    def __init__(self, page: Origin, base_path: str, others: Iterable[Origin] = ()) -> None:
        """`page` is the address in links; a page on loopback has all names of loopback."""
        self.page = page
        self.base_path = base_path if base_path.endswith("/") else f"{base_path}/"
        origins = {page, *others}
        if page.host in _LOOPBACK_HOSTS:
            origins |= {Origin(page.scheme, each, page.port) for each in _LOOPBACK_HOSTS}
        self._origins = frozenset(map(str, origins))
        self._hosts = frozenset(each.authority for each in origins)

    @property
    def url(self) -> str:
        """The page's URL; a link is this, `#` and a token."""
        return f"{self.page}{self.base_path}"

    def has_origin(self, origin: str | None) -> bool:
        """Return whether the page that opens a websocket is ours; a request without an origin is not from our page."""
        return origin is not None and origin.lower() in self._origins

    def has_host(self, host: str | None) -> bool:
        """Return whether a request names one of our hosts."""
        return host is not None and host.lower() in self._hosts
