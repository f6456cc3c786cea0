"""Sending the effects that are for one client: texts, the welcome, another role, a refusal."""

from __future__ import annotations

from typing import TypeAlias, assert_never

from pairterm.host.event_log import EventLog
from pairterm.host.gateway_state import GatewayState
from pairterm.host.peers import Peers
from pairterm.session.core import SessionCore
from pairterm.session.effects import ChangeRole, Hold, Refuse, Tell, Welcome

__all__ = ["ClientEffect", "ClientEffects"]

ClientEffect: TypeAlias = Tell | Welcome | ChangeRole | Hold | Refuse


class ClientEffects:
    """Sends effects to the clients of a session."""

    def __init__(self, core: SessionCore, peers: Peers, event_log: EventLog, gateway: GatewayState) -> None:
        self._core = core
        self._peers = peers
        self._event_log = event_log
        self._gateway = gateway

    def send(self, effect: ClientEffect) -> None:
        """Send an effect to its client. A client that an earlier effect disconnected has no link any more."""
        client = effect.client
        peer = self._peers.of(client)
        if peer is None:
            return
        match effect:
            case Tell():
                peer.tell(effect)
            case Welcome(_, role, may_type, ticket, number):
                origin = self._core.people[client].origin
                self._event_log.joined(client, origin.address, role, key=origin.key, is_guest=not peer.is_local)
                peer.welcome(client, role, may_type=may_type, ticket=ticket, number=number)
                if self._gateway.away_s is not None:
                    peer.gateway_away(self._gateway.away_s)
            case ChangeRole(_, role, may_type, is_granted):
                peer.change_role(client, role, may_type=may_type, is_granted=is_granted)
            case Hold(_, text):
                peer.hold(client, text)
            case Refuse(_, code, text):
                peer.refuse(client, code, text)
            case _:
                assert_never(effect)
