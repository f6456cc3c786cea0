"""The answers to HTTP requests: the pages, their files, recordings and the websocket; everything else is refused.

No answer contains anything of a request, and no request is logged: what it says is a stranger's.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus

from aiohttp import web

from pairterm.access.tokens import looks_like_token
from pairterm.gateway.web.addresses import WebAddresses
from pairterm.gateway.web.messages import PROTOCOL
from pairterm.gateway.web.page_files import PageFile, PageFiles

__all__ = ["HEADERS", "Site", "refusal"]

HEADERS = {
    "Server": "pairterm",
    # xterm.js inserts style elements and attributes. It takes no nonce.
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self'; font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}

_NO_PAGE = "pairterm: the page is not built here: run scripts/build-web, or install pairterm from a wheel\n"

_FOREIGN = "pairterm: this address is not the gateway's: see allowed_origins in its configuration\n"


def refusal(status: HTTPStatus, text: str = "", headers: Mapping[str, str] | None = None) -> web.Response:
    """Return an answer without a page, after which the connection is closed."""
    shown = text or f"{status.value} {status.phrase}\n"
    answer = web.Response(
        status=status.value, text=shown, headers={**HEADERS, "Cache-Control": "no-store", **(headers or {})}
    )
    answer.force_close()
    return answer


class Site:
    """All that is below the gateway's base path."""

    def __init__(
        self,
        addresses: Callable[[], WebAddresses],
        open_socket: Callable[[web.BaseRequest], Awaitable[web.StreamResponse]],
        files: PageFiles | None = None,
        recordings: Callable[[web.BaseRequest], Awaitable[web.StreamResponse]] | None = None,
        *,
        publish: Callable[[web.BaseRequest, str], Awaitable[web.StreamResponse]],
    ) -> None:
        """`recordings` answers a request for a recording. None: the gateway keeps none, and has no page that plays.

        `publish` serves a websocket of pair-ls, which comes with this token.
        """
        self._publish = publish
        self._recordings = recordings
        self._addresses = addresses
        self._open_socket = open_socket
        self._files = files or PageFiles()

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        """Return the answer to a request; a websocket's is over when its guest has left."""
        addresses = self._addresses()
        if len(request.headers.getall("Host", [])) != 1 or not addresses.has_host(request.headers["Host"]):
            return refusal(HTTPStatus.FORBIDDEN, _FOREIGN)
        if request.method not in ("GET", "HEAD"):
            return refusal(HTTPStatus.METHOD_NOT_ALLOWED, headers={"Allow": "GET, HEAD"})
        if request.body_exists:
            return refusal(HTTPStatus.BAD_REQUEST)
        path = request.path
        if not path.startswith(addresses.base_path):
            if f"{path}/" == addresses.base_path:
                return refusal(HTTPStatus.MOVED_PERMANENTLY, headers={"Location": addresses.base_path})
            return refusal(HTTPStatus.NOT_FOUND)
        match path.removeprefix(addresses.base_path).split("/"):
            case [""]:
                return _page(request, self._files.index)
            case ["assets", name] if (file := self._files.asset(name)) is not None:
                return _file(request, file, "public, max-age=31536000, immutable")
            case ["play"] if self._recordings is not None:
                return _page(request, self._files.player)
            case ["recording"] if self._recordings is not None:
                return await self._recordings(request)
            case ["ws"]:
                return await self._websocket(request, addresses)
            case ["s", token, "relay"] if looks_like_token(token.lower()):
                return await self._relay(request, token)
        return refusal(HTTPStatus.NOT_FOUND)

    async def _websocket(self, request: web.BaseRequest, addresses: WebAddresses) -> web.StreamResponse:
        origins = request.headers.getall("Origin", [])
        if len(origins) != 1 or not addresses.has_origin(origins[0]):
            return refusal(HTTPStatus.FORBIDDEN, _FOREIGN)
        if request.method != "GET" or request.headers.get("Upgrade", "").lower() != "websocket":
            return refusal(HTTPStatus.UPGRADE_REQUIRED, headers={"Upgrade": "websocket"})
        offered = ",".join(request.headers.getall("Sec-WebSocket-Protocol", []))
        if PROTOCOL not in (each.strip() for each in offered.split(",")):
            return refusal(HTTPStatus.BAD_REQUEST)
        try:
            return await self._open_socket(request)
        except web.HTTPException as error:  # The handshake is wrong. aiohttp's text would repeat its headers.
            return refusal(HTTPStatus(error.status))

    async def _relay(self, request: web.BaseRequest, token: str) -> web.StreamResponse:
        """Answer pair-ls. A browser says from which page it comes, and pair-ls does not."""
        if request.headers.getall("Origin", []):
            return refusal(HTTPStatus.FORBIDDEN)
        if request.method != "GET" or request.headers.get("Upgrade", "").lower() != "websocket":
            return refusal(HTTPStatus.UPGRADE_REQUIRED, headers={"Upgrade": "websocket"})
        try:
            return await self._publish(request, token)
        except web.HTTPException as error:
            return refusal(HTTPStatus(error.status))


def _page(request: web.BaseRequest, index: PageFile | None) -> web.Response:
    if index is None:
        return refusal(HTTPStatus.SERVICE_UNAVAILABLE, _NO_PAGE)
    return _file(request, index, "no-cache")


def _file(request: web.BaseRequest, file: PageFile, caching: str) -> web.Response:
    content, encoding = file.encoded(request.headers.get("Accept-Encoding", ""))
    headers = {**HEADERS, "Content-Type": file.content_type, "Cache-Control": caching, "Vary": "Accept-Encoding"}
    if encoding:
        headers["Content-Encoding"] = encoding
    return web.Response(body=content, headers=headers)
