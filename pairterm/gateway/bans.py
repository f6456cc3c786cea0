"""The end of a session by the gateway's operator: its guests leave, and its host may not bring it back."""

from __future__ import annotations

import logging

from pairterm.gateway.hosts.hosted_session import HostedSession
from pairterm.gateway.shared_state import GatewayState

__all__ = ["ban"]

logger = logging.getLogger(__name__)


def ban(state: GatewayState, session: HostedSession) -> None:
    """End a session here for good."""
    state.audit.write("operator-kick", {"session": session.name, "owner": session.owner.id})
    state.directory.ban(session)
    session.end_guests(f"[{session.name}: ended by the gateway's operator]", 1)
    if session.link is not None:
        session.link.close()
    logger.info("session %s of %s ended by the operator", session.name, session.owner.id)
