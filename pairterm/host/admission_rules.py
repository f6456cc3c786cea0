"""The invitations and keys of a session, as its gateway has to know them."""

from __future__ import annotations

from typing import Literal

from pairterm.access.invitations import Invitation
from pairterm.link.messages import AdmissionRules, InvitationWire
from pairterm.session.admission_settings import AdmitMode
from pairterm.session.session_admission import Admission
from pairterm.types import Role

__all__ = ["admission_rules"]


def admission_rules(admission: Admission, now_s: float, *, is_recorded: bool) -> AdmissionRules:
    """Return the rules by which a gateway decides who may ask to join."""
    is_keys_only = admission.settings.mode is AdmitMode.KEY
    links = [
        InvitationWire(
            each.token_hash,
            _role(each),
            admission.makes_knock(each),
            each.nameplate,
        )
        for each in (() if is_keys_only else admission.invitations.all())
    ]
    keys = admission.keys.lines(now_s + admission.epoch_s)
    return AdmissionRules(links, keys, admission.settings.mode is AdmitMode.BOTH, is_recorded)


def _role(link: Invitation) -> Literal["rw", "ro", "publish"]:
    """Return a link's role for the gateway, which is not told who is the owner."""
    if link.publishes:
        return "publish"
    return "ro" if link.role is Role.READ_ONLY else "rw"
