"""A host with spoken codes and further links, which tells its gateway its rules as a real one does."""

from __future__ import annotations

from pairterm.access.tokens import token_hash
from pairterm.access.user_names import UserName
from pairterm.gateway.hosts.hosted_session import HostedSession
from pairterm.gateway.hosts.owners import HostOwner
from pairterm.host.admission_rules import admission_rules
from pairterm.host.spoken_codes import end_spoken_code
from pairterm.host.viewer_link import Peer
from pairterm.session.session_admission import Visitor
from pairterm.types import ClientId, Role, Size
from tests.integration.two_gateways import OWNER, Gateway, Host, eventually_true

__all__ = ["CodeHost", "knows_code", "wrong"]


class CodeHost(Host):
    """A real core whose invitations change."""

    def __init__(self, owner: HostOwner = OWNER) -> None:
        super().__init__()
        self.owner = owner
        self._gateway: Gateway | None = None

    def connect(self, gateway: Gateway) -> HostedSession:
        """Register at a gateway, and tell it the rules."""
        session = super().connect(gateway)
        session.owner = self.owner
        self._gateway = gateway
        self.tell_rules()
        return session

    def tell_rules(self) -> None:
        """Tell the gateway what opens the session now."""
        if self._gateway is not None and self.session is not None:
            rules = admission_rules(self.core.admission, self.now_s, is_recorded=False)
            self._gateway.state.directory.admit(self.session, rules)

    def spoken(self, *, asks: bool = False) -> str:
        """Make a spoken code."""
        _, code = self.core.admission.invitations.new_spoken(Role.READ_WRITE, self.now_s, asks=asks)
        self.tell_rules()
        return code

    def link(self, *, uses: int | None = None) -> str:
        """Make one more link."""
        _, token = self.core.admission.invitations.new(Role.READ_WRITE, uses=uses)
        self.tell_rules()
        return token

    def join(self, peer: Peer, client: ClientId, number: int, visitor: Visitor, size: Size) -> None:
        super().join(peer, client, number, visitor, size)
        self.tell_rules()

    def lose(self, client: ClientId) -> None:
        self.core.leave(client, self.now_s, may_return=True)

    def tried(self, nameplate: str, *, is_refused: bool) -> None:
        end_spoken_code(self.core.admission.invitations, nameplate, is_refused=is_refused)
        self.tell_rules()

    def has_codes(self) -> bool:
        """Return whether any spoken code opens the session."""
        return any(each.nameplate for each in self.core.admission.invitations.all())


def wrong(code: str) -> str:
    """Return a code with the same number and other words."""
    nameplate = code.partition("-")[0]
    other = f"{nameplate}-acorn-almond"
    return other if token_hash(other) != token_hash(code) else f"{nameplate}-amber-anchor"


async def knows_code(gateway: Gateway, code: str) -> None:
    """Wait until a gateway knows where the number of a code may be."""
    nameplate = UserName.of(code).nameplate
    await eventually_true(lambda: gateway.bus.directory.with_nameplate(nameplate), "the code was not announced")
