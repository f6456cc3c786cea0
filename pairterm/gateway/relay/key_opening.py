"""How guests of another gateway open a session by a key: by the session's name, or besides a link that was proved.

The home checks each key and each signature itself, by the rules of a login here. The other gateway's word about a
key counts for nothing. See `access.signed_login`, and decision 18.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import assert_never

from pairterm.access.asked_keys import asked_for
from pairterm.access.proved_key import ProvedKey
from pairterm.access.rate_limits import Bucket
from pairterm.access.signed_login import SignedLogin
from pairterm.access.tokens import token_hash as hash_of
from pairterm.access.user_names import UserName
from pairterm.access.verdicts import AskKey
from pairterm.gateway.hosts.hosted_session import HostedSession
from pairterm.gateway.session_directory import SessionDirectory
from pairterm.gateway.ssh.signed_logins import is_key_asked_for, proved_by_login
from pairterm.link.gateway_relay import NotOpened
from pairterm.link.key_relay import (
    AskHome,
    GuestLogin,
    HomeShown,
    KeyTaken,
    OpenByLogin,
    ShowKey,
    SignedLoginWire,
)
from pairterm.link.messages import Join

__all__ = ["KeyOpening", "login_from_wire", "login_to_wire", "shown_name"]

_OFFERS, _OFFERS_PER_S = 240, 4.0
"""Keys that a link between gateways may ask about, at once and in the long run: twenty guests with full agents."""

_HOMES, _HOMES_PER_S = 16, 0.25
"""Questions for the home's proof on one link, at once and in the long run. Each guest's gateway needs one a minute for
each of the four names of the session."""


class KeyOpening:
    """The keys of one session, for one link between gateways."""

    def __init__(
        self,
        directory: SessionDirectory,
        *,
        landing: str,
        home: str,
        session: Callable[[], HostedSession | None],
        tokens: Mapping[bytes, str],
    ) -> None:
        """`session` returns the session of the link while it is here. `tokens` are those that were proved on it."""
        self._directory = directory
        self._landing, self._home = landing, home
        self._session = session
        self._tokens = tokens
        self._shown: GuestLogin | None = None
        """The login of the guest whose `Join` comes next."""
        self._offers = Bucket(_OFFERS, _OFFERS_PER_S)
        self._homes = Bucket(_HOMES, _HOMES_PER_S)

    def take(
        self,
        message: AskHome | ShowKey | GuestLogin,
        answer: Callable[[HomeShown | KeyTaken | NotOpened], None],
        now_s: float,
    ) -> None:
        """Take a message that opens nothing yet. `answer` may be called later."""
        match message:
            case AskHome():
                self._ask_home(message, answer, now_s)
            case ShowKey(request=request):
                answer(KeyTaken(request) if self._takes_key(message, now_s) else NotOpened(request))
            case GuestLogin():
                self._shown = message
            case _:
                assert_never(message)

    def _ask_home(
        self, message: AskHome, answer: Callable[[HomeShown | KeyTaken | NotOpened], None], now_s: float
    ) -> None:
        """Have the host prove that it is here."""
        session, is_in_turn = self._session(), self._homes.take(now_s)
        if session is None or session.link is None or not is_in_turn or not self._is_name(session, message.name):
            answer(NotOpened(message.request))
            return
        login = session.owner.login
        if login is None:  # A host of this machine has no key, and is believed by its own gateway only.
            answer(NotOpened(message.request))
            return
        signed, session_key = login
        name, fixed_name = session.name, session.fixed_name

        def answered(signature: bytes) -> None:
            if not signature:
                answer(NotOpened(message.request))
                return
            wire = login_to_wire(signed)
            answer(HomeShown(message.request, wire, session_key, name, fixed_name, signature))

        session.home_proofs.ask(self._landing, self._home, message.nonce, answered)

    def _takes_key(self, message: ShowKey, now_s: float) -> bool:
        """Return whether a signature by a key would open the session."""
        session = self._session()
        if session is None or not self._offers.take(now_s):
            return False
        asked = self._asked(session, message.name, message.token_hash)
        return asked is not None and is_key_asked_for(message.key, asked[0])

    def opens(self, message: OpenByLogin) -> HostedSession | None:
        """Return the session that a login opens; None: nothing."""
        session = self._session()
        if session is None or self._proved(session, message.login, message.name, message.token_hash) is None:
            return None
        return session

    def admitted(self, session: HostedSession, join: Join) -> ProvedKey | None:
        """Return the key of a guest who comes by what was proved on this link; None: they don't.

        It is empty for a guest who comes by a link that needs no key, and has none.
        """
        shown, self._shown = self._shown, None
        if shown is not None and shown.client != join.client:
            shown = None
        if join.token_hash is None:
            return self._proved(session, shown.login, shown.name, None) if shown is not None else None
        if join.token_hash not in self._tokens:
            return None
        proved = self._proved(session, shown.login, shown.name, join.token_hash) if shown is not None else None
        return proved if proved is not None or session.needs_key else ProvedKey()

    def _proved(
        self, session: HostedSession, login: SignedLoginWire, name: str, token_hash: bytes | None
    ) -> ProvedKey | None:
        """Return the key by which a guest opens the session; None: they don't."""
        asked = self._asked(session, name, token_hash)
        if asked is None:
            return None
        proved = proved_by_login(login_from_wire(login), asked[1], asked[0])
        if proved is None or not session.home_proofs.shown.is_of(login.session_id, self._landing):
            return None
        return proved

    def _asked(self, session: HostedSession, name: str, token_hash: bytes | None) -> tuple[AskKey, str] | None:
        """Return what a guest is asked for, and the user name that they sign; None: no key opens the session so."""
        if token_hash is None:
            if not self._is_name(session, name):
                return None
            return asked_for(session.keys, {name, name.rpartition("/")[2]}), name
        link, token = session.links.get(token_hash), self._tokens.get(token_hash)
        if link is None or token is None:
            return None
        if name:
            if hash_of(name) != token_hash:
                return None
            token = name  # A code, as the guest typed it: the home has only its hash.
        if session.needs_key:
            return asked_for(session.keys, {session.name, session.fixed_name}), token
        return (AskKey(frozenset(), (), takes_any=True), token) if link.wants_key else None

    def _is_name(self, session: HostedSession, name: str) -> bool:
        """Return whether a name says that this session is meant, or it and others of the same name and owner."""
        found = self._directory.keyed(name)
        return found.is_exact and session in found.sessions


def shown_name(user: UserName) -> str:
    """Return the user name as it is shown with a login; "" for a token, which the home makes from its half.

    A home that has proved to know a code may see it. Its words follow from the hash that it has, by some tries.
    """
    return user.text if user.nameplate or user.may_be_by_key else ""


def login_to_wire(login: SignedLogin) -> SignedLoginWire:
    """Return a login as a part of a message."""
    return SignedLoginWire(login.session_id, login.algorithm, login.key, login.signature)


def login_from_wire(wire: SignedLoginWire) -> SignedLogin:
    """Return the login in a message."""
    return SignedLogin(wire.session_id, wire.algorithm, wire.key, wire.signature)
