"""What happened to a session: lines for `show-messages`, and events in tmate's words for the webhooks."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

from pairterm import __version__
from pairterm.link.messages import Registered, SessionAddress
from pairterm.link.ssh_commands import ssh_command, ssh_users
from pairterm.types import ClientId, Role

__all__ = ["EventLog"]

_MAX_MESSAGES = 200
"""What `show-messages` can show."""

_MAX_LINE_CHARS = 500


class EventLog:
    """One session's."""

    def __init__(self) -> None:
        self.messages: deque[tuple[float, str]] = deque(maxlen=_MAX_MESSAGES)
        """When (seconds since the epoch), and what; the newest last."""
        self.guests_ever = 0
        """How many guests have come by a gateway."""
        self.on_event: Callable[[str, dict[str, object]], None] = lambda kind, params: None
        """Is told each event and its parameters (see `webhooks`)."""

    def add(self, text: str) -> None:
        """Add a line."""
        self.messages.append((time.time(), text[:_MAX_LINE_CHARS]))

    def came(self, client: ClientId, label: str, role: Role, *, key: str, is_guest: bool) -> None:
        """A client is in, who proved to have this key, "" for none; `is_guest` if by a gateway."""
        self.add(f"{label} came ({role.value})")
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
        """A client is gone."""
        self.add(f"{label} left")
        if is_guest:
            self.on_event("session_left", {"id": client})

    def registered(self, address: SessionAddress | None, seen: Registered, *, is_again: bool) -> None:
        """A gateway has the session, under these links; `seen` is what it said of them and of us.

        There is no web client, so what tmate tells of one is null.
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
            params["ssh_cmd_fmt"] = ssh_command(address.host, address.port, "%s")
        self.on_event("session_register", params | {"reconnected": is_again, "client_version": __version__})

    def disconnected(self) -> None:
        """The gateway is away."""
        self.on_event("session_disconnect", {})

    def closed(self) -> None:
        """The session is over."""
        self.on_event("session_close", {})
