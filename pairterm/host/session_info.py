"""The description of a session for its owner, from which `ls`, `links` and `who` print."""

from __future__ import annotations

import os
import time

from pairterm.access.tokens import is_for_publishing
from pairterm.link.messages import ClientInfo, Registered, SessionAddress, SessionInfo, WindowRoleInfo
from pairterm.link.ssh_commands import publish_command, ssh_command
from pairterm.session.admission_settings import AdmitMode
from pairterm.session.core import SessionCore
from pairterm.session.people import Person
from pairterm.session.recording import RecordingPhase
from pairterm.types import DEFAULT_SIZE, ClientId, Role

__all__ = ["describe", "join_line", "link_address"]


def describe(
    core: SessionCore, *, command: str, created_s: float, registered: Registered | None, gateway: str, now_s: float
) -> SessionInfo:
    """Return the description of a session for its owner, with its tokens. `now_s` is the time on the core's clock."""
    # The program may have ended before we say that we are ready.
    size, title = (core.size, core.frame().title) if core.has_window else (DEFAULT_SIZE, "")
    epoch_s = time.time() - now_s
    return SessionInfo(
        session=core.name,
        pid=os.getpid(),
        created_s=created_s,
        rows=size.rows,
        cols=size.cols,
        command=command[:500],
        title=title[:1000],
        clients=[_client(core, client, person, now_s, epoch_s) for client, person in core.people.items()],
        address=link_address(core, registered),
        gateway=gateway,
        asks=[(each.number, each.text[:500]) for each in core.requests],
        recording=core.recording.file[:500] if core.recording.phase is not RecordingPhase.OFF else "",
    )


def _client(core: SessionCore, client: ClientId, person: Person, now_s: float, epoch_s: float) -> ClientInfo:
    return ClientInfo(
        label=person.origin.address,
        role=person.role.value,
        rows=person.size.rows,
        cols=person.size.cols,
        joined_s=person.joined_s + epoch_s,
        number=person.number,
        name=person.name,
        transport=person.origin.transport,
        fingerprint=person.origin.fingerprint,
        link=person.origin.link,
        term=person.origin.term,
        idle_s=max(0.0, now_s - person.typed_s),
        may_type=core.may_type(client),
        round_trip_ms=person.round_trip_ms,
        until_s=_epoch(person.until_s, epoch_s),
        window=core.window_of(client),
        window_roles=[
            WindowRoleInfo(core.window_index(each.window), each.role.value, _epoch(each.until_s, epoch_s))
            for each in person.window_roles
        ],
    )


def _epoch(moment_s: float | None, epoch_s: float) -> float | None:
    """Return a time of the core's clock as seconds since 1970."""
    return moment_s + epoch_s if moment_s is not None else None


def link_address(core: SessionCore, registered: Registered | None) -> SessionAddress | None:
    """Return what the session's first links are written from; None without a gateway, a token "" if there is none."""
    if registered is None:
        return None
    links, mode = core.admission.invitations, core.admission.settings.mode
    return SessionAddress(
        registered.host,
        registered.port,
        registered.public_key,
        registered.fingerprint,
        registered.is_loopback and registered.is_own,
        links.first_token(Role.READ_WRITE),
        links.first_token(Role.READ_ONLY),
        registered.fixed_name,
        by_key=_by_key(core, registered),
        opens_by_invitation=mode is not AdmitMode.KEY,
        web_url=registered.web_url if mode is AdmitMode.TOKEN else "",
    )


def _by_key(core: SessionCore, registered: Registered) -> str:
    """Return the user name under which a key on the session's list is enough; "" if none is."""
    admission = core.admission
    if not len(admission.keys) or admission.settings.mode is AdmitMode.BOTH:
        return ""
    return registered.by_key


def join_line(registered: Registered | None, token: str) -> str:
    """Return the command with which a guest joins by a token, or pair-ls publishes.

    It is the token alone while no gateway has the session, or if it has no door for pair-ls.
    """
    if registered is None:
        return token
    if is_for_publishing(token):
        return publish_command(registered.web_url, token) or token
    return ssh_command(registered.host, registered.port, token)
