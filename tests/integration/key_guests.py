"""A host whose owner has a key, and guests with keys, for the gateways of `two_gateways`: all signatures are real."""

from __future__ import annotations

import os
from dataclasses import replace

import asyncssh

from pairterm.access.authorized_keys import KeyTable, parse_key_lines
from pairterm.access.host_login import home_statement, host_user
from pairterm.access.signed_login import SignedLogin
from pairterm.access.user_names import UserName
from pairterm.gateway.guest import Credentials
from pairterm.gateway.hosts.owners import HostOwner
from pairterm.gateway.ssh.proved_keys import proved_by
from pairterm.gateway.ssh.signed_logins import owner_of_login
from pairterm.link.messages import AdmissionRules, HomeProved, InvitationWire, ProveHome
from pairterm.outbound.ssh_login import SessionKey
from pairterm.session.admission_settings import AdmitMode
from pairterm.types import Size
from tests.integration.two_gateways import Gateway, Host, eventually_true
from tests.laws.link.test_resume import Watcher

__all__ = ["KeyHost", "key_line", "lands_by_key", "new_key", "signed_login"]


def new_key(kind: str = "ssh-ed25519") -> asyncssh.SSHKey:
    return asyncssh.generate_private_key(kind)


def key_line(key: asyncssh.SSHKey) -> str:
    """Return a public key as a line."""
    return " ".join(key.export_public_key().decode().split()[:2])


def signed_login(
    key: asyncssh.SSHKey, user: str, *, session_id: bytes = b"", certificate: asyncssh.SSHCertificate | None = None
) -> SignedLogin:
    """Return what a client with this key and user name signs. `session_id` is its connection's; b"": a new one."""
    algorithm = "rsa-sha2-256" if key.get_algorithm() == "ssh-rsa" else key.get_algorithm()
    blob = certificate.public_data if certificate is not None else key.public_data
    login = SignedLogin(session_id or os.urandom(32), algorithm, blob, b"")
    return replace(login, signature=key.sign(login.signed(user), algorithm.encode()))


class KeyHost(Host):
    """A host that dialled its gateway with the key of its owner."""

    def __init__(self, lines: list[str], *, needs_key: bool = False, fixed_name: str = "") -> None:
        """`lines` are those of the keys that open the session."""
        super().__init__()
        self.owner_key = new_key()
        self.session_key = SessionKey()
        self.fixed_name = fixed_name
        self.needs_key = needs_key
        self.asked: list[ProveHome] = []
        """The questions of gateways whether the host is there."""
        self.list_keys(lines)

    def list_keys(self, lines: list[str]) -> None:
        """Let these keys open the session from now on."""
        entries = parse_key_lines("\n".join(lines), where="the test")
        self.key_lines = [each.line for each in entries]
        admission = self.core.admission
        admission.keys = KeyTable(entries)
        mode = AdmitMode.BOTH if self.needs_key else AdmitMode.TOKEN
        admission.settings = replace(admission.settings, mode=mode)

    def owner_at(self, gateway: Gateway) -> HostOwner:
        """Return the owner as the gateway finds them by the host's login."""
        login = signed_login(self.owner_key, host_user(self.session_key.public))
        owner = owner_of_login(gateway.state.hosts, login, self.session_key.public)
        assert owner is not None, "the owner may not share"
        return replace(owner, login=(login, self.session_key.public))

    def rules(self, links: list[InvitationWire]) -> AdmissionRules:
        return AdmissionRules(links, self.key_lines, self.needs_key)

    def hears_gateway(self, message: object) -> None:
        if isinstance(message, ProveHome):
            self.asked.append(message)
            text = home_statement(
                asking=message.asking, home=message.home, nonce=message.nonce, name="ours", fixed_name=self.fixed_name
            )
            self.says_host(HomeProved(message.request, self.session_key.sign(text)))


async def lands_by_key(
    gateway: Gateway, user: str, key: asyncssh.SSHKey, login: SignedLogin | None = None
) -> Watcher | None:
    """Let a guest land at a gateway with a user name and a key; return them when they are in, None if they are refused.

    The user name is a name, or a token that was brought already. `login`: what they sign, if not the right thing.
    """
    name = UserName.of(user)
    known = None
    if not name.may_be_by_key:
        if gateway.sessions.may_be_elsewhere(name):
            await gateway.remote.bring(name)
        known = gateway.sessions.find(name)
        assert known is not None, "no session"
    login = login or signed_login(key, user)
    session = await gateway.keys.open(name, known, login)
    if session is None:
        return None
    token_hash = name.token_hash if known is not None else None
    proved = proved_by(login.key)
    credentials = Credentials(token_hash=token_hash, address="192.0.2.1", user_name=name, key=proved, login=login)
    watcher = Watcher(session, credentials)
    watcher.guest.ask_in(Size(rows=6, cols=20), term="xterm")
    await eventually_true(lambda: watcher.roles or watcher.is_over, "the guest got no answer")
    return watcher if watcher.roles else None
