"""The events of a session: lines for `show-messages`, and tmate's events for the webhooks."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

from msgspec.structs import replace

from pairterm import __version__
from pairterm.link.messages import Registered, SessionAddress, SessionInfo
from pairterm.link.ssh_commands import ssh_command, ssh_users
from pairterm.types import ClientId, Role

__all__ = ["EventLog"]

_MAX_MESSAGES = 200
"""Lines that are kept for `show-messages`."""

_MAX_LINE_CHARS = 500


class EventLog:
    """The event log of one session."""

    def __init__(self) -> None:
        self.messages: deque[tuple[float, str]] = deque(maxlen=_MAX_MESSAGES)
        """The time of each line (seconds since the epoch) and its text; the newest last."""
        self.guests_ever = 0
        """How many guests have joined through a gateway, in all."""
        self.on_event: Callable[[str, dict[str, object]], None] = lambda kind, params: None
        """Is called with each event and its parameters (see `webhooks`)."""

    def add(self, text: str) -> None:
        """Add a line."""
        self.messages.append((time.time(), text[:_MAX_LINE_CHARS]))

    def added_to(self, info: SessionInfo) -> SessionInfo:
        """Return the description of the session with the lines, and with how many guests have joined."""
        return replace(info, messages=list(self.messages), guests_ever=self.guests_ever)

    def joined(self, client: ClientId, label: str, role: Role, *, key: str, is_guest: bool) -> None:
        """Add that a client has joined. `key`: the key that they proved to have, "" for none.

        `is_guest`: they joined through a gateway.
        """
        self.add(f"{label} joined ({role.value})")
        if is_guest:
            self.guests_ever += 1
            self.on_event(
                "session_join",
                {
                    "id": client,
                    "type": "ssh",
                    "ip_address": label,
                    "pubkey": key or None,
                    "readonly": not role.may_type,
                },
            )

    def left(self, client: ClientId, label: str, *, is_guest: bool) -> None:
        """Add that a client has left."""
        self.add(f"{label} left")
        if is_guest:
            self.on_event("session_left", {"id": client})

    def registered(self, address: SessionAddress | None, seen: Registered, *, is_again: bool) -> None:
        """Add that a gateway has accepted the session, with these links. `seen` is the gateway's message.

        Without a page for browsers, tmate's parameters about one are null.
        """
        params: dict[str, object] = {
            "ip_address": seen.seen_address or None,
            "pubkey": seen.seen_key or None,
            "named": bool(seen.fixed_name),
            "ssh_only": True,
            "web_url_fmt": None,
            "ws_url_fmt": None,
        }
        if address is not None:
            users = ssh_users(address)
            params |= {"stoken": users.get("ssh_rw", ""), "stoken_ro": users.get("ssh_ro", "")}
            if address.web_url:
                params |= {"ssh_only": False, "web_url_fmt": f"{address.web_url}#%s"}
            params["ssh_cmd_fmt"] = ssh_command(address.host, address.port, "%s")
        self.on_event("session_register", params | {"reconnected": is_again, "client_version": __version__})

    def disconnected(self) -> None:
        """Add that the gateway is away."""
        self.on_event("session_disconnect", {})

    def closed(self) -> None:
        """Add that the session has ended."""
        self.on_event("session_close", {})
